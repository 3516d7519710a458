"""A recording as the screen shows it: at the pace at which it was made, or as it stood at one moment."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ftui.tui.app import FtuiApp, run
from ftui.tui.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from ftui.events import Event

LONGEST_GAP = 2.0
"""Seconds between two events that are waited for; longer ones are cut short."""


class Tape:
    """Plays events into an inbox, and has the clock that goes with them.

    Args:
        events: of a recording, in their order.
        inbox: of the screen.
        clock: a monotonic clock in seconds.
        sleep: waits for a number of seconds on that clock.
    """

    def __init__(
        self,
        events: Iterable[Event],
        inbox: Inbox,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._events = events
        self._inbox = inbox
        self._clock = clock
        self._sleep = sleep
        self._event_s = 0.0
        self._event_at = clock()

    def now(self) -> float:
        """The moment that the recording has come to, on the clock of its events."""
        return self._event_s + self._clock() - self._event_at

    async def play(self) -> None:
        """Plays it to its end; time goes on after that.

        Raises:
            FtuiError: what reads the events has found one that it does not know.
        """
        first = True
        for event in self._events:
            gap = 0.0 if first else min(LONGEST_GAP, event.time_s - self.now())
            first = False
            if gap > 0:
                await self._sleep(gap)
            self._event_s, self._event_at = event.time_s, self._clock()
            self._inbox.put(event)


async def show(
    events: Iterable[Event], *, keymap: Mapping[str, str] | None = None, theme: str | None = None
) -> FtuiApp:
    """Plays a recording on the screen until the user quits, and gives back the screen that has ended.

    Args:
        events: of the recording, in their order.
        keymap: see `FtuiApp`.
        theme: see `FtuiApp`.

    Raises:
        FtuiError: what reads the events has found one that it does not know.
        Exception: the failure that ended the screen.
    """
    inbox = Inbox()
    tape = Tape(events, inbox)
    app = FtuiApp(inbox, None, now=tape.now, keymap=keymap, theme=theme)
    playing = asyncio.create_task(tape.play())
    playing.add_done_callback(lambda task: None if task.cancelled() or task.exception() is None else app.exit())
    try:
        await run(app)
    finally:
        playing.cancel()
    if playing.done() and not playing.cancelled() and (error := playing.exception()) is not None:
        raise error
    return app


def still(events: Iterable[Event], inbox: Inbox, until_s: float | None = None) -> Callable[[], float]:
    """Puts the events up to a moment into the inbox, and gives back a clock that stands still at that moment.

    Args:
        events: of a recording, in their order.
        inbox: of the screen.
        until_s: the moment, on the clock of the events; None for the last event.
    """
    last = 0.0
    for event in events:
        if until_s is not None and event.time_s > until_s:
            break
        last = event.time_s
        inbox.put(event)
    moment = last if until_s is None else until_s
    return lambda: moment
