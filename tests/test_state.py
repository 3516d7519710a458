"""The figures that every front end shows: each means what its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckPaused,
    CheckQueued,
    CheckRetried,
    CheckStarted,
    PlannedCheck,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
)
from ftui.model import Bucket, CheckResult, Outcome, Phase
from ftui.state import State, run_outcome

if TYPE_CHECKING:
    from ftui.events import Event

PASSED, FAILED, BROKEN, CANCELLED, SKIPPED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.BROKEN,
    Outcome.CANCELLED,
    Outcome.SKIPPED,
)


def begun(*names: str, slow: tuple[str, ...] = ()) -> RunStarted:
    plans = [PlannedCheck(id=name, adapter="a", phase=Phase.SLOW if name in slow else Phase.FAST) for name in names]
    return RunStarted(run_id="r", time_s=0.0, root="/r", profile="dev", workers=4, checks=tuple(plans), started_at=1.0)


def ahead(name: str, of: str) -> RunStarted:
    """A run over two checks, of which the first tells a part of the other."""
    plans = (
        PlannedCheck(id=name, adapter="a", phase=Phase.FAST, ahead_of=of),
        PlannedCheck(id=of, adapter="a", phase=Phase.FAST),
    )
    return RunStarted(run_id="r", time_s=0.0, root="/r", profile="dev", workers=4, checks=plans, started_at=1.0)


def started(name: str, at: float, attempt: int = 1) -> CheckStarted:
    return CheckStarted(run_id="r", time_s=at, check_id=name, argv=("x",), attempt=attempt)


def finished(name: str, at: float, outcome: Outcome = PASSED, took: float | None = None, **fields: object) -> Event:
    ran = took is not None
    result = CheckResult(
        id=name,
        adapter="a",
        phase=Phase.FAST,
        argv=("x",),
        outcome=outcome,
        **{"bucket": Bucket.MISS, "duration_s": took, "attempts": int(ran), "ended_s": at if ran else None} | fields,  # type: ignore[arg-type]
    )
    return CheckFinished.of(result, run_id="r", time_s=at)


def queued(name: str) -> CheckQueued:
    return CheckQueued(run_id="r", time_s=0.0, check_id=name, phase=Phase.FAST)


def printed(name: str, text: str) -> CheckOutput:
    return CheckOutput(run_id="r", time_s=0.0, check_id=name, stream="stdout", text=text)


def played(*events: Event) -> State:
    state = State()
    for event in events:
        state.apply(event)
    return state


END = RunFinished(run_id="r", time_s=99.0)


def test_wall_is_from_the_first_start_to_the_last_end_and_busy_the_sum_of_durations() -> None:
    state = played(
        begun("a", "b", "c"),
        started("a", 1.0),
        started("b", 1.0),
        finished("a", 3.0, took=2.0),
        started("c", 3.0),
        finished("b", 4.0, took=3.0),
        finished("c", 5.0, took=2.0),
        END,
    )
    run = state.summary()
    assert (run.wall_s, run.busy_s, run.peak_concurrency) == (4.0, 7.0, 2)
    assert run.parallelization_factor == pytest.approx(7 / 4)
    assert run.outcome is PASSED


def test_hits_count_for_time_saved_and_for_nothing_else_in_the_factor() -> None:
    state = played(
        begun("a", "b"),
        finished("b", 0.5, bucket=Bucket.HIT, duration_s=40.0),
        started("a", 1.0),
        finished("a", 2.0, took=1.0),
        END,
    )
    assert state.summary().busy_s == 1.0
    assert state.summary().parallelization_factor == pytest.approx(1.0)
    totals = state.totals()
    assert (totals.hit, totals.miss, totals.time_saved_s) == (1, 1, 40.0)
    assert totals.structural_efficiency == 0.5


def test_a_run_in_which_nothing_ran_has_no_factor_and_no_efficiency() -> None:
    state = played(begun("a"), finished("a", 1.0, SKIPPED, bucket=None), END)
    assert state.summary().parallelization_factor is None
    assert state.summary().wall_s == 0.0
    assert state.totals().structural_efficiency is None
    assert state.summary().outcome is SKIPPED


def test_a_policy_rerun_is_a_choice_and_no_failure_of_the_cache() -> None:
    state = played(begun("a", "b"), finished("a", 1.0, bucket=Bucket.POLICY_RERUN), finished("b", 1.0))
    assert state.totals().structural_efficiency == 0.5
    assert state.totals().policy_rerun == 1


def test_the_wait_between_attempts_counts_neither_as_running_nor_as_busy() -> None:
    state = played(
        begun("a", "b"),
        started("a", 0.0),
        CheckRetried(run_id="r", time_s=1.0, check_id="a", reason="network", duration_s=1.0, delay_s=2.0),
        started("b", 1.5),
        finished("b", 2.5, took=1.0),
        started("a", 3.0, attempt=2),
        finished("a", 4.0, took=2.0),
        END,
    )
    assert state.summary().peak_concurrency == 1
    assert (state.summary().wall_s, state.summary().busy_s) == (4.0, 3.0)


def test_rows_stand_in_the_order_of_phases() -> None:
    state = played(begun("tests", "lint", slow=("tests",)))
    assert list(state.rows) == ["lint", "tests"]


def test_output_of_an_earlier_attempt_gives_way_to_the_new_one() -> None:
    def out(text: str) -> CheckOutput:
        return CheckOutput(run_id="r", time_s=1.0, check_id="a", stream="stdout", text=text)

    state = played(begun("a"), started("a", 1.0), out("one\n"), started("a", 2.0, attempt=2), out("two\n"))
    assert state.rows["a"].output.text() == "two\n"


def test_the_last_event_carries_the_figures() -> None:
    state = played(begun("a"), started("a", 0.0), finished("a", 1.0, FAILED, took=1.0))
    shown = state.apply(END)
    assert isinstance(shown, RunFinished)
    assert shown.run == state.summary()
    assert shown.totals == state.totals()
    assert shown.run.outcome is FAILED


def test_a_run_that_has_not_ended_or_was_interrupted_is_never_green() -> None:
    events = (begun("a"), started("a", 0.0), finished("a", 1.0, took=1.0))
    assert played(*events).summary().outcome is CANCELLED
    interrupted = RunFinished(run_id="r", time_s=2.0, interrupted=True)
    assert played(*events, interrupted).summary().outcome is CANCELLED


def test_a_check_without_a_result_keeps_a_finished_run_from_being_green() -> None:
    assert played(begun("a", "b"), finished("a", 1.0), END).summary().outcome is CANCELLED


def test_problems_are_kept_and_change_no_outcome() -> None:
    problem = Problem(run_id="r", time_s=0.5, source="plugin x", message="raised")
    state = played(begun("a"), problem, finished("a", 1.0), END)
    assert list(state.problems) == [problem]
    assert state.summary().outcome is PASSED


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], SKIPPED),
        ([SKIPPED, SKIPPED], SKIPPED),
        ([PASSED, SKIPPED], PASSED),
        ([PASSED, CANCELLED], CANCELLED),
        ([PASSED, BROKEN, CANCELLED], BROKEN),
        ([PASSED, BROKEN, FAILED], FAILED),
    ],
)
def test_one_result_that_is_not_green_keeps_the_run_from_being_green(
    outcomes: list[Outcome], expected: Outcome
) -> None:
    assert run_outcome(outcomes) is expected


def changed(*paths: str, affects: tuple[str, ...] = (), uncovered: tuple[str, ...] = ()) -> TreeChanged:
    return TreeChanged(run_id="r", time_s=6.0, paths=paths, affects=affects, uncovered=uncovered)


def test_the_first_edit_makes_the_verdicts_stale_that_it_affects_and_no_others() -> None:
    state = played(begun("a", "b"), finished("a", 1.0), finished("b", 1.0), END, changed("x.py", affects=("a",)))
    assert [row.stale for row in state.rows.values()] == [True, False]
    assert state.rows["a"].changed == ("x.py",)
    assert state.summary().outcome is CANCELLED, "no green for a tree that was not judged"


def test_a_verdict_found_while_its_inputs_changed_stays_stale() -> None:
    state = played(begun("a"), started("a", 1.0), changed("x.py", affects=("a",)), finished("a", 2.0, took=1.0))
    assert state.rows["a"].stale
    state.apply(started("a", 3.0))
    state.apply(finished("a", 4.0, took=1.0))
    assert not state.rows["a"].stale


def test_a_hit_is_about_the_tree_as_it_is() -> None:
    state = played(begun("a"), finished("a", 1.0), changed("x.py", affects=("a",)))
    state.apply(finished("a", 2.0, bucket=Bucket.HIT, duration_s=4.0))
    assert not state.rows["a"].stale


def test_the_next_run_leaves_alone_what_it_does_not_decide_on_and_counts_only_the_rest() -> None:
    state = played(begun("a", "b"), finished("a", 1.0, FAILED, took=1.0), finished("b", 1.0, took=1.0), END)
    for event in (begun("a", "b"), queued("b"), finished("b", 2.0, took=0.5), END):
        state.apply(event)
    assert state.rows["a"].result is not None
    assert (state.totals().checks, state.totals().passed, state.totals().failed) == (1, 1, 0)
    assert state.summary().outcome is FAILED, "the tree has not become better"
    assert list(state.rows["b"].durations) == [1.0, 0.5]


def test_what_a_check_printed_stays_until_there_is_something_new() -> None:
    state = played(begun("a"), started("a", 1.0), printed("a", "old"), finished("a", 2.0, took=1.0))
    state.apply(queued("a"))
    state.apply(started("a", 3.0))
    assert state.rows["a"].output.text() == "old"
    state.apply(printed("a", "new"))
    assert state.rows["a"].output.text() == "new"


def test_a_run_that_prints_nothing_leaves_nothing_of_the_last_one() -> None:
    state = played(begun("a"), started("a", 1.0), printed("a", "old"), finished("a", 2.0, took=1.0))
    state.apply(started("a", 3.0))
    state.apply(finished("a", 4.0, took=1.0))
    assert state.rows["a"].output.text() == ""


def test_a_check_that_was_paused_is_stale_until_it_is_queued_again() -> None:
    state = played(begun("a"), finished("a", 1.0), CheckPaused(run_id="r", time_s=2.0, check_id="a", reason="why"))
    assert (state.rows["a"].stale, state.rows["a"].paused) == (True, "why")
    state.apply(queued("a"))
    state.apply(finished("a", 3.0))
    assert not state.rows["a"].stale


def test_paths_that_no_check_reads_are_listed_once() -> None:
    twice = changed("x.md", "y.md", uncovered=("x.md", "y.md"))
    state = played(begun("a"), changed("x.md", uncovered=("x.md",)), twice, begun("a"))
    assert list(state.uncovered) == ["x.md", "y.md"]


def test_while_a_run_goes_its_figures_count_what_still_runs() -> None:
    state = played(begun("a", "b"), started("a", 1.0), started("b", 1.0), finished("a", 3.0, took=2.0))
    run = state.summary(5.0)
    assert (run.wall_s, run.busy_s, run.parallelization_factor) == (4.0, 6.0, 1.5)


@pytest.mark.parametrize(
    ("part", "whole", "outcome"),
    [
        (FAILED, PASSED, PASSED),
        (PASSED, FAILED, FAILED),
        (BROKEN, PASSED, PASSED),
        (FAILED, BROKEN, FAILED),
        (FAILED, SKIPPED, FAILED),
        (PASSED, CANCELLED, CANCELLED),
    ],
)
def test_what_ran_ahead_counts_until_the_whole_has_its_verdict(part: Outcome, whole: Outcome, outcome: Outcome) -> None:
    state = State()
    for event in (ahead("part", "whole"), finished("part", 1, part), finished("whole", 2, whole)):
        state.apply(event)
    state.apply(RunFinished(run_id="r", time_s=3.0))
    assert state.summary().outcome is outcome
