"""What the screen asks of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftui.tuning.advice import Advice, Tuned


class Controls(Protocol):
    """Steers the engine that feeds the screen.

    Every call returns at once and is made in the event loop of the screen; what comes of it arrives as events.
    """

    def rerun(self, ids: Iterable[str], *, force: bool = False) -> None:
        """Runs checks again, without asking the cache where `force` is set; ids that do not exist are left out."""

    def cancel(self, check_id: str) -> None:
        """Ends a check that runs or waits; does nothing for any other."""

    def pause(self) -> None:
        """Starts nothing more for changes of the tree until `resume`."""

    def resume(self) -> None:
        """Catches up with what has changed, and follows the tree again."""

    def set_profile(self, name: str) -> None:
        """Watches with another profile, one of `Watching.profiles`."""

    def set_workers(self, workers: int) -> None:
        """Changes the number of worker slots, from 1; what runs goes on."""

    def stop(self) -> None:
        """Ends all checks and the watch."""


class Tuner(Protocol):
    """Knows what could be tuned and where time goes, and writes down what is to be changed."""

    async def tuned(self, profile: str, workers: int) -> Tuned:
        """What the history says about the settings of the project.

        Args:
            profile: whose checks are looked at.
            workers: worker slots as they are now.

        Raises:
            FtuiError: it cannot be told.
        """

    async def deep_look(self, check_id: str) -> Sequence[str]:
        """Where the time of a check goes, in lines; runs it once more, and keeps nothing of that.

        Raises:
            FtuiError: nothing can tell.
        """

    async def apply(self, advice: Advice) -> Sequence[str]:
        """Writes a piece of advice into the configuration; returns what was written and how to take it back.

        Raises:
            FtuiError: it cannot be written; nothing is changed then.
        """
