"""How long a run is going to go on, from what its checks take as a rule."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ftui.model import Phase

if TYPE_CHECKING:
    from ftui.state import Row, State


def remaining(state: State, now_s: float) -> float | None:
    """Seconds until a run is over, if each check takes what it takes as a rule and those that wait are no hits.

    Phases follow one another; inside one, what takes longest starts first, wherever a worker slot is free.

    Args:
        state: of the run.
        now_s: the moment, on the clock of the events.

    Returns:
        None where nothing runs, and where nothing is known of a check that runs or waits.
    """
    if not state.running:
        return None
    slots = max(1, state.workers)
    ends = [0.0] * slots
    for phase in Phase:
        ends = [max(ends)] * slots
        rows = [row for row in state.rows.values() if row.phase is phase and row.decided_on and row.status != "done"]
        left = {row.id: left_of(row, now_s) for row in rows}
        # What runs already has its slots.
        for row in sorted(rows, key=lambda row: (row.status == "queued", -(left[row.id] or 0.0))):
            seconds = left[row.id]
            if seconds is None:
                return None
            begins = max([heappop(ends) for _ in range(min(row.weight, slots))])
            for _ in range(min(row.weight, slots)):
                heappush(ends, begins + seconds)
    return max(ends)


def left_of(row: Row, now_s: float) -> float | None:
    """Seconds until a check is done, as a rule; None where nothing is known of it, or it takes longer than it ever did.

    Args:
        row: a check that waits or runs.
        now_s: the moment, on the clock of the events.
    """
    if row.expected is None:
        return None
    if row.status != "running" or row.started_s is None:
        return row.expected.median_s
    elapsed = now_s - row.started_s
    return next((usual - elapsed for usual in (row.expected.median_s, row.expected.high_s) if usual > elapsed), None)
