from __future__ import annotations

import pytest
from msgspec.structs import replace

from ftui.history.comparable import Terms, comparable, size_of, sound
from ftui.model import Outcome
from tests.history.made import MACHINE, sample

TERMS = Terms.of(sample())


@pytest.mark.parametrize(
    "other",
    [
        sample(machine=replace(MACHINE, cores=8)),
        sample(machine=replace(MACHINE, name="linux aarch64")),
        sample(machine=replace(MACHINE, on_battery=True)),
        sample(machine=replace(MACHINE, others=0.5)),
        sample(clock=False),
        sample(check="ruff"),
        sample(command="c2"),
        sample(changed_inputs=None),
        sample(changed_inputs=0),
        sample(changed_inputs=40),
        sample(outcome=Outcome.BROKEN),
        sample(attempts=0),
        sample(attempts=2),
    ],
    ids=[
        "other cores", "other processor", "on battery", "under load", "wrong clock", "other check", "other command",
        "first result", "nothing changed", "much changed", "no verdict", "replayed", "retried",
    ],
)  # fmt: skip
def test_what_differs_is_not_mixed_in(other: object) -> None:
    assert comparable([sample(1.0), other, sample(2.0)], TERMS) == [sample(1.0), sample(2.0)]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "other",
    [
        sample(machine=replace(MACHINE, on_battery=False)),
        sample(machine=replace(MACHINE, others=0.1, load=9.0)),
        sample(changed_inputs=7),
        sample(outcome=Outcome.FAILED),
    ],
    ids=["plugged in", "hardly any load", "similar change", "failed"],
)
def test_what_makes_no_difference_is(other: object) -> None:
    assert comparable([other], TERMS) == [other]  # type: ignore[list-item]


def test_runs_on_battery_are_comparable_among_themselves() -> None:
    battery = sample(machine=replace(MACHINE, on_battery=True))
    assert sound(battery)
    assert battery.run.marks == ("battery",)
    assert comparable([battery, sample()], Terms.of(battery)) == [battery]


def test_changes_are_similar_in_steps() -> None:
    counts = [None, 0, 1, 7, 8, 63, 64, 511, 512, 10_000]
    assert [size_of(count) for count in counts] == [None, 0, 1, 1, 2, 2, 3, 3, 4, 5]
