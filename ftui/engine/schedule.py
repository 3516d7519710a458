"""Which check may start now. Pure: no clock, no I/O, so that a simulation can use the very same decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.model import Outcome, Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class Job(Struct, frozen=True, kw_only=True):
    """What the schedule has to know of a check."""

    id: str
    phase: Phase = Phase.FAST
    weight: int = 1
    """Worker slots; more than there are means all of them."""
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """Ids of jobs of no later phase that are decided on first, whatever they come to, and never run beside it."""
    reads: frozenset[str] = frozenset()
    """Files whose content it depends on; needed only where some job writes."""
    writes: frozenset[str] = frozenset()
    """Files that it may write: no other job that reads or writes one of them runs beside it."""
    preliminary: bool = False
    """Whether another job has the last word on what it tells: its failure is no reason to stop."""


class Step(Struct, frozen=True):
    """What is to be done now."""

    start: tuple[str, ...] = ()
    skip: tuple[tuple[str, str], ...] = ()
    """Ids that will not run, each with the reason."""
    cancel: tuple[str, ...] = ()
    """Ids that run and are to be cancelled; `finish` is expected for each."""


class Schedule:
    """Fast, mutating, slow; inside a phase as wide as the slots allow, in the order given or preferred.

    What is queued again does not wait for a later phase that runs already.

    `advance` says what to do now; it is called at the start and after every `finish`, `requeue` or `stop`. Every id in
    `requires` must be the id of a job, and no job may require one of a later phase. `after` and `requires` together may
    not go round in a circle.

    Args:
        jobs: all that is to be decided on.
        slots: worker slots, at least 1.
        fail_fast: whether the first failure ends the run, but for those that are preliminary.
        earlier: outcomes that stand from before; those jobs wait only when they are queued again.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        *,
        slots: int,
        fail_fast: bool = False,
        earlier: Mapping[str, Outcome] | None = None,
    ) -> None:
        self.slots = slots
        self._fail_fast = fail_fast
        self._jobs = {job.id: job for job in sorted(jobs, key=lambda job: job.phase.rank)}
        self._outcomes = {job_id: outcome for job_id, outcome in (earlier or {}).items() if job_id in self._jobs}
        self._waiting = {job_id: job for job_id, job in self._jobs.items() if job_id not in self._outcomes}
        self._running: dict[str, Job] = {}
        self._stop_reason: str | None = None
        self._to_cancel: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether every job has its outcome."""
        return not self._waiting and not self._running

    @property
    def stopped(self) -> bool:
        """Whether nothing will be started any more."""
        return self._stop_reason is not None

    def upcoming(self) -> tuple[str, ...]:
        """While nothing runs: the ids that wait in the phase that is next. Otherwise nothing."""
        if self._running:
            return ()
        phase = next((job.phase for job in self._waiting.values()), None)
        return tuple(job.id for job in self._waiting.values() if job.phase is phase)

    @property
    def idle(self) -> bool:
        """Whether nothing runs."""
        return not self._running

    @property
    def running(self) -> Collection[str]:
        """The ids that run."""
        return self._running.keys()

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids that wait, in the order of phases."""
        return tuple(self._waiting)

    def advance(self) -> Step:
        """Decides what starts, what is skipped and what is cancelled now, and takes it as done."""
        skip = self._skip_stopped() if self._stop_reason is not None else self._skip_blocked()
        start = tuple(self._start_ready())
        cancel, self._to_cancel = self._to_cancel, ()
        return Step(start, tuple(skip), cancel)

    def prefer(self, job_ids: Sequence[str]) -> None:
        """Lets jobs of one phase start in this order, which are all of it that wait, as far as they may."""
        rank = {job_id: place for place, job_id in enumerate(job_ids)}
        order = sorted(self._jobs, key=lambda job_id: (self._jobs[job_id].phase.rank, rank.get(job_id, -1)))
        self._jobs = {job_id: self._jobs[job_id] for job_id in order}
        self._waiting = {job_id: self._waiting[job_id] for job_id in order if job_id in self._waiting}

    def finish(self, job_id: str, outcome: Outcome) -> None:
        """A started job has ended. One that found that it had nothing to do keeps no other from running."""
        del self._running[job_id]
        self._outcomes[job_id] = Outcome.PASSED if outcome is Outcome.SKIPPED else outcome
        failed = outcome in (Outcome.FAILED, Outcome.BROKEN)
        if self._fail_fast and failed and not self._jobs[job_id].preliminary:
            self.stop(f"fail-fast: {job_id} {outcome}")

    def stop(self, reason: str) -> None:
        """Cancels what runs and skips what waits."""
        if self._stop_reason is None:
            self._stop_reason = reason
            self._to_cancel = tuple(self._running)

    def drop(self, job_id: str) -> bool:
        """Cancels a job that waits; whether it did."""
        if self._waiting.pop(job_id, None) is None:
            return False
        self._outcomes[job_id] = Outcome.CANCELLED
        return True

    def requeue(self, job_ids: Iterable[str]) -> tuple[str, ...]:
        """Takes back the outcomes of jobs, and of all that require them, so that they are decided on again.

        Returns:
            The ids that wait again, in the order of the jobs. A job that runs or waits is left as it is.
        """
        again = set(job_ids) & self._outcomes.keys()
        for job in self._in_order_of_requirement():
            if job.id in self._outcomes and again.intersection(job.requires):
                again.add(job.id)
        for job_id in again:
            del self._outcomes[job_id]
        self._waiting = {
            job_id: job for job_id, job in self._jobs.items() if job_id in again or job_id in self._waiting
        }
        return tuple(job_id for job_id in self._jobs if job_id in again)

    def _in_order_of_requirement(self) -> Sequence[Job]:
        ordered: dict[str, Job] = {}

        def add(job: Job) -> None:
            if job.id not in ordered:
                for required in job.requires:
                    add(self._jobs[required])
                ordered[job.id] = job

        for job in self._jobs.values():
            add(job)
        return tuple(ordered.values())

    def _skip_stopped(self) -> list[tuple[str, str]]:
        skip = [(job_id, self._stop_reason or "") for job_id in self._waiting]
        self._outcomes.update(dict.fromkeys(self._waiting, Outcome.SKIPPED))
        self._waiting.clear()
        return skip

    def _skip_blocked(self) -> list[tuple[str, str]]:
        skip: list[tuple[str, str]] = []
        found = True
        while found:
            found = False
            for job in tuple(self._waiting.values()):
                if not job.requires:
                    continue
                blocker = next(
                    (r for r in job.requires if self._outcomes.get(r, Outcome.PASSED) is not Outcome.PASSED), None
                )
                if blocker is not None:
                    skip.append((job.id, f"blocked by {blocker} ({self._outcomes[blocker]})"))
                    self._outcomes[job.id] = Outcome.SKIPPED
                    del self._waiting[job.id]
                    found = True
        return skip

    def _start_ready(self) -> Iterable[str]:
        phase = next((job.phase for job in self._waiting.values()), None)
        if phase is None or any(job.phase.rank < phase.rank for job in self._running.values()):
            return
        free = self.slots - sum(self._slots_of(job) for job in self._running.values())
        for job in tuple(self._waiting.values()):
            if free <= 0 or job.phase is not phase:
                break
            if self._slots_of(job) <= free and self._may_start(job):
                del self._waiting[job.id]
                self._running[job.id] = job
                free -= self._slots_of(job)
                yield job.id

    def _slots_of(self, job: Job) -> int:
        return min(job.weight, self.slots)

    def _may_start(self, job: Job) -> bool:
        return (
            all(self._outcomes.get(required) is Outcome.PASSED for required in job.requires)
            and not any(first in self._waiting or first in self._running for first in job.after)
            and not any(job.id in other.after or conflict(job, other) for other in self._running.values())
        )


def conflict(one: Job, other: Job) -> bool:
    """Whether two jobs may not run beside each other, because one writes what the other reads or writes."""
    if not one.writes and not other.writes:
        return False
    return not (
        one.writes.isdisjoint(other.reads)
        and one.writes.isdisjoint(other.writes)
        and other.writes.isdisjoint(one.reads)
    )
