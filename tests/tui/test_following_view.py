"""A pane follows the end of what it shows, and otherwise stays where the user looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.tui.lines import Lines
from tests.tui.outputs import Watched, look_at, numbered, sight
from tests.tui.pane import at_rest, on_screen

if TYPE_CHECKING:
    from textual.pilot import Pilot


def test_the_end_is_followed_until_the_user_scrolls_away_and_again_from_the_end() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.focus()
        view.append(numbered(0, 100))
        await pilot.pause()
        assert sight(view) == [f"line {number}" for number in range(90, 100)]

        await pilot.press("k")
        view.append(numbered(100, 200))
        await pilot.pause()
        assert sight(view)[-1] == "line 98"
        assert not view.following

        await pilot.press("G")
        view.append(numbered(200, 300))
        await pilot.pause()
        assert sight(view)[-1] == "line 299"
        assert view.following

    on_screen(app, steps, columns=40, lines=10)


def test_scrolling_to_the_end_follows_it_again() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.focus()
        view.append(numbered(0, 100))
        await pilot.press("k", "k")
        assert not view.following
        await pilot.press("j", "j")
        assert view.following

    on_screen(app, steps, columns=40, lines=10)


def test_a_scroll_that_is_on_its_way_is_not_cut_short_by_new_lines() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.focus()
        view.append(numbered(0, 100))
        await pilot.pause()
        view.scroll_page_up()
        view.append(numbered(100, 200))
        await pilot.wait_for_scheduled_animations()
        assert sight(view)[0] == "line 80"

    on_screen(app, steps, columns=40, lines=10)


def test_a_rerun_keeps_the_place_even_while_it_has_printed_less_than_that() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(numbered(0, 100))
        await look_at(pilot, view, 40)
        view.begin()
        view.append(numbered(0, 20))
        await pilot.pause()
        assert sight(view)[-1] == "line 19"

        view.append(numbered(20, 100))
        await pilot.pause()
        assert sight(view)[0] == "line 40"
        assert not view.following

    on_screen(app, steps, columns=40, lines=10)


def test_another_output_is_shown_from_its_end() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(numbered(0, 100))
        await look_at(pilot, view, 40)
        view.set_text(numbered(500, 700))
        await pilot.pause()
        assert sight(view)[-1] == "line 699"
        assert view.following

    on_screen(app, steps, columns=40, lines=10)


def test_the_last_line_is_in_sight_and_the_scrollbar_at_its_end_when_scrollbars_come() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(numbered(0, 100) + "x" * 100 + "\nend\n")
        await pilot.pause()
        assert sight(view)[-1] == "end"
        assert view.vertical_scrollbar.position == view.scroll_y == view.max_scroll_y

    on_screen(app, steps, columns=40, lines=10)


def test_what_is_shown_stays_where_it_is_while_the_middle_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lines.__init__, "__defaults__", (8_000,))
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.append(numbered(0, 600))
        await look_at(pilot, view, 560)
        view.append(numbered(600, 900))
        await pilot.pause()
        assert view.document.lines.left_out
        assert sight(view)[0] == "line 560"

    on_screen(app, steps, columns=40, lines=10)


def test_the_line_at_the_top_stays_there_when_lines_are_folded_or_the_pane_changes() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("".join(f"{number} {'x' * 50}\n" for number in range(100)))
        await look_at(pilot, view, 50)
        for wrap, columns in ((True, 40), (True, 20), (False, 20), (True, 60)):
            view.wrap = wrap
            await pilot.resize_terminal(columns, 10)
            await pilot.pause()
            assert sight(view)[0].startswith("50 x")

    on_screen(app, steps, columns=40, lines=10)


def test_the_end_is_followed_when_the_pane_changes() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.wrap = True
        view.set_text("".join(f"{number} {'x' * 50}\n" for number in range(100)) + "end\n")
        for columns, lines in ((20, 10), (60, 5), (40, 20)):
            await pilot.resize_terminal(columns, lines)
            await pilot.pause()
            assert sight(view)[-1] == "end"

    on_screen(app, steps, columns=40, lines=10)


@pytest.mark.parametrize("wrapped", [False, True])
def test_what_was_printed_out_of_sight_is_followed_when_the_pane_comes_back(wrapped: bool) -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.wrap = wrapped
        view.append(numbered(0, 100))
        await at_rest(pilot)
        for start, size in ((100, (40, 10)), (3000, (20, 6)), (6000, (60, 20))):
            view.display = False
            await at_rest(pilot)
            view.append(numbered(start, start + 2900))
            await at_rest(pilot)
            await pilot.resize_terminal(*size)
            view.display = True
            await at_rest(pilot)
            assert sight(view) == [f"line {number}" for number in range(start + 2900 - size[1], start + 2900)]
            assert view.following

    on_screen(app, steps, columns=40, lines=10)
