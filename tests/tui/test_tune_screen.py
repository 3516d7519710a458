"""The Tune page: asks, shows, and applies what is confirmed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.errors import FtuiError
from ftui.model import Outcome
from ftui.tui.app import FtuiApp
from ftui.tui.inbox import Inbox
from ftui.tui.tune_screen import Confirm, TuneScreen
from tests.report.stream_of_events import begun, finished
from tests.tui.controls import Controlled
from tests.tui.pictures import settle, text_of
from tests.tui.tuners import LACKING, PHASE, TUNED, TUNING, WORKERS, Known

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot


def run(known: Known | None, steps: Callable[[Pilot[None], FtuiApp], Awaitable[None]], lines: int = 40) -> None:
    inbox = Inbox()
    inbox.put(begun("mypy"))
    inbox.put(finished("mypy", Outcome.PASSED, 1.0))
    app = FtuiApp(inbox, Controlled(), now=lambda: 9.0, wall=lambda: 1_700_000_000.0, tuner=known)

    async def go() -> None:
        async with app.run_test(size=(100, lines), notifications=True) as pilot:
            await settle(pilot)
            await pilot.press("T")
            await rest(pilot)
            await steps(pilot, app)

    asyncio.run(go())


async def rest(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def chosen(app: FtuiApp) -> object:
    assert isinstance(app.screen, TuneScreen)
    return app.screen.page.advice


def test_it_asks_for_the_profile_and_the_workers_as_they_are_and_esc_leaves() -> None:
    known = Known()

    async def steps(pilot: Pilot[None], app: FtuiApp) -> None:
        assert known.asked == [(app.state.profile, app.state.workers)]
        assert any("4 workers instead of 2" in line for line in text_of(app))
        await pilot.press("escape")
        assert app.screen is app.main

    run(known, steps)


def test_enter_asks_first_and_writes_only_what_is_confirmed() -> None:
    known = Known(replace(TUNED, prefix="tool.ftui"))

    async def steps(pilot: Pilot[None], app: FtuiApp) -> None:
        await pilot.press("enter")
        assert isinstance(app.screen, Confirm)
        assert any("[tool.ftui]" in line for line in text_of(app))
        assert any("workers = 4" in line for line in text_of(app))
        await pilot.press("escape")
        await rest(pilot)
        assert known.applied == []
        await pilot.press("j", "enter", "enter")
        await rest(pilot)
        assert known.applied == [PHASE]
        assert len(known.asked) == 2, "what is known is asked for again"

    run(known, steps)


def test_the_cursor_goes_from_advice_to_advice_and_then_down_the_page() -> None:
    async def steps(pilot: Pilot[None], app: FtuiApp) -> None:
        assert chosen(app) == WORKERS
        await pilot.press("j")
        assert chosen(app) == PHASE
        await pilot.press("j", "j", "j")
        assert isinstance(app.screen, TuneScreen)
        below = app.screen.page.scroll_offset.y
        assert below > 0
        assert chosen(app) == PHASE
        await pilot.press(*["k"] * 40)
        assert chosen(app) == WORKERS
        assert app.screen.page.scroll_offset.y == 0

    run(Known(), steps, lines=12)


def test_without_advice_enter_says_so() -> None:
    async def steps(pilot: Pilot[None], app: FtuiApp) -> None:
        await pilot.press("enter")
        assert isinstance(app.screen, TuneScreen)
        assert [each.message for each in app._notifications] == ["there is nothing to apply"]

    run(Known(replace(TUNED, tuning=replace(TUNING, advice=()))), steps)
    run(Known(LACKING), steps)


def test_what_cannot_be_told_or_written_is_a_sentence() -> None:
    async def untold(pilot: Pilot[None], app: FtuiApp) -> None:
        assert any("the project is not open yet" in line for line in text_of(app))

    async def raised(pilot: Pilot[None], app: FtuiApp) -> None:
        assert any("it cannot be told: ValueError: a plugin" in line for line in text_of(app))

    async def unwritten(pilot: Pilot[None], app: FtuiApp) -> None:
        await pilot.press("enter", "enter")
        await rest(pilot)
        assert [each.message for each in app._notifications] == ["ftui.toml cannot be written"]

    run(Known(FtuiError("the project is not open yet")), untold)
    run(Known(ValueError("a plugin")), raised)
    run(Known(error=FtuiError("ftui.toml cannot be written")), unwritten)


def test_a_recording_has_nothing_to_tune() -> None:
    async def steps(pilot: Pilot[None], app: FtuiApp) -> None:
        assert app.screen is app.main
        assert [each.message for each in app._notifications] == ["a recording has no history to tune by"]

    run(None, steps)


def test_a_deep_look_comes_up_as_a_page_or_says_why_not() -> None:
    async def shown(pilot: Pilot[None], app: FtuiApp) -> None:
        await pilot.press("escape", "D")
        await rest(pilot)
        assert any("mypy: 3.2 s under a close look" in line for line in text_of(app))
        await pilot.press("escape")
        assert app.screen is app.main

    async def refused(pilot: Pilot[None], app: FtuiApp) -> None:
        await pilot.press("escape", "D")
        await rest(pilot)
        assert app.screen is app.main
        assert [each.message for each in app._notifications][-1] == "nothing can tell"

    run(Known(), shown)
    run(Known(error=FtuiError("nothing can tell")), refused)
