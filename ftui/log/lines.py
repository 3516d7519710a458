"""What is logged of an event."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from ftui.events import (
    CheckFinished,
    CheckPaused,
    CheckRetried,
    CheckStarted,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
    Watching,
)
from ftui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("info", "warning", "error")
"""From the least to the most urgent."""
Data: TypeAlias = dict[str, str | int | float | bool | None]

MOST_PATHS = 5
"""Changed files that are named."""


class LogLine(Struct, frozen=True, kw_only=True):
    """One line of the log."""

    at: float
    """Wall-clock time, seconds since 1970."""
    level: Level
    event: str
    """The kind of event, as in the event stream; `bug` where ftui itself failed."""
    run_id: str = ""
    check_id: str | None = None
    root: str = ""
    """Of the project."""
    pid: int = 0
    """Of the process of ftui."""
    message: str
    """One line for people."""
    data: Data = {}
    """Figures and names, by the names of the event's fields."""


def line_of(event: Event, hide: Callable[[str], str]) -> tuple[Level, str, Data] | None:
    """Level, message and data of an event; None for one that is not logged.

    Args:
        event: as front ends see it.
        hide: takes secrets out of a text.
    """
    match event:
        case RunStarted():
            because = f": {event.because}" if event.because else ""
            return "info", hide(f"run {event.number} of profile {event.profile}{because}"), {
                "profile": event.profile, "workers": event.workers, "checks": len(event.checks),
            }  # fmt: skip
        case CheckStarted():
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            return "info", hide(f"{event.check_id} started{again}"), {"command": hide(shlex.join(event.argv))}
        case CheckRetried():
            return "warning", hide(f"{event.check_id} will be started again: {event.reason}"), {
                "duration_s": event.duration_s, "delay_s": event.delay_s,
            }  # fmt: skip
        case CheckFinished():
            return _finished(event, hide)
        case CheckPaused():
            return "warning", hide(f"{event.check_id} is paused: {event.reason}"), {}
        case TreeChanged():
            named = ", ".join(event.paths[:MOST_PATHS])
            return "info", hide(f"changed: {named}"), {"paths": len(event.paths), "caused_by": event.caused_by}
        case Watching():
            return "info", hide(f"{event.status}{': ' if event.reason else ''}{event.reason}"), {
                "profile": event.profile, "branch": event.branch,
            }  # fmt: skip
        case Problem():
            return "warning", hide(f"{event.source}: {event.message}"), {"source": event.source}
        case RunFinished():
            return _run_finished(event)
        case _:
            return None


def _finished(event: CheckFinished, hide: Callable[[str], str]) -> tuple[Level, str, Data]:
    why = event.broken_because or event.skipped_because or event.reason
    level: Level = "error" if event.outcome is Outcome.BROKEN else "info"
    return level, hide(f"{event.check_id} {event.outcome.value}{': ' if why else ''}{why}"), {
        "outcome": event.outcome.value, "bucket": event.bucket and event.bucket.value, "exit_code": event.exit_code,
        "duration_s": event.duration_s, "cpu_s": event.cpu_s, "peak_rss_bytes": event.peak_rss_bytes,
        "attempts": event.attempts, "findings": len(event.findings), "key": event.key, "tree": event.tree,
    }  # fmt: skip


def _run_finished(event: RunFinished) -> tuple[Level, str, Data]:
    outcome = event.run.outcome.value if event.run is not None else "ended"
    data: Data = {"interrupted": event.interrupted}
    if event.run is not None and event.totals is not None:
        data |= {"wall_s": event.run.wall_s, "busy_s": event.run.busy_s, "hit": event.totals.hit}
        data |= {"policy_rerun": event.totals.policy_rerun, "miss": event.totals.miss}
    return "info", f"run {outcome}{', interrupted' if event.interrupted else ''}", data
