"""A thread for what has to be done in the end, and must not hold anything up before."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 2.0
"""Seconds that the end of a command waits for what is still to be done."""


class Beside:
    """Does one piece of work after the other, in the order in which they are given.

    Args:
        name: of the thread.
        what: is done in it, as the subject of a sentence: `the history of this run is not kept`.
        say: takes a message for the user, in that thread.
    """

    def __init__(self, name: str, what: str, say: Callable[[str], None]) -> None:
        self._what = what
        self._say = say
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A daemon: a disk that never answers does not keep the process from ending.
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def put(self, work: Callable[[], None]) -> None:
        """Has something done; returns at once."""
        self._work.put(work)

    def close(self) -> None:
        """Ends the thread when it has done what there is; does not wait for it."""
        self._work.put(None)

    async def finish(self) -> None:
        """Waits until all is done, a short time at most; what is not by then is lost, and that is said."""
        self.close()
        await asyncio.to_thread(self._thread.join, PATIENCE_S)
        if self._thread.is_alive():
            self._say(f"{self._what}: it could not be written within {PATIENCE_S:g} s")

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:  # whatever it is, it must not be a verdict that suffers
                self._say(f"{self._what}: {type(error).__name__}: {error}")
