"""One pass over a selection: looks checks up, runs what has to run, and settles each phase when it has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.cache.policy import need_not_run
from ftui.engine.deciding import Deciding
from ftui.engine.jobs import jobs_of, longest_first
from ftui.engine.mutation import MutationWatch
from ftui.engine.results import broken, cancelled, skipped
from ftui.engine.schedule import Schedule
from ftui.engine.select import mutating
from ftui.events import CheckFinished, CheckQueued, TreeChanged
from ftui.history.expect import Expectations
from ftui.model import Check, CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ftui.engine.emitter import Emitter
    from ftui.engine.execute import Executor
    from ftui.engine.memory import Memory, Ran
    from ftui.engine.select import Selection

INTERRUPTED = "interrupted"


class _Ended(Struct, frozen=True):
    """A check has its result, and has written these files."""

    result: CheckResult
    wrote: frozenset[str]


class _Again(Struct, frozen=True):
    """Checks have to be decided on anew; `restart` are those of them that do not run to their end first."""

    ids: frozenset[str]
    restart: frozenset[str]
    forced: frozenset[str]


class _Cancel(Struct, frozen=True):
    """A check is not wanted any more."""

    id: str


class _Slots(Struct, frozen=True):
    """There are more or fewer worker slots from now on."""

    slots: int


class _Stop(Struct, frozen=True):
    """The pass is to end."""


class OnePass:
    """Feeds the schedule with results and starts what it says.

    The tree has to be looked at before. A phase begins with the look-ups of its checks and ends with another look:
    what nothing moved under is kept. All that happens meanwhile comes in through one inbox, and is taken in turn.

    Args:
        selection: the checks.
        executor: runs one check.
        memory: the cache.
        emitter: takes the events.
        workers: worker slots, at least 1.
        fail_fast: whether the first failure cancels what runs and skips the rest.
        earlier: outcomes that stand; what has none is decided on.
        forced: ids of checks that run, whatever is stored.
        audited: ids of checks whose hits run all the same.
        expectations: what checks take as a rule; inside a phase those that take longest start first.
        affected: which checks changed paths affect, by id the paths.
        on_moved: told the inputs that moved under checks while they ran, by id; it may ask for them `again`.
    """

    def __init__(
        self,
        selection: Selection,
        executor: Executor,
        memory: Memory,
        emitter: Emitter,
        *,
        workers: int,
        fail_fast: bool,
        affected: Callable[[Iterable[str]], Mapping[str, Collection[str]]],
        on_moved: Callable[[Mapping[str, Sequence[str]]], None],
        earlier: Mapping[str, Outcome] | None = None,
        forced: frozenset[str] = frozenset(),
        audited: frozenset[str] = frozenset(),
        expectations: Expectations | None = None,
    ) -> None:
        self._checks = {check.id: check for check in selection.checks}
        self._skipped = selection.skipped
        self._memory = memory
        self._emitter = emitter
        self._affected = affected
        self._on_moved = on_moved
        self._queued: dict[str, float] = {}
        self._ran: dict[str, Ran] = {}
        self._repeat: set[str] = set()
        self._looked = True
        self._inbox: asyncio.Queue[_Ended | _Again | _Cancel | _Slots | _Stop] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._mutations = MutationWatch(memory.look, self._checks.values())
        self._deciding = Deciding(executor, memory, emitter, self._mutations, audited, expectations or Expectations(""))
        wanted = [check for check in self._checks.values() if check.id not in self._skipped]
        jobs = jobs_of(wanted, memory.snapshot.paths)
        self._schedule = Schedule(jobs, slots=workers, fail_fast=fail_fast, earlier=earlier or {})
        self.forced = set(forced)
        """Ids of checks that run, whatever is stored."""
        self.missed: set[str] = set()
        """Ids that were asked for again, or that what it wrote affects, when it was too late or not its task."""
        self.unfinished: set[str] = set()
        """Ids that were not decided on, because the pass was stopped."""

    # Steering; takes effect in its turn

    def stop(self) -> None:
        """Cancels what runs and skips what waits."""
        self._inbox.put_nowait(_Stop())

    def again(self, check_ids: Iterable[str], *, restart: Collection[str] = (), forced: Collection[str] = ()) -> None:
        """Has checks decided on anew.

        Args:
            check_ids: which; one that runs does so to its end first.
            restart: those of them that are cancelled for it.
            forced: those of them that run, whatever is stored.
        """
        self._inbox.put_nowait(_Again(frozenset(check_ids), frozenset(restart), frozenset(forced)))

    def cancel(self, check_id: str) -> None:
        """Cancels a check that runs or waits."""
        self._inbox.put_nowait(_Cancel(check_id))

    def set_workers(self, workers: int) -> None:
        """Changes the number of worker slots; what runs goes on."""
        self._inbox.put_nowait(_Slots(workers))

    @property
    def running(self) -> Collection[str]:
        """Ids of the checks that run."""
        return self._schedule.running

    @property
    def ids(self) -> Collection[str]:
        """Ids of all that it may decide on."""
        return self._checks.keys()

    @property
    def stopped(self) -> bool:
        """Whether it ended, or will end, before its time."""
        return self._schedule.stopped

    def is_written(self, path: str) -> bool:
        """Whether a mutating check that runs may be the one that changes a path."""
        return self._mutations.is_written(path)

    async def complete(self) -> None:
        """Returns when every check has its result."""
        for check_id, because in self._skipped.items():
            self._finish(skipped(self._checks[check_id], because))
        self._queue(self._schedule.waiting)
        try:
            async with asyncio.TaskGroup() as group:
                await self._work(group)
            while not self._inbox.empty():
                if isinstance(late := self._inbox.get_nowait(), _Again):
                    self._miss(late)
        except BaseException:
            for check_id in (*self._schedule.running, *self._schedule.waiting):
                self.unfinished.add(check_id)
                self._finish(cancelled(self._checks[check_id]))
            raise

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._between_phases()
            self._advance(group)
            if self._schedule.done and not self._ran and self._inbox.empty():
                return
            if not self._schedule.idle:
                self._take_in(await self._inbox.get())
            self._take_all_in()

    def _advance(self, group: asyncio.TaskGroup) -> None:
        step = self._schedule.advance()
        if self._schedule.stopped:
            self.unfinished.update(step.cancel, (check_id for check_id, _ in step.skip))
        for check_id in step.cancel:
            self._cancel_task(check_id)
        for check_id, because in step.skip:
            self._finish(skipped(self._checks[check_id], because))
        for check_id in step.start:
            self._tasks[check_id] = group.create_task(self._decide(self._checks[check_id]))

    def _cancel_task(self, check_id: str) -> None:
        # Only once it has begun: a task that is cancelled before says nothing of it.
        asyncio.get_running_loop().call_soon(self._tasks[check_id].cancel)

    # What comes in

    def _take_all_in(self) -> None:
        while not self._inbox.empty():
            self._take_in(self._inbox.get_nowait())

    def _take_in(self, message: _Ended | _Again | _Cancel | _Slots | _Stop) -> None:
        match message:
            case _Ended():
                self._conclude(message.result, message.wrote)
            case _Again():
                self._decide_again(message)
            case _Cancel():
                self._repeat.discard(message.id)
                if message.id in self._schedule.running:
                    self._cancel_task(message.id)
                elif self._schedule.drop(message.id):
                    self._finish(cancelled(self._checks[message.id]))
            case _Slots():
                self._schedule.slots = message.slots
            case _Stop():
                self._schedule.stop(INTERRUPTED)

    def _decide_again(self, wanted: _Again) -> None:
        if self._schedule.stopped:
            self._miss(wanted)
            return
        self.forced |= wanted.forced
        self.missed |= wanted.ids - self._checks.keys()
        running = wanted.ids.intersection(self._schedule.running)
        self._repeat |= running
        for check_id in running & wanted.restart:
            self._cancel_task(check_id)
        self._requeue(wanted.ids - running)

    def _miss(self, wanted: _Again) -> None:
        self.missed |= wanted.ids
        self.forced |= wanted.forced

    def _requeue(self, check_ids: Iterable[str]) -> None:
        requeued = self._schedule.requeue(check_ids)
        for check_id in requeued:
            self._ran.pop(check_id, None)
        # Whatever was looked up before is about a tree that is no more.
        self._deciding.forget()
        self._queue(requeued)

    def _conclude(self, result: CheckResult, wrote: frozenset[str]) -> None:
        check = self._checks[result.id]
        disagreement = self._mutations.disagreement(check) if wrote else None
        if disagreement is not None:
            result = replace(result, outcome=Outcome.BROKEN, broken_because=disagreement)
        self._finish(result)
        self._schedule.finish(result.id, result.outcome)
        if result.id in self._repeat:
            self._repeat.discard(result.id)
            if self._schedule.stopped:
                self.missed.add(result.id)
            else:
                self._requeue([result.id])
        if wrote:
            self._take_in_writes(result, wrote, disagreement is not None)

    def _take_in_writes(self, result: CheckResult, wrote: frozenset[str], disagreement: bool) -> None:
        self._ran.pop(result.id, None)
        affected = self._affected(wrote)
        self._emitter.emit(
            TreeChanged(
                run_id=self._emitter.run_id,
                time_s=self._emitter.now(),
                paths=tuple(sorted(wrote)),
                caused_by=result.id,
                affects=tuple(affected),
                tree=self._memory.snapshot.name,
            )
        )
        if self._schedule.stopped:
            self.missed |= affected.keys()
        elif disagreement:
            self._requeue(name for name in affected if name in self._checks and not mutating(self._checks[name]))
        elif result.outcome is Outcome.CANCELLED:
            self._requeue(affected.keys() - {result.id})
        else:
            self._requeue(affected)

    # Phases

    async def _between_phases(self) -> None:
        """Settles the phase that has ended and looks up the checks of the one that begins."""
        if not self._schedule.idle or self._deciding.knows(self._schedule.upcoming()):
            return
        if self._ran:
            await self._settle()
            self._take_all_in()
        upcoming = self._schedule.upcoming()
        if upcoming and not self._schedule.stopped:
            if not self._looked:
                await self._memory.look()
            self._looked = False
            await self._deciding.look_up(upcoming, self.forced)
            self._schedule.prefer(longest_first(upcoming, lambda name: self._deciding.will_take(self._checks[name])))

    async def _settle(self) -> None:
        """Looks at the tree once more and keeps what was found in the phase that has ended, unless something moved."""
        ran, self._ran = self._ran, {}
        moved = await self._memory.settle(tuple(ran.values()))
        self._looked = True
        moved = {
            check_id: paths
            for check_id, paths in moved.items()
            if ran[check_id].result.outcome is not Outcome.CANCELLED
        }
        if moved and not self._schedule.stopped:
            self._on_moved(moved)

    # One check

    async def _decide(self, check: Check) -> None:
        wrote = frozenset[str]()
        try:
            result = await self._result(check)
            wrote = await self._mutations.after(check)
        except asyncio.CancelledError:
            # Before or after its process, which a cancelled executor has ended before it returns.
            result = cancelled(check)
        self._inbox.put_nowait(_Ended(result, wrote))

    async def _result(self, check: Check) -> CheckResult:
        if check.unavailable is not None:
            return broken(check, check.unavailable)
        whole = check.ahead_of
        if whole in self._checks and check.id not in self.forced and await self._stands(whole):
            return skipped(check, need_not_run(whole))
        result, ran = await self._deciding.result(check, self._queued[check.id], self.forced)
        if ran is not None:
            self._ran[check.id] = ran
        return result

    async def _stands(self, check_id: str) -> bool:
        """Whether a check is not going to run now: it has been decided on, or has a result that stands for a run."""
        return check_id not in self._schedule.waiting or await self._deciding.replays(check_id, self.forced)

    # Events

    def _queue(self, check_ids: Iterable[str]) -> None:
        for check_id in check_ids:
            now = self._queued[check_id] = self._emitter.now()
            phase = self._checks[check_id].phase
            self._emitter.emit(CheckQueued(run_id=self._emitter.run_id, time_s=now, check_id=check_id, phase=phase))

    def _finish(self, result: CheckResult) -> None:
        self._emitter.emit(CheckFinished.of(result, run_id=self._emitter.run_id, time_s=self._emitter.now()))
