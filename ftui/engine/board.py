"""How the watch stands, told whenever that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.engine.repo import Head
from ftui.events import Watching

if TYPE_CHECKING:
    from ftui.engine.emitter import Emitter
    from ftui.engine.lineup import Lineup
    from ftui.events import WatchStatus


class Board:
    """Emits `Watching`, and only when it would say something else than the last time.

    Args:
        emitter: takes the event.
        lineup: whose profile and unused checks are told.

    Attributes:
        workers: worker slots.
        paused: whether the user has paused the watch.
        held: why no run may begin; empty when one may.
        lost: why the tree cannot be looked at; empty when it can.
        invalid: what is wrong with the configuration; empty when it can be used.
        head: where the work tree stands.
    """

    def __init__(self, emitter: Emitter, lineup: Lineup, workers: int) -> None:
        self._emitter = emitter
        self._lineup = lineup
        self.workers = workers
        self.paused = False
        self.held = ""
        self.lost = ""
        self.invalid = ""
        self.head = Head()
        self._last: tuple[object, ...] | None = None

    def tell(self) -> None:
        """Emits how it stands now, if that is news."""
        status, reason = self._status()
        event = Watching(
            run_id=self._emitter.run_id,
            time_s=self._emitter.now(),
            status=status,
            reason=reason,
            profile=self._lineup.selection.profile,
            profiles=self._lineup.profiles,
            workers=self.workers,
            branch=self.head.branch,
            dirty=self.head.dirty,
            unused=self._lineup.workspace.unused,
        )
        told = (status, reason, event.profile, event.profiles, event.workers, self.head, event.unused)
        if told != self._last:
            self._last = told
            self._emitter.emit(event)

    def _status(self) -> tuple[WatchStatus, str]:
        if self.lost or self.held:
            return "held", self.lost or self.held
        if self.invalid:
            return "invalid", self.invalid
        return ("paused", "paused by you") if self.paused else ("watching", "")
