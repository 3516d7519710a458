"""Runs over a clock that is only counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.engine.schedule import Job, conflict
from ftui.model import Outcome, Phase
from ftui.tuning.machine import Work
from ftui.tuning.simulate import Simulated, simulate
from ftui.tuning.timing import Overhead
from tests.engine.test_schedule import job, job_lists

NONE = Overhead()


def waits(seconds: float, outcome: Outcome = Outcome.PASSED) -> Work:
    return Work(alone_s=seconds, cpu_s=0.0, outcome=outcome)


def computes(seconds: float) -> Work:
    return Work(alone_s=seconds, cpu_s=seconds, outcome=Outcome.PASSED)


def simulated(
    jobs: list[Job], *works: Work, workers: int, cores: int = 2, overhead: Overhead = NONE, fail_fast: bool = False
) -> Simulated:
    by_id = {each.id: work for each, work in zip(jobs, works, strict=True)}
    return simulate(jobs, by_id, workers=workers, cores=cores, overhead=overhead, fail_fast=fail_fast)


def letters(text: str) -> list[Job]:
    return [job(letter) for letter in text]


@given(
    jobs=job_lists(),
    workers=st.integers(1, 6),
    cores=st.integers(1, 4),
    fail_fast=st.booleans(),
    overhead=st.builds(Overhead, st.floats(0.0, 0.1), st.floats(0.0, 0.1)),
    data=st.data(),
)
def test_no_run_is_simulated_that_the_schedule_would_not_allow(
    jobs: list[Job], workers: int, cores: int, fail_fast: bool, overhead: Overhead, data: st.DataObject
) -> None:
    works = {
        each.id: Work(
            alone_s=seconds,
            cpu_s=seconds * data.draw(st.floats(0.0, 1.0)),
            outcome=data.draw(st.sampled_from([Outcome.PASSED, Outcome.PASSED, Outcome.FAILED])),
        )
        for each in jobs
        for seconds in [data.draw(st.floats(0.0, 9.0))]
    }
    found = simulate(jobs, works, workers=workers, cores=cores, overhead=overhead, fail_fast=fail_fast)
    by_id = {each.id: each for each in jobs}
    spans = {span.check: span for span in found.spans}
    assert len(spans) == len(found.spans)
    for span in found.spans:
        beside = [o for o in found.spans if o.start_s < span.end_s - 1e-9 and o.end_s > span.start_s + 1e-9]
        at_start = [o for o in found.spans if o.start_s <= span.start_s < o.end_s]
        assert sum(each.slots for each in at_start) <= workers
        assert not any(conflict(by_id[span.check], by_id[o.check]) for o in beside if o is not span)
        assert all(by_id[o.check].phase is by_id[span.check].phase for o in beside)
        assert all(spans[required].end_s <= span.start_s + 1e-9 for required in by_id[span.check].requires)
        assert fail_fast or span.end_s - span.start_s >= works[span.check].alone_s - 1e-6
    assert found.wall_s == max((span.end_s for span in found.spans), default=0.0)
    path = found.critical_path
    assert not path or (path[-1].end_s == found.wall_s and path[0].after is None)
    assert sum(found.idle().values()) <= workers * found.wall_s + 1e-6


def test_checks_that_wait_run_side_by_side_beyond_the_cores() -> None:
    jobs = letters("abcd")
    assert simulated(jobs, *[waits(1)] * 4, workers=4, cores=1).wall_s == pytest.approx(1.0)
    assert simulated(jobs, *[waits(1)] * 4, workers=2, cores=1).wall_s == pytest.approx(2.0)


def test_checks_that_compute_gain_nothing_beyond_the_cores() -> None:
    jobs = letters("abcd")
    assert simulated(jobs, *[computes(1)] * 4, workers=4).wall_s == pytest.approx(2.0)
    assert simulated(jobs, *[computes(1)] * 4, workers=2).wall_s == pytest.approx(2.0)
    assert simulated(jobs, *[computes(1)] * 4, workers=1).wall_s == pytest.approx(4.0)


def test_what_ftui_itself_takes_comes_between_the_checks() -> None:
    overhead = Overhead(start_s=0.1, phase_s=0.5)
    one_after_the_other = simulated(letters("abc"), *[waits(1)] * 3, workers=1, overhead=overhead)
    assert one_after_the_other.wall_s == pytest.approx(3.2)
    phases = [job("lint"), job("tests", Phase.SLOW)]
    assert simulated(phases, waits(1), waits(1), workers=2, overhead=overhead).wall_s == pytest.approx(2.5)


def test_the_critical_path_is_what_let_the_last_check_start() -> None:
    jobs = [job("a"), job("b"), job("tests", Phase.SLOW), job("docs", Phase.SLOW, requires=("tests",))]
    found = simulated(jobs, waits(1), waits(3), waits(2), waits(1), workers=2)
    assert [span.check for span in found.critical_path] == ["b", "tests", "docs"]
    assert found.wall_s == pytest.approx(6.0)
    assert found.idle() == {"b": pytest.approx(2.0), "tests": pytest.approx(2.0), "docs": pytest.approx(1.0)}


def test_fail_fast_ends_a_run_at_its_first_failure() -> None:
    jobs = letters("abc")
    works = waits(1, Outcome.FAILED), waits(5), waits(5)
    found = simulated(jobs, *works, workers=2, fail_fast=True)
    assert [(span.check, span.end_s) for span in found.spans] == [("a", 1.0), ("b", 1.0)]
    assert simulated(jobs, *works, workers=2).wall_s == pytest.approx(6.0)


def test_what_requires_a_failed_check_does_not_run() -> None:
    jobs = [job("a"), job("b", requires=("a",))]
    assert simulated(jobs, waits(1, Outcome.FAILED), waits(5), workers=2).wall_s == pytest.approx(1.0)


def test_a_run_of_nothing_takes_no_time() -> None:
    nothing = simulated([], workers=2)
    assert (nothing.wall_s, nothing.critical_path, nothing.idle()) == (0.0, (), {})
