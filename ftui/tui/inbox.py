"""Where the engine's events wait for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event


def _nobody() -> None:
    """Before there is a screen, events wait."""


class Inbox:
    """Takes events one by one and hands them out together, in their order.

    One Textual message for each event would cost about 40 times as much.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.on_filled: Callable[[], None] = _nobody
        """Called with the first event after it was empty."""

    def put(self, event: Event) -> None:
        """Takes the next event; the engine's `emit`, called in the event loop of the screen."""
        self._events.append(event)
        if len(self._events) == 1:
            self.on_filled()

    def drain(self) -> list[Event]:
        """All events since the last call."""
        events, self._events = self._events, []
        return events

    def __bool__(self) -> bool:
        return bool(self._events)
