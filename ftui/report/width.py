"""How many columns of a terminal a text takes."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

from ftui.ansi import strip

EMOJI_FORM = "\ufe0f"
"""Makes the character before it an emoji, which many terminals draw one column wider."""


def width(text: str) -> int:
    """The columns that printable text takes; never less than a terminal needs for it, as far as that is known."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if east_asian_width(character) in "WF" or character == EMOJI_FORM:
        return 1 if character == EMOJI_FORM else 2
    return 0 if category(character) in ("Mn", "Me", "Cf") else 1


def clip(text: str, columns: int, ellipsis: str = "…") -> str:
    """The text, or as much of its beginning as fits into `columns` together with the ellipsis."""
    if width(text) <= columns:
        return text
    room = columns - width(ellipsis)
    if room < 0:
        return ""
    taken = 0
    for place, character in enumerate(text):
        taken += _columns(character)
        if taken > room:
            return text[:place] + ellipsis
    return text


def folded(text: str, columns: int, indent: str) -> list[str]:
    """The text in lines of at most `columns`, broken behind its dots and commas; a longer part stays whole.

    Args:
        text: printable text, with or without colours.
        columns: of the terminal.
        indent: what every line but the first begins with.
    """
    first, *parts = re.split(r"(?<= · )|(?<=, )", text)
    lines = [first]
    for part in parts:
        if width(strip(lines[-1] + part).rstrip(" ·")) <= columns:
            lines[-1] += part
        else:
            lines[-1] = lines[-1].rstrip(" ·")
            lines.append(indent + part)
    return lines


def pad(text: str, columns: int) -> str:
    """The text with spaces after it up to `columns`; a wider text is left as it is."""
    return text + " " * (columns - width(text))
