"""A bound on how long a plugin may take to answer: what never returns would take the whole of ftui with it."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LONGEST_S = 10.0
"""Seconds that one call may take. Hooks read a few files at most, but a disk may be slow to wake."""


class NoAnswer(BaseException):
    """A call did not return in time. No `Exception`, so that what a plugin swallows is not this."""


def bounded(action: Callable[[], T]) -> T:
    """Does something and ends it after `LONGEST_S`, where it is, by an alarm of the system.

    The call stays in the event loop that way, and nothing of it goes on behind one's back. Alarms reach the main thread
    only, and Windows has none: there it is done in a thread, which is left to itself when the time is up.

    Raises:
        NoAnswer: the time was up.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return _beside(action)

    def ring(number: int, frame: object) -> None:
        raise NoAnswer

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        return action()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _beside(action: Callable[[], T]) -> T:
    done: Future[T] = Future()

    def work() -> None:
        try:
            done.set_result(action())
        except BaseException as error:
            done.set_exception(error)

    _start(work)
    try:
        return done.result(LONGEST_S)
    except TimeoutError:
        if done.done():  # it raised that itself
            raise
        raise NoAnswer from None


def _start(work: Callable[[], None]) -> None:
    """Begins a thread that does not keep the process from ending."""
    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()


async def in_thread(action: Callable[[], T]) -> T:
    """Does in a thread what would hold up the event loop, and waits for it for `LONGEST_S`.

    A thread cannot be ended: one that takes longer is left to itself, and does not keep the process from ending.

    Args:
        action: what to do; it must not raise.

    Raises:
        NoAnswer: the time was up.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T) -> None:
        if not future.done():
            future.set_result(result)

    def work() -> None:
        result = action()
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(settle, result)

    _start(work)
    await asyncio.wait((future,), timeout=LONGEST_S)
    if not future.done():
        raise NoAnswer
    return future.result()
