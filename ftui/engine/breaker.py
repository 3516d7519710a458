"""Tells a tree that is being edited from a check that changes what it reads, and would start itself for ever."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Start: TypeAlias = Literal["now", "later", "never"]
    """When a change starts a check; `later`: when its files have not changed for `QUIET_S`."""

ROUNDS: Final = 3
"""Runs in a row that a check changes the same file in, until it is taken out of the watch."""
QUIET_S: Final = 1.0
"""Seconds of quiet before the last of these runs. Who saves time and again, saves in between as well: that is how a
person, or a program that makes many files, shows itself."""
NEAR_S: Final = 0.5
NEAR_SHARE: Final = 0.2
"""A check writes at about the same moment of each run, a person does not: within `NEAR_S` seconds, or this share of the
time since it was started."""
LAG_S: Final = 0.01
"""The clock of files stands still for some milliseconds at a time."""


class _Life(Struct):
    """When a check ran last, seconds since 1970."""

    start: float
    end: float | None = None


class _Trace(Struct, frozen=True):
    """A file that a check has changed, or files that it has made, in so many runs in a row."""

    paths: tuple[str, ...]
    offset: float
    """Seconds from the start of the last run to the change."""


class Breaker:
    """Remembers when checks ran, and which files changed in the meantime.

    Args:
        clock: seconds since 1970.

    Attributes:
        blamed: by id of a check that is taken out of the watch, the pattern of what it changes, as in .gitignore.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lives: dict[str, _Life] = {}
        self._traces: dict[str, dict[str, _Trace]] = {}
        self._counted: dict[str, float] = {}
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
        self._traces.pop(check_id, None)

    def judge(self, check_id: str, changed: Mapping[str, float], made: Collection[str] = ()) -> Start:
        """When a change of its inputs is to start a check; where it is never to do so, `blamed` says why.

        Args:
            check_id: of the check.
            changed: by path when each was last written, seconds since 1970.
            made: those of the paths that were not there before.
        """
        life = self._lives.get(check_id)
        offsets = {} if life is None else self._offsets(life, changed)
        if life is None or not changed or len(offsets) < len(changed):
            self.forgive(check_id)  # somebody else has edited something
            return "now"
        if check_id in self.blamed:
            return "never"
        if self._counted.get(check_id) != life.start:  # what one run writes counts once
            self._counted[check_id] = life.start
            before = self._traces.get(check_id, {})
            self._traces[check_id] = {
                kind: _traced(before.get(kind), path, offset)
                for path, offset in offsets.items()
                for kind in _kinds(path, made)
            }
        longest = max(self._traces.get(check_id, {}).values(), key=lambda trace: len(trace.paths), default=None)
        if longest is None or len(longest.paths) < ROUNDS - 1:
            return "now"
        if len(longest.paths) < ROUNDS:
            return "later"
        self.blamed[check_id] = _pattern(longest.paths)
        return "never"

    def _offsets(self, life: _Life, changed: Mapping[str, float]) -> dict[str, float]:
        """For each path that was written while the check ran: how many seconds after its start."""
        end = self._clock() if life.end is None else life.end
        return {path: written - life.start for path, written in changed.items() if life.start - LAG_S <= written <= end}


def _kinds(path: str, made: Collection[str]) -> tuple[str, ...]:
    """What may be the same in each run: the path, or the folder in which a file of another name is made each time."""
    return (path, f"{path.rpartition('/')[0]}/*") if path in made else (path,)


def _traced(before: _Trace | None, path: str, offset: float) -> _Trace:
    near = before is not None and abs(before.offset - offset) <= max(NEAR_S, NEAR_SHARE * offset)
    return _Trace((*(before.paths if before is not None and near else ()), path), offset)


def _pattern(paths: tuple[str, ...]) -> str:
    """The line of .gitignore that matches these paths, which lie in one folder."""
    if len(set(paths)) == 1:
        return f"/{_escaped(paths[0])}"
    prefix = os.path.commonprefix(paths)  # noqa: RUF071 - of characters, not of folders
    suffix = os.path.commonprefix([path[len(prefix) :][::-1] for path in paths])[::-1]  # noqa: RUF071
    return f"/{_escaped(prefix)}*{_escaped(suffix)}"


def _escaped(path: str) -> str:
    return re.sub(r"([\\*?\[ ])", r"\\\1", path)
