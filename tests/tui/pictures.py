"""The states that pictures are made of, each a recording up to some moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ftui.report.recording import replay
from ftui.tui.app import FtuiApp
from ftui.tui.inbox import Inbox
from ftui.tui.replay import still
from tests.tui.controls import Controlled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.pilot import Pilot

DATA = Path(__file__).parent / "data"


class Picture(NamedTuple):
    """One state of the screen."""

    name: str
    recording: str
    """Name of a file of `DATA`."""
    until_s: float | None = None
    """On the clock of the events; None for the end."""
    keys: tuple[str, ...] = ()
    """Pressed before it is taken."""


PICTURES = (
    Picture("green", "session", 4.0),
    Picture("running", "session", 82.5),
    Picture("failed", "session", 87.3),
    Picture("findings", "session", 87.3, ("F",)),
    Picture("why", "session", 87.3, ("w",)),
    Picture("timeline", "session", 87.3, ("t",)),
    Picture("stale", "session", 80.1),
    Picture("paused", "session", 99.0),
    Picture("held", "session", 102.0),
    Picture("invalid", "session", 104.0),
    Picture("problem", "session", 106.0),
    Picture("silent", "session", 146.0),
    Picture("nothing", "nothing"),
    Picture("many", "many", 10.0),
    Picture("help", "session", 87.3, ("question_mark",)),
)


def app_of(picture: Picture, *, controlled: bool = True, keymap: Mapping[str, str] | None = None) -> FtuiApp:
    """The screen in a state, with a clock that stands still; it is not running yet."""
    inbox = Inbox()
    now = still(replay(DATA / f"{picture.recording}.ndjson"), inbox, picture.until_s)
    controls = Controlled() if controlled else None
    return FtuiApp(inbox, controls, now=now, theme="textual-dark", keymap=keymap)


async def settle(pilot: Pilot[None]) -> None:
    """Waits until all events are on the screen."""
    app = pilot.app
    assert isinstance(app, FtuiApp)
    while app.inbox:
        await pilot.pause(0.01)
    await pilot.pause()


def text_of(app: FtuiApp) -> list[str]:
    """The lines of the screen as plain text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
