"""Tells a tree that is being edited from checks that change what they read, and would start themselves for ever."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Start: TypeAlias = Literal["now", "later", "never"]
    """When a change starts a check; `later`: when its files have not changed for `QUIET_S`."""
    _Writers: TypeAlias = list[tuple["_Life", float]]
    """Runs, and how many seconds after the start of each a file was written."""

ROUNDS: Final = 3
"""Runs in a row in which the same file is changed that starts the next one, until a check is taken out of the watch."""
QUIET_S: Final = 1.0
"""Seconds of quiet before the last of these runs. Who saves time and again, saves in between as well: that is how a
person, or a program that makes many files, shows itself."""
NEAR_S: Final = 0.5
NEAR_SHARE: Final = 0.2
"""A check writes at about the same moment of each run, a person does not: within `NEAR_S` seconds, or this share of the
time since it was started."""
LAG_S: Final = 0.01
"""The clock of files stands still for some milliseconds at a time."""
KEPT: Final = 3
"""Runs of each check that are remembered: what one has changed may be heard of when the next one has begun."""


class Blame(Struct, frozen=True):
    """Why a check is taken out of the watch."""

    pattern: str
    """Of what starts it, as a line of .gitignore."""
    by: tuple[str, ...]
    """Ids of the checks of which one changes that: itself, or those that its own changes start."""


class _Life(Struct):
    """When a check ran, seconds since 1970."""

    check: str
    start: float
    line: frozenset[str]
    """Ids of the checks that led to what it changes: itself, and those whose changes led to this run."""
    end: float | None = None


class _Trace(NamedTuple):
    """A file that a check has changed, or files that it has made, in so many runs in a row."""

    paths: tuple[str, ...]
    offset: float
    """Seconds from the start of the last run to the change."""


class Breaker:
    """Remembers when checks ran, and which files changed in the meantime.

    Args:
        clock: seconds since 1970.

    Attributes:
        blamed: why checks are taken out of the watch, by id.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lives: dict[str, list[_Life]] = {}
        self._causes: dict[str, frozenset[str]] = {}
        self._traces: dict[str, dict[tuple[str, str], _Trace]] = {}
        self._counted: dict[str, float] = {}
        self._written: dict[str, float] = {}
        # Of one change many checks are judged.
        self._found: dict[float, _Writers] = {}
        self._led: dict[frozenset[float], frozenset[str]] = {}
        self.blamed: dict[str, Blame] = {}

    def started(self, check_id: str) -> None:
        """A check has been started."""
        self.ended(check_id)
        life = _Life(check_id, self._clock(), self._causes.pop(check_id, frozenset()) | {check_id})
        self._lives[check_id] = [life, *self._lives.get(check_id, ())][:KEPT]

    def ended(self, check_id: str) -> None:
        """It has ended."""
        for life in self._lives.get(check_id, ())[:1]:
            life.end = life.end or self._clock()
        self._found.clear()
        self._led.clear()

    def forgive(self, check_id: str) -> None:
        """Takes a check back into the watch."""
        self.blamed.pop(check_id, None)
        self._traces.pop(check_id, None)
        self._causes.pop(check_id, None)

    def judge(self, check_id: str, changed: Mapping[str, float], made: Collection[str] = ()) -> Start:
        """When a change of its inputs is to start a check; where it is never to do so, `blamed` says why.

        Args:
            check_id: of the check.
            changed: by path when each was last written, seconds since 1970.
            made: those of the paths that were not there before.
        """
        written_before = self._written.get(check_id, 0.0)
        self._written[check_id] = max((written_before, *changed.values()))
        writers = {path: self._writers(written) for path, written in changed.items()}
        # Of those that ran, who ran because this one did: itself, and whom its changes have started.
        own = {
            path: [(life, offset) for life, offset in found if check_id in life.line] for path, found in writers.items()
        }
        in_a_ring = bool(changed) and all(own.values())
        if not in_a_ring:
            self.forgive(check_id)  # somebody has edited something, or it comes after a check that it does not start
        self._causes[check_id] = self._led_to(frozenset(changed.values())) if all(writers.values()) else frozenset()
        if not in_a_ring:
            return "now"
        if check_id in self.blamed:
            return "never"
        self._trace(check_id, own, made, written_before)
        traces = self._traces[check_id]
        (_, kind), (paths, _) = max(traces.items(), key=lambda item: len(item[1].paths))
        if len(paths) < ROUNDS - 1:
            return "now"
        if len(paths) < ROUNDS:
            return "later"
        by = sorted(writer for writer, changed_too in traces if changed_too == kind)
        self.blamed[check_id] = Blame(_pattern(paths), tuple(by))
        return "never"

    def _writers(self, written: float) -> _Writers:
        """The runs in which a file may have been written."""
        if written not in self._found:
            now = self._clock()
            self._found[written] = [
                (life, written - life.start)
                for lives in self._lives.values()
                for life in lives
                if life.start - LAG_S <= written <= (now if life.end is None else life.end)
            ]
        return self._found[written]

    def _led_to(self, written: frozenset[float]) -> frozenset[str]:
        """All checks that led to what was written at these moments."""
        if written not in self._led:
            lines = {life.line for moment in written for life, _ in self._writers(moment)}
            self._led[written] = frozenset[str]().union(*lines)
        return self._led[written]

    def _trace(self, check_id: str, own: Mapping[str, _Writers], made: Collection[str], written_before: float) -> None:
        """Counts what has started a check once more; all that comes before it has run again counts once."""
        life, before = self._lives[check_id][0], self._traces.get(check_id, {})
        if before and self._counted.get(check_id) == life.start:
            return
        self._counted[check_id] = life.start
        # Without quiet before it this run is not the last one to wait for.
        most = ROUNDS if life.start - written_before >= QUIET_S - LAG_S else ROUNDS - 1
        self._traces[check_id] = {
            (writer.check, kind): _traced(before.get((writer.check, kind)), path, offset, most)
            for path, found in own.items()
            for writer, offset in found
            for kind in _kinds(path, made)
        }


def _kinds(path: str, made: Collection[str]) -> tuple[str, ...]:
    """What may be the same in each run: the path, or the folder in which a file of another name is made each time."""
    return (path, f"{path.rpartition('/')[0]}/*") if path in made else (path,)


def _traced(before: _Trace | None, path: str, offset: float, most: int) -> _Trace:
    near = before is not None and abs(before.offset - offset) <= max(NEAR_S, NEAR_SHARE * offset)
    return _Trace((*(before.paths if before is not None and near else ()), path)[-most:], offset)


def _pattern(paths: tuple[str, ...]) -> str:
    """The line of .gitignore that matches these paths, which lie in one folder."""
    if len(set(paths)) == 1:
        return f"/{_escaped(paths[0])}"
    prefix = os.path.commonprefix(paths)  # noqa: RUF071 - of characters, not of folders
    suffix = os.path.commonprefix([path[len(prefix) :][::-1] for path in paths])[::-1]  # noqa: RUF071
    return f"/{_escaped(prefix)}*{_escaped(suffix)}"


def _escaped(path: str) -> str:
    return re.sub(r"([\\*?\[ ])", r"\\\1", path)
