"""Looks for changes that no event told of, a part of the tree at a time, for a bounded share of a processor."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.cache.signature import WIDTH, Disk, pack, signer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final, TypeAlias

    from ftui.cache.index import Snapshot

    Stamp: TypeAlias = tuple[int, int, int, int] | None
    """Device, inode, mode and mtime of a folder; None where it does not exist."""

SLICE: Final = 7_000
"""Files that are looked at in one round: about 20 ms."""
LAG_NS: Final = 10_000_000
"""The clock of files stands still for some milliseconds at a time."""


class Pace(Struct, frozen=True):
    """How often to look, from what a look costs."""

    share: float = 0.001
    """Of one processor, where events tell of changes: 0.06 s in a minute."""
    share_alone: float = 0.05
    """Of one processor, where they do not."""
    least_s: float = 5.0
    """Seconds between two rounds, at least; where events do not tell of changes, a fifth of it."""
    most_s: float = 60.0
    """Seconds between two rounds, at most."""
    chores_s: float = 15.0
    """Seconds between two looks at what lies outside the tree: the tools, and whether the machine has slept."""

    def interval(self, cost_s: float, *, alone: bool) -> float:
        """Seconds until the next round.

        Args:
            cost_s: seconds that the last round took.
            alone: whether events do not tell of changes.
        """
        share, least = (self.share_alone, self.least_s / 5) if alone else (self.share, self.least_s)
        return min(max(cost_s / share, least), self.most_s)


class Patrol:
    """Compares a tree on disk with a snapshot of it, in rounds.

    Every round looks at all folders, whose times tell that a name came or went, and at the next `SLICE` files.

    Args:
        root: absolute path of the tree.
        snapshot: the tree as it was last seen.
        folders: those that files may come and go in.
        began_ns: when the look at the tree began, nanoseconds since 1970: a folder that has changed since then may hold
            what it has missed, so the first round tells of it. None where nothing has changed since.
    """

    def __init__(self, root: str, snapshot: Snapshot, folders: Iterable[str], *, began_ns: int | None = None) -> None:
        self._root = root
        self._snapshot = snapshot
        self._stamps = {folder: _stamp(os.path.join(root, folder)) for folder in folders}
        if began_ns is not None:
            newest = max((stamp[3] for stamp in self._stamps.values() if stamp is not None), default=0)
            self._missed = began_ns - LAG_NS <= newest <= time.time_ns()
        else:
            self._missed = False
        self._next = 0

    def round(self) -> bool:
        """Whether anything that this round looked at is not as it was."""
        if self._missed or any(
            _stamp(os.path.join(self._root, folder)) != stamp for folder, stamp in self._stamps.items()
        ):
            return True
        begin, end = self._next, min(self._next + SLICE, len(self._snapshot))
        self._next = end if end < len(self._snapshot) else 0
        try:
            disk = Disk(self._root)
        except OSError:
            return True
        try:
            return self._differ(disk, begin, end)
        finally:
            disk.close()

    def _differ(self, disk: Disk, begin: int, end: int) -> bool:
        snapshot, sign, lstat = self._snapshot, signer(self._snapshot.trust), disk.lstat
        for place in range(begin, end):
            try:
                signature = pack(sign(lstat(snapshot.paths[place])))
            except (FileNotFoundError, NotADirectoryError):
                return True
            except OSError:
                signature = bytes(WIDTH)  # as a sweep notes it
            if signature != snapshot.signature(place):
                return True
        return False


def _stamp(folder: str) -> Stamp:
    try:
        st = os.lstat(folder)
    except OSError:
        return None
    return st.st_dev, st.st_ino, st.st_mode, st.st_mtime_ns
