"""Where the events of the engine come from: stamped with run and time, to the front end first and then to plugins."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ftui.events import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event
    from ftui.plugins import Plugins


class Emitter:
    """Hands events on, in the order in which they come; to be used in one event loop.

    Args:
        front_end: takes each event.
        clock: monotonic seconds.

    Attributes:
        plugins: whose observers see each event as well; None as long as there are none.
        origin: what zero seconds are on the clock.
        run_id: of the current run; empty before the first.
        number: of the current run, from 1.
    """

    def __init__(self, front_end: Callable[[Event], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._front_end = front_end
        self._clock = clock
        self.plugins: Plugins | None = None
        self.origin = clock()
        self.run_id = ""
        self.number = 0

    def now(self) -> float:
        """Seconds since this was made: the `time_s` of events."""
        return self._clock() - self.origin

    def begin_run(self) -> None:
        """Gives the next run its id and its number."""
        self.run_id = f"{time.time_ns() // 1_000_000:x}-{os.urandom(3).hex()}"
        self.number += 1

    def emit(self, event: Event) -> None:
        """Shows an event to all."""
        self._front_end(event)
        if self.plugins is not None:
            self.plugins.event(event)

    def problem(self, source: str, message: str) -> None:
        """Reports something that went wrong beside the checks."""
        self.emit(Problem(run_id=self.run_id, time_s=self.now(), source=source, message=message))
