"""Lines whose parts each have the name of a style; a widget knows what the styles look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftui.report.looks import OUTCOMES, QUEUED, RETRYING, RUNNING
from ftui.report.width import clip, width

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Part: TypeAlias = tuple[str, str]
    """Text that is safe to show, and the name of its style; an empty name for the style of the pane."""
    Line: TypeAlias = tuple[Part, ...]

STATES: Final = tuple(look.word for look in (*OUTCOMES.values(), QUEUED, RUNNING, RETRYING))
"""Styles of the states of a check, each named by its word."""
SEVERITIES: Final = ("error", "warning", "info")
STYLES: Final = (*STATES, *SEVERITIES, "title", "path", "new", "faint", "strong", "cursor")
"""All there are. `faint` is for what matters less, or is old; `strong` for what matters more."""


def text_of(line: Line) -> str:
    """The text alone."""
    return "".join(text for text, _ in line)


def columns_of(line: Line) -> int:
    """The columns that it takes."""
    return sum(width(text) for text, _ in line)


def fitted(line: Iterable[Part], columns: int) -> Line:
    """The line, or as much of its beginning as fits into `columns` together with an ellipsis."""
    parts: list[Part] = []
    room = columns
    for text, style in line:
        taken = width(text)
        if taken > room:
            parts.append((clip(text, room) or "…"[:room], style))
            break
        parts.append((text, style))
        room -= taken
    return tuple(parts)
