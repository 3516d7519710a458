"""A bound on how long a plugin may take to answer: what never returns would take the whole of ftui with it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_S = 10.0
"""Seconds that one call may take. Hooks read a few files at most, but a disk may be slow to wake."""


class NoAnswer(BaseException):
    """A call did not return in time. No `Exception`, so that what a plugin swallows is not this."""


@contextmanager
def bounded() -> Iterator[None]:
    """Ends what is done within it after `LONGEST_S`, where it is, by an alarm of the system.

    The call stays in the event loop that way, and nothing of it goes on behind one's back, as a thread would. Alarms
    reach the main thread only, where plugins are called, and Windows has none: there the bound is not held.

    Raises:
        NoAnswer: the time was up.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: object) -> None:
        raise NoAnswer

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
