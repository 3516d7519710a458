"""`ftui plugins new`, and that what it writes works."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from ftui.cli.parser import build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ftui

FILES = ["README.md", "ftui_my_tool.py", "pyproject.toml", "tests/test_ftui_my_tool.py"]


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_it_writes_passes_its_own_tests_and_the_style_of_ruff(ftui: Ftui, tmp_path: Path) -> None:
    answer = ftui("plugins", "new", "my-tool", cwd=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("wrote ftui-my-tool; ")
    folder = tmp_path / "ftui-my-tool"
    assert files_in(folder) == FILES
    for argv in (["pytest", "-q", "-p", "no:cacheprovider", "-W", "error"], ["ruff", "check", "--isolated"]):
        done = subprocess.run([sys.executable, "-m", *argv], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "5 passed" in done.stdout or argv[0] == "ruff"


def test_the_adapter_that_it_writes_has_less_than_thirty_lines(ftui: Ftui, tmp_path: Path) -> None:
    ftui("plugins", "new", "my-tool", cwd=tmp_path)
    assert len((tmp_path / "ftui-my-tool/ftui_my_tool.py").read_text().splitlines()) < 30


def test_its_entry_point_leads_to_the_adapter(ftui: Ftui, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    assert ftui("plugins", "new", "ftui-my-tool", "--into", "deep", cwd=tmp_path).code == 0
    project = tomllib.loads((tmp_path / "deep/ftui-my-tool/pyproject.toml").read_text())["project"]
    assert project["name"] == "ftui-my-tool"
    assert project["entry-points"] == {"ftui": {"my-tool": "ftui_my_tool"}}


@pytest.mark.parametrize("there", ["a folder with files", "a file", "a dangling link"])
def test_nothing_that_exists_is_changed(ftui: Ftui, tmp_path: Path, there: str) -> None:
    target = tmp_path / "ftui-mine"
    if there == "a folder with files":
        target.mkdir()
        (target / "README.md").write_text("mine")
    elif there == "a file":
        target.write_text("mine")
    else:
        target.symlink_to("nowhere")
    before = files_in(tmp_path)
    answer = ftui("plugins", "new", "mine", cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "ftui: ftui-mine exists already; nothing was changed\n"
    assert files_in(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["../up"], "'../up' is no name for a plugin: small letters, digits and single hyphens, such as `my-tool`"),
        (["My_Tool"], "'My_Tool' is no name for a plugin: "),
        (["a--b"], "'a--b' is no name for a plugin: "),
        (["a\n"], "'a\\n' is no name for a plugin: "),
        (["ünder"], "'ünder' is no name for a plugin: "),
        (["x" * 51], "is no name for a plugin: "),
        (["ftui-"], "'ftui-' is no name for a plugin: "),
        (["ruff-format"], "ftui has an adapter called 'ruff-format' already: choose another name"),
        (["mine", "--into", "nowhere"], "nowhere/ftui-mine cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(
    ftui: Ftui, tmp_path: Path, arguments: list[str], said: str
) -> None:
    answer = ftui("plugins", "new", *arguments, cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_plugins_alone_still_lists_them(ftui: Ftui, tmp_path: Path) -> None:
    assert "built in" in ftui("plugins", "--root", ".", cwd=tmp_path).out


def test_a_word_that_is_not_understood_is_answered_with_the_nearest(ftui: Ftui, tmp_path: Path) -> None:
    assert ftui("plugins", "nwe", cwd=tmp_path).err == "ftui: unknown command 'nwe' (did you mean 'new'?)\n"


def test_help_fits_a_screen(ftui: Ftui, tmp_path: Path) -> None:
    for words in (["plugins"], ["plugins", "new"]):
        lines = ftui(*words, "--help", cwd=tmp_path, env={"COLUMNS": "80"}).out.splitlines()
        assert lines[0].startswith(f"usage: ftui {' '.join(words)} ")
        assert len(lines) <= 24
        assert max(map(len, lines)) <= 79


def test_the_folder_is_an_option_of_the_word_alone() -> None:
    options = build().read(["plugins", "new", "mine"])
    assert (options.name, options.into, options.debug) == ("mine", ".", False)
