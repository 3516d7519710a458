"""Small charts as inline SVG: no script, nothing from outside, colours from the page's style sheet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BAR, GAP = 10, 2
"""Pixels that a bar is wide, and that lie between two."""


def bars(values: Sequence[tuple[float, str, str]], height: int) -> str:
    """Bars that stand side by side, the largest as high as the chart.

    Args:
        values: for each its size, its class in the style sheet, and what it says when it is pointed at.
        height: pixels.
    """
    most = max((value for value, _, _ in values), default=0.0) or 1.0
    width = max(1, len(values) * (BAR + GAP))
    return "".join(
        [
            f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
            *_bars(values, height, most),
            "</svg>",
        ]
    )


def _bars(values: Sequence[tuple[float, str, str]], height: int, most: float) -> Iterator[str]:
    for place, (value, kind, title) in enumerate(values):
        size = max(1.0, value / most * height)
        yield (
            f'<rect class="{escape(kind)}" x="{place * (BAR + GAP)}" y="{height - size:.1f}" width="{BAR}" '
            f'height="{size:.1f}"><title>{escape(title)}</title></rect>'
        )


def line(values: Sequence[float], width: int, height: int) -> str:
    """A line from the first value to the last, from zero up; empty for fewer than two."""
    if len(values) < 2:
        return ""
    most = max(values) or 1.0
    step = (width - 4) / (len(values) - 1)
    points = " ".join(
        f"{2 + place * step:.1f},{height - 2 - value / most * (height - 4):.1f}" for place, value in enumerate(values)
    )
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
        f'<polyline class="trend" points="{points}"/></svg>'
    )
