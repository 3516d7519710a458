"""The engine that stays up: it hears of edits, finds what they change, and decides anew on the checks they affect.

hints -> a look at the tree -> what changed -> the checks that this affects -> a pass over those -> events
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Final

from ftui.engine.audit import draw
from ftui.engine.board import Board
from ftui.engine.breaker import Breaker
from ftui.engine.core import run_started
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
from ftui.events import CheckPaused, RunFinished, TreeChanged
from ftui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from ftui.engine.listen import Heard
    from ftui.engine.memory import Look
    from ftui.engine.workspace import Workspace
    from ftui.events import Event

MOST_JUDGED: Final = 50
"""Changed paths up to which it is asked whether a check has written them itself."""
AUDIT_S: Final = 300.0
"""Seconds without a run before one hit is audited, and between two audits."""
AUDIT_SHARE: Final = 0.005
"""Of the time is spent on audits, at most."""
JUMP_S: Final = 5.0
"""Seconds by which the two clocks drift apart only when the machine slept, or its clock was set."""


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
        self._lineup = Lineup(workspace, config_file, profile)
        self._board = Board(self._emitter, self._lineup, slots(workspace.config.workers))
        self._memory = Memory(
            self._root, self._lineup.recipes, self._environ, self._lineup.list_tree, on_look=self._seen
        )
        self._repo = Repo(self._root)

        self._wake = asyncio.Event()
        self._stopped = False
        self._hints: Hints | None = EVERYTHING
        self._unlearned = False
        self._whole = True
        self._reopen = self._plugins_too = False
        self._due: set[str] = set(self._lineup.checks)
        self._asked: set[str] = set()
        self._forced: set[str] = set(self._due) if force else set()
        self._because = ""
        self._handled: set[str] = set()
        self._pass: OnePass | None = None
        self._superseded = self._holding = False
        self._unfinished: set[str] = set()
        self._group: asyncio.TaskGroup
        self._next_audit = self._emitter.now() + AUDIT_S

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
        self._due.discard(check_id)
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
        self._due = (self._due | self._lineup.checks.keys() - before) & self._lineup.checks.keys()
        self._because = f"profile {name}"
        self._reopen = True
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
        if self._stopped or self._is_held():
            return
        if self._hints is not None:
            await self._look()
        if self._reopen:
            await self._open_again()
        self._serve_asked()
        if self._due and self._pass is None and not self._board.paused:
            self._begin(self._due)
        self._board.tell()
        if self._unlearned:
            self._unlearned = False
            await watcher.looked(self._memory.snapshot)

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

    async def _look(self) -> None:
        hints, self._hints = self._hints or EVERYTHING, None
        try:
            if hints.paths and not hints.relist:
                await self._memory.glance(hints.paths)
            else:
                await self._memory.look()
        except OSError as error:
            # The watcher says so when the root is gone, and when it is back.
            self.problem("tree", f"{self._root} cannot be looked at: {error.strerror}")

    def _serve_asked(self) -> None:
        asked, self._asked = self._asked & self._lineup.checks.keys(), set()
        if not asked:
            return
        if self._pass is not None:
            self._pass.again(asked, restart=asked, forced=self._forced & asked)
            self._forced -= asked
        else:
            self._because = "asked for"
            self._begin(asked)

    # What a look has found

    def _seen(self, look: Look) -> None:
        self._whole, self._unlearned = look.whole, True
        self._reopen = self._reopen or (look.relisted and not look.first)
        self._wake.set()
        written = self._pass.is_written if self._pass is not None else lambda path: False
        if edited := [path for path in look.changed if not written(path)]:
            self._consider(edited)

    def _consider(self, edited: Sequence[str]) -> None:
        """Finds out whom an edit concerns, says so, and has those decided on anew."""
        found = self._lineup.affected(edited)
        allowed = {check_id for check_id, paths in found.items() if self._allowed(check_id, paths)}
        covered = frozenset[str]().union(*found.values())
        self._emitter.emit(
            TreeChanged(
                run_id=self._emitter.run_id,
                time_s=self.now(),
                paths=tuple(edited),
                affects=tuple(found),
                uncovered=tuple(
                    path for path in edited if path not in covered and not self._lineup.is_decided_by([path])
                ),
                tree=self._memory.snapshot.name,
            )
        )
        self._reopen = self._reopen or self._lineup.is_decided_by(edited)
        self._because = f"{edited[0]} changed" if len(edited) == 1 else f"{len(edited):,} files changed"
        self._handled |= found.keys()
        if self._pass is None or self._board.paused:
            self._due |= allowed
        else:
            checks = self._lineup.checks
            self._pass.again(allowed, restart={name for name in allowed if checks[name].on_change == "restart"})

    def _allowed(self, check_id: str, paths: Collection[str]) -> bool:
        """Whether changed inputs start a check; not where it writes them itself time and again."""
        was = self._breaker.blamed.get(check_id)
        if len(paths) > MOST_JUDGED or self._breaker.allows(check_id, {path: self._written(path) for path in paths}):
            return True
        path = self._breaker.blamed[check_id]
        if was is None:
            reason = (
                f"it changes {path} each time it runs, and reads it: it will not start itself again; "
                f"add `/{path}` to .gitignore or, where git tracks it, `!/{path}` to the inputs of {check_id}"
            )
            self.problem(f"check {check_id}", reason)
            self._emitter.emit(
                CheckPaused(run_id=self._emitter.run_id, time_s=self.now(), check_id=check_id, reason=reason)
            )
        return False

    def _written(self, path: str) -> float:
        """When a path was last written; now, where it is gone. Seconds since 1970."""
        try:
            return os.lstat(self._root / path).st_mtime
        except OSError:
            return time.time()

    def _moved(self, moved: Mapping[str, Sequence[str]], moves: Moves) -> None:
        """Has checks run again under which something moved that is no file of the tree."""
        again = moves.to_repeat({name: parts for name, parts in moved.items() if name not in self._handled})
        if again and self._pass is not None:
            self._pass.again(again)

    # Runs

    def _begin(self, check_ids: Collection[str], audited: frozenset[str] = frozenset()) -> None:
        due = (self._unfinished | set(check_ids)) & self._lineup.checks.keys()
        self._due -= due
        forced, self._forced = self._forced & due, self._forced - due
        because, self._because = self._because, ""
        self._handled = set()
        self._emitter.begin_run()
        selection = self._lineup.selection
        self._emitter.emit(run_started(self._emitter, self._root, selection, self._board.workers, because))
        config, moves = self._lineup.workspace.config, Moves(self.problem)
        self._pass = OnePass(
            selection,
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

    async def _complete(self, one: OnePass) -> None:
        try:
            await one.complete()
        except* OSError as errors:
            self.problem("tree", f"{self._root} cannot be looked at: {errors.exceptions[0]}")
            self._superseded = True
        self._pass = None
        self._due |= one.missed
        self._unfinished = one.unfinished
        if self._superseded:
            self._due |= one.unfinished
        self._superseded = False
        for message in self._memory.take_messages():
            self.problem("cache", message)
        self._emitter.emit(RunFinished(run_id=self._emitter.run_id, time_s=self.now(), interrupted=one.stopped))
        if not self._whole:
            self._hints = EVERYTHING
        self._next_audit = self.now() + AUDIT_S
        self._group.create_task(self._read_head())
        self._wake.set()

    # What checks there are

    def _take_plugins(self) -> None:
        plugins = self._lineup.workspace.plugins
        if plugins is not self._emitter.plugins:
            self._emitter.plugins = plugins
            for source, message in plugins.problems:
                self.problem(source, message)
            plugins.on_problem = self.problem

    async def _open_again(self) -> None:
        """Asks once more which checks there are; what cannot be used leaves everything as it is."""
        self._reopen = False
        before = self._lineup.checks.keys()
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
        now = self._lineup.checks.keys()
        if self._pass is not None and (changed or before != now):
            self._superseded = True
            self._pass.stop()
        for check_id in before - now:
            self._standing.forget(check_id)
        self._due = (self._due | changed) & now
        if changed and not self._because:
            self._because = "what there is to check has changed"
        if before != now and self._pass is None and not self._due:
            self._begin(())

    # While nothing happens

    async def _do_chores(self) -> None:
        drift, stamp = time.time() - time.monotonic(), self._lineup.stamp()
        while True:
            await asyncio.sleep(self._pace.chores_s)
            before, drift = drift, time.time() - time.monotonic()
            if abs(drift - before) > JUMP_S:
                self._hints = EVERYTHING
            elif self._pass is None and not self._holding:
                was, stamp = stamp, await asyncio.to_thread(self._lineup.stamp)
                if stamp != was:
                    self._reopen = self._plugins_too = True
                await self._find_rekeyed()
                self._audit()
            if self._hints is not None or self._reopen or self._due:
                self._wake.set()

    async def _find_rekeyed(self) -> None:
        """Finds checks whose verdicts are old though no file of the tree has changed: a tool is another one now."""
        keys = {name: key for name, key in self._standing.keys.items() if name in self._lineup.checks}
        rekeyed = set(await self._memory.rekeyed(keys)) - self._breaker.blamed.keys()
        if rekeyed and self._hints is None and not self._due:
            self._because = "what a check runs with has changed"
            self._due |= rekeyed

    def _audit(self) -> None:
        if self.now() < self._next_audit or self._board.paused or self._due or self._pass is not None:
            return
        drawn = draw(self._lineup.selection.checks, self._standing.passed(), 1)
        spent = max((self._standing.durations.get(name, 0.0) for name in drawn), default=0.0)
        self._next_audit = self.now() + max(AUDIT_S, spent / AUDIT_SHARE)
        if drawn:
            self._because = "audit of a hit"
            self._begin(drawn, audited=drawn)

    async def _read_head(self) -> None:
        self._board.head = await self._repo.head()
        self._board.tell()

    def _show(self, event: Event) -> None:
        self._standing.take(event)
        self._front_end(event)
