"""What is judged, on what, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.history.records import Machine, Sample
from ftui.history.slo import LEAST, MOST, Here, of_check, of_profile, warm
from ftui.model import Bucket, Outcome
from tests.history.made import MACHINE, result, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.history.records import RunRecord
    from ftui.history.slo import Objective

HERE = Here(MACHINE.name, MACHINE.cores)


def samples(*took: float, commit: str = "c" * 40, machine: Machine = MACHINE, **fields: object) -> list[Sample]:
    """Samples in the order of time, all of one commit."""
    made = run(machine=machine, commit=commit, branch="main")
    return [Sample(made, replace(result(duration_s=each), **fields)) for each in took]


def judge(history: Sequence[Sample], budget: float | None = 2.0) -> Objective:
    return of_check("mypy", "c1", budget, reversed(history), HERE)


# The verdict


@pytest.mark.parametrize(("took", "state"), [(1.9, "met"), (2.0, "met"), (2.1, "broken")])
def test_the_median_is_held_against_the_budget(took: float, state: str) -> None:
    objective = judge(samples(*[took] * 9, 0.1, 300.0))
    assert (objective.state, objective.p50, objective.runs) == (state, took, 11)


def test_from_too_few_runs_there_is_no_verdict_and_no_figure() -> None:
    objective = judge(samples(*[9.0] * (LEAST - 1)))
    assert (objective.state, objective.p50, objective.p95, objective.runs) == ("too-few", None, None, LEAST - 1)
    assert judge(samples(*[9.0] * LEAST)).state == "broken"


def test_the_percentiles_are_those_of_the_last_runs() -> None:
    objective = judge(samples(*[50.0] * 30, *range(1, MOST + 1)))
    assert objective.runs == MOST
    assert objective.p50 == 10.5
    assert objective.p95 == pytest.approx(19.05)
    assert objective.trend == tuple(range(1, MOST + 1))


def test_a_check_without_a_budget_is_measured_and_not_judged() -> None:
    objective = judge(samples(*[9.0] * 12), budget=None)
    assert (objective.state, objective.p50) == ("no-budget", 9.0)


# What counts


@pytest.mark.parametrize(
    ("machine", "because"),
    [
        (replace(MACHINE, others=0.5), "under load"),
        (replace(MACHINE, on_battery=True), "on battery"),
        (replace(MACHINE, cores=MACHINE.cores + 4), "with other cores"),
        (replace(MACHINE, name="darwin arm64"), "on another machine"),
    ],
)
def test_runs_under_other_conditions_are_left_out_and_that_is_said(machine: Machine, because: str) -> None:
    objective = judge([*samples(*[1.0] * 12), *samples(*[300.0] * 5, machine=machine)])
    assert (objective.state, objective.runs, objective.p95) == ("met", 12, 1.0)
    assert [(left.because, left.runs) for left in objective.left_out] == [(because, 5)]


def test_a_crash_a_hit_and_a_second_attempt_are_no_samples() -> None:
    others = [
        *samples(300.0, outcome=Outcome.BROKEN, exit_code=None),
        *samples(0.001, attempts=0, bucket=Bucket.HIT),
        *samples(600.0, attempts=2),
    ]
    objective = judge([*samples(*[1.0] * 12), *others * 5])
    assert (objective.runs, objective.p50, objective.p95, objective.left_out) == (12, 1.0, 1.0, ())


def test_only_runs_that_came_to_the_same_end_are_measured_by_one_another() -> None:
    failed = samples(*[0.1] * 8, outcome=Outcome.FAILED, exit_code=1)
    objective = judge([*samples(*[3.0] * 12, exit_code=0), *failed])
    assert (objective.state, objective.p50, objective.outcome, objective.exit_code) == (
        "broken", 3.0, Outcome.PASSED, 0
    )  # fmt: skip
    assert [(left.because, left.runs) for left in objective.left_out] == [("that ended otherwise", 8)]
    other_code = samples(*[0.1] * 30, outcome=Outcome.FAILED, exit_code=2)
    assert judge([*samples(*[3.0] * 5), *failed, *other_code]).exit_code == 2


def test_the_end_that_counts_is_that_of_the_last_runs() -> None:
    objective = judge([*samples(*[1.0] * 100), *samples(*[3.0] * 40, outcome=Outcome.FAILED, exit_code=1)])
    assert (objective.outcome, objective.p50) == (Outcome.FAILED, 3.0)


def test_another_command_and_changes_of_another_size_are_not_mixed_in() -> None:
    others = [*samples(*[9.0] * 3, command="c0"), *samples(*[9.0] * 4, changed_inputs=900)]
    objective = judge([*samples(*[1.0] * 12), *others])
    left_out = {left.because: left.runs for left in objective.left_out}
    assert (objective.p95, left_out) == (1.0, {"of another command": 3, "for changes of another size": 4})


# Where it changed


def test_the_commit_after_which_the_median_is_past_the_budget_is_named() -> None:
    history = [*samples(*[1.0] * 15, commit="a" * 40), *samples(*[3.0] * 15, commit="b" * 40)]
    broke = judge(history).broke
    assert broke is not None
    assert (broke.commit, broke.branch, broke.on_top, broke.before, broke.after) == ("b" * 40, "main", False, 1.0, 3.0)


def test_work_on_top_of_a_commit_is_told_from_the_commit() -> None:
    broke = judge(samples(*[1.0] * 15, *[3.0] * 15, commit="a" * 40)).broke
    assert broke is not None
    assert (broke.commit, broke.on_top) == ("a" * 40, True)


def test_of_several_changes_the_one_that_passed_the_budget_broke_it() -> None:
    history = [
        *samples(*[1.0] * 15, commit="a" * 40),
        *samples(*[1.5] * 15, commit="b" * 40),
        *samples(*[3.0] * 15, commit="c" * 40),
        *samples(*[4.0] * 15, commit="d" * 40),
    ]
    objective = judge(history)
    assert (objective.broke and objective.broke.commit) == "c" * 40
    assert (objective.worse and objective.worse.commit) == "d" * 40


def test_a_budget_that_was_never_kept_was_broken_by_no_commit() -> None:
    objective = judge([*samples(*[3.0] * 15), *samples(*[4.0] * 15, commit="d" * 40)])
    assert (objective.state, objective.broke) == ("broken", None)


def test_slower_within_the_budget_is_told_and_faster_is_not() -> None:
    slower = judge([*samples(*[1.0] * 15), *samples(*[1.5] * 15, commit="b" * 40)])
    assert (slower.state, slower.broke) == ("met", None)
    assert (slower.worse and slower.worse.commit) == "b" * 40
    assert judge(samples(*[1.5] * 15, *[1.0] * 15)).worse is None


# Profiles


def warm_run(took_s: float, efficiency: float = 1.0, **fields: object) -> RunRecord:
    made = run(took_s=took_s, **fields)  # type: ignore[arg-type]
    summary = replace(made.summary, outcome=Outcome.PASSED)
    return replace(made, summary=summary, totals=replace(made.totals, structural_efficiency=efficiency))


def test_a_profile_is_judged_on_the_time_of_warm_runs_and_on_their_efficiency() -> None:
    time, efficiency = of_profile("dev", 1.0, 0.8, [warm_run(0.5, share) for share in [0.8] * 11 + [0.1]], HERE)
    assert (time.kind, time.name, time.budget, time.state, time.p50) == ("profile", "dev", 1.0, "met", 0.5)
    assert (efficiency.kind, efficiency.budget, efficiency.state, efficiency.p50) == ("efficiency", 0.8, "met", 0.8)
    assert efficiency.p95 is not None
    assert efficiency.p95 < 0.5
    _, lacking = of_profile("dev", 1.0, 0.81, [warm_run(0.5, 0.8)] * 12, HERE)
    assert lacking.state == "broken"


def test_a_profile_without_a_budget_is_judged_on_its_efficiency_alone() -> None:
    assert [each.kind for each in of_profile("quick", None, 0.8, [], HERE)] == ["efficiency"]


def test_load_is_no_reason_to_leave_a_runs_efficiency_out() -> None:
    loaded = [warm_run(5.0, 0.5, machine=replace(MACHINE, others=0.9))] * 12
    time, efficiency = of_profile("dev", 1.0, 0.8, loaded, HERE)
    assert (time.state, time.left_out[0].because) == ("too-few", "under load")
    assert (efficiency.state, efficiency.p50) == ("broken", 0.5)


def test_a_run_without_a_verdict_is_no_sample_of_a_profile() -> None:
    broken = warm_run(300.0)
    broken = replace(broken, summary=replace(broken.summary, outcome=Outcome.BROKEN))
    time, _ = of_profile("dev", 1.0, 0.8, [*[warm_run(0.5)] * 12, *[broken] * 3], HERE)
    assert (time.p95, [(left.because, left.runs) for left in time.left_out]) == (0.5, [("without a verdict", 3)])


HIT = result(key="k", bucket=Bucket.HIT, changed_inputs=0, attempts=0)
BOTH = {"mypy": False, "ruff": False}


@pytest.mark.parametrize(
    ("fields", "other", "is_warm"),
    [
        ({}, {}, True),
        ({}, {"bucket": Bucket.POLICY_RERUN}, True),
        ({}, {"bucket": Bucket.MISS}, True),
        ({}, {"bucket": Bucket.MISS, "key": None, "changed_inputs": None}, True),
        ({}, {"bucket": Bucket.MISS, "changed_inputs": 1}, False),
        ({}, {"bucket": Bucket.MISS, "changed_inputs": None}, False),
        ({}, {"bucket": None, "key": None, "changed_inputs": None}, False),
        ({}, {"check": "other"}, False),
        ({"because": "src/a.py changed"}, {}, False),
        ({"forced": True}, {}, False),
        ({"interrupted": True}, {}, False),
    ],
)
def test_warm_is_a_command_over_the_whole_profile_with_nothing_changed(
    fields: dict[str, object], other: dict[str, object], is_warm: bool
) -> None:
    results = [HIT, replace(HIT, **{"check": "ruff", **other})]
    assert warm(run(**fields), results, BOTH) is is_warm  # type: ignore[arg-type]


def test_a_part_that_need_not_run_is_not_missed() -> None:
    part = replace(HIT, check="part", bucket=None, key=None, changed_inputs=None)
    assert warm(run(), [HIT, part], {"mypy": False, "part": True})
    assert not warm(run(), [HIT, part], {"mypy": False, "part": False})
