"""One pass over a selection: looks checks up, runs what has to run, and settles each phase when it has ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.memory import Ran, findings_of
from ftui.engine.mutation import MutationWatch
from ftui.engine.schedule import Job, Schedule
from ftui.engine.select import mutating
from ftui.events import CheckFinished, CheckOutput, CheckQueued, CheckRecalled, Problem, TreeChanged
from ftui.model import Bucket, Check, CheckResult, Outcome
from ftui.tree import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ftui.cache.session import Lookup
    from ftui.engine.execute import Executor
    from ftui.engine.memory import Memory
    from ftui.engine.select import Selection
    from ftui.events import Event

INTERRUPTED = "interrupted"
MOST_REPEATS = 1
"""How often a check runs again in one pass because its inputs moved while it ran."""


class OnePass:
    """Feeds the schedule with results and starts what it says.

    A phase begins with a look at the tree and the look-ups of its checks, and ends with another look: what moved
    meanwhile runs again, and every other verdict is kept.

    Args:
        selection: what to run.
        files: the files of the tree as they were listed for this run.
        executor: runs one check.
        memory: the cache.
        run_id: of the events.
        now: seconds on the clock of the events.
        emit: takes each event.
    """

    def __init__(
        self,
        selection: Selection,
        files: Sequence[str],
        executor: Executor,
        memory: Memory,
        run_id: str,
        now: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self._checks = {check.id: check for check in selection.checks}
        self._skipped = selection.skipped
        self._files: Sequence[str] | None = files
        self._executor = executor
        self._memory = memory
        self._run_id = run_id
        self._now = now
        self._emit = emit
        self._queued: dict[str, float] = {}
        self._found: dict[str, Lookup] = {}
        self._ran: dict[str, Ran] = {}
        self._repeats: Counter[str] = Counter()
        self._ended: asyncio.Queue[tuple[CheckResult, frozenset[str]] | None] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._mutations = MutationWatch(memory.look, self._checks.values())
        self._stop = False

    def stop(self) -> None:
        """Cancels what runs and skips what waits."""
        self._stop = True
        self._ended.put_nowait(None)

    async def complete(self, workers: int, *, fail_fast: bool) -> None:
        """Returns when every check has its result."""
        wanted = [check for check in self._checks.values() if check.id not in self._skipped]
        schedule = Schedule(self._jobs(wanted), slots=workers, fail_fast=fail_fast)
        for check_id, because in self._skipped.items():
            self._finish(_skipped(self._checks[check_id], because))
        self._queue(check.id for check in wanted)
        async with asyncio.TaskGroup() as group:
            while True:
                if self._stop:
                    schedule.stop(INTERRUPTED)
                await self._between_phases(schedule)
                self._advance(schedule, group)
                if schedule.done and not self._ran:
                    return
                if not schedule.idle and (ended := await self._ended.get()) is not None:
                    self._conclude(*ended, schedule)

    def _advance(self, schedule: Schedule, group: asyncio.TaskGroup) -> None:
        step = schedule.advance()
        for check_id in step.cancel:
            self._tasks[check_id].cancel()
        for check_id, because in step.skip:
            self._finish(_skipped(self._checks[check_id], because))
        for check_id in step.start:
            self._tasks[check_id] = group.create_task(self._decide(self._checks[check_id]))

    def _jobs(self, checks: Sequence[Check]) -> Iterable[Job]:
        """The checks as the schedule sees them; file sets are worked out only where a check writes."""
        ids = {check.id for check in checks}
        any_writes = any(mutating(check) for check in checks)
        for check in checks:
            reads = writes = frozenset[str]()
            if any_writes:
                reads = frozenset(Globs(check.inputs).filter(self._files or ()))
                if mutating(check):
                    writes = frozenset(Globs(check.writes or check.inputs).filter(self._files or ()))
            yield Job(
                id=check.id,
                phase=check.phase,
                weight=check.weight,
                requires=tuple(required for required in check.requires if required in ids),
                reads=reads,
                writes=writes,
            )

    # Phases

    async def _between_phases(self, schedule: Schedule) -> None:
        """Settles the phase that has ended and looks up the checks of the one that begins."""
        upcoming = schedule.upcoming()
        if not schedule.idle or any(check_id in self._found for check_id in upcoming):
            return
        looked = False
        if self._ran:
            looked = await self._settle(schedule)
            upcoming = schedule.upcoming()
        if upcoming and not schedule.stopped and not self._stop:
            if not looked:
                files, self._files = self._files, None
                await self._memory.look(files)
            self._found.update(await self._memory.look_up(upcoming))

    async def _settle(self, schedule: Schedule) -> bool:
        """Keeps what was found in the phase that has ended; what moved meanwhile waits again.

        Returns:
            True: the tree has been looked at.
        """
        ran, self._ran = self._ran, {}
        moved = await self._memory.settle(tuple(ran.values()))
        again = []
        for check_id, paths in moved.items():
            if ran[check_id].result.outcome is Outcome.CANCELLED:
                continue
            self._repeats[check_id] += 1
            if self._repeats[check_id] <= MOST_REPEATS:
                again.append(check_id)
                continue
            message = (
                f"{paths[0]} changed each time while it ran, so its result is not kept; "
                f"if it writes that file itself, leave it out of its inputs"
            )
            self._problem(f"check {check_id}", message)
        if again and not schedule.stopped and not self._stop:
            self._emit_changed({path for check_id in again for path in moved[check_id]})
            self._again(schedule, again)
        return True

    def _again(self, schedule: Schedule, check_ids: Iterable[str]) -> None:
        requeued = schedule.requeue(check_ids)
        for check_id in requeued:
            self._ran.pop(check_id, None)
        # Whatever was looked up before is about a tree that is no more.
        self._found.clear()
        self._queue(requeued)

    # One check

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
        found = self._found.pop(check.id, None)
        if found is None:
            await self._memory.look()
            found = (await self._memory.look_up([check.id]))[check.id]
        if not found.inputs.positions:
            return _unrun(check, Outcome.BROKEN, nothing_to_check(check))
        decision = found.decision
        assert decision is not None
        if decision.replays:
            return self._replayed(check, found)
        self._recall(check, found)
        await self._mutations.before(check)
        done = await self._executor.execute(
            check,
            bucket=Bucket(decision.bucket),
            reason=decision.reason,
            queued_s=self._queued[check.id],
            tool_cache=await self._memory.prepare(found),
        )
        self._ran[check.id] = Ran(check, found, done.result, done.output)
        return replace(done.result, key=found.key or None)

    def _replayed(self, check: Check, found: Lookup) -> CheckResult:
        """A stored result in place of a run: its output, findings and duration, and when it was found."""
        decision = found.decision
        assert decision is not None
        assert decision.shown is not None
        entry = decision.shown
        if entry.output:
            text = entry.output.decode("utf-8", "surrogatepass")
            self._emit(
                CheckOutput(run_id=self._run_id, time_s=self._now(), check_id=check.id, stream="stdout", text=text)
            )
        return CheckResult(
            id=check.id,
            adapter=check.adapter,
            phase=check.phase,
            argv=check.command,
            outcome=Outcome(entry.outcome),
            bucket=Bucket(decision.bucket),
            reason=decision.reason,
            exit_code=entry.exit_code,
            duration_s=entry.duration_s,
            cpu_s=entry.cpu_s,
            peak_rss_bytes=entry.peak_rss_bytes,
            findings=findings_of(entry),
            queued_s=self._queued[check.id],
            key=found.key,
            recorded_at=entry.created_at,
        )

    def _recall(self, check: Check, found: Lookup) -> None:
        """Shows the earlier result of a check that is about to run again, as what it is: old."""
        decision = found.decision
        if decision is None or decision.shown is None:
            return
        self._emit(
            CheckRecalled(
                run_id=self._run_id,
                time_s=self._now(),
                check_id=check.id,
                outcome=Outcome(decision.shown.outcome),
                bucket=Bucket.STALE if decision.bucket == "miss" else Bucket(decision.bucket),
                reason=decision.reason,
                recorded_at=decision.shown.created_at,
            )
        )

    def _conclude(self, result: CheckResult, changed: frozenset[str], schedule: Schedule) -> None:
        check = self._checks[result.id]
        disagreement = self._mutations.disagreement(check) if changed else None
        if disagreement is not None:
            result = replace(result, outcome=Outcome.BROKEN, broken_because=disagreement)
        self._finish(result)
        schedule.finish(result.id, result.outcome)
        if not changed:
            return
        self._ran.pop(result.id, None)
        self._emit_changed(changed, caused_by=result.id)
        if disagreement is None and result.outcome is not Outcome.CANCELLED and not schedule.stopped:
            affected = [c.id for c in self._checks.values() if any(map(Globs(c.inputs).matches, changed))]
            self._again(schedule, affected)

    # Events

    def _queue(self, check_ids: Iterable[str]) -> None:
        for check_id in check_ids:
            now = self._queued[check_id] = self._now()
            phase = self._checks[check_id].phase
            self._emit(CheckQueued(run_id=self._run_id, time_s=now, check_id=check_id, phase=phase))

    def _finish(self, result: CheckResult) -> None:
        self._emit(CheckFinished.of(result, run_id=self._run_id, time_s=self._now()))

    def _emit_changed(self, paths: Iterable[str], caused_by: str | None = None) -> None:
        self._emit(
            TreeChanged(run_id=self._run_id, time_s=self._now(), paths=tuple(sorted(paths)), caused_by=caused_by)
        )

    def _problem(self, source: str, message: str) -> None:
        self._emit(Problem(run_id=self._run_id, time_s=self._now(), source=source, message=message))


def nothing_to_check(check: Check) -> str:
    """Why a check whose inputs no file matches has no verdict."""
    return f"there is nothing to check: no file matches its inputs ({', '.join(check.inputs)})"


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
