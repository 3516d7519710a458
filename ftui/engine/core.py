"""The engine: one pass over a selection of checks, told as events."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.memory import Memory
from ftui.engine.moves import Moves
from ftui.engine.onepass import OnePass
from ftui.engine.select import affected
from ftui.events import PlannedCheck, RunFinished, RunStarted, TreeChanged
from ftui.history.expect import Expectations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ftui.cache.recipe import Recipe
    from ftui.engine.select import Selection
    from ftui.events import Event
    from ftui.model import Check
    from ftui.plugins import Plugins


class Engine:
    """Runs checks and emits what happens. One event loop owns it; `emit` is called in that loop, in order.

    Args:
        root: the project's root.
        plugins: their observers see every event.
        emit: takes each event.
        workers: worker slots, at least 1.
        fail_fast: whether the first failure cancels what runs and skips the rest.
        force: whether every check runs, whatever is stored.
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
        force: bool = False,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._plugins = plugins
        self._emitter = Emitter(emit, clock)
        self._emitter.plugins = plugins
        self._workers = workers
        self._fail_fast = fail_fast
        self._force = force
        self._environ = dict(environ)
        self._stopped = False
        self._pass: OnePass | None = None
        self._moves = Moves(self.problem)
        self.expectations = Expectations(str(root))
        """What checks take as a rule; knows nothing until it is told."""

    def now(self) -> float:
        """Seconds since the engine was built: the `time_s` of events."""
        return self._emitter.now()

    def stop(self) -> None:
        """Cancels what runs and skips what waits; `run` returns when every process is gone."""
        self._stopped = True
        if self._pass is not None:
            self._pass.stop()

    def problem(self, source: str, message: str) -> None:
        """Reports something that went wrong beside the checks."""
        self._emitter.problem(source, message)

    async def run(
        self,
        selection: Selection,
        files: Sequence[str],
        list_tree: Callable[[], Sequence[str]],
        recipes: Mapping[str, Recipe],
        *,
        audited: frozenset[str] = frozenset(),
    ) -> None:
        """Decides on every check of the selection; returns when each has its result.

        Args:
            selection: what to run.
            files: the files of the tree as they were listed for this run, posix and relative to the root.
            list_tree: lists them again; called in a thread.
            recipes: what the cache has to know of each check, by id.
            audited: ids of checks whose hits run all the same, as `ftui.engine.audit.draw` chooses them.
        """
        ids = frozenset(check.id for check in selection.checks)
        memory = Memory(self._root, recipes, self._environ, list_tree)
        self._emitter.begin_run()
        self._emitter.emit(run_started(self._emitter, self._root, selection, self._workers, self.expectations))
        try:
            await memory.look(files)
            self._pass = OnePass(
                selection,
                Executor(self._root, self._emitter, self._environ),
                memory,
                self._emitter,
                workers=self._workers,
                fail_fast=self._fail_fast,
                forced=ids if self._force else frozenset(),
                audited=audited,
                affected=lambda paths: affected(selection.checks, self._plugins, paths),
                on_moved=self._moved,
                expectations=self.expectations,
            )
            if self._stopped:
                self._pass.stop()
            await self._pass.complete()
        finally:
            self._pass = None
            await memory.close()
        for message in memory.messages:
            self.problem("cache", message)
        self._emitter.emit(RunFinished(run_id=self._emitter.run_id, time_s=self.now(), interrupted=self._stopped))

    def _moved(self, moved: Mapping[str, Sequence[str]]) -> None:
        again = self._moves.to_repeat(moved)
        if again and self._pass is not None:
            paths = tuple(sorted({path for each in again.values() for path in each}))
            self._emitter.emit(
                TreeChanged(run_id=self._emitter.run_id, time_s=self.now(), paths=paths, affects=tuple(again))
            )
            self._pass.again(again)


def run_started(
    emitter: Emitter,
    root: Path,
    selection: Selection,
    workers: int,
    expectations: Expectations,
    because: str = "",
) -> RunStarted:
    """The event that begins a run over a selection."""
    return RunStarted(
        run_id=emitter.run_id,
        time_s=emitter.now(),
        root=str(root),
        profile=selection.profile,
        workers=workers,
        checks=tuple(_planned(check, expectations) for check in selection.checks),
        started_at=time.time(),
        number=emitter.number,
        because=because,
    )


def _planned(check: Check, expectations: Expectations) -> PlannedCheck:
    return PlannedCheck(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        requires=check.requires,
        weight=check.weight,
        budget=check.budget,
        expected=expectations.usual(check.id, check.command),
        ahead_of=check.ahead_of,
    )
