"""Rows as streams of events leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.events import TreeChanged
from ftui.state import State

if TYPE_CHECKING:
    from ftui.events import Event


def state_of(*events: Event) -> State:
    """The state after some events."""
    state = State()
    for event in events:
        state.apply(event)
    return state


def changed(*affects: str, at: float = 5.0) -> TreeChanged:
    """An edit that makes the verdicts of checks stale."""
    return TreeChanged(run_id="r1", time_s=at, paths=("a.py",), affects=affects)
