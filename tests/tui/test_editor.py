"""Editors: what they are told, and which files they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.errors import FtuiError
from ftui.tui.editor import argv_for, chosen, inside

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeTree


@pytest.mark.parametrize(
    ("editor", "argv", "terminal"),
    [
        ("vim", ["vim", "+call cursor(41,9)", "/r/a.py"], True),
        ("/usr/bin/nvim -p", ["/usr/bin/nvim", "-p", "+call cursor(41,9)", "/r/a.py"], True),
        ("vi", ["vi", "+41", "/r/a.py"], True),
        ("gvim", ["gvim", "+call cursor(41,9)", "/r/a.py"], False),
        ("nano", ["nano", "+41,9", "/r/a.py"], True),
        ("emacs", ["emacs", "+41:9", "/r/a.py"], False),
        ("emacs -nw", ["emacs", "-nw", "+41:9", "/r/a.py"], True),
        ("emacsclient -t", ["emacsclient", "-t", "+41:9", "/r/a.py"], True),
        ("hx", ["hx", "/r/a.py:41:9"], True),
        ("code --wait", ["code", "--wait", "--goto", "/r/a.py:41:9"], False),
        ("cursor", ["cursor", "--goto", "/r/a.py:41:9"], False),
        ("subl", ["subl", "/r/a.py:41:9"], False),
        ("pycharm", ["pycharm", "--line", "41", "--column", "8", "/r/a.py"], False),
        ("my-editor --fast", ["my-editor", "--fast", "/r/a.py"], True),
        ("'/opt/My Editor/Code.exe'", ["/opt/My Editor/Code.exe", "--goto", "/r/a.py:41:9"], False),
    ],
)
def test_an_editor_is_told_line_and_column_in_its_own_way(editor: str, argv: list[str], terminal: bool) -> None:
    assert argv_for(editor, "/r/a.py", 41, 9) == (argv, terminal)


def test_a_finding_without_a_line_opens_the_file_and_one_without_a_column_its_line() -> None:
    assert argv_for("code", "/r/a.py").argv == ["code", "/r/a.py"]
    assert argv_for("code", "/r/a.py", 3).argv == ["code", "--goto", "/r/a.py:3:1"]


def test_emacs_takes_the_terminal_where_there_are_no_windows() -> None:
    assert argv_for("emacs", "/r/a.py", display=False).terminal
    assert not argv_for("code", "/r/a.py", display=False).terminal


@pytest.mark.parametrize("editor", ["'unclosed", " "])
def test_an_editor_that_is_no_command_is_an_error(editor: str) -> None:
    with pytest.raises(FtuiError, match=r"\$VISUAL or \$EDITOR"):
        argv_for(editor, "/r/a.py")


def test_visual_goes_before_editor_and_both_before_what_is_installed() -> None:
    def which(name: str) -> str | None:
        return "/usr/bin/nano" if name == "nano" else None

    assert chosen({"VISUAL": "code", "EDITOR": "vi"}, which) == "code"
    assert chosen({"VISUAL": " ", "EDITOR": "vi"}, which) == "vi"
    assert chosen({}, which) == "nano"
    with pytest.raises(FtuiError, match="set"):
        chosen({}, lambda name: None)


def test_only_files_below_the_root_are_opened(tree: MakeTree, tmp_path: Path) -> None:
    root = tree({"src/a.py": "", "-rf": ""})
    (tmp_path / "secret").write_text("")
    (root / "link").symlink_to(tmp_path / "secret")
    assert inside(str(root), "src/a.py") == str(root / "src/a.py")
    assert inside(str(root), "-rf").startswith("/")
    for path in ("../secret", str(tmp_path / "secret"), "link", "src/../../secret"):
        with pytest.raises(FtuiError, match="outside"):
            inside(str(root), path)
    for path in ("gone.py", "a\0b"):
        with pytest.raises(FtuiError, match="not there"):
            inside(str(root), path)
