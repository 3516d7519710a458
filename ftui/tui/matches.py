"""The lines that hold what the user looks for, and the one among them that the user is at."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.tui.scan import Scan, literal

if TYPE_CHECKING:
    from ftui.tui.lines import Lines


class Tally(Struct, frozen=True):
    """Where the user is among the matches. A match is a line, however often it holds the query."""

    position: int
    """Of the match that the user is at, from 1; 0 where the user is at none."""
    count: int
    """Matches found so far."""
    finished: bool
    """Whether every line was looked through."""


class Matches:
    """The matches of one query.

    Args:
        query: the words to find, see `literal`.
        lines: where to find them.
        origin: number of a line; the first match is the first one from there on.
        within: looks only through the lines found by this.
        seeking: whether to go to the first match as soon as it is known.
    """

    def __init__(
        self, query: str, lines: Lines, origin: int, within: Scan | None = None, *, seeking: bool = True
    ) -> None:
        self.query = query
        self.origin = origin
        self.seeking = seeking
        self.scan = Scan(lines, literal(query), within=within)
        self.current: int | None = None
        """Number of the line that the user is at."""

    @property
    def tally(self) -> Tally:
        """Where the user is among the matches."""
        found = self.scan.found
        at = len(found) if self.current is None else bisect_left(found, self.current)
        position = at + 1 if at < len(found) and found[at] == self.current else 0
        return Tally(position, len(found), self.scan.finished)

    def settle(self) -> bool:
        """Goes to the first match, where it is sought and known by now.

        Returns:
            Whether it went there.
        """
        found = self.scan.found
        at = bisect_left(found, self.origin)
        if not self.seeking or not found or (at == len(found) and not self.scan.finished):
            return False
        self.seeking = False
        self.current = found[at % len(found)]
        return True

    def step(self, by: int) -> bool:
        """Goes to the next match, or with -1 to the previous one, round the ends.

        Returns:
            Whether there is a match.
        """
        found = self.scan.found
        if not found:
            return False
        at = bisect_left(found, self.origin if self.current is None else self.current)
        if self.current is None and by > 0:
            at -= 1
        self.seeking = False
        self.origin = self.current = found[(at + by) % len(found)]
        return True
