"""Whom an edit of the tree concerns, and whether it is to start them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ftui.events import CheckPaused, TreeChanged

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ftui.engine.breaker import Blame, Breaker, Start
    from ftui.engine.emitter import Emitter
    from ftui.engine.lineup import Lineup
    from ftui.engine.memory import Look

MOST_JUDGED: Final = 50
"""Changed paths of which it is asked whether a check has written them itself."""


class Concern(Struct, frozen=True):
    """What an edit comes to."""

    affected: frozenset[str]
    """Ids of the checks whose verdicts are not about the tree any more."""
    now: frozenset[str]
    """Those of them that it starts at once."""
    later: frozenset[str]
    """Those that it starts when nothing more has changed for `ftui.engine.breaker.QUIET_S`."""
    because: str
    """What made them start."""


class Edits:
    """Judges what was edited, and tells of it.

    Args:
        root: the project's root.
        lineup: says whom a path affects.
        breaker: says who changes it himself.
        emitter: takes the events.
    """

    def __init__(self, root: Path, lineup: Lineup, breaker: Breaker, emitter: Emitter) -> None:
        self._root = root
        self._lineup = lineup
        self._breaker = breaker
        self._emitter = emitter

    def judge(self, edited: Sequence[str], look: Look) -> Concern:
        """Finds out whom an edit concerns, and says so.

        Args:
            edited: the paths, sorted.
            look: what has found them.
        """
        found = self._lineup.affected(edited)
        covered = frozenset[str]().union(*found.values())
        self._emitter.emit(
            TreeChanged(
                run_id=self._emitter.run_id,
                time_s=self._emitter.now(),
                paths=tuple(edited),
                affects=tuple(found),
                uncovered=tuple(
                    path for path in edited if path not in covered and not self._lineup.is_decided_by([path])
                ),
                tree=look.snapshot.name,
            )
        )
        starts = {check_id: self._start(check_id, paths, look) for check_id, paths in found.items()}
        return Concern(
            affected=frozenset(found),
            now=frozenset(check_id for check_id, start in starts.items() if start == "now"),
            later=frozenset(check_id for check_id, start in starts.items() if start == "later"),
            because=f"{edited[0]} changed" if len(edited) == 1 else f"{len(edited):,} files changed",
        )

    def _start(self, check_id: str, paths: Collection[str], look: Look) -> Start:
        was_blamed = check_id in self._breaker.blamed
        written = {path: self._written(path, look) for path in sorted(paths)[:MOST_JUDGED]}
        known = {path: when for path, when in written.items() if when is not None}
        start = self._breaker.judge(check_id, known, look.made)
        if start == "never" and not was_blamed:
            self._pause(check_id, self._breaker.blamed[check_id])
        return start

    def _pause(self, check_id: str, blame: Blame) -> None:
        pattern = blame.pattern
        changes = f"changes {pattern.removeprefix('/')} each time it runs"
        if blame.by == (check_id,):
            loop = f"it {changes}, and reads it: it will not start itself again"
        else:
            loop = f"{' or '.join(blame.by)} {changes}, which starts {check_id} again and again: it will not any more"
        remedy = f"add `{pattern}` to .gitignore or, where git tracks it, `!{pattern}` to the inputs of {check_id}"
        reason = f"{loop}; {remedy}"
        self._emitter.problem(f"check {check_id}", reason)
        self._emitter.emit(
            CheckPaused(run_id=self._emitter.run_id, time_s=self._emitter.now(), check_id=check_id, reason=reason)
        )

    def _written(self, path: str, look: Look) -> float | None:
        """When a path was last written, or put in its place, seconds since 1970; None where it is gone."""
        try:
            st = os.lstat(self._root / path)
        except OSError:
            return None
        if look.snapshot.position(path) < 0:
            return time.time()  # it is there and does not count any more: somebody has said so just now
        return st.st_mtime if os.name == "nt" else st.st_ctime
