"""Which runs may be mixed with one another."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ftui.history.records import Machine
from ftui.model import Outcome
from ftui.tuning.evidence import Choice, Recorded, past_runs_of
from tests.tuning.evidence import MACHINE, result, run_record

COMMANDS = {"a": "as-now"}
BUSY = replace(MACHINE, others=0.5)


def recorded(count: int, machine: Machine = MACHINE, command: str = "as-now", **more: Any) -> list[Recorded]:
    ran = result("a", command=command, started_s=0.0, ended_s=1.0, cpu_s=0.5)
    return [Recorded(run_record(number, machine=machine, **more), (ran,)) for number in range(count)]


def chosen(*groups: list[Recorded]) -> Choice:
    return past_runs_of([each for group in groups for each in group], COMMANDS, MACHINE)


def test_runs_under_load_are_left_out_where_there_are_enough_others() -> None:
    found = chosen(recorded(5), recorded(7, BUSY))
    assert (len(found.runs), found.under_load) == (5, False)
    assert all(run.others == 0 for run in found.runs)


def test_runs_under_load_are_taken_alone_where_there_are_no_others() -> None:
    found = chosen(recorded(4), recorded(7, BUSY))
    assert (len(found.runs), found.under_load) == (7, True)
    assert all(run.others == 1.0 for run in found.runs)


def test_too_few_of_either_are_not_added_up() -> None:
    found = chosen(recorded(3), recorded(4, BUSY))
    assert (len(found.runs), found.under_load) == (4, False)


def test_another_machine_another_command_battery_and_a_wrong_clock_count_for_nothing() -> None:
    assert not chosen(recorded(9, Machine(name="test", cores=8))).runs
    assert not chosen(recorded(9, Machine(name="other", cores=2))).runs
    assert not chosen(recorded(9, replace(MACHINE, on_battery=True))).runs
    assert not chosen(recorded(9, command="as-before")).runs
    assert not chosen(recorded(9, wrong_clock=True)).runs
    assert not chosen(recorded(9, interrupted=True)).runs


def test_what_was_retried_or_had_no_verdict_tells_nothing_of_the_command() -> None:
    ran: dict[str, Any] = {"command": "as-now", "started_s": 0.0, "ended_s": 1.0}
    retried = Recorded(run_record(1), (result("a", attempts=2, **ran),))
    broken = Recorded(run_record(2), (result("a", outcome=Outcome.BROKEN, **ran),))
    assert not chosen([retried, broken]).runs
