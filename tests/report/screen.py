"""A terminal in memory: as much of one as is needed to see what a block of lines that is redrawn looks like."""

from __future__ import annotations

import io
import re

from ftui.report.width import width

_PIECE = re.compile(r"\x1b\[(\??)(\d*)(?:;\d+)*([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen(io.StringIO):
    """A text stream that draws what is written to it.

    Args:
        columns: of the terminal.
        height: of the terminal, in lines.
    """

    encoding = "utf-8"

    def __init__(self, columns: int, height: int) -> None:
        super().__init__()
        self.columns = columns
        self.height = height
        self.lines = [""]
        """All lines so far; the last `height` of them are on the screen."""
        self.row = 0
        self.column = 0
        self.cursor_shown = True
        self.wraps = True
        self.writes = 0

    def isatty(self) -> bool:
        """It is a terminal."""
        return True

    def write(self, text: str) -> int:
        """Draws the text; what no front end should send raises."""
        self.writes += 1
        end = 0
        for piece in _PIECE.finditer(text):
            assert piece.start() == end, repr(text[end:])
            end = piece.end()
            private, number, final, control, words = piece.groups()
            if words:
                self._print(words)
            elif control:
                self.column = 0  # a terminal's driver turns a newline into both
                if control == "\n":
                    self._down()
            elif private:
                self.cursor_shown = (final == "h") if number == "25" else self.cursor_shown
                self.wraps = (final == "h") if number == "7" else self.wraps
            else:
                self._sequence(final, int(number or "0"))
        assert end == len(text), repr(text[end:])
        return len(text)

    def _sequence(self, final: str, number: int) -> None:
        if final == "A":
            self.row = max(self.row - max(1, number), len(self.lines) - self.height, 0)
        elif final == "K":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif final == "J":
            self.lines[self.row :] = [self.lines[self.row][: self.column]] + [""] * (len(self.lines) - self.row - 1)
        else:
            assert final == "m", final

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")

    def _print(self, words: str) -> None:
        if not self.wraps:
            assert self.column + width(words) <= self.columns, f"{words!r} leaves the screen"
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + words + line[self.column + len(words) :]
        self.column += len(words)

    def shown(self) -> list[str]:
        """The lines that are not blank, those that have scrolled away included."""
        return [line.rstrip() for line in self.lines if line.strip()]
