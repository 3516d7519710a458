"""Where a project begins. Apart from all else that is known of it: the screen asks for it before its first picture."""

from __future__ import annotations

import os
from pathlib import Path

from ftui.tree import read_regular

MARKERS = ("pyproject.toml", "package.json", "setup.cfg", "setup.py", "tox.ini")
"""Files that stand at the root of a project which is no repository."""


def find_root(start: Path) -> Path:
    """The root of the project that a folder belongs to.

    Upwards from `start`, the first folder that configures ftui or is the top of a git repository; without either,
    the first that has a file of `MARKERS`, else `start`. The home folder is never reached from below: a stray
    package.json there would make a project of all that a user has.

    Returns:
        An absolute path without symlinks.
    """
    start = start.resolve()
    home = Path(os.path.expanduser("~")).resolve()
    marked: Path | None = None
    for folder in (start, *start.parents):
        if folder == home and folder != start:
            break
        if _configures_ftui(folder) or os.path.lexists(folder / ".git"):
            return folder
        if marked is None and any((folder / name).is_file() for name in MARKERS):
            marked = folder
    return marked or start


def _configures_ftui(folder: Path) -> bool:
    if (folder / "ftui.toml").is_file():
        return True
    try:
        content = read_regular(folder / "pyproject.toml")
    except OSError:
        return False
    if b"ftui" not in content:
        return False
    import tomllib

    try:
        tool = tomllib.loads(content.decode(errors="replace")).get("tool")
    except (ValueError, RecursionError):
        return False
    return isinstance(tool, dict) and "ftui" in tool
