"""The one picture that every front end shows: rows, buckets and figures, built from events alone."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckPaused,
    CheckQueued,
    CheckRecalled,
    CheckRetried,
    CheckStarted,
    Event,
    PlannedCheck,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
    Watching,
)
from ftui.model import Bucket, CheckResult, Expectation, Outcome, RunSummary, Totals
from ftui.output import HeadTail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    CheckEvent: TypeAlias = (
        CheckQueued | CheckRecalled | CheckPaused | CheckStarted | CheckOutput | CheckRetried | CheckFinished
    )

OUTPUT_KEPT = 1024 * 1024
"""Characters kept of either end of each check's output, for showing it."""

MOST_PROBLEMS = 1000
"""Problems that are kept, the last ones."""

MOST_DURATIONS = 20
"""Durations of earlier runs that are kept of each check."""

MOST_PATHS = 1000
"""Changed paths that are kept of each check; about as many that no check reads."""

SILENCE = 30.0
"""Seconds without output from which on a running check says so, where its silence is not known from earlier runs."""

LEAST_SILENCE = 3.0
"""Seconds without output that are not worth telling, however seldom they are."""

Status = Literal["queued", "running", "retrying", "done"]


class Row:
    """What is known of one check: its last result, and how the current run stands with it."""

    def __init__(self, plan: PlannedCheck) -> None:
        self.status: Status = "queued"
        self.result: CheckResult | None = None
        self.recalled: CheckRecalled | None = None
        """The earlier result that it is being run again for."""
        self.changed: tuple[str, ...] = ()
        """The paths that have changed since the verdict was found; where there are any, it is stale."""
        self.paused: str | None = None
        """Why changes do not start it any more."""
        self.decided_on = False
        """Whether the current run decides on it, or has done so."""
        self.attempt = 0
        self.expected: Expectation | None = None
        """What it takes as a rule, from comparable runs."""
        self.started_s: float | None = None
        """When the current attempt started, on the clock of the events."""
        self.last_output_s: float | None = None
        self.output = HeadTail(OUTPUT_KEPT)
        """Of the last run, until the current one prints something."""
        self.durations: deque[float] = deque(maxlen=MOST_DURATIONS)
        """Seconds of the runs that came to a verdict, the last one last."""
        self._output_is_old = False
        self.plan(plan)

    def plan(self, plan: PlannedCheck) -> None:
        """Takes in what a run is going to do with it."""
        self.id = plan.id
        self.adapter = plan.adapter
        self.phase = plan.phase
        self.requires = plan.requires
        self.weight = plan.weight
        self.budget = plan.budget
        self.expected = plan.expected or self.expected
        self.ahead_of = plan.ahead_of
        self.decided_on = False

    @property
    def stale(self) -> bool:
        """Whether the result, if there is one, is not about the tree as it is."""
        return bool(self.changed) or self.paused is not None or self.status != "done"

    @property
    def outcome(self) -> Outcome:
        """What it says of the tree as it is: a verdict on an earlier one is none."""
        if self.result is None or (self.stale and self.result.outcome in (Outcome.PASSED, Outcome.FAILED)):
            return Outcome.CANCELLED
        return self.result.outcome

    def silent_for(self, now_s: float) -> float | None:
        """Seconds since a running check has printed anything, where that is worth telling.

        It is where it has never been silent for so long in comparable runs; where nothing is known of those, from
        `SILENCE` on.
        """
        if self.status != "running" or self.started_s is None:
            return None
        silent = now_s - (self.last_output_s or self.started_s)
        known = None if self.expected is None else self.expected.silence_s
        return silent if silent >= (SILENCE if known is None else max(LEAST_SILENCE, known)) else None

    def apply(self, event: CheckEvent) -> None:
        """Takes in the next event that is about it."""
        match event:
            case CheckQueued():
                self.status = "queued"
                self.paused = None
                self.decided_on = True
                self._output_is_old = True
            case CheckRecalled():
                self.recalled = event
            case CheckPaused():
                self.paused = event.reason
            case CheckStarted():
                self._start(event)
            case CheckOutput():
                self._drop_old_output()
                self.output.append(event.text)
                self.last_output_s = event.time_s
            case CheckRetried():
                self.status = "retrying"
            case CheckFinished():
                self._finish(event)

    def _start(self, event: CheckStarted) -> None:
        self.status = "running"
        self.attempt = event.attempt
        self.expected = event.expected
        self.started_s = event.time_s
        self.last_output_s = None
        self._output_is_old = True
        # What changes from here on, it may have missed: that stays noted when it has finished.
        self.changed = ()

    def _finish(self, event: CheckFinished) -> None:
        verdict = event.outcome in (Outcome.PASSED, Outcome.FAILED)
        if verdict or event.outcome is Outcome.BROKEN:
            self._drop_old_output()
            if not event.attempts:
                self.changed = ()
        if verdict and event.attempts and event.duration_s is not None:
            self.durations.append(event.duration_s)
        self.status = "done"
        self.decided_on = True
        self.result = event.result()
        self.recalled = None

    def _drop_old_output(self) -> None:
        if self._output_is_old:
            self._output_is_old = False
            self.output = HeadTail(OUTPUT_KEPT)


class State:
    """Applies events in order and answers with rows and totals. It reads no clock: time is that of the last event."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        """By check id, in the order of phases, and of the plan inside a phase."""
        self.problems: deque[Problem] = deque(maxlen=MOST_PROBLEMS)
        self.watching: Watching | None = None
        """How the watch stands, where there is one."""
        self.uncovered: dict[str, None] = {}
        """Paths that have changed while the tree was watched and that no check reads."""
        self.run_id = ""
        self.number = 0
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
            case TreeChanged():
                self._change(event)
            case Watching():
                self.watching = event
            case _:
                if row := self.rows.get(event.check_id):
                    self._measure(event, row.status)
                    row.apply(event)
        return event

    def _start(self, event: RunStarted) -> None:
        self.run_id = event.run_id
        self.number = event.number
        self.root = event.root
        self.profile = event.profile
        self.workers = event.workers
        self.started_at = event.started_at
        self.finished = self.interrupted = False
        before = self.rows
        self.rows = {}
        for plan in sorted(event.checks, key=lambda plan: plan.phase.rank):
            row = self.rows[plan.id] = before.get(plan.id) or Row(plan)
            row.plan(plan)
        self._reset_figures()

    def _change(self, event: TreeChanged) -> None:
        if len(self.uncovered) < MOST_PATHS:
            self.uncovered |= dict.fromkeys(event.uncovered)
        for check_id in event.affects:
            if row := self.rows.get(check_id):
                row.changed = tuple(dict.fromkeys((*row.changed, *event.paths)))[:MOST_PATHS]

    def _measure(self, event: CheckEvent, was: Status) -> None:
        """Takes in what an event says of the figures of the run; `was` is what its row was until then."""
        if was == "running" and isinstance(event, CheckRetried | CheckFinished):
            self.running -= 1
        if isinstance(event, CheckStarted):
            self.running += 1
            self._peak = max(self._peak, self.running)
            if self._first_start is None:
                self._first_start = event.time_s
        if isinstance(event, CheckFinished) and event.attempts:
            self._busy += event.duration_s or 0.0
            self._last_end = max(self._last_end, event.ended_s or 0.0)

    def results(self) -> tuple[CheckResult, ...]:
        """The results that this run has come to so far, in the order of the rows."""
        rows = (row for row in self.rows.values() if row.decided_on and row.status == "done")
        return tuple(row.result for row in rows if row.result is not None)

    def summary(self, now_s: float | None = None) -> RunSummary:
        """The figures of the run so far: wall and busy in seconds, see `RunSummary`.

        Args:
            now_s: the moment, on the clock of the events; what runs has run until then. None for the last event.
        """
        now = self.time_s if now_s is None else max(now_s, self.time_s)
        busy, end = self._busy, self._last_end
        for row in self.rows.values() if self.running else ():
            if row.status == "running" and row.started_s is not None:
                busy, end = busy + now - row.started_s, now
        wall = 0.0 if self._first_start is None else max(0.0, end - self._first_start)
        return RunSummary(
            id=self.run_id,
            root=self.root,
            profile=self.profile,
            workers=self.workers,
            wall_s=wall,
            busy_s=busy,
            parallelization_factor=busy / wall if wall > 0 and busy > 0 else None,
            peak_concurrency=self._peak,
            outcome=self._outcome(),
        )

    def _outcome(self) -> Outcome:
        if not self.finished or self.interrupted:
            return Outcome.CANCELLED
        return run_outcome(row.outcome for row in self.rows.values() if not self._is_superseded(row))

    def _is_superseded(self, row: Row) -> bool:
        """Whether it told a part of what another check has a verdict on by now."""
        whole = self.rows.get(row.ahead_of or "")
        return whole is not None and whole.outcome in (Outcome.PASSED, Outcome.FAILED)

    def totals(self) -> Totals:
        """The counts of the run so far."""
        results = self.results()
        buckets = [result.bucket for result in results]
        hit, rerun, miss = (buckets.count(bucket) for bucket in (Bucket.HIT, Bucket.POLICY_RERUN, Bucket.MISS))
        counted = hit + rerun + miss
        outcomes = [result.outcome for result in results]
        return Totals(
            checks=sum(row.decided_on for row in self.rows.values()),
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
