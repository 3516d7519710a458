"""An output as a user reads it: its lines, those of them that are shown, and what is searched for in them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ftui import ansi
from ftui.tui.lines import Lines
from ftui.tui.matches import Matches
from ftui.tui.rows import Place, Rows
from ftui.tui.scan import Scan, errors

if TYPE_CHECKING:
    from collections.abc import Iterator


class Document:
    """Lines of an output and what is asked of them, which stays asked when the lines are replaced."""

    def __init__(self) -> None:
        self.lines = Lines()
        self.rows = Rows(self.lines)
        self.matches: Matches | None = None
        """The search, where there is one."""
        self._errors: Scan | None = None
        self.stride: int | None = None
        """Cells of a line in each of its rows, or `None` where every line has one row."""

    def append(self, text: str) -> None:
        """Adds text, for `scan` and then the rows to take in."""
        self.lines.append(text)

    def clear(self) -> None:
        """Drops all lines, so that others can take their place."""
        self.lines = Lines()
        self.show(errors_only=self._errors is not None)

    def show(self, *, errors_only: bool) -> None:
        """Shows only lines that look like errors, or all."""
        self._errors = errors(self.lines) if errors_only else None
        self._arrange()
        if (old := self.matches) is not None:
            origin = old.origin if old.current is None else old.current
            self.matches = Matches(old.query, self.lines, origin, self._errors, seeking=old.seeking)

    def fold(self, stride: int | None) -> None:
        """Shows lines in rows of so many cells, or each in a row of its own."""
        if stride != self.stride:
            self.stride = stride
            self._arrange()

    def _arrange(self) -> None:
        self.rows = Rows(self.lines, self.stride, self._errors)

    def search(self, query: str, origin: int) -> None:
        """Begins to look for a query among the lines that are shown, and ends an earlier search.

        Args:
            query: see `ftui.tui.scan.literal`; nothing is searched for where it is empty.
            origin: number of the line that the user is at; the first match is the first one from there on.
        """
        self.matches = Matches(query, self.lines, origin, self._errors) if query else None

    def scan(self, seconds: float) -> bool:
        """Looks through lines for about that time.

        Returns:
            Whether all lines there are were looked through.
        """
        deadline = monotonic() + seconds
        while unfinished := self._step():
            if monotonic() > deadline:
                break
        if self._errors is not None:
            self.rows.update()
        return not unfinished

    def _step(self) -> bool:
        if self._errors is not None and self._errors.step():
            return True
        return self.matches is not None and self.matches.scan.step()

    def match_place(self) -> tuple[Place, int, int]:
        """Which row shows the current match, and the cells of its line between which it is."""
        assert self.matches is not None
        assert self.matches.current is not None
        plain = self.lines.plain(self.matches.current)
        found = self.matches.scan.pattern.search(plain)
        start, end = found.span() if found else (0, 0)
        part = (cell_len(plain[: start + 1]) - 1) // self.stride if self.stride else 0
        return Place(self.matches.current, part), cell_len(plain[:start]), cell_len(plain[:end])

    def shown(self, first: int, end: int) -> Iterator[tuple[int, str]]:
        """The lines that are shown of those numbered from `first` up to `end`: number and text without colours."""
        lines = self.lines
        for block in lines.blocks[lines.index(first) :]:
            if block.first >= end:
                return
            texts = ansi.strip(block.text(block.first)).split("\n")
            for number in self.rows.shown(block):
                if first <= number < end:
                    yield number, texts[number - block.first]
