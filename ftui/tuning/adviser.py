"""From evidence to advice."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.tuning import by_commands, by_records, by_schedule
from ftui.tuning.advice import Lacking, Point, Trend, Tuning
from ftui.tuning.evidence import NEEDED
from ftui.tuning.situation import Situation
from ftui.tuning.whatif import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.tuning.advice import Advice
    from ftui.tuning.evidence import Evidence

MOST_ADVICE = 3
MOST_DURATIONS = 20
"""Of each check in a trend."""

RULES = (
    by_schedule.workers,
    by_schedule.phases,
    by_schedule.splits,
    by_schedule.xdist,
    by_records.inputs,
    by_records.reruns,
    by_records.duplicates,
    by_commands.measured,
)
"""Each gives what it has found to be worth it in a situation."""


def tuning_of(evidence: Evidence) -> Tuning:
    """What records say about the settings of a project."""
    known = {check.id: evidence.known(check.id) for check in evidence.checks}
    lacking = tuple(Lacking(check_id, runs, NEEDED) for check_id, runs in known.items() if runs < NEEDED)
    tuning = Tuning(
        profile=evidence.profile,
        setting=evidence.setting,
        cores=evidence.cores,
        runs=len(evidence.runs),
        under_load=evidence.under_load,
        lacking=lacking,
        trends=tuple(_trends(evidence)),
    )
    if lacking or not evidence.checks:
        return tuning
    now = Situation(evidence)
    found = [advice for rule in RULES for advice in rule(now)]
    return replace(
        tuning,
        wall=now.wall,
        measured=_measured(evidence),
        fail_fast=now.what_if.wall(replace(now.setting, fail_fast=True)),
        curve=tuple(Point(workers, wall) for workers, wall in now.what_if.curve(now.setting).items()),
        critical_path=now.typical.critical_path,
        idle=now.typical.idle(),
        advice=tuple(_best(found)),
        untried=tuple(said for check in evidence.checks if (said := by_commands.untried(check)) is not None),
    )


def _measured(evidence: Evidence) -> Estimate | None:
    """The walls of the recorded runs that were what is foreseen."""
    ids = {check.id for check in evidence.checks}
    walls = [run.wall_s for run in evidence.runs if run.checks == ids and run.workers == evidence.setting.workers]
    return Estimate.of(walls) if walls else None


def _best(found: list[Advice]) -> list[Advice]:
    """Those that save most; of two that change the same setting, the one that saves more."""
    best: list[Advice] = []
    taken: set[tuple[str, ...]] = set()
    for advice in sorted(found, key=lambda advice: -advice.saves.middle_s):
        keys = {change.keys for change in advice.changes}
        if not keys & taken:
            taken |= keys
            best.append(advice)
    return best[:MOST_ADVICE]


def _trends(evidence: Evidence) -> Iterator[Trend]:
    for check in evidence.checks:
        timings = [each for run in evidence.runs for each in run.timings if each.check == check.id]
        shares = [each.cpu_share for each in timings if each.cpu_share is not None]
        yield Trend(
            check=check.id,
            durations=tuple(each.took_s for each in reversed(timings[:MOST_DURATIONS])),
            budget=check.budget,
            cpu_share=median(shares) if shares else None,
        )
