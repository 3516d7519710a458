"""Puts the evidence together: the project as it is now, and its history. Reads the disk, and blocks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftui.engine.jobs import jobs_of
from ftui.engine.select import chosen
from ftui.history.comparable import command_digest
from ftui.history.machine import cores, look, processor
from ftui.history.records import Machine, Sample
from ftui.tuning.by_commands import others
from ftui.tuning.evidence import NEEDED, Evidence, Recorded, past_runs_of
from ftui.tuning.machine import works_of
from ftui.tuning.whatif import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ftui.engine.workspace import Workspace
    from ftui.history.store import History
    from ftui.model import Check
    from ftui.tuning.by_commands import Other
    from ftui.tuning.machine import Work

MOST_RUNS = 100
"""Runs that are looked at, the last ones."""


def evidence_for(workspace: Workspace, history: History, *, profile: str | None, workers: int) -> Evidence:
    """What advice for a project rests on.

    Args:
        workspace: the project.
        history: of its repository.
        profile: the name of the profile; None for the one of the configuration.
        workers: worker slots that a run would have.

    Raises:
        FtuiError: there is no such profile.
    """
    selection = chosen(workspace.checks, workspace.config, profile=profile, names=())
    # One that tells a part of another check sooner runs only now and then, and costs nothing where it does not.
    checks = tuple(check for check in selection.checks if check.unavailable is None and check.ahead_of is None)
    recorded = [Recorded(run, tuple(history.results_of(run))) for run in history.runs(MOST_RUNS)]
    root = str(workspace.root)
    machine = Machine(name=processor(), cores=cores(), on_battery=look().on_battery)
    commands = {check.id: command_digest(check.command, root) for check in checks}
    choice = past_runs_of(recorded, commands, machine)
    config = workspace.config
    return Evidence(
        profile=selection.profile,
        checks=checks,
        jobs=tuple(jobs_of(checks, workspace.files)),
        paths=frozenset(workspace.files),
        env={check_id: settings.env for check_id, settings in config.checks.items() if settings.env},
        scripts=dict(_scripts(checks, workspace)),
        has_xdist=any(has_xdist(check) for check in checks if check.adapter == "pytest"),
        setting=Setting(workers=workers, fail_fast=config.fail_fast),
        cores=machine.cores,
        runs=choice.runs,
        samples=_samples(recorded),
        tried=dict(_tried(recorded, checks, root, machine, under_load=choice.under_load)),
        under_load=choice.under_load,
    )


def _samples(recorded: Sequence[Recorded]) -> Mapping[str, tuple[Sample, ...]]:
    found: dict[str, list[Sample]] = {}
    for each in recorded:
        for result in each.results:
            found.setdefault(result.check, []).append(Sample(each.run, result))
    return {check_id: tuple(samples) for check_id, samples in found.items()}


def _tried(
    recorded: Sequence[Recorded], checks: Sequence[Check], root: str, machine: Machine, *, under_load: bool
) -> Iterator[tuple[tuple[str, Other], tuple[Work, ...]]]:
    """The work of other commands of the checks, where there are enough runs under the same load."""
    for check in checks:
        for other in others(check, machine.cores):
            digest = command_digest(other.command, root)
            choice = past_runs_of(recorded, {check.id: digest}, machine)
            weights = {check.id: other.weight or check.weight}
            works = tuple(works_of(run, weights, machine.cores)[check.id] for run in choice.runs)
            if len(works) >= NEEDED and choice.under_load == under_load:
                yield (check.id, other), works


def _scripts(checks: Sequence[Check], workspace: Workspace) -> Iterator[tuple[str, str]]:
    scripts = workspace.project.json("package.json").get("scripts")
    for check in checks:
        if check.adapter == "npm" and isinstance(scripts, dict) and "run" in check.argv[:-1]:
            script = scripts.get(check.argv[check.argv.index("run") + 1])
            if isinstance(script, str):
                yield check.id, script


def has_xdist(check: Check) -> bool:
    """Whether the environment of a check's pytest has pytest-xdist."""
    environment = Path(check.argv[0]).parent.parent
    patterns = ("lib/python*/site-packages/xdist/__init__.py", "Lib/site-packages/xdist/__init__.py")
    return any(next(environment.glob(pattern), None) is not None for pattern in patterns)
