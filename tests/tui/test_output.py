"""The pane that shows what a check printed, used as a user does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from ftui.tui.drawing import drawn
from ftui.tui.lines import Lines
from ftui.tui.matches import Tally
from ftui.tui.widgets.output import OutputView
from tests.tui.pane import Pane, on_screen

if TYPE_CHECKING:
    from rich.style import Style
    from textual.pilot import Pilot
    from textual.strip import Strip

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


# Following and keeping one's place


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


# What is drawn


def test_only_rows_in_sight_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Watched()
    view = app.view
    rows: list[str] = []

    def noted(line: str, *arguments: Any, **named: Any) -> Strip:
        rows.append(line)
        return drawn(line, *arguments, **named)

    monkeypatch.setattr("ftui.tui.widgets.document_view.drawn", noted)

    async def steps(pilot: Pilot[None]) -> None:
        view.append(numbered(0, 100_000))
        await pilot.pause()
        assert sight(view)[-1] == "line 99999"
        assert 10 <= len(rows) <= 20

    on_screen(app, steps, columns=40, lines=10)


def test_nothing_is_taken_for_markup() -> None:
    app = Watched()
    view = app.view
    text = "test_a[param-1] [red]no[/red] [/nope] :smile: [@click=app.bell]x[/]"

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(text)
        await pilot.pause()
        assert sight(view)[0] == text

    on_screen(app, steps, columns=100, lines=10)


def test_colours_are_shown_and_go_on_over_the_end_of_a_line() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(f"{RED}one\ntwo{RESET} three\n\x1b[1;4mfour\x1b[22m five\n")
        await pilot.pause()
        assert styles(view, 0)["one"].color == styles(view, 1)["two"].color
        assert styles(view, 0)["one"].color != styles(view, 1)[" three"].color
        assert (styles(view, 2)["four"].bold, styles(view, 2)["four"].underline) == (True, True)
        assert (styles(view, 2)[" five"].bold, styles(view, 2)[" five"].underline) == (None, True)

    on_screen(app, steps, columns=40, lines=10)


def test_no_color_leaves_out_colours_and_keeps_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(f"{RED}one{RESET} \x1b[1;44mtwo\x1b[0m three\n")
        await pilot.pause()
        shown = styles(view, 0)
        assert shown["one"].color == shown[" three"].color
        assert shown["two"].bgcolor == shown[" three"].bgcolor
        assert shown["two"].bold

        view.search("three")
        await pilot.pause()
        assert styles(view, 0)["three"].reverse

    on_screen(app, steps, columns=40, lines=10)


def test_another_theme_draws_all_anew() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("one\n")
        await pilot.pause()
        before = styles(view, 0)["one"]
        app.theme = "textual-light"
        await pilot.pause()
        assert styles(view, 0)["one"].bgcolor != before.bgcolor

    on_screen(app, steps, columns=40, lines=10)


def test_a_line_that_is_not_complete_is_drawn_as_it_grows() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        for text, expected in (("te", "te"), ("st\r", "test"), ("done", "done"), ("\nnext", "done")):
            view.append(text)
            await pilot.pause()
            assert sight(view)[0] == expected
        assert sight(view)[1] == "next"

    on_screen(app, steps, columns=40, lines=10)


# Folding and hiding lines


def test_folded_lines_go_on_in_the_next_row_and_are_cut_otherwise() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("0123456789" * 3 + "\nend\n")
        await pilot.pause()
        width = view.scrollable_content_region.width
        assert sight(view)[:2] == [("0123456789" * 3)[:width], "end"]

        view.wrap = True
        await pilot.pause()
        assert "".join(sight(view)) == "0123456789" * 3 + "end"
        assert sight(view)[2] == "end"
        assert view.max_scroll_x == 0

        view.wrap = False
        await pilot.pause()
        assert sight(view)[1] == "end"

    on_screen(app, steps, columns=20, lines=10)


def test_a_wide_character_is_in_one_row_as_a_whole_and_half_of_it_is_a_space() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("1" + "漢" * 30 + "\n")
        await pilot.pause()
        view.scroll_to(x=2, animate=False, force=True)
        await pilot.pause()
        assert sight(view)[0] == " " + "漢" * 9

        view.wrap = True
        await pilot.pause()
        assert "".join(sight(view)) == "1" + "漢" * 30
        assert len(set(map(len, sight(view)[1:3]))) == 1

    on_screen(app, steps, columns=20, lines=10)


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


# Searching


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


def test_matches_stand_out_and_the_current_one_more() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(f"a ze{RED}bra{RESET} here\na zebra there\n")
        await look_at(pilot, view, 0)
        view.search("zebra")
        await pilot.pause()
        plain = styles(view, 0)[" here"].bgcolor
        assert len({plain, styles(view, 0)["ze"].bgcolor, styles(view, 1)["zebra"].bgcolor}) == 3
        assert styles(view, 0)["ze"].bgcolor == styles(view, 0)["bra"].bgcolor

        view.search("")
        await pilot.pause()
        assert styles(view, 1) == {text: style for text, style in styles(view, 1).items() if style.bgcolor == plain}
        assert app.told[-1] is None

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


# Selection


def test_text_is_selected_with_the_mouse_and_copied_without_colours() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text(f"{RED}漢字 one{RESET}\ntwo\nthree\n")
        await pilot.pause()
        await pilot.mouse_down(view, offset=(5, 0))
        await pilot.hover(view, offset=(2, 2))
        await pilot.mouse_up(view, offset=(2, 2))
        assert app.screen.get_selected_text() == "one\ntwo\nthr"
        selected = styles(view, 1)["two"].bgcolor
        assert selected != styles(view, 2)["ee"].bgcolor

        app.screen.clear_selection()
        await pilot.pause()
        assert selected != styles(view, 1)["two"].bgcolor

    on_screen(app, steps, columns=40, lines=10)


@pytest.mark.parametrize(("wrap", "x", "y"), [(False, 3, 0), (True, 1, 2)])
def test_the_character_under_the_mouse_is_selected_in_any_row_and_however_far_aside(wrap: bool, x: int, y: int) -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.wrap = wrap
        view.set_text("漢" * 10 + "0123456789" * 3 + "\n")
        await pilot.pause()
        if not wrap:
            view.scroll_to(x=22, animate=False, force=True)
            await pilot.pause()
        under = sight(view)[y][x]
        await pilot.mouse_down(view, offset=(x, y))
        await pilot.hover(view, offset=(x + 3, y))
        await pilot.mouse_up(view, offset=(x + 3, y))
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert (len(selected), selected[0]) == (4, under)

    on_screen(app, steps, columns=20, lines=10)


def test_everything_is_selected_where_no_end_is_given() -> None:
    view = OutputView()
    view.append("one\ntwo\nerror\n")

    assert view.get_selection(Selection(None, None)) == ("one\ntwo\nerror", "\n")
    assert view.get_selection(Selection(Offset(1, 1), None)) == ("wo\nerror", "\n")
    assert view.get_selection(Selection(None, Offset(1, 1))) == ("one\nt", "\n")


def test_a_selection_ends_with_the_output_that_it_was_made_in() -> None:
    app = Watched()
    view = app.view

    async def steps(pilot: Pilot[None]) -> None:
        view.set_text("one\n")
        await pilot.pause()
        view.text_select_all()
        assert app.screen.get_selected_text() == "one"

        view.set_text("two\n")
        assert not app.screen.get_selected_text()

    on_screen(app, steps, columns=40, lines=10)
