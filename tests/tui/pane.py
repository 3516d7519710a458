"""One pane alone on a screen, and what is to be seen of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.pilot import Pilot
    from textual.widget import Widget

    from ftui.tui.widgets.painted import PaintedLines

DEADLINE_S = 30

View = TypeVar("View", bound="Widget")


class Pane(App[None], Generic[View]):
    """A screen with one pane."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        """The pane alone."""
        yield self.view


def lines_of(view: PaintedLines) -> list[str]:
    """The lines of it that are on the screen, without the spaces at their ends."""
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


async def at_rest(pilot: Pilot[None]) -> None:
    """Waits until no worker runs any more and all is drawn."""
    async with asyncio.timeout(DEADLINE_S):
        await pilot.pause()
        while len(pilot.app.workers):
            await pilot.pause()
        await pilot.pause()


def on_screen(app: Pane[View], steps: Callable[[Pilot[None]], Awaitable[None]], *, columns: int, lines: int) -> None:
    """Shows the pane on a screen of a size and takes the steps there."""

    async def run() -> None:
        async with app.run_test(size=(columns, lines)) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())
