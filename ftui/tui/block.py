"""Neighbouring lines of an output, held together: as strings while they grow, as bytes afterwards."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from rich.cells import get_character_cell_size, split_graphemes

from ftui import ansi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.tui.look import Look

BESIDE_TEXT = 2
"""Bytes that a line takes beside its text: its width."""

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_JOINING = re.compile("[\u200d\ufe0f]")


class Block:
    """Neighbouring lines.

    Args:
        first: number of the first of them.
        look: how the first character looks, unless a colour code comes before it.
    """

    __slots__ = ("_lines", "_packed", "first", "look", "size", "widths")

    def __init__(self, first: int, look: Look) -> None:
        self.first = first
        self.look = look
        self.size = 0
        """Bytes that it takes; until it is packed, every character counts as one."""
        self.widths = array("H")
        """Of each line, in cells."""
        self._lines: list[str] | None = []
        self._packed = b""

    @property
    def end(self) -> int:
        """The number after that of the last line."""
        return self.first + len(self.widths)

    def lines(self) -> list[str]:
        """The lines, with their colour codes."""
        return self._packed.decode().split("\n") if self._lines is None else self._lines

    def text(self, start: int) -> str:
        """The lines from number `start` on, with their colour codes, a newline between two."""
        if self._lines is None and start <= self.first:
            return self._packed.decode()
        return "\n".join(self.lines()[max(0, start - self.first) :])

    def extend(self, lines: Sequence[str]) -> None:
        """Adds lines to a block that is not packed."""
        assert self._lines is not None
        if lines:
            self._lines.extend(lines)
            self.widths.extend(_widths(lines))
            self.size += sum(map(len, lines)) + BESIDE_TEXT * len(lines)

    def drop_last(self) -> None:
        """Takes the last line from a block that is not packed."""
        assert self._lines is not None
        self.size -= len(self._lines.pop()) + BESIDE_TEXT
        self.widths.pop()

    def pack(self) -> None:
        """Holds the lines as bytes from now on; none can be added."""
        self._packed = self.text(self.first).encode()
        self._lines = None
        self.size = len(self._packed) + BESIDE_TEXT * len(self.widths)


def _widths(lines: Sequence[str]) -> list[int]:
    """Cells that each line takes."""
    plain = ansi.strip("\n".join(lines))
    return [len(line) if line.isascii() else _width(line) for line in plain.split("\n")]


def _width(line: str) -> int:
    if _JOINING.search(line):
        return split_graphemes(line)[1]
    # A third of the time of rich's `cell_len` where few characters are not ASCII, as in most output.
    others = _NOT_ASCII.findall(line)
    return len(line) - len(others) + sum(map(get_character_cell_size, others))
