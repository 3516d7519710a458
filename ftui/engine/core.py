"""The engine: one pass over a selection of checks, told as events."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from ftui.engine.execute import Executor
from ftui.engine.mutation import MutationWatch
from ftui.engine.schedule import Job, Schedule
from ftui.engine.select import mutating
from ftui.events import CheckFinished, CheckQueued, PlannedCheck, Problem, RunFinished, RunStarted, TreeChanged
from ftui.model import Bucket, Check, CheckResult, Outcome
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from ftui.engine.select import Selection
    from ftui.events import Event
    from ftui.plugins import Plugins

INTERRUPTED = "interrupted"


class Engine:
    """Runs checks and emits what happens. One event loop owns it; `emit` is called in that loop, in order.

    Args:
        root: the project's root.
        plugins: their observers see every event.
        emit: takes each event.
        workers: worker slots, at least 1.
        fail_fast: whether the first failure cancels what runs and skips the rest.
        environ: what children's environments are made from.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        root: Path,
        plugins: Plugins,
        emit: Callable[[Event], None],
        *,
        workers: int,
        fail_fast: bool = False,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._plugins = plugins
        self._front_end = emit
        self._workers = workers
        self._fail_fast = fail_fast
        self._environ = dict(environ)
        self._clock = clock
        self._origin = clock()
        self._stopped = False
        self._run: _Run | None = None
        self._run_id = ""

    def now(self) -> float:
        """Seconds since the engine was built: the `time_s` of events."""
        return self._clock() - self._origin

    def stop(self) -> None:
        """Cancels what runs and skips what waits; `run` returns when every process is gone."""
        self._stopped = True
        if self._run is not None:
            self._run.stop()

    def problem(self, source: str, message: str) -> None:
        """Reports something that went wrong beside the checks."""
        self._emit(Problem(run_id=self._run_id, time_s=self.now(), source=source, message=message))

    def _emit(self, event: Event) -> None:
        self._front_end(event)
        self._plugins.event(event)

    async def run(self, selection: Selection, files: Sequence[str]) -> None:
        """Decides on every check of the selection; returns when each has its result.

        Args:
            selection: what to run.
            files: the files of the tree, posix and relative to the root.
        """
        self._run_id = f"{time.time_ns() // 1_000_000:x}-{os.urandom(3).hex()}"
        self._emit(
            RunStarted(
                run_id=self._run_id,
                time_s=self.now(),
                root=str(self._root),
                profile=selection.profile,
                workers=self._workers,
                checks=tuple(_planned(check) for check in selection.checks),
                started_at=time.time(),
            )
        )
        executor = Executor(
            self._root,
            run_id=self._run_id,
            environ=self._environ,
            now=self.now,
            origin=self._origin,
            emit=self._emit,
        )
        self._run = _Run(self._root, selection, files, executor, self._run_id, self.now, self._emit)
        try:
            if self._stopped:
                self._run.stop()
            await self._run.complete(self._workers, self._fail_fast)
        finally:
            self._run = None
        self._emit(RunFinished(run_id=self._run_id, time_s=self.now(), interrupted=self._stopped))


def _planned(check: Check) -> PlannedCheck:
    return PlannedCheck(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        requires=check.requires,
        weight=check.weight,
        budget=check.budget,
    )


class _Run:
    """One pass: feeds the schedule with results and starts what it says."""

    def __init__(
        self,
        root: Path,
        selection: Selection,
        files: Sequence[str],
        executor: Executor,
        run_id: str,
        now: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self._root = root
        self._checks = {check.id: check for check in selection.checks}
        self._skipped = selection.skipped
        self._files = files
        self._executor = executor
        self._run_id = run_id
        self._now = now
        self._emit = emit
        self._queued: dict[str, float] = {}
        self._ended: asyncio.Queue[tuple[CheckResult, frozenset[str]] | None] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._mutations = MutationWatch(root, self._checks.values())
        self._stop = False

    def stop(self) -> None:
        self._stop = True
        self._ended.put_nowait(None)

    async def complete(self, workers: int, fail_fast: bool) -> None:
        wanted = [check for check in self._checks.values() if check.id not in self._skipped]
        schedule = Schedule(self._jobs(wanted), slots=workers, fail_fast=fail_fast)
        for check_id, because in self._skipped.items():
            self._finish(_skipped(self._checks[check_id], because))
        self._queue(check.id for check in wanted)
        async with asyncio.TaskGroup() as group:
            while True:
                if self._stop:
                    schedule.stop(INTERRUPTED)
                step = schedule.advance()
                for check_id in step.cancel:
                    self._tasks[check_id].cancel()
                for check_id, because in step.skip:
                    self._finish(_skipped(self._checks[check_id], because))
                for check_id in step.start:
                    self._tasks[check_id] = group.create_task(self._decide(self._checks[check_id]))
                if schedule.done:
                    return
                ended = await self._ended.get()
                if ended is not None:
                    self._conclude(*ended, schedule)

    def _jobs(self, checks: Sequence[Check]) -> Iterable[Job]:
        """The checks as the schedule sees them; file sets are worked out only where a check writes."""
        ids = {check.id for check in checks}
        any_writes = any(mutating(check) for check in checks)
        for check in checks:
            reads = writes = frozenset[str]()
            if any_writes:
                reads = frozenset(Globs(check.inputs).filter(self._files))
                if mutating(check):
                    writes = frozenset(Globs(check.writes or check.inputs).filter(self._files))
            yield Job(
                id=check.id,
                phase=check.phase,
                weight=check.weight,
                requires=tuple(required for required in check.requires if required in ids),
                reads=reads,
                writes=writes,
            )

    async def _decide(self, check: Check) -> None:
        changed = frozenset[str]()
        try:
            result = await self._result(check)
            changed = await self._mutations.after(check)
        except asyncio.CancelledError:
            # Before or after its process, which a cancelled executor has ended before it returns.
            result = _unrun(check, Outcome.CANCELLED)
        self._ended.put_nowait((result, changed))

    async def _result(self, check: Check) -> CheckResult:
        if check.unavailable is not None:
            return _unrun(check, Outcome.BROKEN, check.unavailable)
        globs = Globs(check.inputs)
        if not any(globs.matches(path) for path in self._files):
            patterns = ", ".join(check.inputs)
            return _unrun(check, Outcome.BROKEN, f"there is nothing to check: no file matches its inputs ({patterns})")
        await self._mutations.before(check)
        return await self._executor.execute(
            check, bucket=Bucket.MISS, reason="no cache yet", queued_s=self._queued[check.id]
        )

    def _conclude(self, result: CheckResult, changed: frozenset[str], schedule: Schedule) -> None:
        check = self._checks[result.id]
        disagreement = self._mutations.disagreement(check) if changed else None
        if disagreement is not None:
            result = _broken(result, disagreement)
        self._finish(result)
        schedule.finish(result.id, result.outcome)
        if not changed:
            return
        self._files = self._mutations.files
        self._emit(
            TreeChanged(run_id=self._run_id, time_s=self._now(), paths=tuple(sorted(changed)), caused_by=result.id)
        )
        if disagreement is None and result.outcome is not Outcome.CANCELLED:
            affected = (c.id for c in self._checks.values() if any(map(Globs(c.inputs).matches, changed)))
            self._queue(schedule.requeue(affected))

    def _queue(self, check_ids: Iterable[str]) -> None:
        for check_id in check_ids:
            now = self._queued[check_id] = self._now()
            phase = self._checks[check_id].phase
            self._emit(CheckQueued(run_id=self._run_id, time_s=now, check_id=check_id, phase=phase))

    def _finish(self, result: CheckResult) -> None:
        self._emit(CheckFinished.of(result, run_id=self._run_id, time_s=self._now()))


def _unrun(check: Check, outcome: Outcome, broken_because: str | None = None) -> CheckResult:
    return CheckResult(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        argv=check.command,
        outcome=outcome,
        bucket=Bucket.MISS if outcome is Outcome.BROKEN else None,
        reason="it could not run" if outcome is Outcome.BROKEN else "",
        broken_because=broken_because,
    )


def _skipped(check: Check, because: str) -> CheckResult:
    return CheckResult(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        argv=check.command,
        outcome=Outcome.SKIPPED,
        skipped_because=because,
    )


def _broken(result: CheckResult, because: str) -> CheckResult:
    from msgspec.structs import replace

    return replace(result, outcome=Outcome.BROKEN, broken_because=because)
