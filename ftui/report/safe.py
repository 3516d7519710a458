"""Foreign words made fit to be shown.

Names, messages and reasons come from plugins, from file names and from recordings that anybody may have written, so
each is cleaned where it is shown, whoever is said to have cleaned it before.
"""

from __future__ import annotations

from ftui.ansi import Sanitizer, strip
from ftui.tree import display


def encodable(text: str) -> str:
    r"""The text with backslash escapes for lone surrogates, which no encoding carries.

    Python keeps a byte of a file name that is not UTF-8 as a surrogate: `\xff` is shown as `\udcff`.
    """
    return text.encode(errors="backslashreplace").decode()


def coloured(text: str) -> str:
    """The text with newlines, tabs and colour codes, and no other control character."""
    if text.isprintable():
        return text
    sanitizer = Sanitizer()
    return sanitizer.feed(text.encode(errors="backslashreplace")) + sanitizer.finish()


def plain(text: str) -> str:
    """The text with newlines and tabs, and no other control character."""
    return strip(coloured(text))


def one_line(text: str) -> str:
    """The text in one line: colours are gone, and what else does not print is a backslash escape."""
    return text if text.isprintable() else display(strip(text))


def shortened(text: str, limit: int) -> str:
    """The text, or where it is longer than `limit` its first and last characters around the number of those left out.

    The sentence about what is left out comes on top of the limit.
    """
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters left out … {text[-half:]}"
