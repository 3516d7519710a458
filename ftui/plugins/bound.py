"""A bound on how long a plugin may take to answer: what never returns would take the whole of ftui with it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

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


async def in_thread(action: Callable[[], T]) -> T:
    """Does in a thread what would hold up the event loop, and waits for it for `LONGEST_S`.

    A thread cannot be ended: one that takes longer is left to itself, and does not keep the process from ending.

    Args:
        action: what to do; it must not raise.

    Raises:
        NoAnswer: the time was up.
    """
    import asyncio
    from contextvars import copy_context

    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T) -> None:
        if not future.done():
            future.set_result(result)

    def work() -> None:
        result = action()
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
    await asyncio.wait((future,), timeout=LONGEST_S)
    if not future.done():
        raise NoAnswer
    return future.result()
