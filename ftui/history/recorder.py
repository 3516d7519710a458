"""Listens to the events of runs, beside the front ends, and has a thread of its own keep what they come to.

Nothing waits for that thread but the end of the command, and that not for long: a history that is slow, broken or full
costs itself, never a verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.beside import Beside
from ftui.events import CheckFinished, CheckOutput, CheckQueued, CheckStarted, RunFinished, RunStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event
    from ftui.history.keeping import Finished, Keeper


class Recorder:
    """Takes the events of runs and has each run kept when it has ended.

    Args:
        keeper: keeps runs; used in the thread alone.
        say: takes a message for the user, in that thread.
    """

    def __init__(self, keeper: Keeper, say: Callable[[str], None]) -> None:
        self._keeper = keeper
        self._thread = Beside("ftui-history", "the history of this run is not kept", say)
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
                self._thread.put(self._keeper.begin)
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
                self._thread.put(lambda: self._keeper.keep(began, event, results))
            case _:
                pass

    def close(self) -> None:
        """Ends the thread when it has kept what there is; does not wait for it."""
        self._thread.put(self._keeper.close)
        self._thread.close()

    async def finish(self) -> None:
        """Waits until all is kept, a short time at most; what is not by then is lost, and that is said."""
        self._thread.put(self._keeper.close)
        await self._thread.finish()

    def _hear(self, check_id: str, now: float) -> None:
        last = self._heard.get(check_id)
        if last is not None:
            self._heard[check_id] = now
            self._silence[check_id] = max(self._silence.get(check_id, 0.0), now - last)
