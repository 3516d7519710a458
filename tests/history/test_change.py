"""Changes of a level are found where they are, and noise is none."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftui.history.change import SHORTEST, changes


def noisy(level: float, count: int, chance: Random, noise: float = 0.1) -> list[float]:
    """Figures about a level that are skewed to the right, as durations are."""
    return [level * (1 + noise * chance.lognormvariate(0, 1)) for _ in range(count)]


def places(values: list[float]) -> list[int]:
    return [change.place for change in changes(values)]


@pytest.mark.parametrize(("before", "after"), [(20, 20), (5, 30), (40, 6), (6, 6)])
@pytest.mark.parametrize("seed", range(5))
def test_a_step_beyond_the_noise_is_found_where_it_is(before: int, after: int, seed: int) -> None:
    chance = Random(seed)
    (change,) = changes([*noisy(1.0, before, chance, 0.02), *noisy(1.5, after, chance, 0.02)])
    assert change.place == before
    assert change.before == pytest.approx(1.02, abs=0.05)
    assert change.after == pytest.approx(1.53, abs=0.05)


def test_noise_alone_is_hardly_ever_a_change() -> None:
    chance = Random(7)
    found = sum(bool(changes(noisy(1.0, 30, chance, 0.3))) for _ in range(300))
    assert found <= 9  # 1 in 100 is what the test allows for: 3 in 300, and some room


@pytest.mark.parametrize("place", [0, 10, 18, 19])
def test_one_sample_is_never_a_change_however_far_it_lies(place: int) -> None:
    values = noisy(1.0, 20, Random(3), 0.02)
    values[place] = 300.0
    assert changes(values) == []


def test_two_outliers_at_the_end_are_none_and_a_level_that_stays_is_one() -> None:
    values = noisy(1.0, 30, Random(5), 0.02)
    assert changes([*values, 2.0, 2.1]) == []
    assert places([*values, 2.0, 2.1, 2.0, 2.05, 2.1, 2.0]) == [30]


def test_a_change_of_less_than_a_twentieth_is_not_worth_telling() -> None:
    assert changes([1.0] * 20 + [1.04] * 20) == []
    assert places([1.0] * 20 + [1.06] * 20) == [20]


def test_every_change_is_found_up_and_down() -> None:
    chance = Random(11)
    values = [*noisy(1.0, 15, chance, 0.02), *noisy(3.0, 15, chance, 0.02), *noisy(2.0, 15, chance, 0.02)]
    assert places(values) == [15, 30]


def test_what_was_nothing_and_is_something_has_changed() -> None:
    assert [(c.before, c.after) for c in changes([0.0] * 10 + [0.5] * 10)] == [(0.0, 0.5)]
    assert changes([0.0] * 50) == []


@settings(deadline=None, max_examples=50)
@given(values=st.lists(st.floats(0.001, 1000.0), max_size=60), factor=st.sampled_from([0.25, 2.0, 1024.0]))
def test_places_lie_inside_in_order_and_do_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    found = changes(values)
    assert found == changes(values)
    bounds = [0, *(change.place for change in found), len(values)]
    assert all(end - start >= SHORTEST for start, end in pairwise(bounds) if found)
    assert places([value * factor for value in values]) == bounds[1:-1]
