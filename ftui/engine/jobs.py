"""Checks as the schedule sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.engine.schedule import Job
from ftui.engine.select import mutating
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ftui.model import Check


def jobs_of(checks: Sequence[Check], paths: Sequence[str]) -> Iterator[Job]:
    """One job for each check; file sets are worked out only where a check writes.

    Args:
        checks: all that are to be scheduled; a requirement of any other is left out.
        paths: the files of the tree.
    """
    ids = {check.id for check in checks}
    any_writes = any(mutating(check) for check in checks)
    for check in checks:
        reads = writes = frozenset[str]()
        if any_writes:
            reads = frozenset(Globs(check.inputs).filter(paths))
            if mutating(check):
                writes = frozenset(Globs(check.writes or check.inputs).filter(paths))
        yield Job(
            id=check.id,
            phase=check.phase,
            weight=check.weight,
            requires=tuple(required for required in check.requires if required in ids),
            reads=reads,
            writes=writes,
        )
