"""The one picture of a run that every front end shows: rows, buckets and figures, built from events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckQueued,
    CheckRecalled,
    CheckRetried,
    CheckStarted,
    Event,
    PlannedCheck,
    Problem,
    RunFinished,
    RunStarted,
)
from ftui.model import Bucket, CheckResult, Outcome, RunSummary, Totals
from ftui.output import HeadTail

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTPUT_KEPT = 1024 * 1024
"""Characters kept of either end of each check's output, for showing it."""

Status = Literal["queued", "running", "retrying", "done"]


class Row:
    """What is known of one check in the current run."""

    def __init__(self, plan: PlannedCheck) -> None:
        self.id = plan.id
        self.adapter = plan.adapter
        self.phase = plan.phase
        self.requires = plan.requires
        self.weight = plan.weight
        self.budget = plan.budget
        self.status: Status = "queued"
        self.result: CheckResult | None = None
        self.recalled: CheckRecalled | None = None
        """The earlier result that it is being run again for."""
        self.attempt = 0
        self.started_s: float | None = None
        """When the current attempt started, on the clock of the events."""
        self.last_output_s: float | None = None
        self.output = HeadTail(OUTPUT_KEPT)


class State:
    """Applies events in order and answers with rows and totals. It reads no clock: time is that of the last event."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        """By check id, in the order of phases, and of the plan inside a phase."""
        self.problems: list[Problem] = []
        self.run_id = ""
        self.root = ""
        self.profile = ""
        self.workers = 0
        self.started_at = 0.0
        """Wall-clock time of the run's start, seconds since 1970."""
        self.time_s = 0.0
        self.finished = False
        self.interrupted = False
        self._reset_figures()

    def _reset_figures(self) -> None:
        self.running = 0
        """Checks whose process runs now."""
        self._peak = 0
        self._busy = 0.0
        self._first_start: float | None = None
        self._last_end = 0.0

    def apply(self, event: Event) -> Event:
        """Takes in the next event.

        Returns:
            The event as front ends show it: `RunFinished` with its `run` and `totals`, every other as it came.
        """
        self.time_s = event.time_s
        match event:
            case RunStarted():
                self._start(event)
            case Problem():
                self.problems.append(event)
            case RunFinished():
                self.finished = True
                self.interrupted = event.interrupted
                return replace(event, run=self.summary(), totals=self.totals())
            case CheckQueued() | CheckRecalled() | CheckStarted() | CheckOutput() | CheckRetried() | CheckFinished():
                row = self.rows.get(event.check_id)
                if row is not None:
                    self._apply_to(row, event)
            case _:
                pass
        return event

    def _start(self, event: RunStarted) -> None:
        self.run_id = event.run_id
        self.root = event.root
        self.profile = event.profile
        self.workers = event.workers
        self.started_at = event.started_at
        self.finished = self.interrupted = False
        self.rows = {plan.id: Row(plan) for plan in sorted(event.checks, key=lambda plan: plan.phase.rank)}
        self._reset_figures()

    def _apply_to(
        self, row: Row, event: CheckQueued | CheckRecalled | CheckStarted | CheckOutput | CheckRetried | CheckFinished
    ) -> None:
        match event:
            case CheckQueued():
                row.status = "queued"
            case CheckRecalled():
                row.recalled = event
            case CheckStarted():
                row.status = "running"
                row.attempt = event.attempt
                row.started_s = event.time_s
                row.last_output_s = None
                row.output = HeadTail(OUTPUT_KEPT)
                self.running += 1
                self._peak = max(self._peak, self.running)
                if self._first_start is None:
                    self._first_start = event.time_s
            case CheckOutput():
                row.output.append(event.text)
                row.last_output_s = event.time_s
            case CheckRetried():
                self._stop_running(row)
                row.status = "retrying"
            case CheckFinished():
                self._stop_running(row)
                if event.attempts and event.duration_s is not None:
                    self._busy += event.duration_s
                if event.attempts and event.ended_s is not None:
                    self._last_end = max(self._last_end, event.ended_s)
                row.status = "done"
                row.result = event.result()
                row.recalled = None

    def _stop_running(self, row: Row) -> None:
        if row.status == "running":
            self.running -= 1

    def results(self) -> tuple[CheckResult, ...]:
        """The results that are in, in the order of the rows."""
        return tuple(row.result for row in self.rows.values() if row.result is not None)

    def summary(self) -> RunSummary:
        """The figures of the run so far: wall and busy in seconds, see `RunSummary`."""
        wall = 0.0
        if self._first_start is not None:
            end = self.time_s if self.running else self._last_end
            wall = max(0.0, end - self._first_start)
        return RunSummary(
            id=self.run_id,
            root=self.root,
            profile=self.profile,
            workers=self.workers,
            wall_s=wall,
            busy_s=self._busy,
            parallelization_factor=self._busy / wall if wall > 0 and self._busy > 0 else None,
            peak_concurrency=self._peak,
            outcome=self._outcome(),
        )

    def _outcome(self) -> Outcome:
        if not self.finished or self.interrupted:
            return Outcome.CANCELLED
        return run_outcome(row.result.outcome if row.result else Outcome.CANCELLED for row in self.rows.values())

    def totals(self) -> Totals:
        """The counts of the run so far."""
        results = self.results()
        buckets = [result.bucket for result in results]
        hit, rerun, miss = (buckets.count(bucket) for bucket in (Bucket.HIT, Bucket.POLICY_RERUN, Bucket.MISS))
        counted = hit + rerun + miss
        outcomes = [result.outcome for result in results]
        return Totals(
            checks=len(self.rows),
            hit=hit,
            policy_rerun=rerun,
            miss=miss,
            structural_efficiency=(hit + rerun) / counted if counted else None,
            time_saved_s=sum((result.duration_s or 0.0 for result in results if result.bucket is Bucket.HIT), 0.0),
            passed=outcomes.count(Outcome.PASSED),
            failed=outcomes.count(Outcome.FAILED),
            broken=outcomes.count(Outcome.BROKEN),
            cancelled=outcomes.count(Outcome.CANCELLED),
            skipped=outcomes.count(Outcome.SKIPPED),
        )


def run_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a run from those of its checks.

    A failure outweighs a missing verdict, which outweighs a cancellation. A run passes only when something passed and
    everything else was skipped on purpose; where everything was skipped, so was the run.
    """
    seen = set(outcomes)
    for outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.CANCELLED, Outcome.PASSED):
        if outcome in seen:
            return outcome
    return Outcome.SKIPPED
