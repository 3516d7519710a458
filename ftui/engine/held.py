"""When a burst of changes is git's, and not over yet: better one run at its end than one for every step.

Told from a few `lstat`s of the folder in which git keeps the state of a work tree; git itself is not asked.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.tree import read_regular

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

LOCK_S: Final = 30.0
"""How long an index.lock counts: git makes it when it sets out, and leaves it behind only when it is killed. A commit
whose message is being written holds it too, and nobody wants to wait for that."""
SILENCE_S: Final = 10.0
"""How long git may do nothing in the middle of a rebase, merge or bisect before it is taken to wait for its user, who
edits a conflict or tries out a revision, and wants to know what the checks say."""
MOVED_S: Final = 0.3
"""How long after HEAD moved: git moves it last, and commands often follow one another."""
_SKEW_S: Final = 2.0
"""How far in the future a time may lie; beyond it the clocks disagree, and it says nothing."""

_STATES: Final = {
    "rebase-merge": "a rebase is under way",
    "rebase-apply": "a rebase is under way",
    "MERGE_HEAD": "a merge is under way",
    "CHERRY_PICK_HEAD": "a cherry-pick is under way",
    "REVERT_HEAD": "a revert is under way",
    "BISECT_LOG": "a bisect is under way",
}
TELLING: Final = frozenset({"HEAD", "index", "index.lock", "info/exclude", *_STATES})
"""What changes in the git folder when files of the tree may come, go or be held back."""


class Hold(Struct, frozen=True):
    """Git is at work in the tree."""

    reason: str
    """For people: `a rebase is under way`."""
    seconds: float
    """How long to wait at most, if git does nothing more; then ask again."""


def git_folder(root: Path) -> Path | None:
    """The folder with the state of the work tree that `root` lies in: HEAD, the index, what is under way.

    In a linked worktree or a submodule `.git` is a file that names it.

    Returns:
        None outside a repository.
    """
    for folder in (root, *root.parents):
        place = folder / ".git"
        if place.is_file():
            place = folder / _named_in(place)
        if (place / "HEAD").is_file():
            return place
    return None


def _named_in(file: Path) -> str:
    try:
        text = os.fsdecode(read_regular(file, 4096))
    except OSError:
        return ".git"
    return text.removeprefix("gitdir:").strip()


def holding(root: Path, now: float | None = None) -> Hold | None:
    """Whether to wait with a run, since git is at work on the files.

    That is so while there is an index.lock, in the middle of a rebase, merge, cherry-pick, revert or bisect, and just
    after HEAD has moved. None of these holds for ever: see `LOCK_S` and `SILENCE_S`.

    Args:
        root: the project's root.
        now: seconds since 1970; by default the current time.
    """
    folder = git_folder(root)
    if folder is None:
        return None
    clock = time.time() if now is None else now

    def left(limit: float, *names: str) -> float:
        """How much of the limit is left since the newest change of these."""
        changed = max(_changed(folder / name) for name in names)
        return changed + limit - clock if changed <= clock + _SKEW_S else 0.0

    if (seconds := left(LOCK_S, "index.lock")) > 0:
        return Hold("git is at work", seconds)
    for name, reason in _STATES.items():
        # Whatever git does makes or renames something in its folder, and so changes the folder's own time.
        if os.path.lexists(folder / name) and (seconds := left(SILENCE_S, name, ".", "logs/HEAD")) > 0:
            return Hold(reason, seconds)
    if (seconds := left(MOVED_S, "HEAD", "logs/HEAD")) > 0:
        return Hold("HEAD has just moved", seconds)
    return None


def _changed(path: Path) -> float:
    """When it was last written, seconds since 1970; 0 where it does not exist."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0
