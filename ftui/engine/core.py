"""The engine: one pass over a selection of checks, told as events."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ftui.engine.execute import Executor
from ftui.engine.memory import Memory
from ftui.engine.onepass import OnePass
from ftui.events import PlannedCheck, Problem, RunFinished, RunStarted

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
        self._front_end = emit
        self._workers = workers
        self._fail_fast = fail_fast
        self._force = force
        self._environ = dict(environ)
        self._clock = clock
        self._origin = clock()
        self._stopped = False
        self._pass: OnePass | None = None
        self._run_id = ""

    def now(self) -> float:
        """Seconds since the engine was built: the `time_s` of events."""
        return self._clock() - self._origin

    def stop(self) -> None:
        """Cancels what runs and skips what waits; `run` returns when every process is gone."""
        self._stopped = True
        if self._pass is not None:
            self._pass.stop()

    def problem(self, source: str, message: str) -> None:
        """Reports something that went wrong beside the checks."""
        self._emit(Problem(run_id=self._run_id, time_s=self.now(), source=source, message=message))

    def _emit(self, event: Event) -> None:
        self._front_end(event)
        self._plugins.event(event)

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
        memory = Memory(self._root, recipes, self._environ, list_tree, force=self._force, audited=audited)
        self._pass = OnePass(selection, files, executor, memory, self._run_id, self.now, self._emit)
        try:
            if self._stopped:
                self._pass.stop()
            await self._pass.complete(self._workers, fail_fast=self._fail_fast)
        finally:
            self._pass = None
            await memory.close()
        for message in memory.messages:
            self.problem("cache", message)
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
