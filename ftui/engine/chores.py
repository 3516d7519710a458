"""What the watch does while nothing happens: it looks for changes that are not in the tree, and audits a hit."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from ftui.engine.audit import draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.engine.lineup import Lineup
    from ftui.engine.memory import Memory
    from ftui.engine.standing import Standing

AUDIT_S: Final = 300.0
"""Seconds without a run before one hit is audited, and between two audits."""
AUDIT_SHARE: Final = 0.005
"""Of the time is spent on audits, at most."""
JUMP_S: Final = 5.0
"""Seconds by which the two clocks drift apart only when the machine slept, or its clock was set."""


class Chores:
    """Remembers how things were at the last round.

    Args:
        lineup: the checks, and what they were made from.
        memory: knows their keys.
        standing: what is known of them.
        now: seconds on the clock of the events.
    """

    def __init__(self, lineup: Lineup, memory: Memory, standing: Standing, now: Callable[[], float]) -> None:
        self._lineup = lineup
        self._memory = memory
        self._standing = standing
        self._now = now
        self._drift = _drift()
        self._stamp = lineup.stamp()
        self._next_audit = now() + AUDIT_S

    def have_slept(self) -> bool:
        """Whether the machine slept since this was last asked, or its clock was set."""
        before, self._drift = self._drift, _drift()
        return abs(self._drift - before) > JUMP_S

    async def are_tools_others(self) -> bool:
        """Whether a tool or a configuration file has come, gone or been replaced since this was last asked."""
        before, self._stamp = self._stamp, await asyncio.to_thread(self._lineup.stamp)
        return self._stamp != before

    async def rekeyed(self) -> set[str]:
        """Ids of checks whose verdicts are old though no file of the tree has changed: a tool is another one now."""
        keys = {name: key for name, key in self._standing.keys.items() if name in self._lineup.checks}
        return set(await self._memory.rekeyed(keys))

    def put_off_audit(self) -> None:
        """Something has run: the time in which nothing happens begins anew."""
        self._next_audit = max(self._next_audit, self._now() + AUDIT_S)

    def drawn(self) -> frozenset[str]:
        """The id of a check whose hit is to be audited now; mostly nothing."""
        if self._now() < self._next_audit:
            return frozenset()
        drawn = draw(self._lineup.selection.checks, self._standing.passed(), 1)
        spent = max((self._standing.durations.get(name, 0.0) for name in drawn), default=0.0)
        self._next_audit = self._now() + max(AUDIT_S, spent / AUDIT_SHARE)
        return drawn


def _drift() -> float:
    return time.time() - time.monotonic()
