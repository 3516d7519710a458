"""What the keys of the main screen ask of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.screen import Screen

from ftui.tui import keys
from ftui.tui.choice import went_wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType

    from ftui.state import State
    from ftui.tui.controls import Controls

STEERING: Final = frozenset(
    (
        *("rerun", "rerun-failed", "rerun-all", "rerun-forced", "cancel"),
        *("pause", "profile", "more-workers", "fewer-workers"),
    )
)
"""Keys that need an engine."""


class Steering(Screen[None]):
    """A screen that steers the engine.

    Args:
        state: what the engine has told.
        controls: of the engine; None for a recording, in which nothing can be steered, and before there is an engine.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("screen")]

    def __init__(self, state: State, controls: Controls | None) -> None:
        super().__init__()
        self._state = state
        self.controls = controls

    @property
    def cursor(self) -> str | None:
        """Id of the check that keys are about."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be steered where there is no engine."""
        return self.controls is not None or action.replace("_", "-") not in STEERING

    def _rerun(self, ids: Iterable[str], *, force: bool = False) -> None:
        if self.controls is not None and (chosen := list(ids)):
            self.controls.rerun(chosen, force=force)

    def action_rerun(self) -> None:
        self._rerun(filter(None, [self.cursor]))

    def action_rerun_forced(self) -> None:
        self._rerun(filter(None, [self.cursor]), force=True)

    def action_rerun_failed(self) -> None:
        self._rerun(row.id for row in self._state.rows.values() if went_wrong(row))

    def action_rerun_all(self) -> None:
        self._rerun(self._state.rows)

    def action_cancel(self) -> None:
        if self.controls is not None and self.cursor is not None:
            self.controls.cancel(self.cursor)

    def action_pause(self) -> None:
        watching = self._state.watching
        if self.controls is None or watching is None:
            return
        if watching.status == "paused":
            self.controls.resume()
        else:
            self.controls.pause()

    def action_profile(self, number: int) -> None:
        """Chooses a profile by its place, from 1."""
        watching = self._state.watching
        if self.controls is not None and watching is not None and number <= len(watching.profiles):
            self.controls.set_profile(watching.profiles[number - 1])

    def action_more_workers(self) -> None:
        self._set_workers(1)

    def action_fewer_workers(self) -> None:
        self._set_workers(-1)

    def _set_workers(self, more: int) -> None:
        watching = self._state.watching
        if self.controls is not None and watching is not None and watching.workers + more >= 1:
            self.controls.set_workers(watching.workers + more)
