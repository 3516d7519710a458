"""What a handful of events has changed, so that nothing else is drawn again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckStarted,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
    Watching,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from ftui.events import Event
    from ftui.state import State

    Printed: TypeAlias = CheckStarted | CheckOutput | CheckFinished


@dataclass(kw_only=True)
class Changes:
    """The difference between two pictures."""

    checks: set[str] = field(default_factory=set)
    """Ids of checks whose rows differ."""
    printed: dict[str, list[Printed]] = field(default_factory=dict)
    """What the outputs of checks are made of, by check id."""
    started: bool = False
    """Whether a run has begun: there may be other checks."""
    finished: RunFinished | None = None
    """The end of the last run, where one has ended and none has begun since."""
    watching: bool = False
    """Whether the watch stands otherwise."""
    problems: int = 0
    """How many have come."""


def taken_in(state: State, events: Iterable[Event]) -> Changes:
    """Applies events to the state, in their order, and says what has changed by that."""
    changes = Changes()
    for event in events:
        applied = state.apply(event)
        match applied:
            case RunStarted():
                changes.started = True
                changes.finished = None
            case RunFinished():
                changes.finished = applied
            case TreeChanged():
                changes.checks.update(applied.affects)
            case Watching():
                changes.watching = True
            case Problem():
                changes.problems += 1
            case CheckOutput():
                # The list shows nothing of it but its age, and that moves by itself.
                changes.printed.setdefault(applied.check_id, []).append(applied)
            case CheckStarted() | CheckFinished():
                changes.printed.setdefault(applied.check_id, []).append(applied)
                changes.checks.add(applied.check_id)
            case _:
                changes.checks.add(applied.check_id)
    return changes
