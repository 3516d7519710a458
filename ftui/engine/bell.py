"""Waiting until the system has file events, without looking for them all the time."""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Final

    T = TypeVar("T")

_FILES: Final = "/proc/self/fd"
_EVENTS: Final = "anon_inode:inotify"
_CLOSED_S: Final = 0.5
"""Seconds within which watchfiles closes its file, in a thread of its own."""


class Bell:
    """Rings when the system has file events. All but `ring` is for one thread.

    What watchfiles has heard can only be looked for, in steps. On Linux its events come through a file of this process,
    and a file can be waited for by others than its reader. It does not ring for what the reader has read before the
    waiting thread wakes. Where that file is not known this never rings by itself.

    Args:
        step_s: seconds that a wait takes where it cannot ring.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._poll: select.poll | None = None
        self._rung = os.eventfd(0, os.EFD_NONBLOCK) if sys.platform == "linux" else -1

    @contextmanager
    def hang(self, listening: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
        """Rings for the events that this listens to, until the block is left."""
        before = _event_files()
        with listening() as listener:
            files = _event_files() - before
            if len(files) == 1:  # of more it is not known which
                self._poll = self._poll_of(*files)
            try:
                yield listener
            finally:
                self._poll = None
        # The next to listen may get a file of the same number, and would not be told from this one.
        end = time.monotonic() + _CLOSED_S
        while not files.isdisjoint(_event_files()) and time.monotonic() < end:
            time.sleep(0.001)

    def _poll_of(self, file: int) -> select.poll:
        poll = select.poll()
        for each in (file, self._rung):
            poll.register(each, select.POLLIN)
        return poll

    def wait(self, longest_s: float) -> bool:
        """Whether it rang: at once where there are events that nobody has read, within this long at most."""
        if self._poll is None:
            time.sleep(self._step_s)
            return False
        ringing = self._poll.poll(1000 * longest_s)
        if sys.platform == "linux" and any(file == self._rung for file, _ in ringing):
            os.eventfd_read(self._rung)
        return bool(ringing)

    def ring(self) -> None:
        """Ends the wait, or the next one. For any thread."""
        if sys.platform == "linux":
            os.eventfd_write(self._rung, 1)

    def close(self) -> None:
        """Gives back what it took."""
        if sys.platform == "linux":
            os.close(self._rung)


def _event_files() -> frozenset[int]:
    """The files of this process through which file events come."""
    if sys.platform != "linux":
        return frozenset()
    return frozenset(int(name) for name in os.listdir(_FILES) if _kind(name) == _EVENTS)


def _kind(name: str) -> str:
    try:
        return os.readlink(f"{_FILES}/{name}")
    except OSError:  # closed meanwhile
        return ""
