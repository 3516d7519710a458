from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from ftui.history import machine
from ftui.history.machine import Moment, between, clock_was_wrong, look
from tests.history.made import run

BEGIN = Moment(wall=1000.0, passed=50.0, busy=100.0, own=10.0, load=0.5, on_battery=None)


def end(seconds: float, busy: float | None, own: float, **fields: object) -> Moment:
    busy = None if busy is None else 100.0 + busy
    moment = Moment(1000.0 + seconds, 50.0 + seconds, busy, 10.0 + own, 4.0, None)
    return replace(moment, **fields)


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)


@pytest.mark.usefixtures("four_cores")
def test_what_the_run_itself_used_is_no_load() -> None:
    assert between(BEGIN, end(10.0, busy=40.0, own=40.0), 0.0).others == 0.0
    assert between(BEGIN, end(10.0, busy=40.0, own=0.0), 40.0).others == 0.0


@pytest.mark.usefixtures("four_cores")
def test_what_others_used_is_a_share_of_the_machine_and_marks_the_run() -> None:
    some, much = (between(BEGIN, end(10.0, busy=20.0 + others, own=20.0), 0.0) for others in (4.0, 12.0))
    assert (some.others, much.others) == pytest.approx((0.1, 0.3))
    assert run(machine=some).marks == ()
    assert run(machine=much).marks == ("load",)


def test_a_run_that_is_too_short_or_a_system_that_does_not_tell_marks_nothing() -> None:
    for moment in (end(0.05, busy=0.2, own=0.0), end(10.0, busy=None, own=0.0)):
        made = between(BEGIN, moment, 0.0)
        assert made.others is None
        assert run(machine=made).marks == ()


def test_the_load_is_that_of_before_the_run() -> None:
    assert between(BEGIN, end(10.0, 1.0, 1.0), 0.0).load == 0.5


@pytest.mark.parametrize(
    ("before", "after", "on_battery"),
    [(None, None, None), (False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_a_run_is_on_battery_if_it_was_at_either_end(
    before: bool | None, after: bool | None, on_battery: bool | None
) -> None:
    made = between(replace(BEGIN, on_battery=before), end(1.0, 1.0, 1.0, on_battery=after), 0.0)
    assert made.on_battery is on_battery


def test_a_clock_that_was_set_or_a_machine_that_slept_is_seen() -> None:
    assert not clock_was_wrong(BEGIN, end(100.0, 0.0, 0.0))
    assert clock_was_wrong(BEGIN, end(100.0, 0.0, 0.0, wall=1000.0 + 3700.0))
    assert clock_was_wrong(BEGIN, end(100.0, 0.0, 0.0, wall=900.0))


def test_the_machine_that_this_is_has_cores_and_a_name() -> None:
    first, second = look(), look()
    made = between(first, second, 0.0)
    assert made.cores >= 1
    assert made.name.startswith(sys.platform)
    assert second.passed >= first.passed
    assert first.busy is not None
    assert second.busy is not None
    assert second.busy >= first.busy


@pytest.mark.parametrize(
    ("supplies", "on_battery"),
    [
        ({}, None),
        ({"AC": ("Mains", "", "")}, None),
        ({"AC": ("Mains", "", ""), "BAT0": ("Battery", "", "Charging")}, False),
        ({"AC": ("Mains", "", ""), "BAT0": ("Battery", "System", "Discharging")}, True),
        ({"BAT0": ("Battery", "", "Full"), "BAT1": ("Battery", "", "Discharging")}, True),
        ({"mouse": ("Battery", "Device", "Discharging")}, None),
    ],
    ids=["none", "mains", "charging", "discharging", "one of two", "a mouse's"],
)
def test_the_battery_of_the_machine_counts(
    tmp_path: Path, supplies: dict[str, tuple[str, str, str]], on_battery: bool | None
) -> None:
    for name, texts in supplies.items():
        (tmp_path / name).mkdir()
        for file, text in zip(("type", "scope", "status"), texts, strict=True):
            if text:
                (tmp_path / name / file).write_text(text + "\n")
    assert machine._discharging(str(tmp_path)) is on_battery


def test_a_system_without_the_folder_has_no_battery(tmp_path: Path) -> None:
    assert machine._discharging(str(tmp_path / "nothing")) is None
