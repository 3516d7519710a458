"""What advice rests on: the checks as they are now, and the records of their runs that may be held against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.history.records import ResultRecord, RunRecord, Sample
from ftui.tuning.timing import PastRun, Timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ftui.engine.schedule import Job
    from ftui.history.records import Machine
    from ftui.model import Check
    from ftui.tuning.by_commands import Other
    from ftui.tuning.machine import Work
    from ftui.tuning.whatif import Setting

NEEDED = 5
"""Runs of each check from which on anything is said."""


class Recorded(Struct, frozen=True):
    """A run with its results."""

    run: RunRecord
    results: tuple[ResultRecord, ...]


class Evidence(Struct, frozen=True, kw_only=True):
    """The checks of a profile, and what is known of their runs."""

    profile: str
    checks: tuple[Check, ...]
    jobs: tuple[Job, ...]
    paths: frozenset[str] = frozenset()
    """The files of the tree."""
    env: Mapping[str, tuple[str, ...]] = {}
    """What the user's configuration lets checks see, by id."""
    scripts: Mapping[str, str] = {}
    """The commands of checks that run a script, by id."""
    has_xdist: bool = False
    """Whether pytest-xdist is there to spread the tests over processes."""
    setting: Setting
    cores: int
    runs: tuple[PastRun, ...]
    """Whose durations may be mixed with one another, the last one first."""
    samples: Mapping[str, tuple[Sample, ...]] = {}
    """All results of each check, hits included, the last one first."""
    tried: Mapping[tuple[str, Other], tuple[Work, ...]] = {}
    """Runs of other commands of a check, where there are enough."""
    under_load: bool = False
    """Whether the runs were all made while other programs took much of the machine."""

    def known(self, check_id: str) -> int:
        """Runs in which a check really ran."""
        return sum(check_id in run.checks for run in self.runs)


def past_runs_of(recorded: Sequence[Recorded], commands: Mapping[str, str], machine: Machine) -> Choice:
    """The runs on this machine, of commands as they are now, whose durations may be mixed with one another.

    Those that nothing disturbed are taken; only where they do not suffice, those that ran under load, and they alone.

    Args:
        recorded: what there is, the last one first.
        commands: of the checks by id, as `command_digest` gives them.
        machine: as it is now.
    """
    here = [each for each in recorded if _matches(each.run, machine)]
    calm = _past_runs([each for each in here if "load" not in each.run.marks], commands)
    if _enough(calm, commands):
        return Choice(calm, False)
    loaded = _past_runs([each for each in here if "load" in each.run.marks], commands)
    return Choice(loaded, True) if _enough(loaded, commands) else Choice(max(calm, loaded, key=len), False)


class Choice(Struct, frozen=True):
    """Runs, and whether they all ran under load."""

    runs: tuple[PastRun, ...]
    under_load: bool


def _matches(run: RunRecord, machine: Machine) -> bool:
    here = (machine.name, machine.cores, bool(machine.on_battery))
    there = (run.machine.name, run.machine.cores, bool(run.machine.on_battery))
    return here == there and not run.interrupted and "clock" not in run.marks


def _enough(runs: Sequence[PastRun], checks: Iterable[str]) -> bool:
    return all(sum(check in run.checks for run in runs) >= NEEDED for check in checks)


def _past_runs(recorded: Iterable[Recorded], commands: Mapping[str, str]) -> tuple[PastRun, ...]:
    return tuple(run for each in recorded if (run := _past_run(each, commands)).timings)


def _past_run(recorded: Recorded, commands: Mapping[str, str]) -> PastRun:
    run = recorded.run
    timings = [
        Timing(
            check=result.check,
            phase=result.phase,
            started_s=result.started_s,
            ended_s=result.ended_s,
            outcome=result.outcome,
            cpu_s=result.cpu_s,
            first_output_s=result.first_output_s,
        )
        for result in recorded.results
        if result.fresh
        and result.started_s is not None
        and result.ended_s is not None
        and result.command == commands.get(result.check)
    ]
    # A check that ran twice in a run was decided on anew: the last time is the one that counts.
    last = {timing.check: timing for timing in timings}
    others = (run.machine.others or 0.0) * run.machine.cores
    return PastRun(workers=run.summary.workers, timings=tuple(last.values()), others=others)
