"""What a pane shows of a document: its rows as they are drawn, folded and selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from ftui.tui.drawing import drawn
from ftui.tui.widgets.output import OutputView
from tests.tui.outputs import RED, RESET, Watched, look_at, numbered, sight, styles
from tests.tui.pane import on_screen

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.strip import Strip


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
