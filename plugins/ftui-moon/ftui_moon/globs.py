"""Moon's globs as regular expressions and as patterns of .gitignore."""

from __future__ import annotations

import re
from collections.abc import Callable

MOST = 100
"""Ways to write out the braces of one glob."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_PIECE = re.compile(r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<some>\*)|(?P<one>\?)|(?P<among>\[!?[^]/]+\])|[^<>()|:\\]")


def expanded(glob: str) -> list[str]:
    """The globs without braces that one with braces stands for.

    Raises:
        ValueError: they are too many.
    """
    pending, done = [glob], []
    while pending:
        each = pending.pop()
        if braces := _BRACES.search(each):
            pending += [each[: braces.start()] + word + each[braces.end() :] for word in braces[1].split(",")]
        else:
            done.append(each)
        if len(pending) + len(done) > MOST:
            raise ValueError(f"{glob} has too many alternatives")
    return done[::-1]


def matcher(glob: str) -> Callable[[str], object]:
    """Whether a path, of a file or a folder, is matched as a whole.

    Raises:
        ValueError: the glob has something in it that is not known here.
    """
    return re.compile(
        "|".join(f"(?:{_regex(each)})" for each in expanded(glob.removeprefix("./").rstrip("/")))
    ).fullmatch


def _regex(glob: str) -> str:
    place, parts = 0, []
    while place < len(glob):
        piece = _PIECE.match(glob, place)
        if piece is None:
            raise ValueError(f"the glob {glob} is not understood")
        parts.append(
            {"folders": "(?:[^/]+/)*", "all": ".*", "some": "[^/]*", "one": "[^/]"}.get(piece.lastgroup or "")
            or (piece[0].replace("[!", "[^") if piece.lastgroup else re.escape(piece[0]))
        )
        place = piece.end()
    return "".join(parts)
