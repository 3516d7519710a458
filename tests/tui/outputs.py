"""The output pane alone on a screen, and what is to be seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.tui.widgets.output import OutputView
from tests.tui.pane import Pane

if TYPE_CHECKING:
    from rich.style import Style
    from textual.pilot import Pilot

    from ftui.tui.matches import Tally

RED, RESET = "\x1b[31m", "\x1b[0m"


class Watched(Pane[OutputView]):
    """Keeps what the pane says of its search."""

    def __init__(self) -> None:
        super().__init__(OutputView())
        self.told: list[Tally | None] = []

    def on_output_view_matches_changed(self, message: OutputView.MatchesChanged) -> None:
        self.told.append(message.tally)


def numbered(start: int, end: int) -> str:
    return "".join(f"line {number}\n" for number in range(start, end))


def sight(view: OutputView) -> list[str]:
    """The rows in sight, without the spaces at their ends."""
    return [view.render_line(y).text.rstrip() for y in range(view.scrollable_content_region.height)]


async def look_at(pilot: Pilot[None], view: OutputView, row: int) -> None:
    """Scrolls to a row as a user does."""
    await pilot.pause()
    view.scroll_to(y=row, animate=False, force=True)
    await pilot.pause()


def styles(view: OutputView, y: int) -> dict[str, Style]:
    return {text: style for text, style, _ in view.render_line(y) if style is not None}
