"""Rows of lines as they are drawn."""

from __future__ import annotations

from rich.console import Console
from rich.style import Style

from ftui.tui.drawing import Mark, drawn
from ftui.tui.look import PLAIN, Look

BASE = Style.parse("white on black")
MARK = Style.parse("black on yellow")
CONSOLE = Console(color_system="truecolor")


def row(
    line: str, *marks: Mark, part: tuple[int, int] = (0, 1_000), look: Look = PLAIN, coloured: bool = True
) -> list[tuple[str, str]]:
    strip = drawn(line, look, marks, part, base=BASE, coloured=coloured, console=CONSOLE)
    return [(text, str(style)) for text, style, _ in strip]


def test_text_without_colours_has_those_of_the_pane() -> None:
    assert row("a \x1b[31mb\x1b[0m c") == [
        ("a ", "white on black"),
        ("b", "color(1) on black"),
        (" c", "white on black"),
    ]


def test_a_line_goes_on_in_the_look_that_it_begins_in() -> None:
    assert row("a", look=Look(foreground=2, bold=True)) == [("a", "bold color(2) on black")]


def test_a_mark_is_over_the_colours_and_a_later_one_over_it() -> None:
    assert row("\x1b[31mabcd\x1b[0m", Mark(1, 3, MARK), Mark(2, 4, Style.parse("on blue"))) == [
        ("a", "color(1) on black"),
        ("b", "black on yellow"),
        ("c", "black on blue"),
        ("d", "color(1) on blue"),
    ]


def test_a_part_of_a_line_is_drawn_as_in_the_whole() -> None:
    assert row("ab\x1b[31mcd\x1b[0mef", Mark(3, 5, MARK), part=(1, 4)) == [
        ("b", "white on black"),
        ("c", "color(1) on black"),
        ("d", "black on yellow"),
    ]


def test_without_colours_bold_and_the_like_stay() -> None:
    assert row("\x1b[1;4;31;44mab", coloured=False) == [("ab", "bold underline white on black")]
