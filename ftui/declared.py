"""Files that git ignores and a check declares as its inputs all the same."""

from __future__ import annotations

import os
from bisect import bisect_left
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from ftui.tree import Globs, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MOST_DECLARED = 20_000
"""Ignored files that a check may declare; a folder with more is not walked to its end."""


def with_declared(root: Path, files: Sequence[str], patterns: Iterable[str]) -> Sequence[str]:
    """The files of a tree, and those that git ignores but a check declares by where they lie: `build/api.json`,
    `generated/**`. A pattern without a fixed beginning, such as `*.py`, declares no ignored file.

    Args:
        root: the root.
        files: what `list_files` says, sorted.
        patterns: the inputs of the checks.
    """
    known = set(files)
    added: set[str] = set()
    for pattern in dict.fromkeys(patterns):
        beginning = _fixed_beginning(pattern)
        full = os.path.join(root, beginning)
        if not beginning or beginning in known or os.path.islink(full):
            continue
        if os.path.isdir(full):
            place = bisect_left(files, f"{beginning}/")
            if place < len(files) and files[place].startswith(f"{beginning}/"):
                continue  # git knows of files in it, so it is not what git ignores
            globs = Globs([pattern])
            inside = (f"{beginning}/{path}" for path in walk(full))
            added.update(islice(filter(globs.matches, inside), MOST_DECLARED))
        elif os.path.lexists(full):
            added.add(beginning)
    return sorted(known | added) if added - known else files


def _fixed_beginning(pattern: str) -> str:
    """The folders or the file that a pattern names before its first wildcard; empty for one that begins with it."""
    if pattern.startswith("!"):
        return ""
    fixed = list(takewhile(lambda part: not set(part) & set("*?[\\"), pattern.strip("/").split("/")))
    return "" if {"", ".", ".."} & set(fixed) else "/".join(fixed)
