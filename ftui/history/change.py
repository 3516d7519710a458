"""Where a series of figures has changed its level, by more than its own noise."""

from __future__ import annotations

from itertools import accumulate, islice, pairwise
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHUFFLES = 999
"""Random orders that a series is compared with."""
CHANCE = 0.01
"""How often a change as clear as the one that was found may come about by chance."""
SHORTEST = 3
"""Figures on either side of a change: one alone never makes one."""
LEAST = 0.05
"""The share of the median by which it has to change: less is true and of no interest (what asv reports, too)."""


class Change(Struct, frozen=True):
    """One change of the level of a series."""

    place: int
    """Of the first figure after it."""
    before: float
    """The median from the change before to this one."""
    after: float
    """The median from this one to the next."""


def changes(values: Sequence[float]) -> list[Change]:
    """The changes of a series, the earliest first; the same for the same series.

    A series has one if the Mann-Whitney statistic of two sides, standardised and the largest of all places (Pettitt
    1979; Hawkins and Deng 2010), is one that hardly any random order of the same figures has: a permutation test,
    counted as Phipson and Smyth 2010 do. It is where the absolute distances from the medians of the sides are least in
    sum, for ranks alone are drawn to the nearest outlier. Each of the sides may have more of them.

    Args:
        values: in the order of time.
    """
    places = [0, *sorted(_splits(values, 0, Random(1979))), len(values)]
    levels = [median(values[start:end]) for start, end in pairwise(places) if end > start]
    found = zip(places[1:-1], levels, levels[1:], strict=False)
    return [Change(*each) for each in found if abs(each[2] - each[1]) > LEAST * abs(each[1])]


def _splits(values: Sequence[float], start: int, chance: Random) -> Iterator[int]:
    count = len(values)
    if count < 2 * SHORTEST:
        return
    ranks = _centred_ranks(values)
    scales = [(place * (count - place) * (count + 1) / 3) ** -0.5 for place in range(SHORTEST, count - SHORTEST + 1)]
    clearness = max(_statistics(ranks, scales))
    allowed = int(CHANCE * (SHUFFLES + 1)) - 1
    for _ in range(SHUFFLES):
        chance.shuffle(ranks)
        allowed -= max(_statistics(ranks, scales)) >= clearness - 1e-9
        if allowed < 0:
            return
    split = min(range(SHORTEST, count - SHORTEST + 1), key=lambda at: _spread(values[:at]) + _spread(values[at:]))
    yield from _splits(values[:split], start, chance)
    yield start + split
    yield from _splits(values[split:], start + split, chance)


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return sum(abs(value - middle) for value in values)


def _statistics(ranks: Sequence[float], scales: Sequence[float]) -> list[float]:
    """How far apart the two sides are at each place at which the series may be split."""
    sums = islice(accumulate(ranks), SHORTEST - 1, None)
    return [abs(each) * scale for each, scale in zip(sums, scales, strict=False)]


def _centred_ranks(values: Sequence[float]) -> list[float]:
    """Twice the ranks of the values, less their mean; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for position in order[first : last + 1]:
            ranks[position] = float(first + last + 2 - (len(values) + 1))
        first = last + 1
    return ranks
