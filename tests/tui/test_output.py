"""The pane that shows what a check printed: runs, errors and searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.tui.matches import Tally
from ftui.tui.widgets import output
from ftui.tui.widgets.output import OutputView
from tests.tui.outputs import Watched, look_at, numbered, sight
from tests.tui.pane import on_screen

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot


def test_the_old_output_stays_until_the_new_run_says_something() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("old\n")
        view.begin()
        await pilot.pause()
        assert sight(view)[0] == "old"

        view.append("")
        await pilot.pause()
        assert sight(view)[0] == "old"

        view.append("new\n")
        await pilot.pause()
        assert sight(view)[:2] == ["new", ""]

    on_screen(app, steps, columns=40, lines=10)


def test_the_output_of_a_run_that_ends_in_silence_is_empty() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("old\n")
        view.begin()
        view.finish()
        await pilot.pause()
        assert view.plain_text() == ""

        view.begin()
        view.append("new\n")
        view.finish()
        assert view.plain_text() == "new\n"

    on_screen(app, steps, columns=40, lines=10)


def test_only_errors_are_shown_where_that_is_asked_for() -> None:
    app = Watched()
    view = app.view
    text = "".join(f"{'error' if number % 10 == 0 else 'fine'} {number}\n" for number in range(1_000))

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(text)
        await look_at(pilot, view, 500)
        view.errors_only = True
        await pilot.pause()
        assert sight(view) == [f"error {number}" for number in range(500, 600, 10)]
        assert view.plain_text().count("\n") == 100

        view.append("fine\nerror at the end\n")
        assert view.plain_text().endswith("error 990\nerror at the end\n")

        view.errors_only = False
        await pilot.pause()
        assert sight(view)[0] == "error 500"

    on_screen(app, steps, columns=40, lines=10)


def test_a_search_goes_to_the_first_match_from_the_top_of_the_pane_on() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(numbered(0, 1_000))
        await look_at(pilot, view, 500)
        view.search("line 7")
        await pilot.pause()
        assert app.told == [Tally(12, 111, finished=True)]
        assert "line 700" in sight(view)
        assert not view.following

    on_screen(app, steps, columns=40, lines=10)


def test_each_longer_query_starts_where_the_first_one_did() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("a\n" * 20 + "ab\n" * 20 + "a\n" * 20 + "abc\n" + "abb\n" * 20)
        await look_at(pilot, view, 10)
        for query, line in (("a", 10), ("ab", 20), ("abc", 60), ("ab", 20)):
            view.search(query)
            assert view.document.matches is not None
            assert view.document.matches.current == line

    on_screen(app, steps, columns=40, lines=10)


def test_the_next_and_the_previous_match_are_brought_into_sight_round_the_ends() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(
            "".join(f"{'zebra' if number in (100, 500, 900) else 'line'} {number}\n" for number in range(1_000))
        )
        await look_at(pilot, view, 0)
        view.search("zebra")
        for step, number, position in (
            (view.next_match, 500, 2),
            (view.next_match, 900, 3),
            (view.next_match, 100, 1),
            (view.previous_match, 900, 3),
        ):
            step()
            await pilot.pause()
            assert f"zebra {number}" in sight(view)
            assert app.told[-1] == Tally(position, 3, finished=True)

    on_screen(app, steps, columns=40, lines=10)


def test_a_match_beyond_the_side_of_the_pane_is_brought_into_sight() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("x" * 100 + "zebra" + "x" * 100 + "\n")
        await pilot.pause()
        view.search("zebra")
        await pilot.pause()
        assert "zebra" in sight(view)[0]

        view.search("xzebrax")
        await pilot.pause()
        assert "xzebrax" in sight(view)[0]

    on_screen(app, steps, columns=40, lines=10)


def test_a_match_in_sight_is_gone_to_without_scrolling() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(numbered(0, 100))
        await look_at(pilot, view, 50)
        view.search("line 52")
        await pilot.pause()
        assert sight(view)[0] == "line 50"
        assert app.told == [Tally(1, 1, finished=True)]

        view.append(numbered(100, 200))
        await pilot.pause()
        assert sight(view)[0] == "line 50"

    on_screen(app, steps, columns=40, lines=10)


def test_lines_that_come_while_a_search_goes_on_are_searched() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("zebra\n")
        view.search("zebra")
        view.append("horse\nzebra\n")
        await pilot.pause()
        assert app.told[-1] == Tally(1, 2, finished=True)

    on_screen(app, steps, columns=40, lines=10)


def test_a_rerun_is_searched_and_goes_to_a_match_only_when_asked() -> None:
    app = Watched()
    view = app.view
    text = "zebra 1\n" + numbered(0, 50) + "zebra 2\n" + numbered(50, 100)

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(text)
        view.search("zebra")
        view.next_match()
        await pilot.pause()
        assert "zebra 2" in sight(view)

        view.action_cursor_last()
        view.begin()
        view.append(text)
        await pilot.pause()
        assert sight(view)[-1] == "line 99"
        assert app.told[-1] == Tally(0, 2, finished=True)

        view.next_match()
        await pilot.pause()
        assert "zebra 2" in sight(view)

    on_screen(app, steps, columns=40, lines=10)


def test_a_search_among_errors_counts_only_those() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("zebra\nerror: zebra\n" * 10)
        view.search("zebra")
        view.errors_only = True
        await pilot.pause()
        assert app.told[-1] == Tally(0, 10, finished=True)

        view.next_match()
        await pilot.pause()
        assert app.told[-1] is not None
        assert app.told[-1].position > 0

    on_screen(app, steps, columns=40, lines=10)


def test_a_long_search_goes_on_in_the_background_and_finds_all() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        for _ in range(20):
            view.append(numbered(0, 20_000))
        view.search("line 19999")
        assert app.told == []
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.told[-1] == Tally(20, 20, finished=True)
        assert "line 19999" in sight(view)

    on_screen(app, steps, columns=40, lines=10)


def test_of_a_flood_fewer_pictures_are_drawn_and_the_last_line_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Watched()
    view = app.view
    drawn: list[int] = []
    moment = iter(range(1_000_000))

    def show() -> None:
        drawn.append(view.document.lines.end)
        OutputView._show(view)

    async def steps(pilot: Pilot[None]) -> None:
        monkeypatch.setattr(view, "_show", show)
        for burst in range(40):
            view.append("".join(f"line {burst * 2000 + number}\n" for number in range(2000)))
            view._take_in(asked=False)  # no time passes for timers, and a hundredth of a second on the clock
        assert len(drawn) <= 5
        view.append("the end\n")
        while sight(view)[-1] != "the end":
            await pilot.pause()
        assert drawn[-1] == view.document.lines.end == 80_001

    monkeypatch.setattr(output, "monotonic", lambda: next(moment) / 200)
    on_screen(app, steps, columns=40, lines=10)


def test_a_pane_without_a_line_to_show_says_why() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.say_where_empty("[b]nothing[/b] is here, and that at some length")
        await pilot.pause()
        assert sight(view)[:2] == ["[b]nothing[/b] is …", ""]
        view.append("fine\n")
        await pilot.pause()
        assert sight(view)[:2] == ["fine", ""]
        view.say_where_empty("no line looks like an error")
        view.errors_only = True
        await pilot.pause()
        assert sight(view)[0] == "no line looks like…"

    on_screen(app, steps, columns=20, lines=4)
