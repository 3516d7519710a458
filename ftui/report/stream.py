"""A stream for people: what it can carry, and text written to it so that it carries it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from ftui.report.looks import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftui.report.looks import Look

_GLYPHS = "✓✗○·…⠋↻±"
_ASCII = str.maketrans({"…": "...", "·": "|"})


class Stream:
    """Text for people on a terminal, in a pipe or in a file.

    Args:
        out: where the text goes.
        environ: whose `NO_COLOR` and `TERM` are honoured.
    """

    def __init__(self, out: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        self._out = out
        self._encoding = out.encoding or "utf-8"
        self.ascii = not _carries(self._encoding, _GLYPHS)
        """Whether glyphs and dots have to make do with ASCII."""
        # https://no-color.org: set and not empty
        self.colour = not environ.get("NO_COLOR") and redrawable(out, environ)

    @property
    def ellipsis(self) -> str:
        """What stands for text that did not fit."""
        return "..." if self.ascii else "…"

    def glyph(self, look: Look) -> str:
        """The glyph that the stream can carry."""
        return look.ascii if self.ascii else look.glyph

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour where the stream shows colours.

        Args:
            text: printable text.
            colour: parameters of an SGR sequence.
        """
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text

    def lines(self, lines: Iterable[str]) -> None:
        """Writes lines and sees them off."""
        self.write("".join(f"{line}\n" for line in lines))

    def problem(self, source: str, message: str) -> str:
        """The line that reports a problem; both arguments safe to show."""
        return f"{self.paint(f'{self.glyph(PROBLEM)} {PROBLEM.word}', PROBLEM.colour)}    {source}: {message}"

    def write(self, text: str) -> None:
        """Writes text and sees it off; a character that the stream cannot carry becomes an escape."""
        if self.ascii:
            text = text.translate(_ASCII)
        if not _carries(self._encoding, text):
            text = text.encode(self._encoding, "backslashreplace").decode(self._encoding)
        self._out.write(text)
        self._out.flush()

    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal at this moment; 80x24 where it does not say."""
        try:
            columns, lines = os.get_terminal_size(self._out.fileno())
        except OSError:
            return 80, 24
        # A pseudo-terminal that nobody has sized says 0x0.
        return columns or 80, lines or 24


def _carries(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def redrawable(out: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream is a terminal that understands escape sequences."""
    if not out.isatty():
        return False
    if sys.platform == "win32":
        return _windows_escapes(out)
    return environ.get("TERM", "") not in ("", "dumb")


if sys.platform == "win32":

    def _windows_escapes(out: TextIO) -> bool:
        """Asks the console to interpret escapes; one from before Windows 10 cannot."""
        import ctypes
        import msvcrt

        enable_virtual_terminal_processing = 0x0004
        kernel = ctypes.WinDLL("kernel32")
        handle, mode = msvcrt.get_osfhandle(out.fileno()), ctypes.c_ulong()
        if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
            return False
        return bool(kernel.SetConsoleMode(handle, mode.value | enable_virtual_terminal_processing))
