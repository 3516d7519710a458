"""What every front end without a screen can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ftui.events import Event
    from ftui.state import State


class FrontEnd(Protocol):
    """What shows or stores a stream of events.

    A `BrokenPipeError` of the stream that it writes to passes through; every other failure to write is an `FtuiError`.
    """

    def write(self, event: Event, state: State) -> None:
        """Takes in the next event.

        Args:
            event: as `State.apply` gave it back.
            state: with the event applied.
        """

    def close(self) -> None:
        """Ends it, also in the middle of a run; a second call does nothing."""
