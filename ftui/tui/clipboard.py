"""The programs that put text on the clipboard, for terminals that do not do it when asked by OSC 52."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LONGEST_WAIT = 5.0
"""Seconds that such a program may take."""


def program(environ: Mapping[str, str], which: Callable[[str], str | None], platform: str = sys.platform) -> list[str]:
    """The command that takes the text on its standard input; empty where there is none.

    Over ssh there is none: it would be the clipboard of a machine that nobody sits at.

    Args:
        environ: of the process.
        which: finds an installed program.
        platform: as in `sys.platform`.
    """
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return []
    choices: list[list[str]] = []
    if platform == "darwin":
        choices.append(["pbcopy"])
    if platform == "win32" or environ.get("WSL_DISTRO_NAME"):
        choices.append(["clip.exe"])
    if environ.get("WAYLAND_DISPLAY"):
        choices.append(["wl-copy"])
    if environ.get("DISPLAY"):
        choices += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((choice for choice in choices if which(choice[0])), [])


def hand_over(argv: Sequence[str], text: str) -> None:
    """Gives the text to the program; a failure is silent, since the terminal has been asked as well."""
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            argv,
            input=text.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_WAIT,
            check=False,
        )
