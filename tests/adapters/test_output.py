"""What the parsers of all adapters share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from ftui.adapters import _output
from ftui.errors import NoVerdict
from tests.adapters.kit import left_behind

if TYPE_CHECKING:
    from pathlib import Path


class _Item(Struct):
    text: str


def test_a_path_inside_the_root_is_relative_and_one_outside_absolute(tmp_path: Path) -> None:
    root = str(tmp_path / "root")
    assert _output.in_tree(f"{root}/a/b.py", root) == "a/b.py"
    assert _output.in_tree("a/../b.py", root) == "b.py"
    assert _output.in_tree("..b.py", root) == "..b.py"
    assert _output.in_tree("../b.py", root) == (tmp_path / "b.py").as_posix()


def test_a_path_through_a_link_to_the_root_is_relative_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert _output.in_tree(str(tmp_path / "real" / "a.py"), str(tmp_path / "link")) == "a.py"


@given(st.lists(st.text()), st.lists(st.text().filter(lambda text: not text.startswith("{"))))
def test_json_lines_come_back_whatever_stands_between_them(texts: list[str], noise: list[str]) -> None:
    import msgspec

    lines = [msgspec.json.encode(_Item(text)).decode() for text in texts]
    between = [part for each in noise for part in each.split("\n") if not part.startswith("{")]
    mixed = "\n".join(line for pair in zip(lines, [*between, *[""] * len(lines)], strict=False) for line in pair)
    assert [item.text for item in _output.json_lines(mixed, _Item)] == texts


def test_a_line_that_was_cut_is_passed_over() -> None:
    assert [item.text for item in _output.json_lines('{"text": "a"}\n{"te\n… left out …\n', _Item)] == ["a"]


def test_output_that_is_no_report_is_no_verdict_and_quotes_its_last_line() -> None:
    with pytest.raises(NoVerdict, match="no report: it broke"):
        _output.json_document(left_behind(1, "", "first\nit broke\n"), _Item)
