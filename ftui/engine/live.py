"""The engine that stays up: it hears of edits, finds what they change, and decides anew on the checks they affect.

hints -> a look at the tree -> what changed -> the checks that this affects -> a pass over those -> events
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.board import Board
from ftui.engine.breaker import QUIET_S, Breaker
from ftui.engine.chores import Chores
from ftui.engine.core import run_started
from ftui.engine.edits import Edits
from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.held import holding
from ftui.engine.hints import EVERYTHING, GIT, Hints
from ftui.engine.lineup import Lineup
from ftui.engine.listen import Listener
from ftui.engine.memory import Memory
from ftui.engine.moves import Moves
from ftui.engine.onepass import OnePass
from ftui.engine.patrol import Pace
from ftui.engine.repo import Repo
from ftui.engine.standing import Standing
from ftui.engine.watch import Watcher
from ftui.errors import FtuiError
from ftui.events import RunFinished
from ftui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from ftui.engine.listen import Heard
    from ftui.engine.memory import Look
    from ftui.engine.workspace import Workspace
    from ftui.events import Event


class LiveEngine:
    """Keeps the verdicts on a tree up to date while it is edited. One event loop owns it.

    Args:
        workspace: the project.
        emit: takes each event, in the event loop and in order.
        slots: gives the worker slots, told what the configuration says of them.
        config_file: read in place of the configuration at the root.
        profile: the checks to keep up to date; None for what the configuration says.
        fail_fast: whether the first failure ends a run; None for what the configuration says.
        force: whether the first run runs every check, whatever is stored.
        environ: what children's environments are made from.
        clock: monotonic seconds.
        pace: how often to look for what no event tells of.
        listener: makes the thread that hears of file events.

    Raises:
        FtuiError: there is no such profile.
    """

    def __init__(
        self,
        workspace: Workspace,
        emit: Callable[[Event], None],
        *,
        slots: Callable[[int | None], int],
        config_file: Path | None = None,
        profile: str | None = None,
        fail_fast: bool | None = None,
        force: bool = False,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
        listener: Callable[[Callable[[Heard], None]], Listener] = Listener,
    ) -> None:
        self._root = workspace.root
        self._fail_fast = fail_fast
        self._environ = dict(environ)
        self._pace = pace or Pace()
        self._listener = listener
        self._breaker = Breaker()
        self._standing = Standing(self._breaker)
        self._emitter = Emitter(self._show, clock)
        self._front_end = emit
        self._slots = slots
        self._lineup = Lineup(workspace, config_file, profile)
        self._board = Board(self._emitter, self._lineup, slots(workspace.config.workers))
        self._edits = Edits(self._root, self._lineup, self._breaker, self._emitter)
        self._memory = Memory(
            self._root, self._lineup.recipes, self._environ, self._lineup.list_tree, on_look=self._seen
        )
        self._chores = Chores(self._lineup, self._memory, self._standing, self._emitter.now)
        self._repo = Repo(self._root)

        self._wake = asyncio.Event()
        self._stopped = False
        self._hints: Hints | None = EVERYTHING
        self._unlearned: int | None = None
        self._whole = True
        self._reopen = self._plugins_too = False
        self._due: set[str] = set(self._lineup.checks)
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._asked: set[str] = set()
        self._forced: set[str] = set(self._due) if force else set()
        self._because = ""
        self._handled: set[str] = set()
        self._pass: OnePass | None = None
        self._superseded = self._holding = False
        self._unfinished: set[str] = set()
        self._begun: tuple[str, frozenset[str]] | None = None
        self._said: set[tuple[str, str]] = set()
        self._group: asyncio.TaskGroup

    # Steering

    def now(self) -> float:
        """Seconds since the engine was built: the `time_s` of events."""
        return self._emitter.now()

    @property
    def workspace(self) -> Workspace:
        """The project, as it was opened last."""
        return self._lineup.workspace

    def rerun(self, check_ids: Iterable[str], *, force: bool = False) -> None:
        """Has checks decided on anew, also while the watch is paused; what failed runs even if nothing has changed.

        Args:
            check_ids: which; unknown ones are left out.
            force: whether they run, whatever is stored.
        """
        wanted = set(check_ids) & self._lineup.checks.keys()
        failed = {name for name in wanted if self._standing.outcomes.get(name) is not Outcome.PASSED}
        self._asked |= wanted
        self._forced |= wanted if force else failed
        for check_id in wanted:
            self._breaker.forgive(check_id)
        self._hints = EVERYTHING
        self._wake.set()

    def cancel(self, check_id: str) -> None:
        """Cancels a check that runs or waits; it stays cancelled until something changes."""
        self._put_off(check_id)
        self._due.discard(check_id)
        self._unfinished.discard(check_id)
        if self._pass is not None:
            self._pass.cancel(check_id)

    def pause(self) -> None:
        """Lets nothing begin that was not asked for; what runs goes on, and what becomes stale is told."""
        self._board.paused = True
        self._board.tell()

    def resume(self) -> None:
        """Runs what has become stale meanwhile, and what will."""
        self._board.paused = False
        self._board.tell()
        self._wake.set()

    def set_profile(self, name: str) -> None:
        """Keeps the checks of another profile up to date.

        Raises:
            FtuiError: there is none of that name.
        """
        before = set(self._lineup.checks)
        self._lineup.choose(name)
        self._due |= self._lineup.checks.keys() - before
        self._because = f"profile {name}"
        self._wake.set()

    def set_workers(self, workers: int) -> None:
        """Changes the number of worker slots, from 1; what runs goes on."""
        self._board.workers = max(1, workers)
        self._board.tell()
        if self._pass is not None:
            self._pass.set_workers(self._board.workers)

    def stop(self) -> None:
        """Cancels what runs; `run` returns when every process is gone."""
        self._stopped = True
        if self._pass is not None:
            self._pass.stop()
        self._wake.set()

    def problem(self, source: str, message: str) -> None:
        """Reports something that went wrong beside the checks."""
        self._emitter.problem(source, message)

    # The loop

    async def run(self) -> None:
        """Watches until it is stopped."""
        self._take_plugins()
        try:
            async with (
                Watcher(self._root, self.problem, pace=self._pace, listener=self._listener) as watcher,
                asyncio.TaskGroup() as self._group,
            ):
                beside = [self._group.create_task(self._hear(watcher)), self._group.create_task(self._do_chores())]
                self._group.create_task(self._read_head())
                try:
                    while not self._stopped or self._pass is not None:
                        await self._step(watcher)
                        await self._wake.wait()
                        self._wake.clear()
                finally:
                    for task in beside:
                        task.cancel()
        finally:
            await self._memory.close()

    async def _hear(self, watcher: Watcher) -> None:
        while True:
            hints = await watcher.changes()
            if GIT in hints.paths:
                self._group.create_task(self._read_head())
            self._hints = hints.joined(self._hints)
            self._wake.set()

    async def _step(self, watcher: Watcher) -> None:
        """Does what there is to do now: looks where hints point, and begins a run over what is due."""
        if self._stopped or self._is_held() or not await self._look() or self._stopped:
            return
        if self._reopen:
            self._open_again()
        self._serve_asked()
        self._follow_lineup()
        if self._due and not self._board.paused:
            if self._pass is None:
                self._begin(self._due)
            else:
                due, self._due = self._due, set()
                self._want(due)
        self._board.tell()
        if self._unlearned is not None:
            began_ns, self._unlearned = self._unlearned, None
            await watcher.looked(self._memory.snapshot, began_ns)

    def _is_held(self) -> bool:
        if self._hints is None and not self._holding:
            return False
        hold = holding(self._root)
        if hold is not None:
            # Nobody has to be told of a moment.
            self._board.held = hold.reason if hold.seconds >= 1 else self._board.held
            self._holding = True
            asyncio.get_running_loop().call_later(hold.seconds, self._wake.set)
        elif self._holding:
            self._holding, self._board.held = False, ""
            self._hints = EVERYTHING
        self._board.tell()
        return hold is not None

    async def _look(self) -> bool:
        """Looks where hints point; whether the tree could be looked at."""
        if self._hints is None:
            return True
        hints, self._hints = self._hints, None
        try:
            if hints.paths and not hints.relist:
                await self._memory.glance(hints.paths)
            else:
                await self._memory.look()
        except OSError as error:
            self._hints = EVERYTHING
            self._board.lost = f"{self._root} cannot be looked at: {error.strerror}"
        else:
            self._board.lost = ""
        self._board.tell()
        return not self._board.lost

    def _serve_asked(self) -> None:
        self._asked &= self._lineup.checks.keys()
        if self._pass is None and self._asked:
            self._because = "asked for"
            self._begin(self._asked)
            self._asked = set()
        elif self._pass is not None and (asked := self._asked.intersection(self._pass.ids)):
            self._pass.again(asked, restart=asked, forced=self._forced & asked)
            self._forced -= asked
            self._asked -= asked

    # What a look has found

    def _seen(self, look: Look) -> None:
        self._whole = look.whole
        self._unlearned = look.began_ns
        self._reopen = self._reopen or (look.relisted and not look.first)
        self._wake.set()
        written = self._pass.is_written if self._pass is not None else lambda path: False
        edited = [path for path in look.changed if not written(path)]
        if not edited:
            return
        concern = self._edits.judge(edited, look)
        self._reopen = self._reopen or self._lineup.is_decided_by(edited)
        if concern.affected or self._reopen:
            self._because = concern.because
        self._handled |= concern.affected
        for check_id in concern.affected:
            self._put_off(check_id)
        for check_id in concern.later:
            timer = asyncio.get_running_loop().call_later(QUIET_S, self._want_late, check_id)
            self._later[check_id] = timer
        self._want(concern.now)

    def _put_off(self, check_id: str) -> None:
        if (timer := self._later.pop(check_id, None)) is not None:
            timer.cancel()

    def _want_late(self, check_id: str) -> None:
        self._put_off(check_id)
        self._due.add(check_id)
        self._wake.set()

    def _want(self, check_ids: Collection[str]) -> None:
        """Has checks decided on anew, as soon as that may be."""
        if self._pass is None or self._board.paused or self._holding:
            self._due |= set(check_ids)
            return
        checks = self._lineup.checks
        restart = {name for name in check_ids if name in checks and checks[name].on_change == "restart"}
        self._pass.again(check_ids, restart=restart)

    def _moved(self, moved: Mapping[str, Sequence[str]], moves: Moves) -> None:
        """Has checks run again under which something moved that is no file of the tree."""
        moved = {name: parts for name, parts in moved.items() if name not in self._handled}
        again = moves.to_repeat(moved)
        for check_id in moved.keys() - again.keys():
            self._standing.unkey(check_id)
        if again and self._pass is not None:
            self._pass.again(again)

    # Runs

    def _begin(self, check_ids: Collection[str], audited: frozenset[str] = frozenset()) -> None:
        """Begins a run; while the watch is paused, what was left unfinished goes on waiting."""
        due = self._lacking(set(check_ids) if self._board.paused else self._unfinished | set(check_ids))
        self._due -= due
        self._unfinished -= due
        forced, self._forced = self._forced & due, self._forced - due
        because, self._because = self._because, ""
        self._handled = set()
        self._emitter.begin_run()
        selection = self._lineup.selection
        self._begun = self._lined_up()
        self._emitter.emit(run_started(self._emitter, self._root, selection, self._board.workers, because))
        decided = due | self._standing.outcomes.keys()
        config, moves = self._lineup.workspace.config, Moves(self.problem)
        self._pass = OnePass(
            replace(selection, checks=tuple(check for check in selection.checks if check.id in decided)),
            Executor(self._root, self._emitter, self._environ),
            self._memory,
            self._emitter,
            workers=self._board.workers,
            fail_fast=config.fail_fast if self._fail_fast is None else self._fail_fast,
            affected=self._lineup.affected,
            on_moved=lambda moved: self._moved(moved, moves),
            earlier={name: outcome for name, outcome in self._standing.outcomes.items() if name not in due},
            forced=frozenset(forced),
            audited=audited,
        )
        self._group.create_task(self._complete(self._pass))

    def _lacking(self, check_ids: Collection[str]) -> set[str]:
        """These checks, and those without any result that they require."""
        checks = self._lineup.checks
        pending, found = [name for name in check_ids if name in checks], set[str]()
        while pending:
            check_id = pending.pop()
            if check_id not in found:
                found.add(check_id)
                pending += (name for name in checks[check_id].requires if name not in self._standing.outcomes)
        return found

    def _lined_up(self) -> tuple[str, frozenset[str]]:
        return self._lineup.selection.profile, frozenset(self._lineup.checks)

    async def _complete(self, one: OnePass) -> None:
        try:
            await one.complete()
        except* OSError:
            # The tree cannot be looked at: the next look says so, and waits until it can.
            self._hints = EVERYTHING
            self._superseded = True
        self._pass = None
        self._due |= one.missed
        if self._superseded:
            self._due |= one.unfinished
        else:
            self._unfinished |= one.unfinished
        self._superseded = False
        self._due &= self._lineup.checks.keys()
        self._forced |= one.forced & (one.missed | one.unfinished)
        for message in self._memory.take_messages():
            self.problem("cache", message)
        self._emitter.emit(RunFinished(run_id=self._emitter.run_id, time_s=self.now(), interrupted=one.stopped))
        if not self._whole:
            self._hints = EVERYTHING
        self._chores.put_off_audit()
        if not self._stopped:
            self._group.create_task(self._read_head())
        self._wake.set()

    # What checks there are

    def _take_plugins(self) -> None:
        plugins = self._lineup.workspace.plugins
        if plugins is not self._emitter.plugins:
            self._emitter.plugins = plugins
            for source, message in plugins.problems:
                if (source, message) not in self._said:
                    self._said.add((source, message))
                    self.problem(source, message)
            plugins.on_problem = self.problem

    def _open_again(self) -> None:
        """Asks once more which checks there are; what cannot be used leaves everything as it is."""
        self._reopen = False
        before, workers = self._lineup.checks.keys(), self._lineup.workspace.config.workers
        try:
            changed = self._lineup.open_again(plugins_too=self._plugins_too)
        except FtuiError as error:
            if str(error) != self._board.invalid:
                self.problem("configuration", f"{error}; the last good one stays in force")
            self._board.invalid = str(error)
            return
        self._plugins_too, self._board.invalid = False, ""
        self._take_plugins()
        self._memory.use(self._lineup.recipes)
        if self._lineup.workspace.config.workers != workers:
            self.set_workers(self._slots(self._lineup.workspace.config.workers))
        if changed and self._pass is not None:
            self._supersede(self._pass)
        for check_id in before - self._lineup.checks.keys():
            self._standing.forget(check_id)
        self._due |= changed
        if changed and not self._because:
            self._because = "what there is to check has changed"

    def _follow_lineup(self) -> None:
        """Sees to it that what runs, and what is shown, are the checks that there are now."""
        self._due &= self._lineup.checks.keys()
        if self._begun == self._lined_up():
            return
        if self._pass is not None:
            self._supersede(self._pass)
        elif self._board.paused or not self._due:
            self._begin(())

    def _supersede(self, one: OnePass) -> None:
        """Ends a pass over checks that are others now; those that it has not decided on are due then."""
        self._superseded = True
        one.stop()

    # While nothing happens

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(self._pace.chores_s)
            if self._chores.have_slept():
                self._hints = EVERYTHING
            elif self._pass is None and not self._holding and not self._board.lost:
                if await self._chores.are_tools_others():
                    self._reopen = self._plugins_too = True
                    self._hints = EVERYTHING  # or the root itself is gone
                await self._find_rekeyed()
                self._audit()
            if self._hints is not None or self._reopen or self._due:
                self._wake.set()

    async def _find_rekeyed(self) -> None:
        rekeyed = await self._chores.rekeyed() - self._breaker.blamed.keys() - self._later.keys()
        if rekeyed and self._hints is None and self._pass is None and not self._due:
            self._because = "what a check runs with has changed"
            self._due |= rekeyed

    def _audit(self) -> None:
        if not (self._board.paused or self._due or self._later or self._reopen) and self._pass is None:
            drawn = self._chores.drawn()
            if drawn:
                self._because = "audit of a hit"
                self._begin(drawn, audited=drawn)

    async def _read_head(self) -> None:
        self._board.head = await self._repo.head()
        self._board.tell()

    def _show(self, event: Event) -> None:
        self._standing.take(event)
        self._front_end(event)
