"""The engine that stays up: it hears of edits, finds what they change, and decides anew on the checks they affect.

hints -> a look at the tree -> what changed -> the checks that this affects -> a pass over those -> events
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from ftui.engine.board import Board
from ftui.engine.breaker import Breaker
from ftui.engine.chores import Chores
from ftui.engine.edits import Edits
from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.held import holding
from ftui.engine.hints import EVERYTHING, GIT, Hints
from ftui.engine.lineup import Lineup
from ftui.engine.listen import Listener
from ftui.engine.memory import Memory
from ftui.engine.patrol import Pace
from ftui.engine.repo import Repo
from ftui.engine.runs import Runs
from ftui.engine.standing import Standing
from ftui.engine.watch import Watcher
from ftui.errors import FtuiError
from ftui.history.expect import Expectations
from ftui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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
            self._root, self._lineup.recipes, dict(environ), self._lineup.list_tree, on_look=self._seen
        )
        self._wake = asyncio.Event()
        self.expectations = Expectations(str(self._root))
        """What checks take as a rule; knows nothing until it is told."""
        self._runs = Runs(
            self._lineup,
            self._standing,
            self._board,
            self._memory,
            self._emitter,
            Executor(self._root, self._emitter, dict(environ)),
            self.expectations,
            fail_fast=fail_fast,
            wake=self._wake.set,
        )
        if force:
            self._runs.force(self._lineup.checks)
        self._chores = Chores(self._lineup, self._memory, self._standing, self._emitter.now)
        self._repo = Repo(self._root)

        self._stopped = False
        self._hints: Hints | None = EVERYTHING
        self._unlearned: int | None = None
        self._whole = True
        self._followed = 0
        self._reopen = self._plugins_too = False
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
        self._runs.ask(wanted)
        self._runs.force(wanted if force else failed)
        for check_id in wanted:
            self._breaker.forgive(check_id)
        self._hints = EVERYTHING
        self._wake.set()

    def cancel(self, check_id: str) -> None:
        """Cancels a check that runs or waits; it stays cancelled until something changes."""
        self._runs.cancel(check_id)

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
        self._runs.due |= self._lineup.checks.keys() - before
        self._runs.because = f"profile {name}"
        self._wake.set()

    def set_workers(self, workers: int) -> None:
        """Changes the number of worker slots, from 1; what runs goes on."""
        self._board.workers = max(1, workers)
        self._board.tell()
        self._runs.set_workers(self._board.workers)

    def stop(self) -> None:
        """Cancels what runs; `run` returns when every process is gone."""
        self._stopped = True
        self._runs.stop()
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
                    while not self._stopped or self._runs.going:
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
        self._follow_run()
        if self._stopped or self._is_held() or not await self._look() or self._stopped:
            return
        if self._reopen:
            self._open_again()
        self._runs.advance(self._group)
        self._board.tell()
        if self._unlearned is not None:
            began_ns, self._unlearned = self._unlearned, None
            await watcher.looked(self._memory.snapshot, began_ns)

    def _is_held(self) -> bool:
        if self._hints is None and not self._runs.held:
            return False
        hold = holding(self._root)
        if hold is not None:
            # Nobody has to be told of a moment.
            self._board.held = hold.reason if hold.seconds >= 1 else self._board.held
            self._runs.held = True
            asyncio.get_running_loop().call_later(hold.seconds, self._wake.set)
        elif self._runs.held:
            self._runs.held, self._board.held = False, ""
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

    def _follow_run(self) -> None:
        """Takes note of a run that has ended."""
        if self._runs.going or self._followed == self._emitter.number:
            return
        self._followed = self._emitter.number
        if self._runs.failed or not self._whole:
            # Where the tree could not be looked at, the next look says so, and waits until it can.
            self._hints = EVERYTHING
        self._chores.put_off_audit()
        if not self._stopped:
            self._group.create_task(self._read_head())

    # What a look has found

    def _seen(self, look: Look) -> None:
        self._whole = look.whole
        self._unlearned = look.began_ns
        self._reopen = self._reopen or (look.relisted and not look.first)
        self._wake.set()
        edited = [path for path in look.changed if not self._runs.is_written(path)]
        if not edited:
            return
        concern = self._edits.judge(edited, look)
        self._reopen = self._reopen or self._lineup.is_decided_by(edited)
        if concern.affected or self._reopen:
            self._runs.because = concern.because
        self._runs.concern(concern)

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
        if changed:
            self._runs.supersede()
        for check_id in before - self._lineup.checks.keys():
            self._standing.forget(check_id)
        self._runs.due |= changed
        if changed and not self._runs.because:
            self._runs.because = "what there is to check has changed"

    # While nothing happens

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(self._pace.chores_s)
            if self._chores.have_slept():
                self._hints = EVERYTHING
            elif not (self._runs.going or self._runs.held or self._board.lost):
                if await self._chores.are_tools_others():
                    self._reopen = self._plugins_too = True
                    self._hints = EVERYTHING  # or the root itself is gone
                await self._find_rekeyed()
                self._audit()
            if self._hints is not None or self._reopen or self._runs.due:
                self._wake.set()

    async def _find_rekeyed(self) -> None:
        rekeyed = await self._chores.rekeyed() - self._breaker.blamed.keys()
        if rekeyed and self._hints is None and self._runs.idle:
            self._runs.because = "what a check runs with has changed"
            self._runs.due |= rekeyed

    def _audit(self) -> None:
        if self._runs.idle and not (self._board.paused or self._reopen or self._stopped):
            drawn = self._chores.drawn()
            if drawn:
                self._runs.audit(self._group, drawn)

    async def _read_head(self) -> None:
        self._board.head = await self._repo.head()
        self._board.tell()

    def _show(self, event: Event) -> None:
        self._standing.take(event)
        self._front_end(event)
