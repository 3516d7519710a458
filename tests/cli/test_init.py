"""`ftui init`."""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ftui

PACKAGE = '{"scripts": {"lint": "eslint"}}'


def listed(ftui: Ftui, root: Path) -> str:
    return ftui("list", cwd=root).out.partition("\n\nconfigured in")[0].rstrip("\n")


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"a.py": "x = 1\n", "package.json": PACKAGE}, "ftui.toml"),
        ({"a.py": "x = 1\n", "package.json": PACKAGE, "pyproject.toml": "[tool.mypy]\n"}, "pyproject.toml"),
    ],
)
def test_what_it_writes_changes_nothing_and_names_every_check(
    ftui: Ftui, tmp_path: Path, files: dict[str, str], target: str
) -> None:
    write(tmp_path, files)
    before = listed(ftui, tmp_path)
    answer = ftui("init", cwd=tmp_path)
    assert answer.code == 0
    assert f"{target}; `ftui list`" in answer.out
    assert listed(ftui, tmp_path) == before
    assert set(os.listdir(tmp_path)) - {".ruff_cache"} == {*files, target}
    text = (tmp_path / target).read_text()
    assert text.startswith(files.get(target, ""))
    assert re.search(r'^# \[(tool\.ftui\.)?checks\."npm:lint"\]$', text, re.MULTILINE)


def test_every_line_that_is_commented_out_is_valid_too(ftui: Ftui, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n", "package.json": PACKAGE, "pyproject.toml": "[tool.mypy]\n"})
    ftui("init", cwd=tmp_path)
    path = tmp_path / "pyproject.toml"
    path.write_text(re.sub(r"^# (?=\[|\w+ = )", "", path.read_text(), flags=re.MULTILINE))
    config = tomllib.loads(path.read_text())["tool"]["ftui"]
    assert {"ruff", "mypy", "npm:lint", "docs"} <= config["checks"].keys()
    assert ftui("list", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "files", [{"ftui.toml": "workers = 1\n"}, {"ftui.toml": ""}, {"pyproject.toml": "[tool.ftui]\nworkers = 1\n"}]
)
def test_a_second_time_nothing_is_changed(ftui: Ftui, tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    answer = ftui("init", cwd=tmp_path)
    assert answer.code == 2
    assert answer.err.endswith("holds a configuration of ftui already; nothing was changed\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize("content", ["tool = {}\n", "[tool\n"])
def test_a_file_that_cannot_take_a_table_is_left_as_it_is(ftui: Ftui, tmp_path: Path, content: str) -> None:
    write(tmp_path, {"pyproject.toml": content})
    answer = ftui("init", cwd=tmp_path)
    assert answer.code == 2
    assert "[tool.ftui] cannot be added to pyproject.toml" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert (tmp_path / "pyproject.toml").read_text() == content


def test_line_ends_and_mode_stay(ftui: Ftui, tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"[tool.mypy]\r\nstrict = true")
    path.chmod(0o600)
    assert ftui("init", cwd=tmp_path).code == 0
    content = path.read_bytes()
    assert content.startswith(b"[tool.mypy]\r\nstrict = true\r\n\r\n[tool.ftui]\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_that_leads_out_of_the_project_is_not_followed(ftui: Ftui, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    outside = tmp_path / "outside.toml"
    outside.write_text("[tool.mypy]\n")
    (root / "pyproject.toml").symlink_to(outside)
    answer = ftui("init", cwd=root)
    assert answer.code == 2
    assert "outside the project; nothing was changed" in answer.err
    assert outside.read_text() == "[tool.mypy]\n"


def test_an_unwritable_folder_is_named(ftui: Ftui, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    root.chmod(0o500)
    if os.access(root, os.W_OK):
        pytest.skip("this user may write everywhere")
    answer = ftui("init", cwd=root)
    assert answer.code == 2
    assert str(root) in answer.err
