"""Which findings of a check are new since its verdict before, and which are fixed since. Pure: no screen."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from ftui.model import CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftui.model import Finding
    from ftui.state import Row

_Words: TypeAlias = "tuple[str | None, str | None, str]"


class Compared(Struct, frozen=True):
    """The difference between the findings of two verdicts."""

    new: frozenset[int] = frozenset()
    """Places, in the later verdict's findings, of those that the earlier one had not."""
    fixed: tuple[Finding, ...] = ()
    """Findings of the earlier verdict that the later one has not."""


def compared(before: Sequence[Finding], now: Sequence[Finding]) -> Compared:
    """Compares the findings of two verdicts.

    Findings of the same path, rule and message are the same wherever their line has moved. Where one verdict has more
    of them than the other, each is taken for the nearest one, and those that are left over are new or fixed.
    """
    earlier, later = _by_words(before), _by_words(now)
    new: set[int] = set()
    fixed: set[int] = set()
    for words in earlier.keys() | later.keys():
        old, young = earlier.get(words, []), later.get(words, [])
        if len(old) < len(young):
            new.update(_left_over(old, young))
        elif len(old) > len(young):
            fixed.update(_left_over(young, old))
    return Compared(frozenset(new), tuple(before[place] for place in sorted(fixed)))


def _by_words(findings: Sequence[Finding]) -> dict[_Words, list[tuple[int, int]]]:
    """Lines and places of the findings that say the same of the same file."""
    groups = defaultdict(list)
    for place, finding in enumerate(findings):
        groups[finding.path, finding.rule, finding.message].append((finding.line or 0, place))
    return groups


def _left_over(fewer: Sequence[tuple[int, int]], more: Sequence[tuple[int, int]]) -> Iterable[int]:
    """The places of those in `more` that are left when each of `fewer` has taken the nearest one."""
    free = sorted(more)
    lines = {line for line, _ in more}
    # Who has not moved comes first: nobody else may take that place.
    for line, _ in sorted(fewer, key=lambda each: (each[0] not in lines, each)):
        after = bisect_left(free, (line,))
        nearest = min((at for at in (after - 1, after) if 0 <= at < len(free)), key=lambda at: abs(free[at][0] - line))
        del free[nearest]
    return (place for _, place in free)


class FindingHistory:
    """Compares each check's last verdict with the one before."""

    def __init__(self) -> None:
        self._results: dict[str, CheckResult] = {}
        self._verdicts: dict[str, CheckResult] = {}
        self._compared: dict[str, Compared] = {}

    def take_in(self, rows: Iterable[Row]) -> set[str]:
        """Takes note of results that have come since the last call, and gives back the ids of their checks."""
        changed: set[str] = set()
        for row in rows:
            result = row.result
            if result is None or self._results.get(row.id) is result:
                continue
            self._results[row.id] = result
            changed.add(row.id)
            if result.outcome not in (Outcome.PASSED, Outcome.FAILED):
                # It says nothing about the tree, so nothing is new or fixed by it.
                self._compared.pop(row.id, None)
                continue
            before = self._verdicts.get(row.id)
            self._verdicts[row.id] = result
            self._compared[row.id] = compared(before.findings, result.findings) if before is not None else Compared()
        return changed

    def of(self, check_id: str) -> Compared:
        """What is new and fixed in a check's last verdict; nothing where there is none before it."""
        return self._compared.get(check_id, Compared())
