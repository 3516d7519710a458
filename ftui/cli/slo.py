"""`ftui slo`: whether checks and profiles keep to their budgets, told from the history."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ftui.cli import FAILED, PASSED
from ftui.cli.stdout import show
from ftui.cli.ways_out import say
from ftui.cli.workspace import open_workspace
from ftui.config import BUDGETS
from ftui.engine.select import chosen
from ftui.errors import FtuiError
from ftui.history.comparable import command_digest
from ftui.history.machine import cores, processor
from ftui.history.slo import Here, of_check, of_profile, warm
from ftui.history.store import History
from ftui.report import github
from ftui.report import slo as forms
from ftui.report.encoding import encode
from ftui.report.files import replace_file
from ftui.report.safe import one_line
from ftui.report.stream import Stream

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ftui.engine.workspace import Workspace
    from ftui.history.slo import Objective
    from ftui.report.slo import SloReport

TOO_FEW = 2
"""The exit code where a budget cannot be judged yet."""
SAMPLES = 100
"""Results of each check, and runs of all, that are looked at."""


def slo(options: argparse.Namespace) -> int:
    """Shows what came of the budgets.

    Returns:
        1 where one is broken, else 2 where there is too little to judge one by.

    Raises:
        FtuiError: there is no such profile, or a file cannot be written.
    """
    workspace = open_workspace(options)
    said: list[str] = []
    history = History.open_for(str(workspace.root), said.append)
    try:
        objectives = list(_objectives(workspace, history, options.profile or workspace.config.profile))
    finally:
        history.close()
    for message in dict.fromkeys(said):
        say(message)
    found = forms.report(str(workspace.root), objectives)
    _tell(found, options)
    return {"met": PASSED, "broken": FAILED, "too-few": TOO_FEW}[found.state]


def _objectives(workspace: Workspace, history: History, profile: str) -> Iterator[Objective]:
    """Those of the profile in use, of others that the configuration gives a budget, and of the checks.

    A check without a budget is among them where it has become slower.
    """
    here = Here(processor(), cores())
    for name in dict.fromkeys((profile, *workspace.config.budgets)):
        yield from _of_profile(workspace, history, name, here)
    for check in workspace.checks:
        command = command_digest(check.command, str(workspace.root))
        samples = history.samples(check.id, fresh=True, limit=SAMPLES)
        objective = of_check(check.id, command, check.budget, samples, here)
        if objective.budget is not None or objective.worse is not None:
            yield objective


def _of_profile(workspace: Workspace, history: History, name: str, here: Here) -> list[Objective]:
    selection = chosen(workspace.checks, workspace.config, profile=name, names=())
    checks = {check.id: check.ahead_of is not None for check in selection.checks}
    runs = [run for run in history.runs(SAMPLES) if run.summary.profile == name]
    found = [run for run in runs if warm(run, history.results_of(run), checks)]
    budget = {**BUDGETS, **workspace.config.budgets}.get(name)
    return of_profile(name, budget, workspace.config.efficiency, found, here)


def _tell(found: SloReport, options: argparse.Namespace) -> None:
    if options.format == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(found), indent=2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        stream = Stream(sys.stdout)
        show(forms.text(found, stream, stream.size()[0]))
    try:
        if options.summary:
            replace_file(Path(options.summary), forms.markdown(found).encode())
        if github.in_actions() and (page := os.environ.get("GITHUB_STEP_SUMMARY")):
            github.add_to_summary(Path(page), forms.markdown(found))
    except OSError as error:
        raise FtuiError(f"cannot write {one_line(options.summary)}: {error.strerror}") from None
