"""How editors are told to open a file at a line and a column."""

from __future__ import annotations

import shlex
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from ftui.errors import FtuiError
from ftui.report.safe import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FALLBACKS: Final = ("vi", "nano")
"""Tried where the user names no editor."""


class Command(NamedTuple):
    """What opens a file."""

    argv: list[str]
    terminal: bool
    """Whether it takes the terminal, so that the screen has to make way."""


_JETBRAINS: Final = (
    *("idea", "pycharm", "charm", "webstorm", "goland", "clion", "phpstorm", "rubymine", "rider", "rustrover"),
    *("dataspell", "studio", "fleet"),
)
_FORMS: Final = (
    (("vim", "nvim", "lvim", "gvim", "mvim"), ("+call cursor({line},{column})", "{path}")),
    (("neovide",), ("--", "+call cursor({line},{column})", "{path}")),
    (("nano",), ("+{line},{column}", "{path}")),
    (("emacs", "emacsclient", "kak", "gedit"), ("+{line}:{column}", "{path}")),
    (("vi", "nvi", "view", "pico", "mg", "joe", "jed", "ne", "bbedit"), ("+{line}", "{path}")),
    (("hx", "helix", "micro", "zed", "zeditor", "subl", "sublime_text", "lapce"), ("{path}:{line}:{column}",)),
    (
        ("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"),
        ("--goto", "{path}:{line}:{column}"),
    ),
    # JetBrains count columns from 0, and lines from 1.
    (_JETBRAINS, ("--line", "{line}", "--column", "{column_from_0}", "{path}")),
    (("kate",), ("--line", "{line}", "--column", "{column}", "{path}")),
    (("mate",), ("--line", "{line}:{column}", "{path}")),
    (("notepad++",), ("-n{line}", "-c{column}", "{path}")),
)
_ARGUMENTS: Final = {name: arguments for names, arguments in _FORMS for name in names}

_TERMINAL: Final = {
    *("vi", "vim", "nvi", "nvim", "lvim", "view", "nano", "pico", "kak", "hx", "helix", "micro"),
    *("mg", "joe", "jed", "ne"),
}


def argv_for(
    editor: str, path: str, line: int | None = None, column: int | None = None, *, display: bool = True
) -> Command:
    """The command that opens a file.

    An editor that is not known gets the path alone: a line in a form that it does not know would be another file.

    Args:
        editor: what `$VISUAL` or `$EDITOR` says, with arguments of its own: `code --wait`.
        path: absolute.
        line: from 1.
        column: from 1.
        display: whether there are windows; without, Emacs runs in the terminal.

    Raises:
        FtuiError: the editor is not a command.
    """
    try:
        words = shlex.split(editor)
    except ValueError:
        words = []
    if not words:
        raise FtuiError(f"$VISUAL or $EDITOR is no command: {one_line(editor)!r}; set it to the name of your editor")
    name = PurePath(words[0]).name.lower().removesuffix(".exe").removesuffix(".cmd")
    form = _ARGUMENTS.get(name, ()) if line is not None else ()
    at = column or 1
    arguments = [each.format(path=path, line=line, column=at, column_from_0=at - 1) for each in form]
    return Command([*words, *(arguments or [path])], terminal=_takes_the_terminal(name, words, display))


def _takes_the_terminal(name: str, words: Sequence[str], display: bool) -> bool:
    """Whether an editor runs in the terminal; one that is not known is given it, since it may need it."""
    if name == "emacs":
        return not display or bool({"-nw", "--no-window-system"}.intersection(words))
    if name == "emacsclient":
        return not display or bool({"-t", "-nw", "--tty"}.intersection(words))
    return name in _TERMINAL or name not in _ARGUMENTS


def chosen(environ: Mapping[str, str], which: Callable[[str], str | None]) -> str:
    """The user's editor.

    Raises:
        FtuiError: none is named, and none of the usual ones is installed.
    """
    for name in ("VISUAL", "EDITOR"):
        if environ.get(name, "").strip():
            return environ[name]
    for name in FALLBACKS:
        if which(name):
            return name
    raise FtuiError("no editor is known: set $VISUAL or $EDITOR")


def inside(root: str, path: str) -> str:
    """The absolute path of a file that a finding names.

    Raises:
        FtuiError: it does not exist, or does not lie below the root, links followed: tools print what they like.
    """
    base = Path(root).resolve()
    try:
        target = (base / path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise FtuiError(f"{one_line(path)} is not there any more") from None
    if not target.is_relative_to(base):
        raise FtuiError(f"{one_line(path)} lies outside the project and is not opened")
    return str(target)
