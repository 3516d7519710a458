"""Tells a tree that is being edited from a check that changes what it reads, and would start itself for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS: Final = 3
"""Runs in a row that a check changes the same file in, until it is taken out of the watch."""
NEAR_S: Final = 0.5
NEAR_SHARE: Final = 0.2
"""A check writes at about the same moment of each run, a person does not: within `NEAR_S` seconds, or this share of the
time since it was started."""
SLACK_S: Final = 0.05
"""The clock of files stands still for some milliseconds at a time."""


class _Life(Struct):
    """When a check ran last, seconds since 1970."""

    start: float
    end: float | None = None


class Breaker:
    """Remembers when checks ran, and which files changed in the meantime.

    Args:
        clock: seconds since 1970.

    Attributes:
        blamed: by id of a check that is taken out of the watch, the file that it changes.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lives: dict[str, _Life] = {}
        self._written: dict[str, dict[str, list[float]]] = {}
        self.blamed: dict[str, str] = {}

    def started(self, check_id: str) -> None:
        """A check has been started."""
        self._lives[check_id] = _Life(self._clock())

    def ended(self, check_id: str) -> None:
        """It has ended."""
        if (life := self._lives.get(check_id)) is not None and life.end is None:
            life.end = self._clock()

    def forgive(self, check_id: str) -> None:
        """Takes a check back into the watch."""
        self.blamed.pop(check_id, None)
        self._written.pop(check_id, None)

    def allows(self, check_id: str, changed: Mapping[str, float]) -> bool:
        """Whether a change of its inputs is to start a check; if it is not, `blamed` says why.

        Args:
            check_id: of the check.
            changed: by path when each was last written, seconds since 1970.
        """
        offsets = self._offsets(check_id, changed)
        if len(offsets) < len(changed):
            self.forgive(check_id)  # somebody else has edited something
            return True
        if check_id in self.blamed:
            return self.blamed[check_id] not in offsets
        before = self._written.get(check_id, {})
        now = self._written[check_id] = {
            path: [*(before.get(path, []) if _near(before.get(path, []), offset) else []), offset]
            for path, offset in offsets.items()
        }
        path = next((path for path, moments in now.items() if len(moments) >= ROUNDS), None)
        if path is not None:
            self.blamed[check_id] = path
        return path is None

    def _offsets(self, check_id: str, changed: Mapping[str, float]) -> dict[str, float]:
        """For each path that was written while the check ran: how many seconds after its start."""
        life = self._lives.get(check_id)
        if life is None:
            return {}
        end = self._clock() if life.end is None else life.end
        return {
            path: written - life.start
            for path, written in changed.items()
            if life.start - SLACK_S <= written <= end + SLACK_S
        }


def _near(moments: list[float], offset: float) -> bool:
    return not moments or abs(moments[-1] - offset) <= max(NEAR_S, NEAR_SHARE * offset)
