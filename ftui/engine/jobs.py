"""Checks as the schedule sees them."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ftui.engine.schedule import Job
from ftui.engine.select import mutating
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
            after=tuple(other.id for other in checks if _is_ahead(other, check)),
            reads=reads,
            writes=writes,
            # Tests that depend on their order may fail in a part of them alone.
            preliminary=check.ahead_of in ids,
        )


def longest_first(check_ids: Sequence[str], takes: Callable[[str], float | None]) -> Sequence[str]:
    """Checks in the order in which the last one of them ends soonest, as far as a plain rule can tell.

    Those that nothing is known of come first and stay in their order: any of them may be the longest.

    Args:
        check_ids: of one phase.
        takes: seconds that one takes as a rule; None where that is not known, or it need not run.
    """
    seconds = {check_id: inf if (known := takes(check_id)) is None else known for check_id in check_ids}
    return sorted(check_ids, key=lambda check_id: -seconds[check_id])


def _is_ahead(check: Check, whole: Check) -> bool:
    """Whether a check has to be decided on before another, because it tells a part of it sooner.

    Never where the two could end up waiting for each other: the part may wait for nothing but what the whole requires.
    """
    return (
        check.ahead_of == whole.id
        and whole.ahead_of is None
        and check.phase.rank <= whole.phase.rank
        and set(check.requires) <= set(whole.requires)
    )
