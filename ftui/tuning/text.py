"""Advice for people, in plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.report.figures import counted, duration
from ftui.report.safe import one_line
from ftui.report.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.tuning.advice import Advice, Tuning
    from ftui.tuning.whatif import Estimate

NOTHING = "no change is worth it: none would save more than the noise of the runs and of what can be foreseen"
MOST_IDLE = 3
LEAST_IDLE = 0.05
"""Of the slots, that are told of."""


def lines_of(tuning: Tuning, prefix: str) -> Iterator[str]:
    """All of it.

    Args:
        tuning: what is known.
        prefix: of the tables of the configuration, see `Change.lines`.
    """
    yield f"profile {one_line(tuning.profile)}: {counted(tuning.runs, 'run')} on {counted(tuning.cores, 'core')}"
    if tuning.lacking:
        yield from _lacking(tuning)
        return
    if tuning.wall is None:
        yield "there is no check to tune"
        return
    if tuning.under_load:
        yield "all of them ran while other programs took much of the machine, so nothing here is sure"
    yield from forecast(tuning)
    yield ""
    if not tuning.advice:
        yield NOTHING
    for number, advice in enumerate(tuning.advice, 1):
        yield from told(number, advice, prefix)
    yield from tuning.untried
    if tuning.advice:
        yield "`ftui tune --apply N` writes one of them down; each figure is that of the change alone"


def forecast(tuning: Tuning) -> Iterator[str]:
    """What a run takes now, what decides on that, and what it would take with other workers."""
    assert tuning.wall is not None
    workers = tuning.setting.workers
    yield f"  a run of all checks takes {spread(tuning.wall)} with {counted(workers, 'worker')}{measured(tuning)}"
    path = " → ".join(f"{one_line(span.check)} {duration(span.end_s - span.start_s)}" for span in tuning.critical_path)
    yield f"  critical path: {path}"
    slots = workers * tuning.wall.middle_s
    idle = [
        f"{seconds / slots:.0%} while {one_line(check)} runs"
        for check, seconds in tuning.idle.items()
        if seconds >= LEAST_IDLE * slots
    ]
    if idle:
        yield f"  of the slots idle: {', '.join(idle[:MOST_IDLE])}"
    points = " · ".join(f"{point.workers}: {duration(point.wall.middle_s)}" for point in tuning.curve)
    yield f"  with other workers: {points}"
    if tuning.fail_fast is not None and not tuning.setting.fail_fast and tuning.fail_fast != tuning.wall:
        yield f"  ended at the first failure: {spread(tuning.fail_fast)}"


def told(number: int, advice: Advice, prefix: str) -> Iterator[str]:
    """One piece of advice with its number, figure, reason and the lines of the configuration."""
    yield f"{number}. {one_line(advice.title)}"
    yield f"   saves {spread(advice.saves)}, confidence {advice.confidence}"
    yield f"   {one_line(advice.because)}"
    if advice.beware:
        yield f"   mind: {one_line(advice.beware)}"
    yield from (f"       {one_line(line)}" for change in advice.changes for line in change.lines(prefix))
    yield ""


def measured(tuning: Tuning) -> str:
    """What was measured of it, to stand behind what is foreseen; empty where nothing was."""
    return "" if tuning.measured is None else f"; measured {spread(tuning.measured)}"


def spread(estimate: Estimate) -> str:
    """Seconds with their error bar: `1.1 s (0.9 s to 1.3 s)`."""
    return f"{duration(estimate.middle_s)} ({duration(estimate.low_s)} to {duration(estimate.high_s)})"


def _lacking(tuning: Tuning) -> Iterator[str]:
    needed = max(lack.needed for lack in tuning.lacking)
    yield f"too little is known: {needed} runs of each check are needed, on this machine and as it is configured now"
    columns = max(width(one_line(lack.check)) for lack in tuning.lacking)
    for lack in tuning.lacking:
        missing = counted(lack.needed - lack.runs, "more run")
        yield f"  {pad(one_line(lack.check), columns)}  {lack.runs} of {lack.needed}: {missing}"
    yield "`ftui run --force` makes one of each"
