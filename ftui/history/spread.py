"""The middle and the spread of figures; `statistics` would take as long to import as all of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def quantile(values: Iterable[float], share: float) -> float:
    """The figure below which a share of the figures lies, from 0 to 1; between two of them it is interpolated.

    The same as `statistics.quantiles(..., method="inclusive")`.

    Args:
        values: at least one.
        share: of them.
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 1)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Iterable[float]) -> float:
    """The figure in the middle, of at least one."""
    return quantile(values, 0.5)
