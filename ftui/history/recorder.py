"""Listens to the events of runs, beside the front ends, and has a thread of its own keep what they come to.

Nothing waits for that thread but the end of the command, and that not for long: a history that is slow, broken or full
costs itself, never a verdict.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING

from ftui.events import CheckFinished, CheckOutput, CheckQueued, CheckStarted, RunFinished, RunStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event
    from ftui.history.keeping import Finished, Keeper

PATIENCE_S = 2.0
"""Seconds that the end of a command waits for the last run to be kept."""


class Recorder:
    """Takes the events of runs and has each run kept when it has ended.

    Args:
        keeper: keeps runs; used in the thread alone.
        say: takes a message for the user, in that thread.
    """

    def __init__(self, keeper: Keeper, say: Callable[[str], None]) -> None:
        self._keeper = keeper
        self._say = say
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A daemon: a store that never answers does not keep the process from ending.
        self._thread = threading.Thread(target=self._serve, name="ftui-history", daemon=True)
        self._thread.start()
        self._began: RunStarted | None = None
        self._results: list[Finished] = []
        self._heard: dict[str, float] = {}
        self._silence: dict[str, float] = {}

    def write(self, event: Event, state: object = None) -> None:
        """Takes in the next event, as `State.apply` gave it back; only notes it, and never blocks."""
        match event:
            case CheckOutput():
                self._hear(event.check_id, event.time_s)
            case RunStarted():
                self._began, self._results = event, []
                self._put(self._keeper.begin)
            case CheckQueued():
                self._silence.pop(event.check_id, None)
            case CheckStarted():
                self._heard[event.check_id] = event.time_s
            case CheckFinished():
                self._hear(event.check_id, event.ended_s or event.time_s)
                self._heard.pop(event.check_id, None)
                self._results.append((event, self._silence.pop(event.check_id, None)))
            case RunFinished() if self._began is not None and self._results:
                began, results = self._began, self._results
                self._results = []
                self._put(lambda: self._keeper.keep(began, event, results))
            case _:
                pass

    def close(self) -> None:
        """Ends the thread when it has kept what there is; does not wait for it."""
        self._work.put(None)

    async def finish(self) -> None:
        """Waits until all is kept, a short time at most; what is not by then is lost, and that is said."""
        self.close()
        await asyncio.to_thread(self._thread.join, PATIENCE_S)
        if self._thread.is_alive():
            self._say(f"the history of this run is not kept: it could not be written within {PATIENCE_S:g} s")

    def _hear(self, check_id: str, now: float) -> None:
        last = self._heard.get(check_id)
        if last is not None:
            self._heard[check_id] = now
            self._silence[check_id] = max(self._silence.get(check_id, 0.0), now - last)

    def _put(self, work: Callable[[], None]) -> None:
        self._work.put(work)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:  # whatever it is, it must not be a verdict that suffers
                self._say(f"the history of this run is not kept: {type(error).__name__}: {error}")
        self._keeper.close()
