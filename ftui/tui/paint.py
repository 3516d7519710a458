"""Lines whose parts each have the name of a style; a widget knows what the styles look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ftui.report.looks import FIXED, NEW, OUTCOMES, QUEUED, RETRYING, RUNNING, SEVERITIES
from ftui.report.width import clip, width

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Part: TypeAlias = tuple[str, str]
    """Text that is safe to show, and the name of its style; an empty name for the style of the pane."""
    Line: TypeAlias = tuple[Part, ...]

STATES: Final = tuple(look.word for look in (*OUTCOMES.values(), QUEUED, RUNNING, RETRYING))
"""Styles of the states of a check, each named by its word."""
FINDINGS: Final = tuple(look.word for look in (*SEVERITIES.values(), NEW, FIXED))
"""Styles of findings, each named by its word."""
STYLES: Final = (*STATES, *FINDINGS, "title", "path", "faint", "strong", "caret", "stale", "cursor")
"""All there are. `faint` is for what matters less, `strong` for what matters more; `stale` lies under a whole line."""


_WORD = re.compile(r"\S+\s*|\s+")


def text_of(line: Line) -> str:
    """The text alone."""
    return "".join(text for text, _ in line)


def columns_of(line: Line) -> int:
    """The columns that it takes."""
    return sum(width(text) for text, _ in line)


def fitted(line: Iterable[Part], columns: int) -> Line:
    """The line, or as much of its beginning as fits into `columns` together with an ellipsis."""
    line = tuple(line)
    if columns_of(line) <= columns:
        return line
    parts: list[Part] = []
    room = columns - 1
    for text, style in line:
        kept = clip(text, max(0, room), "")
        if kept != text:
            parts.append((kept + "…"[:columns], style))
            break
        parts.append((text, style))
        room -= width(text)
    return tuple(parts)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines that fit, broken between words where that can be; spaces before the first word stay."""
    lines: list[str] = []
    line = ""
    for word in _WORD.findall(text):
        if line.strip() and width(line + word.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        while width(line + word.rstrip()) > columns:
            room = columns - width(line)
            head = clip(word, room, "") or word[: not line]
            lines.append(line + head)
            line, word = "", word[len(head) :]
        line += word
    return [*lines, line.rstrip()]
