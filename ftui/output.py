"""Text of unknown length in bounded memory: the first and the last of it are kept."""

from __future__ import annotations

from collections import deque

KEPT = 2 * 1024 * 1024
"""Characters kept of the beginning, and again of the end, of what one check prints."""


class HeadTail:
    """Collects text piece by piece and keeps its head and its tail, each up to `limit` characters.

    Args:
        limit: characters kept at either end; at most twice that, plus one piece, is held at a time.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self.dropped = 0
        """Characters left out of the middle so far."""

    def append(self, text: str) -> None:
        """Adds a piece at the end."""
        room = self._limit - self._head_size
        if room > 0:
            self._head.append(text[:room])
            self._head_size += min(len(text), room)
            text = text[room:]
        if not text:
            return
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size > self._limit:
            excess = self._tail_size - self._limit
            first = self._tail.popleft()
            if len(first) > excess:
                self._tail.appendleft(first[excess:])
            cut = min(len(first), excess)
            self._tail_size -= cut
            self.dropped += cut

    @property
    def truncated(self) -> bool:
        """Whether anything was left out."""
        return self.dropped > 0

    def text(self) -> str:
        """All that was kept, with a line in place of what was left out."""
        gap = f"\n… {self.dropped:,} characters left out …\n" if self.dropped else ""
        return "".join([*self._head, gap, *self._tail])
