"""Colour codes: what they make of the text after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.style import Style

from ftui import ansi
from ftui.tui.drawing import drawn
from ftui.tui.look import PLAIN, Look, after, resets, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.color import Color
    from rich.segment import Segment

codes = st.lists(st.sampled_from([*map(str, range(110)), "38;5;7", "48;2;1;2;3", ""]), max_size=6).map(
    lambda numbers: f"\x1b[{';'.join(numbers)}m"
)
lines = st.lists(codes | st.sampled_from(["a", "b c", "漢"])).map("".join)


@given(line=lines)
def test_the_runs_of_a_line_are_its_text(line: str) -> None:
    assert "".join(text for text, _ in runs(line, PLAIN)) == ansi.strip(line)
    assert all(text for text, _ in runs(line, PLAIN))


@given(line=lines, begun=lines)
def test_the_look_after_a_line_is_that_of_what_follows_in_it(line: str, begun: str) -> None:
    look = after(begun, PLAIN)

    assert runs(line + "x", look)[-1][1] == after(line, look)


@given(line=lines, first=lines, second=lines)
def test_a_line_that_resets_leaves_one_look_whatever_came_before(line: str, first: str, second: str) -> None:
    if resets(line):
        assert after(line, after(first, PLAIN)) == after(line, after(second, PLAIN))


def cells(segments: Iterable[Segment]) -> list[tuple[str, Color | None, Color | None, bool]]:
    made = []
    for text, style, _ in segments:
        style = style or Style.null()
        foreground, background = (
            None if color and color.is_default else color for color in (style.color, style.bgcolor)
        )
        made += [(character, foreground, background, bool(style.bold)) for character in text]
    return made


@given(line=lines)
def test_colours_are_those_that_rich_sees(line: str) -> None:
    console = Console(color_system="truecolor")

    strip = drawn(line, PLAIN, [], (0, 1_000), base=Style.null(), coloured=True, console=console)

    assert cells(strip) == cells(AnsiDecoder().decode_line(line).render(console))


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("31", Look(foreground=1)),
        ("91", Look(foreground=9)),
        ("104", Look(background=12)),
        ("1;3;4;7;9", Look(bold=True, italic=True, underline=True, reverse=True, strike=True)),
        ("38;5;200", Look(foreground=200)),
        ("38:5:200", Look(foreground=200)),
        ("48;2;1;2;3", Look(background=(1, 2, 3))),
        ("38:2:1:2:3", Look(foreground=(1, 2, 3))),
        ("38:2::1:2:3", Look(foreground=(1, 2, 3))),
        ("38;5;200;1", Look(foreground=200, bold=True)),
        ("4:3", Look(underline=True)),
        ("4:0", PLAIN),
        ("38;5;300", PLAIN),
        ("38;2;1;2", PLAIN),
        ("38", PLAIN),
        ("999", PLAIN),
        ("5;8", PLAIN),
        ("", PLAIN),
        ("31;0", PLAIN),
        ("31;39", PLAIN),
        ("1;2;22", PLAIN),
        (":", PLAIN),
    ],
)
def test_a_code_makes_a_look(code: str, look: Look) -> None:
    assert after(f"\x1b[{code}m", PLAIN) == look
