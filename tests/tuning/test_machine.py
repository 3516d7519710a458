"""How checks share cores, and what they would have taken alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.model import Outcome, Phase
from ftui.tuning.machine import Work, speeds, works_of
from ftui.tuning.timing import PastRun, Timing


def work(alone_s: float, cpu_s: float, threads: int = 1) -> Work:
    return Work(alone_s=alone_s, cpu_s=cpu_s, threads=threads, outcome=Outcome.PASSED)


def timing(check: str, start: float, end: float, cpu_s: float | None) -> Timing:
    return Timing(check=check, phase=Phase.FAST, started_s=start, ended_s=end, cpu_s=cpu_s, outcome=Outcome.PASSED)


def run(*timings: Timing) -> PastRun:
    return PastRun(workers=4, timings=timings)


works = st.builds(
    lambda alone, share, threads: work(alone, alone * share * threads, threads),
    st.floats(0.01, 100.0),
    st.floats(0.0, 1.0),
    st.integers(1, 4),
)


@given(running=st.dictionaries(st.text(max_size=3), works, max_size=8), cores=st.integers(1, 8))
def test_no_more_than_the_cores_is_used_and_they_are_all_used_where_anyone_is_held_back(
    running: dict[str, Work], cores: int
) -> None:
    found = speeds(running, cores)
    used = sum(found[name] * running[name].demand for name in running)
    assert found.keys() == running.keys()
    assert all(0.0 < speed <= 1.0 for speed in found.values())
    assert used <= cores + 1e-9
    if any(speed < 1.0 - 1e-9 for speed in found.values()):
        assert used == pytest.approx(cores)


def test_checks_that_compute_share_the_cores_and_one_that_waits_is_not_slowed() -> None:
    found = speeds({"a": work(1, 1), "b": work(1, 1), "c": work(1, 1), "waits": work(1, 0.02)}, 2)
    assert found["waits"] == 1.0
    assert [found[name] for name in "abc"] == [pytest.approx((2 - 0.02) / 3)] * 3


def test_a_check_of_two_threads_gets_twice_the_share_of_one_of_one_thread() -> None:
    found = speeds({"wide": work(1, 2, threads=2), "narrow": work(1, 1)}, 2)
    assert found["wide"] * 2 == pytest.approx(2 * found["narrow"] * 1)


def test_what_was_held_back_by_others_is_known_to_be_quicker_alone() -> None:
    found = works_of(run(timing("a", 0, 2, 1.0), timing("b", 0, 2, 1.0)), {}, cores=1)
    assert found["a"].alone_s == pytest.approx(1.0)
    assert found["a"].demand == pytest.approx(1.0)


def test_what_waits_beside_checks_that_compute_takes_as_long_alone() -> None:
    found = works_of(run(timing("a", 0, 2, 1.9), timing("waits", 0, 2, 0.1)), {}, cores=1)
    assert found["waits"].alone_s == pytest.approx(2.0)


def test_only_the_time_beside_others_counts_as_held_back() -> None:
    found = works_of(run(timing("a", 0, 3, 2.0), timing("b", 1, 3, 1.0)), {}, cores=1)
    assert 2.0 <= found["a"].alone_s < 3.0


def test_a_check_that_ran_alone_took_what_it_took() -> None:
    found = works_of(run(timing("a", 0, 2, 0.5), timing("b", 2, 4, 2.0)), {}, cores=1)
    assert (found["a"].alone_s, found["b"].alone_s) == (2.0, 2.0)


def test_a_check_whose_cpu_time_is_not_known_counts_as_one_that_computes() -> None:
    found = works_of(run(timing("a", 0, 2, None)), {}, cores=2)
    assert found["a"].demand == 1.0


def test_a_check_that_used_several_cores_can_use_them_again() -> None:
    found = works_of(run(timing("xdist", 0, 2, 3.8)), {"xdist": 2}, cores=2)
    assert found["xdist"].threads == 2
    assert found["xdist"].demand == pytest.approx(1.9)


def test_other_processes_hold_back_what_computes_and_not_what_waits() -> None:
    busy = PastRun(workers=1, timings=(timing("a", 0, 2, 1.0), timing("waits", 2, 4, 0.1)), others=1.9)
    found = works_of(busy, {}, cores=2)
    assert found["a"].alone_s == pytest.approx(1.0)
    assert found["waits"].alone_s == pytest.approx(2.0)
