"""The source around a finding: the caret is under the column, and nothing in a file reaches the terminal raw."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.errors import FtuiError
from ftui.report.width import width
from ftui.tui.paint import columns_of, text_of
from ftui.tui.snippet import LARGEST, STRANGE, displayed, snippet_of, source_lines

if TYPE_CHECKING:
    from pathlib import Path


def seen(folder: Path, content: str | bytes, line: int, column: int | None, columns: int = 60) -> list[str]:
    """What is shown of a file around a place."""
    (folder / "a.py").write_bytes(content.encode() if isinstance(content, str) else content)
    return [text_of(each).rstrip() for each in source_lines(snippet_of(str(folder), "a.py", line, column), columns)]


def test_lines_have_their_numbers_and_the_caret_is_under_the_column(tmp_path: Path) -> None:
    content = "".join(f"name_{number} = x\n" for number in range(1, 13))
    assert seen(tmp_path, content, 9, 10) == [
        "  7│ name_7 = x",
        "  8│ name_8 = x",
        "▸ 9│ name_9 = x",
        "   │          ^",
        " 10│ name_10 = x",
        " 11│ name_11 = x",
    ]


def test_at_the_ends_of_a_file_there_are_fewer_lines(tmp_path: Path) -> None:
    assert seen(tmp_path, "one\ntwo", 1, 1) == ["▸1│ one", " │ ^".rjust(5), " 2│ two"]
    assert seen(tmp_path, "one\ntwo", 2, None) == [" 1│ one", "▸2│ two"]


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("\tx = y", 2, 4),
        ("ab\tx", 4, 4),
        ("日本 = x", 6, 7),
        ("e\u0301 = x", 6, 4),
        ("\x1b[31mx", 6, 5),
        ("short", 90, 5),
    ],
)
def test_the_caret_counts_cells_not_characters(tmp_path: Path, line: str, column: int, caret: int) -> None:
    (tmp_path / "a.py").write_text(line)
    assert snippet_of(str(tmp_path), "a.py", 1, column).caret == caret


@given(st.text(max_size=200))
def test_nothing_that_is_shown_steers_a_terminal(text: str) -> None:
    shown = displayed(text.replace("\n", ""))
    assert shown.isprintable()
    assert displayed(shown) == shown


def test_escapes_bidi_marks_and_bytes_that_are_not_utf_8_are_shown_as_strange(tmp_path: Path) -> None:
    (line,) = seen(tmp_path, b"a\x1b]0;title\x07b\xe2\x80\xaec\xff", 1, None)
    assert line == f"▸1│ a{STRANGE}]0;title{STRANGE}b{STRANGE}c{STRANGE}"


def test_all_ends_of_lines_count_and_a_byte_order_mark_does_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert snippet_of(str(tmp_path), "a.py", 3, 1).texts == ("one", "two", "three", "")


@pytest.mark.parametrize("column", [1, 55, 100_000, 400_000])
def test_a_long_line_is_shown_where_the_caret_is(tmp_path: Path, column: int) -> None:
    content = "x" * (column - 1) + "日y" + "x" * 100_000
    text, caret = seen(tmp_path, content, 1, column, columns=40)[:2]
    assert text[caret.index("^")] == "日"
    assert width(caret) <= 40


@given(st.text(alphabet="ab日\t", min_size=1, max_size=120), st.integers(1, 120), st.integers(8, 80))
def test_the_caret_is_always_in_sight(tmp_path_factory: pytest.TempPathFactory, line: str, at: int, of: int) -> None:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "a.py").write_text(line)
    lines = source_lines(snippet_of(str(folder), "a.py", 1, at), of)
    assert columns_of(lines[1]) <= of


def test_where_there_is_little_room_only_the_place_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n")
    lines = source_lines(snippet_of(str(tmp_path), "a.py", 2, 1), 40, around=0)
    assert [text_of(line) for line in lines] == ["▸2│ two", "  │ ^"]


def refused(folder: Path, path: str, line: int = 1) -> str:
    with pytest.raises(FtuiError) as error:
        snippet_of(str(folder), path, line, 1)
    return str(error.value)


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    for path in ("../secret", "link", str(tmp_path / "secret"), "a\0b"):
        assert "secret" not in refused(root, path).replace("../secret", "").replace(str(tmp_path / "secret"), "")


def test_what_is_no_file_of_a_usual_size_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path, "pipe") == "pipe: is not a regular file"
    (tmp_path / "folder").mkdir()
    assert refused(tmp_path, "folder") == "folder: Is a directory"
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(LARGEST + 1)
    assert refused(tmp_path, "huge") == f"huge: is larger than {LARGEST:,} bytes"


def test_a_line_or_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    assert refused(tmp_path, "a.py", 1200) == "a.py has no line 1,200 any more"
    assert refused(tmp_path, "a.py", 0) == "a.py has no line 0 any more"
    assert refused(tmp_path, "b\n.py") == "b\\n.py is not there any more"
