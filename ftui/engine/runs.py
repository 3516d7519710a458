"""One run after the other over the checks that are due, and how the one that goes on is steered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.breaker import QUIET_S
from ftui.engine.core import run_started
from ftui.engine.moves import Moves
from ftui.engine.onepass import OnePass
from ftui.events import RunFinished

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ftui.engine.board import Board
    from ftui.engine.edits import Concern
    from ftui.engine.emitter import Emitter
    from ftui.engine.execute import Executor
    from ftui.engine.lineup import Lineup
    from ftui.engine.memory import Memory
    from ftui.engine.standing import Standing
    from ftui.history.expect import Expectations


class Runs:
    """Decides what the next run is about, and keeps to one run at a time.

    Args:
        lineup: the checks that there are.
        standing: what is known of them.
        board: whether the watch is paused, and how many workers there are.
        memory: the cache.
        emitter: takes the events.
        executor: runs one check.
        expectations: what checks take as a rule.
        fail_fast: whether the first failure ends a run; None for what the configuration says.
        wake: called when there may be something to begin, or a run has ended.

    Attributes:
        due: ids of the checks that the next run decides on.
        because: what makes it begin.
        held: whether nothing may begin now, nor begin anew.
        failed: whether the tree could not be looked at in the run that has ended.
    """

    def __init__(
        self,
        lineup: Lineup,
        standing: Standing,
        board: Board,
        memory: Memory,
        emitter: Emitter,
        executor: Executor,
        expectations: Expectations,
        *,
        fail_fast: bool | None,
        wake: Callable[[], None],
    ) -> None:
        self._lineup = lineup
        self._standing = standing
        self._board = board
        self._memory = memory
        self._emitter = emitter
        self._executor = executor
        self._expectations = expectations
        self._fail_fast = fail_fast
        self._wake = wake
        self.due: set[str] = set(lineup.checks)
        self.because = ""
        self.held = False
        self.failed = False
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._asked: set[str] = set()
        self._forced: set[str] = set()
        self._handled: set[str] = set()
        self._pass: OnePass | None = None
        self._superseded = False
        self._unfinished: set[str] = set()
        self._begun: tuple[str, frozenset[str]] | None = None

    @property
    def going(self) -> bool:
        """Whether a run goes on."""
        return self._pass is not None

    @property
    def idle(self) -> bool:
        """Whether nothing runs, and nothing is going to."""
        return self._pass is None and not (self.due or self._later or self._asked)

    def is_written(self, path: str) -> bool:
        """Whether a mutating check that runs may be the one that changes a path."""
        return self._pass is not None and self._pass.is_written(path)

    # Steering

    def force(self, check_ids: Iterable[str]) -> None:
        """Has checks run the next time that they are decided on, whatever is stored."""
        self._forced |= set(check_ids)

    def ask(self, check_ids: Iterable[str]) -> None:
        """Notes checks that the user wants decided on, paused or not; `advance` sees to it."""
        self._asked |= set(check_ids)

    def concern(self, edit: Concern) -> None:
        """Has checks decided on anew that an edit concerns."""
        self._handled |= edit.affected
        for check_id in edit.affected:
            self._put_off(check_id)
        for check_id in edit.later:
            self._later[check_id] = asyncio.get_running_loop().call_later(QUIET_S, self._want_late, check_id)
        self._want(edit.now)

    def cancel(self, check_id: str) -> None:
        """Cancels a check that runs or waits, or would run later."""
        self._put_off(check_id)
        self.due.discard(check_id)
        self._unfinished.discard(check_id)
        if self._pass is not None:
            self._pass.cancel(check_id)

    def set_workers(self, workers: int) -> None:
        """Changes the worker slots of the run that goes on."""
        if self._pass is not None:
            self._pass.set_workers(workers)

    def stop(self) -> None:
        """Ends the run that goes on."""
        if self._pass is not None:
            self._pass.stop()

    def supersede(self) -> None:
        """Ends the run that goes on, since the checks are others now; what it has not decided on is due then."""
        if self._pass is not None:
            self._superseded = True
            self._pass.stop()

    def advance(self, group: asyncio.TaskGroup) -> None:
        """Begins what there is to begin, and sees to it that what runs and is shown are the checks of now.

        Args:
            group: gets the task of a run.
        """
        self._serve_asked(group)
        self.due &= self._lineup.checks.keys()
        others = self._begun != self._lined_up()
        if others and self._pass is not None:
            self.supersede()
        elif others and (self._board.paused or not self.due):
            self._begin(group, ())
        if self.due and not self._board.paused:
            if self._pass is None:
                self._begin(group, self.due)
            else:
                due, self.due = self.due, set()
                self._want(due)

    def audit(self, group: asyncio.TaskGroup, drawn: Collection[str]) -> None:
        """Runs hits all the same.

        Args:
            group: gets the task of the run.
            drawn: their ids.
        """
        self.because = "audit of a hit"
        self._begin(group, drawn, audited=drawn)

    def _serve_asked(self, group: asyncio.TaskGroup) -> None:
        self._asked &= self._lineup.checks.keys()
        if self._pass is None and self._asked:
            asked, self._asked = self._asked, set()
            self.because = "asked for"
            self._begin(group, asked)
        elif self._pass is not None and (asked := self._asked.intersection(self._pass.ids)):
            self._pass.again(asked, restart=asked, forced=self._forced & asked)
            self._forced -= asked
            self._asked -= asked

    def _want(self, check_ids: Collection[str]) -> None:
        """Has checks decided on anew, as soon as that may be."""
        if self._pass is None or self._board.paused or self.held:
            self.due |= set(check_ids)
            return
        checks = self._lineup.checks
        restart = {name for name in check_ids if name in checks and checks[name].on_change == "restart"}
        self._pass.again(check_ids, restart=restart)

    def _put_off(self, check_id: str) -> None:
        if (timer := self._later.pop(check_id, None)) is not None:
            timer.cancel()

    def _want_late(self, check_id: str) -> None:
        self._put_off(check_id)
        self.due.add(check_id)
        self._wake()

    # A run

    def _begin(self, group: asyncio.TaskGroup, check_ids: Collection[str], audited: Collection[str] = ()) -> None:
        """Begins a run; while the watch is paused, what was left unfinished goes on waiting."""
        due = self._lacking(set(check_ids) if self._board.paused else self._unfinished | set(check_ids))
        self.due -= due
        self._unfinished -= due
        forced, self._forced = self._forced & due, self._forced - due
        because, self.because = self.because, ""
        self._handled = set()
        self._begun = self._lined_up()
        self._emitter.begin_run()
        workspace, selection, workers = self._lineup.workspace, self._lineup.selection, self._board.workers
        self._emitter.emit(run_started(self._emitter, workspace.root, selection, workers, self._expectations, because))
        decided = due | self._standing.outcomes.keys()
        moves = Moves(self._emitter.problem)
        self._pass = OnePass(
            replace(selection, checks=tuple(check for check in selection.checks if check.id in decided)),
            self._executor,
            self._memory,
            self._emitter,
            workers=workers,
            fail_fast=workspace.config.fail_fast if self._fail_fast is None else self._fail_fast,
            affected=self._lineup.affected,
            on_moved=lambda moved: self._moved(moved, moves),
            earlier={name: outcome for name, outcome in self._standing.outcomes.items() if name not in due},
            forced=frozenset(forced),
            audited=frozenset(audited),
            expectations=self._expectations,
        )
        group.create_task(self._complete(self._pass))

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

    def _moved(self, moved: Mapping[str, Sequence[str]], moves: Moves) -> None:
        """Has checks run again under which something moved that is no file of the tree."""
        moved = {name: parts for name, parts in moved.items() if name not in self._handled}
        again = moves.to_repeat(moved)
        for check_id in moved.keys() - again.keys():
            self._standing.unkey(check_id)
        if again and self._pass is not None:
            self._pass.again(again)

    async def _complete(self, one: OnePass) -> None:
        self.failed = False
        try:
            await one.complete()
        except* OSError:
            self.failed = self._superseded = True
        self._pass = None
        self.due |= one.missed
        if self._superseded:
            self.due |= one.unfinished
        else:
            self._unfinished |= one.unfinished
        self._superseded = False
        self._forced |= one.forced & (one.missed | one.unfinished)
        for message in self._memory.take_messages():
            self._emitter.problem("cache", message)
        self._emitter.emit(
            RunFinished(run_id=self._emitter.run_id, time_s=self._emitter.now(), interrupted=one.stopped)
        )
        self._wake()
