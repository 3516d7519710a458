"""The line of figures: buckets, efficiency and times of the run, as `State` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from ftui.model import Outcome
from ftui.report import figures
from ftui.report.looks import OUTCOMES
from ftui.report.width import width
from ftui.tui.widgets.line import LineWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.state import State

_COLOURS = {Outcome.PASSED: "$text-success", Outcome.FAILED: "$text-error", Outcome.BROKEN: "$text-accent"}
_RULE = " │ "


def totals(state: State, columns: int, now_s: float | None = None) -> Content:
    """The line; where there is little room the outcomes give way first, then the times from their end, then the words.

    Args:
        state: to be shown.
        columns: that there are.
        now_s: the moment, on the clock of the events: what runs has run until then. None for the last event.
    """
    counts, run = state.totals(), state.summary(now_s)
    buckets = [f"hit {counts.hit}", f"policy-rerun {counts.policy_rerun}", f"miss {counts.miss}"]
    efficiency = f"{counts.structural_efficiency:.0%}" if counts.structural_efficiency is not None else ""
    times = [f"wall {figures.duration(run.wall_s)}"]
    if run.parallelization_factor is not None:
        times.append(f"parallel {run.parallelization_factor:.1f}x")
    times.append(f"saved {figures.duration(counts.time_saved_s)}")
    ends = _outcomes(state)
    groups = [" · ".join(buckets)]
    if efficiency:
        groups.append(f"efficiency {efficiency}")
    room = columns - 2
    while times and width(_RULE.join([*groups, " · ".join(times)])) > room:
        times.pop()
    if efficiency and not times:
        groups[1:] = [efficiency] if width(_RULE.join([groups[0], efficiency])) <= room else []
    if times:
        groups.append(" · ".join(times))
    line = _RULE.join(groups)
    if width(line) + width(_RULE) + ends.cell_length <= room:
        return Content.assemble(" ", ends, (_RULE, "dim"), line)
    return Content.assemble(" ", line)


def _outcomes(state: State) -> Content:
    """What the checks that are shown came to, those that went wrong first: `✗ 1 failed  ✓ 6 passed`."""
    seen = [row.result.outcome for row in state.rows.values() if row.result is not None and row.status == "done"]
    pieces: list[tuple[str, str]] = []
    for outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.PASSED):
        if number := seen.count(outcome):
            look = OUTCOMES[outcome]
            pieces += [("  " if pieces else "", ""), (f"{look.glyph} {number} {look.word}", _COLOURS[outcome])]
    return Content.assemble(*pieces)


class Totals(LineWidget):
    """The line as a widget.

    Args:
        state: to be shown.
        now: the moment, on the clock of the events.
    """

    def __init__(self, state: State, now: Callable[[], float]) -> None:
        super().__init__(id="totals")
        self._state = state
        self._now = now

    def line(self) -> Content:
        """The line as it is now."""
        return totals(self._state, self.size.width, self._now())
