"""Which row of a pane shows which part of which line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ftui.tui.block import Block
    from ftui.tui.lines import Lines
    from ftui.tui.scan import Scan


class Place(NamedTuple):
    """What one row shows."""

    line: int
    """The number of a line."""
    part: int = 0
    """Which of the rows of that line, from 0."""


class Rows:
    """The rows that lines take in a pane.

    Args:
        lines: the lines.
        stride: cells of a line in each of its rows, or `None` for a row for each line.
        only: shows nothing but the lines that this found.
    """

    def __init__(self, lines: Lines, stride: int | None = None, only: Scan | None = None) -> None:
        self._lines = lines
        self._stride = stride
        self._only = only
        self._heights: dict[int, int] = {}
        self._opened: tuple[int, Sequence[int], Sequence[int]] | None = None
        self._tops = [0]
        self.update()

    @property
    def count(self) -> int:
        """The number of rows."""
        return self._tops[-1]

    def update(self) -> None:
        """Takes in what was added to the lines, or found in them."""
        self._opened = None
        self._tops = [0]
        for block in self._lines.blocks:
            if self._only is not None and block.first > self._only.scanned:
                break
            self._tops.append(self._tops[-1] + self._height(block))

    def at(self, row: int) -> Place:
        """What a row shows, which is one of `count`."""
        index = bisect_right(self._tops, row) - 1
        shown, tops = self._open(index)
        row -= self._tops[index]
        at = bisect_right(tops, row) - 1
        return Place(shown[at], row - tops[at])

    def row(self, place: Place) -> int:
        """The row that shows a place, or the next one that is shown; `count` after the last."""
        index = self._lines.index(place.line)
        if index + 1 >= len(self._tops):
            return self.count
        shown, tops = self._open(index)
        at = bisect_left(shown, place.line)
        part = place.part if at < len(shown) and shown[at] == place.line else 0
        end = tops[at + 1] if at + 1 < len(tops) else tops[at]
        return self._tops[index] + min(tops[at] + part, max(tops[at], end - 1))

    def shown(self, block: Block) -> Sequence[int]:
        """Numbers of the lines of a block that are shown."""
        if self._only is None:
            return range(block.first, block.end)
        found = self._only.found
        return found[bisect_left(found, block.first) : bisect_left(found, block.end)]

    def _height(self, block: Block) -> int:
        if not self._is_final(block):
            return self._measured(block)
        height = self._heights.get(block.first)
        if height is None:
            height = self._heights[block.first] = self._measured(block)
        return height

    def _measured(self, block: Block) -> int:
        return sum(self._parts(block, self.shown(block)))

    def _is_final(self, block: Block) -> bool:
        """Whether it will show the same lines for good."""
        stands_for_others = bool(self._lines.left_out) and block.first == self._lines.left_out.start
        scanned = self._only is None or self._only.scanned >= block.end
        return scanned and not stands_for_others and block is not self._lines.blocks[-1]

    def _parts(self, block: Block, shown: Sequence[int]) -> Iterator[int]:
        """How many rows each of these lines takes."""
        stride, widths, first = self._stride, block.widths, block.first
        if stride is None or max(widths, default=0) <= stride:
            return repeat(1, len(shown))
        chosen = widths if len(shown) == len(widths) else map(widths.__getitem__, (line - first for line in shown))
        return (1 + (width - 1) // stride if width else 1 for width in chosen)

    def _open(self, index: int) -> tuple[Sequence[int], Sequence[int]]:
        """The lines that a block shows, and the row of each, counted from the top of the block."""
        if self._opened is None or self._opened[0] != index:
            block = self._lines.blocks[index]
            shown = self.shown(block)
            self._opened = index, shown, [0, *accumulate(self._parts(block, shown))]
        return self._opened[1:]
