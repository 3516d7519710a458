"""The base of the panes that show lines: what of them reaches the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.tui.widgets.painted import PaintedLines
from tests.tui.pane import Pane, lines_of, on_screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.pilot import Pilot
    from textual.strip import Strip

    from ftui.tui.paint import Line


class Lines(PaintedLines):
    """A pane of given lines."""

    DEFAULT_CSS = """
    Lines {
        background: black;
        color: white;
        & > .paint--faint { color: white 50%; }
        & > .paint--failed { color: red; }
        & > .paint--cursor { background: blue; }
    }
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self._lines = lines

    def on_mount(self) -> None:
        self.lines_changed(len(self._lines))

    def line_at(self, y: int) -> Line:
        return self._lines[y]

    def style_at(self, y: int) -> str:
        return "cursor" if y == 1 else ""


def styles(strip: Strip) -> dict[str, Style]:
    """The style of each part that is not blank."""
    return {part.text.strip(): part.style for part in strip if part.text.strip() and part.style is not None}


def rgb(style: Style) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """The colours of text and ground."""
    text, ground = style.color, style.bgcolor
    return (
        tuple(text.triplet) if text is not None and text.triplet is not None else None,
        tuple(ground.triplet) if ground is not None and ground.triplet is not None else None,
    )


BLACK, WHITE, RED, BLUE = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255)


def test_each_part_has_its_colour_on_the_ground_of_its_line() -> None:
    view = Lines([(("plain", ""),), (("failed", "failed"), ("plain", "")), (("faint", "faint"), ("plain", ""))])

    async def steps(pilot: Pilot[None]) -> None:
        alone, here, there = (styles(view.render_line(y)) for y in range(3))
        assert rgb(alone["plain"]) == (WHITE, BLACK)
        assert rgb(here["failed"]) == (RED, BLUE)
        assert rgb(here["plain"]) == (WHITE, BLUE)
        (faint, ground) = rgb(there["faint"])
        assert faint is not None
        assert 100 < faint[0] < 155
        assert ground == BLACK

    on_screen(Pane(view), steps, columns=40, lines=5)


def test_a_line_too_long_for_the_pane_ends_in_an_ellipsis() -> None:
    view = Lines([(("日本語" * 20, ""),)])

    async def steps(pilot: Pilot[None]) -> None:
        assert view.render_line(0).cell_length == view.columns
        assert lines_of(view)[0].endswith("…")
        await pilot.resize_terminal(130, 5)
        await pilot.pause()
        assert lines_of(view)[0] == "日本語" * 20

    on_screen(Pane(view), steps, columns=40, lines=5)


def test_what_a_tool_says_is_never_taken_for_markup() -> None:
    view = Lines([(("test_a[param-1] [/nope] [bold]x", ""),)])

    async def steps(pilot: Pilot[None]) -> None:
        assert lines_of(view)[0] == "test_a[param-1] [/nope] [bold]x"

    on_screen(Pane(view), steps, columns=40, lines=5)


def test_a_part_of_the_text_can_be_selected_with_the_mouse() -> None:
    view = Lines([(("first", "failed"), (" line", "")), (("second", ""),), (("third", ""),)])

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.mouse_down(Lines, offset=(6, 0))
        await pilot.hover(Lines, offset=(3, 1))
        await pilot.mouse_up(Lines, offset=(3, 1))
        selected = view.screen.get_selected_text()
        assert selected is not None
        assert selected.splitlines()[0] == "line"
        assert selected.splitlines()[1].startswith("sec")

    on_screen(Pane(view), steps, columns=40, lines=5)
