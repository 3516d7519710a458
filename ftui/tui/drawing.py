"""Lines of text as strips of styled cells."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import split_graphemes
from rich.color import Color
from rich.style import Style
from rich.text import Span, Text
from textual.strip import Strip

from ftui.tui.look import Look, Tint, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console


class Mark(NamedTuple):
    """Text that is set off from the rest of its line."""

    start: int
    end: int
    style: Style


def part_of(line: str, first: int, last: int) -> tuple[int, int]:
    """Start and end of the text that ends in a line's cells from `first` up to `last`.

    What is cut into such parts is in one of them: a wide character that goes over the end of one is in the next,
    which then takes a cell more.
    """
    if line.isascii():
        return min(first, len(line)), min(last, len(line))
    start = end = cells = 0
    for _, after, width in split_graphemes(line)[0]:
        cells += width
        if 0 < cells <= first:
            start = after
        if cells <= last:
            end = after
    return start, max(start, end)


def drawn(
    line: str,
    look: Look,
    marks: Iterable[Mark],
    part: tuple[int, int],
    *,
    base: Style,
    coloured: bool,
    console: Console,
) -> Strip:
    """A row of a line.

    Args:
        line: the line with its colour codes.
        look: how it begins.
        marks: what is set off, over the colours of the line; the last one is the topmost.
        part: start and end of the text that the row shows.
        base: the style of the pane.
        coloured: whether to show the line's own colours, too; bold and the like stay in any case.
        console: what styles are looked up in.
    """
    plain = ""
    spans = []
    for text, run in runs(line, look):
        spans.append(Span(len(plain), len(plain) + len(text), _style(run, coloured)))
        plain += text
    spans.extend(Span(*mark) for mark in marks)
    start, end = part
    shown = [
        Span(max(span.start, start) - start, min(span.end, end) - start, span.style)
        for span in spans
        if span.start < end and span.end > start
    ]
    return Strip(Text(plain[start:end], style=base, end="", spans=shown).render(console))


@lru_cache(4096)
def _style(look: Look, coloured: bool) -> Style:
    return Style(
        color=_color(look.foreground) if coloured else None,
        bgcolor=_color(look.background) if coloured else None,
        # What is off is left open: the pane may be bold or dim itself.
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
        strike=look.strike or None,
    )


def _color(tint: Tint | None) -> Color | None:
    if tint is None:
        return None
    return Color.from_ansi(tint) if isinstance(tint, int) else Color.from_rgb(*tint)
