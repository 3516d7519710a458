"""The event stream as JSON lines, each on its way as soon as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.report.encoding import encode

if TYPE_CHECKING:
    from typing import BinaryIO

    from ftui.events import Event
    from ftui.state import State


class Ndjson:
    """Writes one event a line.

    Args:
        out: where the lines go, in UTF-8; it stays open.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, event: Event, state: State) -> None:
        """Writes the event and sees it off."""
        self._out.write(encode(event) + b"\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing is held back, so nothing is left to do."""
