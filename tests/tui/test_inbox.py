"""Events that wait for the screen, and what they change."""

from __future__ import annotations

from ftui.events import Problem
from ftui.model import Outcome
from ftui.state import State
from ftui.tui.changes import taken_in
from ftui.tui.inbox import Inbox
from tests.report.stream_of_events import begun, ended, finished, printed, started
from tests.tui.rows import changed


def test_the_screen_is_woken_by_the_first_event_only_and_gets_all_of_them_in_order() -> None:
    woken: list[int] = []
    inbox = Inbox()
    inbox.put(begun("a"))
    inbox.on_filled = lambda: woken.append(1)
    inbox.put(started("a"))
    assert [type(event).__name__ for event in inbox.drain()] == ["RunStarted", "CheckStarted"]
    assert not inbox
    inbox.put(ended())
    inbox.put(ended())
    assert woken == [1]


def test_only_checks_that_look_otherwise_are_drawn_again() -> None:
    state = State()
    start = taken_in(state, [begun("a", "b", "c")])
    assert (start.started, start.checks) == (True, set())
    flood = taken_in(state, [started("a"), *(printed("a", f"{number}\n") for number in range(1000))])
    assert flood.checks == {"a"}
    assert len(flood.printed["a"]) == 1001
    assert taken_in(state, [printed("a", "x")]).checks == set()
    assert taken_in(state, [finished("a", Outcome.PASSED, 0.1), changed("b")]).checks == {"a", "b"}


def test_the_end_of_a_run_comes_with_its_figures_unless_another_one_has_begun() -> None:
    state = State()
    done = taken_in(state, [begun("a"), finished("a", Outcome.PASSED, 0.1), ended()])
    assert done.finished is not None
    assert done.finished.run is not None
    assert taken_in(state, [ended(), begun("a")]).finished is None
    assert taken_in(state, [Problem(run_id="r1", time_s=0.0, source="x", message="y")] * 2).problems == 2
