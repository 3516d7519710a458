"""The pane that says why."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ftui.errors import FtuiError
from ftui.model import Outcome
from ftui.tui.widgets.why import WhyView
from tests.report.stream_of_events import begun, finished
from tests.tui.pane import Pane, at_rest, lines_of, on_screen
from tests.tui.rows import changed, state_of
from tests.tui.test_why_lines import WHY

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from ftui.report.why import Why


class Cache:
    """Answers when it is let go, and keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()
        self.error = error

    async def explain(self, check_id: str) -> Why:
        """What is known of a check."""
        self.asked.append(check_id)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return WHY


def view_of(cache: Cache | None) -> WhyView:
    return WhyView(cache.explain if cache is not None else None, now=lambda: 100.0)


async def answered(pilot: Pilot[None], cache: Cache) -> None:
    cache.go.set()
    await at_rest(pilot)


DONE = (begun("mypy", "ruff"), finished("mypy", Outcome.FAILED, 1.0), finished("ruff", Outcome.PASSED, 1.0))


def test_what_is_known_is_shown_at_once_and_the_answer_of_the_cache_when_it_comes() -> None:
    cache = Cache()
    view = view_of(cache)

    async def steps(pilot: Pilot[None]) -> None:
        view.show(state_of(*DONE), "mypy")
        await pilot.pause()
        assert lines_of(view)[0] == "✗ mypy failed  miss"
        assert "  …" in lines_of(view)
        await answered(pilot, cache)
        assert "  mypy would run now (miss); since its last result:" in lines_of(view)

    on_screen(Pane(view), steps, columns=80, lines=24)


def test_the_cache_is_asked_once_for_as_long_as_nothing_changes() -> None:
    cache = Cache()
    view = view_of(cache)

    async def steps(pilot: Pilot[None]) -> None:
        state = state_of(*DONE)
        for _ in range(3):
            view.show(state, "mypy")
        await pilot.pause()
        assert cache.asked == ["mypy"]
        state.apply(changed("mypy"))
        view.show(state, "mypy")
        await pilot.pause()
        state.apply(finished("mypy", Outcome.FAILED, 1.0))
        view.show(state, "mypy")
        await pilot.pause()
        view.show(state, "ruff")
        await answered(pilot, cache)
        assert cache.asked == ["mypy", "mypy", "mypy", "ruff"]

    on_screen(Pane(view), steps, columns=80, lines=24)


def test_the_cache_is_not_asked_before_the_pane_is_in_sight() -> None:
    cache = Cache()
    view = view_of(cache)
    view.display = False

    async def steps(pilot: Pilot[None]) -> None:
        view.show(state_of(*DONE), "mypy")
        await pilot.pause()
        assert cache.asked == []
        view.display = True
        await pilot.pause()
        assert cache.asked == ["mypy"]
        view.display = False
        await pilot.pause()
        view.show(state_of(*DONE), "ruff")
        await answered(pilot, cache)
        assert cache.asked == ["mypy"]

    on_screen(Pane(view), steps, columns=80, lines=24)


def test_an_error_takes_the_place_of_the_answer() -> None:
    for error, line in (
        (FtuiError("there is no check 'mypy'"), "  there is no check 'mypy'"),
        (ValueError("oops"), "  it cannot be told: ValueError: oops"),
    ):
        cache = Cache(error)
        view = view_of(cache)

        async def steps(pilot: Pilot[None], view: WhyView = view, cache: Cache = cache, line: str = line) -> None:
            view.show(state_of(*DONE), "mypy")
            await answered(pilot, cache)
            assert line in lines_of(view)

        on_screen(Pane(view), steps, columns=80, lines=24)


def test_in_a_replay_there_is_no_cache_to_ask() -> None:
    view = view_of(None)

    async def steps(pilot: Pilot[None]) -> None:
        view.show(state_of(*DONE), "mypy")
        await pilot.pause()
        assert lines_of(view)[0] == "✗ mypy failed  miss"
        assert "if it were asked for now" not in lines_of(view)
        view.show(state_of(*DONE), None)
        assert lines_of(view)[0] == ""

    on_screen(Pane(view), steps, columns=80, lines=24)


def test_sentences_are_wrapped_anew_for_another_width() -> None:
    cache = Cache()
    view = view_of(cache)

    async def steps(pilot: Pilot[None]) -> None:
        view.show(state_of(*DONE), "mypy")
        await answered(pilot, cache)
        await pilot.resize_terminal(30, 24)
        await pilot.pause()
        assert not any("…" in line for line in lines_of(view))
        assert "  mypy would run now (miss);" in lines_of(view)

    on_screen(Pane(view), steps, columns=80, lines=24)
