"""One run as it would have gone: the real schedule over a clock that is only counted."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.engine.schedule import Schedule
from ftui.model import Outcome
from ftui.tuning.machine import speeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ftui.engine.schedule import Job
    from ftui.tuning.machine import Work
    from ftui.tuning.timing import Overhead

_NOTHING = 1e-9
"""Seconds, and shares of a check, that rounding may leave over."""


class Span(Struct, frozen=True):
    """When a check ran, in seconds from the start of the first one."""

    check: str
    start_s: float
    end_s: float
    slots: int
    after: str | None = None
    """Id of the check whose end let it start; None for those at the start."""


class Simulated(Struct, frozen=True):
    """A run that was simulated."""

    workers: int
    spans: tuple[Span, ...]
    """In the order of their ends."""

    @property
    def wall_s(self) -> float:
        """Seconds from the first check's start to the last one's end; 0 when none ran."""
        return max((span.end_s for span in self.spans), default=0.0)

    @property
    def critical_path(self) -> tuple[Span, ...]:
        """The checks that made it take as long as it did, each of which let the next one start."""
        by_id = {span.check: span for span in self.spans}
        path: list[Span] = []
        span = self.spans[-1] if self.spans else None
        while span is not None:
            path.append(span)
            span = by_id.get(span.after or "")
        return tuple(reversed(path))

    def idle(self) -> dict[str, float]:
        """Slot seconds that nothing used, by the check that ended last of those that ran meanwhile."""
        edges = sorted({moment for span in self.spans for moment in (span.start_s, span.end_s)})
        found: dict[str, float] = {}
        for start, end in pairwise(edges):
            running = [span for span in self.spans if span.start_s < end and span.end_s > start]
            free = self.workers - sum(span.slots for span in running)
            if running and free > 0:
                last = max(running, key=lambda span: span.end_s).check
                found[last] = found.get(last, 0.0) + free * (end - start)
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def simulate(
    jobs: Iterable[Job],
    works: Mapping[str, Work],
    *,
    workers: int,
    cores: int,
    overhead: Overhead,
    fail_fast: bool = False,
) -> Simulated:
    """Runs the schedule over recorded work.

    Args:
        jobs: in the order in which they are to start.
        works: what each of them asks of the machine, by id.
        workers: worker slots.
        cores: of the machine.
        overhead: what ftui itself lets pass.
        fail_fast: whether the first failure ends the run.
    """
    by_id = {job.id: job for job in jobs}
    schedule = Schedule(by_id.values(), slots=workers, fail_fast=fail_fast)
    machine = _Machine(works, cores)
    spans: list[Span] = []
    ended: str | None = None

    def end(check_id: str, outcome: Outcome) -> None:
        begun = machine.running.pop(check_id)
        slots = min(by_id[check_id].weight, workers)
        spans.append(Span(check_id, min(begun.start_s, machine.now), machine.now, slots, begun.after))
        schedule.finish(check_id, outcome)

    while True:
        step = schedule.advance()
        for check_id in step.cancel:
            end(check_id, Outcome.CANCELLED)
        if schedule.done:
            return Simulated(workers, tuple(spans))
        machine.start(step.start, ended, _waits(step.start, ended, by_id, overhead))
        ended = machine.next_end()
        end(ended, works[ended].outcome)


def _waits(started: Sequence[str], ended: str | None, jobs: Mapping[str, Job], overhead: Overhead) -> Iterable[float]:
    """Seconds until each of the checks really starts: they are started one after the other."""
    wait = 0.0
    if ended is not None and started:
        wait = overhead.start_s if jobs[started[0]].phase is jobs[ended].phase else overhead.phase_s
    return (wait + number * overhead.start_s for number in range(len(started)))


class _Running(Struct):
    start_s: float
    left: float
    """Of its work, from 1 to 0."""
    after: str | None


class _Machine:
    """The checks that run, and how far each of them is."""

    def __init__(self, works: Mapping[str, Work], cores: int) -> None:
        self.now = 0.0
        self.running: dict[str, _Running] = {}
        self._works = works
        self._cores = cores

    def start(self, check_ids: Iterable[str], after: str | None, waits: Iterable[float]) -> None:
        for check_id, wait in zip(check_ids, waits, strict=True):
            self.running[check_id] = _Running(self.now + wait, 1.0, after)

    def next_end(self) -> str:
        """Lets time go by until a check has ended; its id."""
        while True:
            rates = self._rates()
            ends = {check_id: self.now + self.running[check_id].left / rate for check_id, rate in rates.items()}
            first = min(ends, key=ends.__getitem__, default="")
            starts = [each.start_s for each in self.running.values() if each.start_s > self.now + _NOTHING]
            until = min([*starts, ends[first]] if first else starts)
            for check_id, rate in rates.items():
                self.running[check_id].left = max(0.0, self.running[check_id].left - rate * (until - self.now))
            self.now = until
            if first and ends[first] <= until:
                return first

    def _rates(self) -> dict[str, float]:
        """Which share of its work each check gets done in a second."""
        works = {check_id: self._works[check_id] for check_id, each in self.running.items() if self._begun(each)}
        return {
            check_id: speed / max(works[check_id].alone_s, _NOTHING)
            for check_id, speed in speeds(works, self._cores).items()
        }

    def _begun(self, running: _Running) -> bool:
        return running.start_s <= self.now + _NOTHING
