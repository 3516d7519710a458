from __future__ import annotations

from ftui.events import CheckQueued, CheckStarted, Event, PlannedCheck, RunStarted
from ftui.model import Expectation, Outcome, Phase
from ftui.remaining import left_of, remaining
from ftui.state import State
from tests.report.stream_of_events import finished, takes


def state_of(*plans: tuple[str, Phase, Expectation | None, int], after: tuple[Event, ...] = ()) -> State:
    """A run in which all checks wait, with two worker slots."""
    checks = tuple(
        PlannedCheck(id=name, adapter="a", phase=phase, expected=expected, weight=weight)
        for name, phase, expected, weight in plans
    )
    state = State()
    state.apply(RunStarted(run_id="r", time_s=0.0, root="/r", profile="dev", workers=2, checks=checks, started_at=1.0))
    for plan in checks:
        state.apply(CheckQueued(run_id="r", time_s=0.0, check_id=plan.id, phase=plan.phase))
    for event in after:
        state.apply(event)
    return state


def start(name: str, at: float, expected: Expectation | None) -> CheckStarted:
    return CheckStarted(run_id="r", time_s=at, check_id=name, argv=(name,), expected=expected)


def test_phases_follow_one_another_and_slots_are_shared() -> None:
    plans = (
        ("a", Phase.FAST, takes(1.0), 1),
        ("b", Phase.SLOW, takes(4.0), 1),
        ("c", Phase.SLOW, takes(6.0), 1),
        ("d", Phase.SLOW, takes(3.0), 1),
    )
    state = state_of(*plans, after=(start("a", 0.0, takes(1.0)),))
    assert remaining(state, 0.4) == 0.6 + 7.0


def test_a_check_that_takes_all_slots_has_them_alone() -> None:
    plans = ("a", Phase.SLOW, takes(2.0), 1), ("b", Phase.SLOW, takes(5.0), 2)
    state = state_of(*plans, after=(start("a", 0.0, takes(2.0)),))
    assert remaining(state, 1.0) == 6.0


def test_more_slots_than_there_are_means_all() -> None:
    state = state_of(("a", Phase.SLOW, takes(5.0), 9), after=(start("a", 0.0, takes(5.0)),))
    assert remaining(state, 1.0) == 4.0


def test_where_nothing_is_known_of_a_check_nothing_is_said() -> None:
    plans = ("a", Phase.FAST, takes(1.0), 1), ("b", Phase.SLOW, None, 1)
    assert remaining(state_of(*plans, after=(start("a", 0.0, takes(1.0)),)), 0.5) is None


def test_where_nothing_runs_nothing_is_said() -> None:
    state = state_of(("a", Phase.FAST, takes(1.0), 1))
    assert remaining(state, 0.0) is None
    assert remaining(state_of(("a", Phase.FAST, takes(1.0), 1), after=(finished("a", Outcome.PASSED),)), 1.0) is None


def test_a_check_that_takes_longer_than_usual_is_expected_at_its_unusual_time_and_then_not_at_all() -> None:
    state = state_of(("a", Phase.FAST, None, 1), after=(start("a", 0.0, takes(10.0)),))
    row = state.rows["a"]
    assert left_of(row, 4.0) == 6.0
    assert left_of(row, 10.5) == 0.5
    assert left_of(row, 11.5) is None
    assert remaining(state, 11.5) is None
