"""Audits: a few hits run all the same, and what they come to is compared with what was stored.

Whoever has time to spare draws some of the hits and hands them to `Engine.run`. A hit that does not hold demotes its
check: its results are replayed no more, and a problem names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.engine.select import mutating

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ftui.model import Check


def draw(checks: Iterable[Check], hits: Collection[str], most: int | None = None) -> frozenset[str]:
    """Chooses hits at random.

    A check that may write is never drawn, nor one that requires what is no hit: an audit changes nothing in the tree,
    and runs nothing that would not hold without it.

    Args:
        checks: all checks of the project.
        hits: ids of those whose result is a hit now.
        most: how many to draw; None for all of them.
    """
    by_id = {check.id: check for check in checks}

    def holds(check: Check) -> bool:
        return check.id in hits and all(holds(by_id[required]) for required in check.requires)

    candidates = [check.id for check in by_id.values() if holds(check) and not mutating(check)]
    if most is None or most >= len(candidates):
        return frozenset(candidates)
    from random import sample

    return frozenset(sample(candidates, most))
