"""What mutating checks did to the tree, found by looking at it before and after, never by what they were to do."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING

from ftui.engine.select import mutating
from ftui.tree import Globs, list_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ftui.model import Check

MOST_ROUNDS = 3
"""How often one check may change the tree in a run before that is called a disagreement."""

Signature = tuple[int, int, int, int, int]


def signatures(root: Path, paths: Iterable[str]) -> dict[str, Signature]:
    """Size, mtime, ctime, inode and mode of each path that exists; a content that changed shows in one of them."""
    found = {}
    for path in paths:
        try:
            status = os.lstat(root / path)
        except OSError:
            continue
        found[path] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)
    return found


class MutationWatch:
    """Tells which files a mutating check changed, and when checks undo one another's work for ever.

    Args:
        root: the project's root.
        checks: all checks of the run.
    """

    def __init__(self, root: Path, checks: Iterable[Check]) -> None:
        self._root = root
        self._writes = {check.id: Globs(check.writes or check.inputs) for check in checks if mutating(check)}
        self._before: dict[str, dict[str, Signature]] = {}
        self._rounds: Counter[str] = Counter()
        self._writers: dict[str, dict[str, None]] = {}
        self.files: tuple[str, ...] = ()
        """The files of the tree when it was last looked at."""

    async def before(self, check: Check) -> None:
        """To be called just before the check starts."""
        if check.id in self._writes:
            self._before[check.id] = await asyncio.to_thread(self._look)

    async def after(self, check: Check) -> frozenset[str]:
        """The files that the check changed, made or removed; empty for a check that does not write.

        What another mutating check may write that runs beside it is left to that one.
        """
        before = self._before.pop(check.id, None)
        if before is None:
            return frozenset()
        after = await asyncio.to_thread(self._look)
        others = [self._writes[other] for other in self._before]
        changed = frozenset(
            path
            for path in before.keys() | after.keys()
            if before.get(path) != after.get(path) and not any(globs.matches(path) for globs in others)
        )
        if changed:
            self._rounds[check.id] += 1
        for path in changed:
            self._writers.setdefault(path, {})[check.id] = None
        return changed

    def disagreement(self, check: Check) -> str | None:
        """A sentence naming the checks and a file, once this check has changed the tree too often."""
        if self._rounds[check.id] < MOST_ROUNDS:
            return None
        path, writers = max(self._writers.items(), key=lambda item: len(item[1]))
        if len(writers) > 1:
            return f"formatters disagree: {' and '.join(writers)} keep rewriting {path}"
        return f"{check.id} rewrites {path} each time it runs"

    def _look(self) -> dict[str, Signature]:
        self.files = list_files(self._root).files
        return signatures(self._root, self.files)
