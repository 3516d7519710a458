"""Walls under other settings, held against real runs where it matters."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from statistics import median

import pytest

from ftui.engine.schedule import Job
from ftui.model import Outcome, Phase
from ftui.report.recording import replay
from ftui.tuning.machine import Work
from ftui.tuning.timing import Overhead, PastRun, past_runs
from ftui.tuning.whatif import Estimate, Setting, WhatIf

RECORDED = Path(__file__).parent / "data"
"""Runs of the project of tests/bench/whatif.py on a machine of two cores, by the number of workers, without output."""
CORES = 2
SLOW = ("compute-a", "compute-b", "compute-c", "wait-long", "wait-after")
JOBS = (
    *(Job(id=name) for name in ("compute-short", "wait-short", "both")),
    *(Job(id=name, phase=Phase.SLOW, requires=("compute-a",) * (name == "wait-after")) for name in SLOW),
)


def recorded(workers: int) -> list[PastRun]:
    runs = list(past_runs(replay(RECORDED / f"workers-{workers}.ndjson")))
    assert len(runs) >= 4
    assert {run.workers for run in runs} == {workers}
    return runs


def what_if(works: dict[str, list[Work]], *jobs: Job, cores: int = CORES) -> WhatIf:
    return WhatIf(jobs or [Job(id=name) for name in works], works, cores=cores, overhead=Overhead())


def waits(*seconds: float) -> list[Work]:
    return [Work(alone_s=each, cpu_s=0.0, outcome=Outcome.PASSED) for each in seconds]


def computes(*seconds: float) -> list[Work]:
    return [Work(alone_s=each, cpu_s=each, outcome=Outcome.PASSED) for each in seconds]


def setting(workers: int, *, fail_fast: bool = False, longest_first: bool = False) -> Setting:
    return Setting(workers=workers, fail_fast=fail_fast, longest_first=longest_first)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_wall_of_each_run_is_told_from_the_others_of_its_setting(workers: int) -> None:
    runs = recorded(workers)
    for run in runs:
        others = [each for each in runs if each is not run]
        wall = WhatIf.of_runs(JOBS, others, cores=CORES).wall(setting(workers))
        assert wall.middle_s == pytest.approx(run.wall_s, rel=0.15)


@pytest.mark.parametrize(("source", "asked"), list(permutations((1, 2, 4), 2)))
def test_the_wall_of_a_setting_is_told_from_runs_of_another_one(source: int, asked: int) -> None:
    measured = median(run.wall_s for run in recorded(asked))
    wall = WhatIf.of_runs(JOBS, recorded(source), cores=CORES).wall(setting(asked))
    assert wall.middle_s == pytest.approx(measured, rel=0.15)


def test_the_error_bar_is_as_wide_as_the_recorded_times_differ() -> None:
    steady = what_if({"a": waits(1, 1, 1)}).wall(setting(1))
    assert steady == Estimate(1.0, 1.0, 1.0)
    wide = what_if({"a": waits(1, 2, 3)}).wall(setting(1))
    assert (wide.low_s, wide.high_s) == (1.0, 3.0)


def test_two_settings_differ_by_what_they_change_and_not_by_luck() -> None:
    ask = what_if({"a": waits(1, 2, 3), "b": waits(0.5)})
    saved = ask.saving(setting(1), ask, setting(2))
    assert saved.low_s == pytest.approx(0.5)
    assert saved.high_s == pytest.approx(0.5)
    assert ask.saving(setting(2), ask, setting(2)) == Estimate(0.0, 0.0, 0.0)


def test_the_curve_goes_to_twice_the_cores_and_is_flat_beyond_what_the_checks_can_use() -> None:
    curve = what_if({"a": waits(1), "b": waits(1)}, cores=2).curve(setting(2))
    assert {workers: wall.middle_s for workers, wall in curve.items()} == {1: 2.0, 2: 1.0, 3: 1.0, 4: 1.0}


def test_more_workers_than_cores_help_checks_that_wait_and_not_those_that_compute() -> None:
    waiting = what_if({name: waits(1) for name in "abcd"}).curve(setting(2))
    computing = what_if({name: computes(1) for name in "abcd"}).curve(setting(2))
    assert waiting[4].middle_s == pytest.approx(waiting[2].middle_s / 2)
    assert computing[4].middle_s == pytest.approx(computing[2].middle_s)


def test_the_longest_first_can_be_asked_for() -> None:
    ask = what_if({"a": waits(1), "b": waits(1), "long": waits(2)})
    assert ask.wall(setting(2)).middle_s == pytest.approx(3.0)
    assert ask.wall(setting(2, longest_first=True)).middle_s == pytest.approx(2.0)


def test_fail_fast_ends_those_draws_in_which_a_check_failed() -> None:
    fails = [Work(alone_s=1.0, cpu_s=0.0, outcome=Outcome.FAILED), *waits(1.0)]
    ask = what_if({"a": fails, "b": waits(9.0)})
    assert ask.wall(setting(1)) == Estimate(10.0, 10.0, 10.0)
    shown = ask.wall(setting(1, fail_fast=True))
    assert (shown.low_s, shown.high_s) == (1.0, 10.0)


def test_a_check_can_be_left_out_and_what_requires_it_stays() -> None:
    ask = what_if({"a": waits(2), "b": waits(1)}, Job(id="a"), Job(id="b", requires=("a",)))
    assert ask.wall(setting(2)).middle_s == 3.0
    assert ask.without("a").wall(setting(2)).middle_s == 1.0


def test_a_check_can_be_put_into_another_phase_or_take_another_time() -> None:
    ask = what_if({"a": waits(2), "b": waits(2)}, Job(id="a"), Job(id="b", phase=Phase.SLOW))
    assert ask.changed(Job(id="b")).wall(setting(2)).middle_s == 2.0
    assert ask.changed(Job(id="b", phase=Phase.SLOW), waits(1)).wall(setting(2)).middle_s == 3.0


def test_a_check_that_never_ran_is_left_out_with_what_is_said_of_it() -> None:
    runs = recorded(2)
    ask = WhatIf.of_runs([*JOBS, Job(id="new"), Job(id="other", requires=("new",))], runs, cores=CORES)
    assert {job.id for job in ask.jobs} == {job.id for job in JOBS}
