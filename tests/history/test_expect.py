from __future__ import annotations

from itertools import pairwise
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ftui.history.comparable import command_digest
from ftui.history.expect import LEAST, MOST, Expectations, expectation
from ftui.model import Bucket
from tests.history.made import MACHINE, sample

ROOT = "/srv/app"
MYPY = ("/srv/app/.venv/bin/mypy", "src")
COMMAND = command_digest(MYPY, ROOT)
ROUNDING = 1e-12
seconds = st.floats(0.001, 1000.0)


@given(took=st.lists(seconds, min_size=LEAST, max_size=MOST))
def test_what_is_expected_is_the_middle_and_lies_between_the_extremes(took: list[float]) -> None:
    expected = expectation([sample(each) for each in took])
    assert expected is not None
    assert expected.samples == len(took)
    tenths = quantiles(took, n=10, method="inclusive")
    assert expected.median_s == pytest.approx(median(took))
    assert (expected.low_s, expected.high_s) == pytest.approx((tenths[0], tenths[-1]))
    figures = min(took), expected.low_s, expected.median_s, expected.high_s, max(took)
    assert all(one <= other * (1 + ROUNDING) for one, other in pairwise(figures))


@pytest.mark.parametrize("count", range(LEAST))
def test_from_too_few_runs_nothing_is_made_up(count: int) -> None:
    assert expectation([sample(1.0)] * count) is None


def test_only_the_last_runs_count() -> None:
    expected = expectation([sample(1.0)] * MOST + [sample(100.0)] * 50)
    assert expected is not None
    assert (expected.samples, expected.high_s) == (MOST, 1.0)


def test_the_longest_silence_is_that_of_all_of_them() -> None:
    silences = [3.0, None, 7.0, 1.0]
    expected = expectation([sample(silence_s=silence) for silence in silences])
    assert expected is not None
    assert expected.silence_s == 7.0
    silent = expectation([sample()] * LEAST)
    assert silent is not None
    assert silent.silence_s is None


@pytest.fixture
def expectations() -> Expectations:
    """Those of a tree on a machine of which nothing is known yet."""
    expectations = Expectations(ROOT)
    expectations.set_machine(MACHINE.name, MACHINE.cores, on_battery=False)
    return expectations


def test_changes_of_another_size_have_their_own_expectation(expectations: Expectations) -> None:
    few = [sample(1.0, command=COMMAND, changed_inputs=count) for count in (1, 2, 5)]
    many = [sample(60.0, command=COMMAND, changed_inputs=count) for count in (70, 100, 200)]
    expectations.add([*many, *few])
    found = [expectations.of("mypy", MYPY, count) for count in (3, 300, 0, None)]
    assert [known and known.median_s for known in found] == [1.0, 60.0, None, None]
    usual = expectations.usual("mypy", MYPY)
    assert usual is not None
    assert usual.median_s == 60.0


def test_another_command_and_another_machine_have_none(expectations: Expectations) -> None:
    expectations.add([sample(1.0, command=COMMAND)] * LEAST)
    assert expectations.of("mypy", MYPY, 1) is not None
    assert expectations.of("mypy", (*MYPY, "--strict"), 1) is None
    assert expectations.of("mypy", ("/elsewhere/bin/mypy", "src"), 1) is not None
    for name, cores, on_battery in ((MACHINE.name, 8, False), ("other", 4, False), (MACHINE.name, 4, True)):
        expectations.set_machine(name, cores, on_battery=on_battery)
        assert expectations.of("mypy", MYPY, 1) is None


def test_what_is_not_sound_is_not_taken_in(expectations: Expectations) -> None:
    loaded = sample(9.0, command=COMMAND, machine=replace(MACHINE, others=0.9))
    hit = sample(9.0, command=COMMAND, attempts=0, bucket=Bucket.HIT)
    wrong_clock = sample(9.0, command=COMMAND, clock=False)
    expectations.add([loaded, hit, wrong_clock] * LEAST)
    assert expectations.of("mypy", MYPY, 1) is None
    expectations.add([loaded, hit, *[sample(1.0, command=COMMAND)] * LEAST])
    expected = expectations.of("mypy", MYPY, 1)
    assert expected is not None
    assert (expected.samples, expected.high_s) == (LEAST, 1.0)


def test_what_is_added_later_is_later(expectations: Expectations) -> None:
    expectations.add([sample(1.0, command=COMMAND)] * MOST)
    expectations.add([sample(5.0, command=COMMAND)] * (MOST - 2))
    expected = expectations.of("mypy", MYPY, 1)
    assert expected is not None
    assert (expected.samples, expected.median_s) == (MOST, 5.0)
