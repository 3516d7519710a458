"""The first line: which tree is watched, how, and since when."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ftui.remaining import remaining
from ftui.report.figures import counted, duration
from ftui.report.safe import one_line
from ftui.report.width import clip, width
from ftui.tui.widgets.line import LineWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.state import State

STATUSES: Final = {
    "watching": ("●", "watching", "$text-success"),
    "paused": ("‖", "paused", "$text-warning"),
    "held": ("◌", "held", "$text-warning"),
    "invalid": ("!", "invalid config", "$text-error"),
}
"""Glyph, words and colour of how the watch stands."""

LEAST_LEFT: Final = 2.0
"""Seconds that a run goes on as a rule from which on that is told."""

LONGEST_NAME: Final = 24
"""Columns of the project and of the branch."""


def age(seconds: float) -> str:
    """How long ago something was at least, as exactly as anybody wants to know: `3 s ago`, `15 s ago`, `2 m ago`."""
    if seconds < 1:
        return "just now"
    if seconds < 60:
        return f"{int(seconds // _step(seconds) * _step(seconds))} s ago"
    if seconds < 3600:
        return f"{int(seconds // 60)} m ago"
    return f"{int(seconds // 3600)} h ago" if seconds < 2 * 86400 else f"{int(seconds // 86400)} d ago"


def until_next_age(seconds: float) -> float:
    """Seconds until the age in words is another one."""
    return _step(seconds) - seconds % _step(seconds)


def _step(seconds: float) -> int:
    """Seconds for which an age stays the same in words: a screen that nobody looks at is not drawn each second."""
    return next(step for end, step in ((10, 1), (60, 5), (3600, 60), (math.inf, 3600)) if seconds < end)


def header(state: State, *, finished_s: float | None, now_s: float, columns: int, replaying: bool) -> Content:
    """The line; where there is little room, the age goes first, then the run, the workers, the profile, the branch.

    Args:
        state: to be shown.
        finished_s: when the last run ended, on the clock of the events; None while one is under way.
        now_s: the moment, on the same clock.
        columns: that there are.
        replaying: whether this is a recording.
    """
    watching = state.watching
    project = clip(one_line(PurePath(state.root).name or "ftui"), LONGEST_NAME)
    left = [("ftui", "bold $text-primary"), (project, "bold")] if columns >= 60 else [(project, "bold")]
    if watching is not None and watching.branch is not None:
        left.append((f"{clip(one_line(watching.branch), LONGEST_NAME)}{'*' if watching.dirty else ''}", ""))
    profile = watching.profile if watching is not None else state.profile
    if profile:
        name = clip(one_line(profile), LONGEST_NAME)
        left.append((f"profile {name}" if columns >= 60 else name, ""))
    if workers := watching.workers if watching is not None else state.workers:
        left.append((counted(workers, "worker"), "dim"))
    if replaying:
        left.append(("▶ recording", "$text-accent"))
    elif watching is not None:
        glyph, words, colour = STATUSES[watching.status]
        left.append((f"{glyph} {words}", colour))
    right = _right(state, finished_s, now_s)
    return _fitted(left, right, columns)


def _right(state: State, finished_s: float | None, now_s: float) -> list[str]:
    if not state.number:
        return []
    parts = [f"run {state.number}"]
    if finished_s is not None:
        parts.append(f"{'stopped ' if state.interrupted else ''}{age(max(0.0, now_s - finished_s))}")
    else:
        totals = state.totals()
        done = totals.passed + totals.failed + totals.broken + totals.cancelled + totals.skipped
        parts.append(f"{done} of {totals.checks} done")
        if (left := remaining(state, now_s)) is not None and left >= LEAST_LEFT:
            parts.append(f"~{duration(left) if left >= 59.5 else f'{left:.0f} s'} left")
    return parts


def _fitted(left: list[tuple[str, str]], right: list[str], columns: int) -> Content:
    def taken() -> int:
        return 2 + sum(width(text) + 2 for text, _ in left) + width(" · ".join(right))

    while taken() > columns and right:
        right.pop()
    while taken() > columns and len(left) > 2:
        left.pop(-2)
    pieces: list[tuple[str, str]] = [(" ", "")]
    for text, style in left:
        pieces += [(text, style), ("  ", "")]
    gap = max(0, columns - taken())
    return Content.assemble(*pieces, (" " * gap, ""), (" · ".join(right), "dim"), (" ", ""))


class Header(LineWidget):
    """The line as a widget.

    Args:
        state: to be shown.
        now: the moment, on the clock of the events.
        replaying: whether this is a recording.
    """

    def __init__(self, state: State, now: Callable[[], float], *, replaying: bool) -> None:
        super().__init__(id="header")
        self._state = state
        self._now = now
        self._replaying = replaying
        self.finished_s: float | None = None
        """When the last run ended, on the clock of the events; None while one is under way."""

    def line(self) -> Content:
        """The line as it is now."""
        return header(
            self._state,
            finished_s=self.finished_s,
            now_s=self._now(),
            columns=self.size.width,
            replaying=self._replaying,
        )
