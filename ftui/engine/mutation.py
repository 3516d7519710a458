"""What mutating checks did to the tree, found by looking at it before and after, never by what they were to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ftui.cache.index import changed_paths
from ftui.engine.select import mutating
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ftui.cache.index import Snapshot
    from ftui.model import Check

MOST_ROUNDS = 3
"""How often one check may change the tree in a run before that is called a disagreement."""


class MutationWatch:
    """Tells which files a mutating check changed, and when checks undo one another's work for ever.

    Args:
        look: takes a snapshot of the tree.
        checks: all checks of the run.
    """

    def __init__(self, look: Callable[[], Awaitable[Snapshot]], checks: Iterable[Check]) -> None:
        self._look = look
        self._writes = {check.id: Globs(check.writes or check.inputs) for check in checks if mutating(check)}
        self._before: dict[str, Snapshot] = {}
        self._rounds: Counter[str] = Counter()
        self._writers: dict[str, dict[str, None]] = {}

    async def before(self, check: Check) -> None:
        """To be called just before the check starts."""
        if check.id in self._writes:
            self._before[check.id] = await self._look()

    async def after(self, check: Check) -> frozenset[str]:
        """The files that the check changed, made or removed; none for a check that does not write.

        What another mutating check may write that runs beside it is left to that one.
        """
        before = self._before.get(check.id)
        if before is None:
            return frozenset()
        after = await self._look()
        del self._before[check.id]
        others = [self._writes[other] for other in self._before]
        changed = frozenset(
            path for path in changed_paths(before, after) if not any(globs.matches(path) for globs in others)
        )
        if changed:
            self._rounds[check.id] += 1
        for path in changed:
            self._writers.setdefault(path, {})[check.id] = None
        return changed

    def is_written(self, path: str) -> bool:
        """Whether a mutating check that runs now may be the one that changes a path."""
        return any(self._writes[check_id].matches(path) for check_id in self._before)

    def disagreement(self, check: Check) -> str | None:
        """A sentence naming the checks and a file, once this check has changed the tree too often."""
        if self._rounds[check.id] < MOST_ROUNDS:
            return None
        path, writers = max(self._writers.items(), key=lambda item: len(item[1]))
        if len(writers) > 1:
            return f"formatters disagree: {' and '.join(writers)} keep rewriting {path}"
        return f"{check.id} rewrites {path} each time it runs"
