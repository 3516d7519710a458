"""The states that pictures are made of, each a recording up to some moment."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ftui.report.recording import replay
from ftui.tui.app import FtuiApp
from ftui.tui.inbox import Inbox
from ftui.tui.replay import still
from tests.tui.controls import Controlled
from tests.tui.tuners import Known

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from textual.pilot import Pilot

    from ftui.tui.notices import Notify

DATA = Path(__file__).parent / "data"
EPOCH = 1_700_000_000
"""When the recordings began, in seconds since 1970."""


SNAPSHOTS = DATA / "screens"
SIZES = ((40, 12), (80, 24), (120, 40))
"""Columns and lines."""


class Picture(NamedTuple):
    """One state of the screen."""

    name: str
    recording: str
    """Name of a file of `DATA`."""
    until_s: float | None = None
    """On the clock of the events; None for the end."""
    keys: tuple[str, ...] = ()
    """Pressed before it is taken."""
    main: bool = False
    """Whether it is one of those in `screenshots/`, and is looked at in every size."""

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """The sizes whose text is looked at."""
        return SIZES if self.main else SIZES[1:2]


PICTURES = (
    Picture("green", "session", 4.0),
    Picture("running", "session", 82.5, main=True),
    Picture("failed", "session", 87.3, main=True),
    Picture("findings", "session", 87.3, ("F",), main=True),
    Picture("why", "session", 87.3, ("w",)),
    Picture("timeline", "session", 87.3, ("t",), main=True),
    Picture("search", "session", 87.3, ("slash", "f", "8", "enter")),
    Picture("filter", "session", 87.3, ("b",)),
    Picture("stale", "session", 80.1, main=True),
    Picture("paused", "session", 99.0),
    Picture("held", "session", 102.0),
    Picture("invalid", "session", 104.0),
    Picture("problem", "session", 106.0, main=True),
    Picture("problems", "session", 106.0, ("exclamation_mark",)),
    Picture("silent", "session", 146.0, ("G", "k", "k", "k"), main=True),
    Picture("nothing", "nothing", main=True),
    Picture("many", "many", 10.0, main=True),
    Picture("help", "session", 87.3, ("question_mark",), main=True),
    Picture("tune", "session", 87.3, ("T",), main=True),
)


def snapshot(picture: Picture, size: tuple[int, int]) -> Path:
    """The file with the text that a state has to have."""
    return SNAPSHOTS / f"{picture.name}-{size[0]}x{size[1]}.txt"


def app_of(
    picture: Picture, *, controlled: bool = True, keymap: Mapping[str, str] | None = None, notify: Notify = "off"
) -> FtuiApp:
    """The screen in a state, with a clock that stands still; it is not running yet."""
    inbox = Inbox()
    now = still(replay(DATA / f"{picture.recording}.ndjson"), inbox, picture.until_s)
    controls = Controlled() if controlled else None
    return FtuiApp(
        inbox,
        controls,
        now=now,
        wall=lambda: EPOCH + now(),
        tuner=Known() if controlled else None,
        theme="textual-dark",
        keymap=keymap,
        notify=notify,
    )


async def settle(pilot: Pilot[None]) -> None:
    """Waits until all events are on the screen."""
    app = pilot.app
    assert isinstance(app, FtuiApp)
    while app.inbox or not app.main.ready:
        await pilot.pause(0.01)
    await pilot.pause()


@asynccontextmanager
async def drawn(picture: Picture, size: tuple[int, int]) -> AsyncIterator[FtuiApp]:
    """The screen in a state, all of it drawn."""
    app = app_of(picture)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await pilot.press(*picture.keys)
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield app


def text_of(app: FtuiApp) -> list[str]:
    """The lines of the screen as plain text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
