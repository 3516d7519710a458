"""The list of checks as a widget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult

from ftui.model import Outcome
from ftui.state import State
from ftui.tui.widgets.check_list import CheckList
from tests.report.stream_of_events import begun, finished, started

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot
    from textual.strip import Strip


class Drawing(CheckList):
    """Notes which lines are drawn."""

    def on_mount(self) -> None:
        self.lines: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.lines.append(y)
        return super().render_line(y)


class Listed(App[None]):
    """Nothing but a list."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.state = State()
        self.state.apply(begun(*names))
        self.checks = Drawing(lambda: self.state.rows, lambda: 1.0)
        self.moved: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield self.checks

    def on_check_list_moved(self, moved: CheckList.Moved) -> None:
        self.moved.append(moved.check_id)


NAMES = [f"check-{number:03}" for number in range(300)]


def drive(names: list[str], steps: Callable[[Pilot[None], Listed], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Listed(names)
        async with app.run_test(size=(80, 24)) as pilot:
            app.checks.focus()
            await pilot.pause()
            await steps(pilot, app)

    asyncio.run(run())


def test_a_change_of_one_check_draws_one_line() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        await pilot.press("j")  # from here on the cursor stays
        await pilot.pause()
        app.checks.lines.clear()
        app.state.apply(started("check-005"))
        app.checks.update({"check-005"})
        await pilot.pause()
        assert app.checks.lines == [7]
        app.state.apply(finished("check-200", Outcome.PASSED, 0.1))
        app.checks.update({"check-200"})
        await pilot.pause()
        assert app.checks.lines == [7]

    drive(NAMES, steps)


def test_hundreds_of_checks_are_walked_through_and_only_those_in_sight_are_drawn() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        checks = app.checks
        for keys, cursor, top in (
            (["G"], "check-299", 278),
            (["pageup"], "check-277", 278),
            (["k", "k"], "check-275", 276),
            (["g"], "check-000", 0),
            (["pagedown", "j"], "check-023", 2),
        ):
            checks.lines.clear()
            await pilot.press(*keys)
            await pilot.pause()
            assert (checks.cursor, checks.scroll_offset.y) == (cursor, top)
            assert len(checks.lines) <= 24 * (len(keys) + 1)
        assert app.moved[-1] == "check-023"

    drive(NAMES, steps)


def test_a_click_chooses_and_headings_cannot_be_chosen() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        await pilot.click(app.checks, offset=(5, 4))
        assert app.checks.cursor == "b"
        await pilot.click(app.checks, offset=(5, 1))
        await pilot.click(app.checks, offset=(5, 20))
        assert app.checks.cursor == "b"
        assert not app.checks.following

    drive(["ruff", "a", "b"], steps)


def test_a_check_may_be_called_like_a_phase() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        shown = [app.checks.render_line(y).text.strip(" ▌") for y in range(1, 4)]
        assert shown[0] == "fast"
        assert shown[1].startswith("· fast")
        assert shown[2].startswith("· slow")

    drive(["fast", "slow"], steps)


def test_a_check_that_is_gone_loses_the_cursor() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        await pilot.press("G")
        app.state.apply(begun("a"))
        app.checks.update_all()
        assert app.checks.cursor == "a"
        app.state.apply(begun())
        app.checks.update_all()
        assert app.checks.cursor is None
        await pilot.press("j")

    drive(["a", "b"], steps)


def test_names_that_look_like_markup_or_are_hostile_are_shown_as_they_are() -> None:
    async def steps(pilot: Pilot[None], app: Listed) -> None:
        shown = [app.checks.render_line(y).text for y in range(2, 4)]
        assert "[/red]x" in shown[0]
        assert "\\x1b" in shown[1]
        assert "\x1b" not in shown[1]

    drive(["[/red]x", "a\x1b[2Jb"], steps)
