"""Advice on how checks are laid out in time: workers, phases, and checks that could be several."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.schedule import conflict
from ftui.model import Phase
from ftui.report.figures import duration
from ftui.tuning.advice import Advice, Change
from ftui.tuning.by_commands import spread
from ftui.tuning.situation import LEAST_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ftui.engine.schedule import Job
    from ftui.model import Check
    from ftui.tuning.machine import Work
    from ftui.tuning.situation import Situation

NEARLY = 1.02
"""Walls that differ by less than this factor are the same: the smaller number of workers is taken then."""
WAITS = 0.5
"""CPU seconds per second below which a check mostly waits."""
IN_DOUBT = 0.15
"""The same, from where on it cannot be told under load whether a check waits or is kept waiting."""
COMPUTES = 0.7
"""The same, from where on a core and not the world decides how long it takes."""
DOMINATES = 0.5
"""Of the wall, from where on one check decides on it."""


def workers(now: Situation) -> Iterator[Advice]:
    """Another number of worker slots."""
    number = _best_number(now)
    saves = now.saves(now.what_if, replace(now.setting, workers=number))
    if number == now.setting.workers or not now.worth(saves):
        return
    waiting = [check for check in now.checks if now.what_if.usual(check).demand < WAITS]
    because = (
        f"{len(waiting)} of {len(now.checks)} checks wait more than they compute: there is room for more than the cores"
        if number > now.evidence.cores
        else f"checks wait for a free slot while there are {now.evidence.cores} cores"
    )
    yield Advice(
        kind="workers",
        title=f"{number} workers instead of {now.setting.workers}",
        because=because,
        saves=saves,
        confidence=now.confidence(saves),
        changes=(Change(("workers",), "auto" if number == now.evidence.cores else number),),
    )


def _best_number(now: Situation) -> int:
    """The number of workers with the smallest wall; more than cores only where that is beyond doubt."""
    curve = now.what_if.curve(now.setting)
    walls = {number: wall.middle_s for number, wall in curve.items()}
    modest = _smallest({number: wall for number, wall in walls.items() if number <= now.evidence.cores})
    number = _smallest(walls)
    # A machine that others use as well makes checks look as if they waited.
    busiest = now.what_if.busiest(IN_DOUBT if now.evidence.under_load else 1.0)
    few, many = (replace(now.setting, workers=each) for each in (modest, number))
    for what_if in (now.what_if, busiest):
        saved = what_if.saving(few, what_if, many)
        if saved.low_s <= 0 or saved.middle_s < LEAST_SHARE * what_if.wall(few).middle_s:
            return modest
    return number


def _smallest(walls: Mapping[int, float]) -> int:
    return min(number for number, wall in walls.items() if wall <= min(walls.values()) * NEARLY)


def phases(now: Situation) -> Iterator[Advice]:
    """A check in another phase: where nothing writes in between, a phase only keeps others waiting."""
    for job in now.what_if.jobs:
        for phase in (Phase.FAST, Phase.SLOW):
            if phase is job.phase or not _may_move(job, phase, now.what_if.jobs):
                continue
            moved = now.what_if.changed(replace(job, phase=phase))
            if now.hopeful(moved) and now.worth(saves := now.saves(moved)):
                joins = f"joins the profile fast, which then takes {duration(now.alone_s(job.id))} at least"
                yield Advice(
                    kind="phase",
                    title=f"{job.id} in the phase {phase} instead of {job.phase}",
                    because=f"slots are idle at the end of the phase {'fast' if phase is Phase.FAST else job.phase}",
                    saves=saves,
                    confidence=now.confidence(saves),
                    changes=(Change(("checks", job.id, "phase"), str(phase)),),
                    beware=f"{job.id} {joins if phase is Phase.FAST else 'leaves the profile fast'}",
                )


def _may_move(job: Job, phase: Phase, jobs: Sequence[Job]) -> bool:
    """Whether a check of another phase would see the same files, and those that it requires come first."""
    by_id = {each.id: each for each in jobs}
    if job.phase is Phase.MUTATING or job.writes:
        return False
    if any(by_id[required].phase.rank > phase.rank for required in job.requires):
        return False
    if any(job.id in each.requires and each.phase.rank < phase.rank for each in jobs):
        return False
    return not any(conflict(job, each) for each in jobs if each.phase is Phase.MUTATING)


def splits(now: Situation) -> Iterator[Advice]:
    """A check that computes on one core while others are idle, as two checks with half of its paths each."""
    for check_id in _dominating(now):
        check, job = now.checks[check_id], now.job(check_id)
        halves = _halves(check, now.evidence.paths)
        other = f"{check.id}-2"
        if halves is None or other in now.checks or any(check.id in each.requires for each in now.what_if.jobs):
            continue
        first, second, share = halves
        works = now.what_if.works[check.id]
        parted = now.what_if.changed(job, (_part(work, share) for work in works))
        parted = parted.added(replace(job, id=other), (_part(work, 1.0 - share) for work in works))
        saves = now.saves(parted)
        if now.worth(saves):
            program = PureWindowsPath(check.argv[0]).stem  # which takes both kinds of slashes
            yield Advice(
                kind="split",
                title=f"{check.id} as two checks, {' '.join(first)} and {' '.join(second)}",
                because=f"it computes on one core for {duration(now.alone_s(check.id))} while another one is idle",
                saves=saves,
                confidence="low",
                changes=(
                    Change(("checks", check.id, "args"), first),
                    Change(("checks", other, "command"), (program, *check.argv[1:], *second)),
                    Change(("checks", other, "inputs"), check.inputs),
                    Change(("checks", other, "phase"), str(check.phase)),
                ),
                beware=f"{other} is a command: its exit code is its verdict; it is assumed that files take alike",
            )


def xdist(now: Situation) -> Iterator[Advice]:
    """Tests that compute on one core while others are idle, spread over the cores."""
    for check_id in _dominating(now):
        check, job = now.checks[check_id], now.job(check_id)
        tried = any(known == check_id and other.kind == "xdist" for known, other in now.evidence.tried)
        if check.adapter != "pytest" or spread(check) or tried or not now.evidence.has_xdist:
            continue
        number = now.evidence.cores
        works = (_over(work, number) for work in now.what_if.works[check_id])
        saves = now.saves(now.what_if.changed(replace(job, weight=number), works))
        if now.worth(saves):
            yield Advice(
                kind="xdist",
                title=f"{check.id} spread over {number} workers",
                because=f"it computes on one core for {duration(now.alone_s(check.id))} while another one is idle",
                saves=saves,
                confidence="low",
                changes=(Change(("checks", check.id, "workers"), number),),
                beware="this assumes many tests that are alike and rely on nothing: `ftui tune --measure` runs them",
            )


def _dominating(now: Situation) -> Iterator[str]:
    """Checks that decide on the wall, compute on one core, and leave slots and cores idle meanwhile."""
    if now.evidence.cores < 2:
        return
    idle = now.typical.idle()
    for span in now.typical.critical_path:
        work = now.what_if.usual(span.check)
        long = span.end_s - span.start_s >= DOMINATES * now.typical.wall_s
        if long and work.threads == 1 and work.demand >= COMPUTES and idle.get(span.check, 0.0) > 0:
            yield span.check


def _halves(check: Check, paths: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...], float] | None:
    """The paths that a check is given in two halves, and the share of the files in the first; None for fewer paths."""
    folders = {arg: sum(path == arg or path.startswith(f"{arg.rstrip('/')}/") for path in paths) for arg in check.args}
    if len(folders) < 2 or not all(folders.values()):
        return None
    total = sum(folders.values())
    first: list[str] = []
    for arg, files in sorted(folders.items(), key=lambda item: -item[1]):
        if not first or sum(folders[each] for each in first) + files <= total / 2:
            first.append(arg)
    second = tuple(arg for arg in check.args if arg not in first)
    return tuple(arg for arg in check.args if arg in first), second, sum(folders[arg] for arg in first) / total


def _part(work: Work, share: float) -> Work:
    """A share of the work: what goes by before its first output it costs in any case."""
    alone = work.boot_s + (work.alone_s - work.boot_s) * share
    return replace(work, alone_s=alone, cpu_s=work.cpu_s * alone / work.alone_s if work.alone_s else 0.0)


def _over(work: Work, number: int) -> Work:
    """The work of tests in so many processes, each of which has to begin and to collect all tests."""
    boot = 2 * work.boot_s
    alone = boot + (work.alone_s - work.boot_s) / number
    return replace(work, alone_s=alone, cpu_s=work.cpu_s + number * work.boot_s, threads=number, boot_s=boot)
