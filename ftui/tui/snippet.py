"""A few lines of a source file around a finding. Pure but for reading the file: no screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from unicodedata import category

from msgspec import Struct

from ftui.errors import FtuiError
from ftui.report.safe import one_line
from ftui.report.width import pad, width
from ftui.tree import read_regular
from ftui.tui.editor import inside

if TYPE_CHECKING:
    from ftui.tui.paint import Line

LARGEST: Final = 4 << 20
"""Bytes of a file that is shown."""
AROUND: Final = 2
"""Lines shown before and after the one that a finding is about."""
TAB: Final = 4
"""Columns from one tab stop to the next."""
MOST_CHARACTERS: Final = 500
"""Of a line, before its column and again after it."""
STRANGE: Final = "\ufffd"
"""Stands for a character that must not reach a terminal, or that shows nothing."""


class Snippet(Struct, frozen=True):
    """Lines of a file, safe to show."""

    first: int
    """Number of the first of them."""
    texts: tuple[str, ...]
    line: int
    """Number of the one that the finding is about."""
    caret: int | None = None
    """The cell in which the finding's column starts, from 0; None where it names no column."""


def snippet_of(root: str, path: str, line: int, column: int | None) -> Snippet:
    """Reads the lines around a place. It waits for the disk, so call it in a thread.

    Args:
        root: of the project; nothing outside it is read.
        path: relative to the root.
        line: from 1.
        column: in characters, from 1.

    Raises:
        FtuiError: the file cannot be shown; the message says why.
    """
    name = one_line(path)
    try:
        data = read_regular(Path(inside(root, path)), LARGEST)
    except OSError as error:
        raise FtuiError(f"{name}: {error.strerror}") from None
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        raise FtuiError(f"{name} has no line {line:,} any more")
    first = max(1, line - AROUND)
    place = None if column is None else max(0, min(column - 1, len(lines[line - 1])))
    # A minified file has all its text in one line.
    start = max(0, (place or 0) - MOST_CHARACTERS)
    part = slice(start, (place or 0) + MOST_CHARACTERS)
    return Snippet(
        first=first,
        texts=tuple(displayed(each[part]) for each in lines[first - 1 : line + AROUND]),
        line=line,
        caret=None if place is None else width(displayed(lines[line - 1][start:place])),
    )


def displayed(text: str) -> str:
    """A line as it is shown: with spaces for tabs, and without anything that would steer a terminal or stay unseen."""
    if text.isprintable():
        return text
    shown: list[str] = []
    cells = 0
    for character in text:
        if character == "\t":
            character = " " * (TAB - cells % TAB)
        elif not character.isprintable():
            character = " " * width(character) if category(character) == "Zs" else STRANGE
        shown.append(character)
        cells += width(character)
    return "".join(shown)


def source_lines(snippet: Snippet, columns: int, around: int = AROUND) -> list[Line]:
    """The lines with their numbers, and a caret below the place.

    Args:
        snippet: what to show.
        columns: that there are; longer lines are shown from where the caret is in sight.
        around: lines shown before and after the one that the finding is about, at most.
    """
    digits = len(str(snippet.line + around))
    gutter = digits + 3
    room = max(1, columns - gutter)
    caret = snippet.caret or 0
    skipped = 0 if caret < room else caret - room // 2
    lines: list[Line] = []
    for number, text in enumerate(snippet.texts, snippet.first):
        if abs(number - snippet.line) > around:
            continue
        here = number == snippet.line
        mark = "▸" if here else " "
        number_ = (f"{mark}{number:>{digits}}│ ", "strong" if here else "faint")
        lines.append((number_, (_from_cell(text, skipped), "" if here else "faint")))
        if here and snippet.caret is not None:
            lines.append(((f"{' ' * (digits + 1)}│ ", "faint"), (f"{' ' * (caret - skipped)}^", "caret")))
    return lines


def _from_cell(text: str, cell: int) -> str:
    """The text from a cell on; half of a wide character is a space."""
    if not cell:
        return text
    taken = 0
    for place, character in enumerate(text):
        if taken >= cell:
            return pad("", taken - cell) + text[place:]
        taken += width(character)
    return ""
