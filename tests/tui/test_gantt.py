"""A run over time: who held which worker slot when, and what the end hung on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.events import CheckQueued, CheckRecalled, CheckRetried, PlannedCheck, RunStarted
from ftui.model import Bucket, Outcome, Phase
from ftui.report.looks import OUTCOMES, RETRYING, RUNNING
from ftui.state import State
from ftui.tui.gantt import Bar, Gantt, Span, critical_path, gantt_of, placed
from tests.report.stream_of_events import finished, started

if TYPE_CHECKING:
    from ftui.events import Event

PHASES = tuple(Phase)


def span(check: str, start_s: float, end_s: float, **fields: object) -> Span:
    known: dict[str, object] = {"phase": Phase.FAST, "look": OUTCOMES[Outcome.PASSED]}
    return Span(check=check, start_s=start_s, end_s=end_s, **known | fields)  # type: ignore[arg-type]


@st.composite
def any_spans(draw: st.DrawFn, heaviest: int = 3) -> list[Span]:
    """Spans of a run: whole seconds, so that many of them meet."""
    spans: list[Span] = []
    for number in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, 20))
        spans.append(
            span(
                f"c{number}",
                start,
                start + draw(st.integers(0, 8)),
                phase=draw(st.sampled_from(PHASES)),
                weight=draw(st.integers(1, heaviest)),
                requires=tuple(draw(st.sets(st.sampled_from([f"c{n}" for n in range(number)] or ["none"])))),
            )
        )
    return spans


def most_at_once(spans: list[Span], weigh: bool) -> int:
    """The most slots, or spans, at one moment; what ends at a moment is over before another starts."""
    moments = {span.start_s for span in spans} | {span.start_s + 0.5 for span in spans}
    return max(
        (sum(s.weight if weigh else 1 for s in spans if s.start_s <= at < s.end_s) for at in moments),
        default=0,
    )


@given(any_spans())
def test_no_two_bars_overlap_in_a_slot(spans: list[Span]) -> None:
    bars = placed(spans)
    assert sorted(bar.span.check for bar in bars) == sorted(s.check for s in spans)
    for slot in {slot for bar in bars for slot in bar.slots}:
        held = [bar.span for bar in bars if slot in bar.slots]
        assert all(one.end_s <= other.start_s for one, other in pairwise(held))


@given(any_spans())
def test_each_bar_has_as_many_different_slots_as_it_weighs(spans: list[Span]) -> None:
    assert all(len(set(bar.slots)) == bar.span.weight for bar in placed(spans))


@given(any_spans().map(lambda spans: [s for s in spans if s.seconds]))
def test_no_more_slots_are_used_than_were_taken_at_the_busiest_moment(spans: list[Span]) -> None:
    assert Gantt(bars=placed(spans)).slots == most_at_once(spans, weigh=True)


@given(any_spans(heaviest=1).map(lambda spans: [s for s in spans if s.seconds]))
def test_with_checks_of_one_slot_those_used_are_the_peak_concurrency(spans: list[Span]) -> None:
    assert Gantt(bars=placed(spans)).slots == most_at_once(spans, weigh=False)


@given(any_spans())
def test_the_critical_path_is_in_the_order_of_time_and_inside_the_wall_time(spans: list[Span]) -> None:
    path = critical_path(placed(spans))
    assert bool(path) == bool(spans)
    assert all(one.end_s <= other.start_s for one, other in pairwise(path))
    assert len({s.check for s in path}) == len(path)
    if spans:
        assert path[-1].end_s == max(s.end_s for s in spans)
        wall_s = path[-1].end_s - min(s.start_s for s in spans)
        assert sum(s.seconds for s in path) <= wall_s


@given(any_spans())
def test_the_share_that_is_idle_is_a_share(spans: list[Span]) -> None:
    bars = placed(spans)
    if not bars:
        return
    start_s, end_s = min(s.start_s for s in spans), max(s.end_s for s in spans)
    gantt = Gantt(bars=bars, workers=max(max(bar.slots) + 1 for bar in bars), start_s=start_s, end_s=end_s)
    if end_s == start_s:
        assert gantt.idle is None
    else:
        assert gantt.idle is not None
        assert 0 <= gantt.idle <= 1


def path_of(*spans: Span) -> list[str]:
    return [s.check for s in critical_path(placed(spans))]


def test_the_critical_path_goes_by_what_is_required() -> None:
    ruff, mypy, pytest_ = span("ruff", 0, 2), span("mypy", 0, 1), span("pytest", 2, 9, requires=("ruff",))
    assert path_of(ruff, mypy, pytest_) == ["ruff", "pytest"]


def test_the_critical_path_goes_by_the_slot_that_a_check_waited_for() -> None:
    assert path_of(span("a", 0, 3), span("b", 0, 5), span("c", 3, 7)) == ["a", "c"]


def test_the_critical_path_goes_by_the_phase_that_had_to_end() -> None:
    slow = span("pytest", 5, 9, phase=Phase.SLOW)
    assert path_of(span("a", 0, 3), span("b", 0, 5), slow) == ["b", "pytest"]


def test_the_critical_path_goes_by_the_files_that_a_mutating_check_held() -> None:
    one = span("isort", 0, 2, phase=Phase.MUTATING)
    other = span("black", 0, 1, phase=Phase.MUTATING)
    last = span("fix", 2, 3, phase=Phase.MUTATING)
    assert placed([one, other, last])[2].slots == (0,)
    assert path_of(one, other, last) == ["isort", "fix"]


def test_a_check_that_started_beside_others_has_nothing_before_it() -> None:
    assert path_of(span("a", 0, 3), span("b", 1, 8)) == ["b"]


# From the state


def begun(workers: int = 2, **weights: int) -> RunStarted:
    plans = tuple(PlannedCheck(id=name, adapter=name, phase=Phase.FAST, weight=w) for name, w in weights.items())
    return RunStarted(
        run_id="r1", time_s=0.0, root="/repo", profile="dev", workers=workers, checks=plans, started_at=1.0
    )


def queued(name: str, at: float = 0.0) -> CheckQueued:
    return CheckQueued(run_id="r1", time_s=at, check_id=name, phase=Phase.FAST)


def recalled(name: str, bucket: Bucket) -> CheckRecalled:
    return CheckRecalled(
        run_id="r1", time_s=0.0, check_id=name, outcome=Outcome.FAILED, bucket=bucket, reason="", recorded_at=0.0
    )


def played(*events: Event) -> State:
    state = State()
    for event in events:
        state.apply(event)
    return state


def only_bar(state: State, now_s: float) -> Bar:
    (bar,) = gantt_of(state, now_s).bars
    return bar


def test_a_check_that_runs_reaches_to_now() -> None:
    bar = only_bar(played(begun(a=1), queued("a"), started("a", 1.0)), 4.0)
    assert (bar.span.start_s, bar.span.end_s, bar.span.look, bar.span.bucket) == (1.0, 4.0, RUNNING, None)


def test_a_check_that_runs_again_by_policy_is_told_apart_while_it_runs_and_afterwards() -> None:
    state = played(begun(a=1), queued("a"), recalled("a", Bucket.POLICY_RERUN), started("a", 1.0))
    assert only_bar(state, 2.0).span.bucket is Bucket.POLICY_RERUN
    state.apply(finished("a", Outcome.PASSED, 2.0, at=3.0, started_s=1.0, bucket=Bucket.POLICY_RERUN))
    assert only_bar(state, 9.0).span.bucket is Bucket.POLICY_RERUN


def test_a_check_that_waits_for_its_next_attempt_keeps_its_slot() -> None:
    retried = CheckRetried(run_id="r1", time_s=2.0, check_id="a", reason="no network", duration_s=1.0, delay_s=2.0)
    bar = only_bar(played(begun(a=1), queued("a"), started("a", 1.0), retried), 3.0)
    assert (bar.span.end_s, bar.span.look) == (3.0, RETRYING)


def test_a_check_that_ended_says_how_long_it_waited() -> None:
    done = finished("a", Outcome.FAILED, 2.0, at=3.0, queued_s=0.25, started_s=1.0)
    bar = only_bar(played(begun(a=1), queued("a"), started("a", 1.0), done), 9.0)
    assert (bar.span.end_s, bar.span.waited_s, bar.span.look.word) == (3.0, 0.75, "failed")


def test_a_hit_is_no_bar() -> None:
    state = played(
        begun(a=1), queued("a", 0.5), finished("a", Outcome.PASSED, bucket=Bucket.HIT, queued_s=0.5, duration_s=9.0)
    )
    gantt = gantt_of(state, 2.0)
    assert not gantt.bars
    assert not gantt.critical
    assert [(hit.check, hit.at_s) for hit in gantt.hits] == [("a", 0.5)]
    assert gantt.idle is None


def test_what_an_earlier_run_did_is_not_of_this_one() -> None:
    done = finished("a", Outcome.PASSED, 1.0, at=2.0, started_s=1.0)
    state = played(begun(a=1, b=1), queued("a"), started("a", 1.0), done, begun(a=1, b=1))
    assert gantt_of(state, 3.0).bars == ()
    state.apply(queued("b"))
    state.apply(started("b", 3.0))
    assert only_bar(state, 4.0).span.check == "b"


def test_a_check_takes_no_more_slots_than_there_are() -> None:
    assert only_bar(played(begun(workers=2, a=8), queued("a"), started("a", 1.0)), 2.0).slots == (0, 1)


def test_slots_in_which_nothing_runs_are_idle() -> None:
    state = played(begun(workers=4, a=1, b=2))
    for name in ("a", "b"):
        state.apply(queued(name))
        state.apply(started(name, 1.0))
    state.apply(finished("a", Outcome.PASSED, 1.0, at=2.0, started_s=1.0))
    assert gantt_of(state, 3.0).idle == pytest.approx(1 - (1 + 2 * 2) / (4 * 2))
