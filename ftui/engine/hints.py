"""Which of the paths that events name can matter to a tree, as it was last seen."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.cache.index import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

GIT: Final = ".git"
"""The hint that git has done something to the state of the work tree, wherever that is kept."""
_MOST_QUIET: Final = 10_000


class Hints(Struct, frozen=True):
    """Where the tree may have changed."""

    paths: frozenset[str]
    """Posix, relative to the root; `.git` for git's own state. Empty where everything has to be looked at."""
    relist: bool
    """Whether files may have come or gone, so that they have to be listed anew."""

    def joined(self, others: Hints | None) -> Hints:
        """These and others."""
        if others is None:
            return self
        if not self.paths or not others.paths:
            return EVERYTHING
        return Hints(self.paths | others.paths, self.relist or others.relist)


EVERYTHING: Final = Hints(frozenset(), relist=True)


class Sieve:
    """Lets through what can matter: known files, and new ones until a look has shown that they are ignored.

    A log that is written beside the sources all the time, or the drafts of an editor, would otherwise cause one look
    after the other.

    Args:
        root: absolute path of the tree.

    Attributes:
        folders_moved: whether a folder came, went or was made anew, so that it is not known what is being watched.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._snapshot = Snapshot()
        self._folders: frozenset[str] = frozenset()
        self._new: set[str] = set()
        self._quiet: set[str] = set()
        self.folders_moved = True

    def learn(self, snapshot: Snapshot, folders: frozenset[str]) -> None:
        """Takes in what a look has found, and which folders are watched.

        What was let through as new before it and is not listed now is ignored by git, until its rules change.
        """
        self._snapshot, self._folders = snapshot, folders
        if len(self._quiet) > _MOST_QUIET:
            self._quiet.clear()
        self._quiet.update(path for path in self._new if snapshot.position(path) < 0 and path not in folders)
        self._new.clear()

    def take(self, paths: Iterable[str]) -> Hints | None:
        """The hints for these paths, relative to the root; None where none of them matters."""
        paths = set(paths)
        if any(path == GIT or _name(path) == ".gitignore" for path in paths):
            self._quiet.clear()
        verdicts = {path: self._come_or_gone(path) for path in paths}
        kept = frozenset(path for path, verdict in verdicts.items() if verdict is not None)
        return Hints(kept, relist=any(verdicts.values())) if kept else None

    def _come_or_gone(self, path: str) -> bool | None:
        """Whether files may have come or gone; None where nothing that matters has happened."""
        if path == GIT:
            return True
        if path in self._folders:
            self.folders_moved = True
            return True
        mode = self._mode(path)
        if self._snapshot.position(path) >= 0:
            return mode == 0 or stat.S_ISDIR(mode) or _name(path) == ".gitignore"
        if mode == 0 or path in self._quiet or path.rpartition("/")[0] not in self._folders:
            return None  # a draft that an editor has already renamed, or nothing that could be listed
        self._new.add(path)
        self.folders_moved = self.folders_moved or stat.S_ISDIR(mode)
        return True

    def _mode(self, path: str) -> int:
        try:
            return os.lstat(os.path.join(self._root, path)).st_mode
        except OSError:
            return 0


def _name(path: str) -> str:
    return path.rpartition("/")[2]
