"""Gives the terminal back where the screen cannot: when a signal or a crash of native code ends the process."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# All that Textual's driver switches on: the kitty keyboard, reports of mouse and focus, bracketed paste, reports of
# the size, no wrapping, no cursor, the other screen.
_RESTORED: Final = r"\033[<u" + "".join(
    rf"\033[?{mode}"
    for mode in ("1000l", "1002l", "1003l", "1006l", "1015l", "1016l", "1004l", "2004l", "2048l", "7h", "1049l", "25h")
)

# The line comes when all is well; when nothing comes any more, nobody else is left to tidy up.
_WATCH: Final = f"""\
trap '' INT TERM HUP QUIT
read -r line || {{ stty "$0" <&1; printf '{_RESTORED}\\033[0m'; }} 2>/dev/null
"""


@contextmanager
def guarded() -> Iterator[None]:
    """Has a shell wait for the end of this process while the block runs, and tidy up after it if need be.

    Where there is no terminal, or no shell, there is no guard.
    """
    shell = _shell()
    try:
        yield
    finally:
        if shell is not None and shell.stdin is not None:
            with suppress(OSError):
                shell.stdin.write(b"\n")
                shell.stdin.close()
            shell.wait()


def _shell() -> subprocess.Popen[bytes] | None:
    terminal = sys.__stderr__  # where Textual writes to
    if sys.platform == "win32" or terminal is None or sys.__stdin__ is None:
        return None
    stty = ["stty", "-g"]
    try:
        # The terminal that is read from: its settings are those that Textual changes.
        settings = subprocess.run(stty, stdin=sys.__stdin__, capture_output=True, text=True, check=True).stdout
        with open(os.ttyname(terminal.fileno()), "r+b", buffering=0) as screen:
            return subprocess.Popen(
                ["/bin/sh", "-c", _WATCH, settings.strip()],
                stdin=subprocess.PIPE,
                stdout=screen,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
