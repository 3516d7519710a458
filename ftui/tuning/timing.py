"""What is known of recorded runs: which checks ran, when, and how much of the machine they took."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.events import CheckFinished, RunFinished, RunStarted
from ftui.model import Outcome, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ftui.events import Event


class Timing(Struct, frozen=True, kw_only=True):
    """One check that really ran, in one run."""

    check: str
    phase: Phase
    started_s: float
    """Seconds on the clock of its run; retries and the waits between them lie between start and end."""
    ended_s: float
    outcome: Outcome
    cpu_s: float | None = None
    """User and system seconds of its process tree; None where they were not measured."""
    first_output_s: float | None = None
    """On the clock of its run."""

    @property
    def took_s(self) -> float:
        """Seconds from its start to its end."""
        return max(0.0, self.ended_s - self.started_s)

    @property
    def cpu_share(self) -> float | None:
        """CPU seconds per second: near 0 for a check that waits, 1 for one that keeps a core busy."""
        return self.cpu_s / self.took_s if self.cpu_s is not None and self.took_s > 0 else None


class PastRun(Struct, frozen=True, kw_only=True):
    """One finished run, as far as checks really ran in it; hits cost nothing and are not in it."""

    workers: int
    """Worker slots."""
    timings: tuple[Timing, ...]
    others: float = 0.0
    """Cores that processes beside the run kept busy, on its average."""

    @property
    def wall_s(self) -> float:
        """Seconds from the first check's start to the last one's end; 0 when none ran."""
        if not self.timings:
            return 0.0
        return max(each.ended_s for each in self.timings) - min(each.started_s for each in self.timings)

    @property
    def checks(self) -> frozenset[str]:
        """Ids of the checks that ran."""
        return frozenset(each.check for each in self.timings)


class Overhead(Struct, frozen=True):
    """Seconds that ftui itself lets pass."""

    start_s: float = 0.0
    """From what lets a check start, an end or the start of another one, to its start."""
    phase_s: float = 0.0
    """The same for the first check of a later phase: the tree is looked at in between."""


def overhead_of(runs: Iterable[PastRun]) -> Overhead:
    """The medians of the gaps before starts, since every start follows from an end or from the start of another."""
    gaps: list[float] = []
    between: list[float] = []
    for run in runs:
        moments = sorted([(each.started_s, each) for each in run.timings], key=lambda pair: pair[0])
        for (earlier, before), (started, timing) in pairwise(moments):
            ends = [each.ended_s for each in run.timings if each.ended_s <= started]
            gap = started - max([earlier, *ends])
            (gaps if timing.phase is before.phase else between).append(gap)
    return Overhead(median(gaps) if gaps else 0.0, median(between) if between else 0.0)


def past_runs(events: Iterable[Event]) -> Iterator[PastRun]:
    """The runs of an event stream that came to their end, each check with its last result."""
    workers = 0
    timings: dict[str, Timing] = {}
    for event in events:
        match event:
            case RunStarted():
                workers, timings = event.workers, {}
            case CheckFinished() if event.attempts and event.started_s is not None and event.ended_s is not None:
                timings[event.id] = Timing(
                    check=event.id,
                    phase=event.phase,
                    started_s=event.started_s,
                    ended_s=event.ended_s,
                    outcome=event.outcome,
                    cpu_s=event.cpu_s,
                    first_output_s=event.first_output_s,
                )
            case RunFinished() if not event.interrupted:
                yield PastRun(workers=workers, timings=tuple(timings.values()))


def of_check(runs: Sequence[PastRun], check_id: str) -> list[Timing]:
    """All timings of one check, in the order of the runs."""
    return [each for run in runs for each in run.timings if each.check == check_id]
