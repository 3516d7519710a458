"""`ftui tune`: which changes of the configuration would save most, told from the runs of this project."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec

from ftui.cli import PASSED
from ftui.cli.run import worker_slots
from ftui.cli.stdout import show
from ftui.cli.ways_out import say
from ftui.cli.workspace import open_workspace
from ftui.errors import FtuiError
from ftui.history.store import History
from ftui.report.encoding import encode
from ftui.report.figures import counted
from ftui.tuning.adviser import tuning_of
from ftui.tuning.apply import apply, told, where
from ftui.tuning.gather import evidence_for
from ftui.tuning.text import lines_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ftui.engine.workspace import Workspace
    from ftui.tuning.advice import Tuning


def tune(options: argparse.Namespace) -> int:
    """Prints what could be changed, or writes one of the changes down.

    Raises:
        FtuiError: there is no advice of that number, or it cannot be written.
    """
    workspace = open_workspace(options)
    if options.measure:
        from ftui.cli.measure import measure

        return measure(options, workspace, worker_slots(None, workspace.config.workers))
    source = os.path.abspath(options.config) if options.config else workspace.config.source
    tuning = tuning_for(workspace, options.profile, say)
    if options.apply is not None:
        if options.apply > len(tuning.advice):
            there = counted(len(tuning.advice), "piece") + " of advice" if tuning.advice else "no advice"
            raise FtuiError(f"there is {there} here, so none is number {options.apply}: `ftui tune` shows it")
        show(told(apply(tuning.advice[options.apply - 1], workspace.root, source)))
    elif options.format == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(tuning), indent=2) + b"\n")
    else:
        show(lines_of(tuning, where(workspace.root, source)[1]))
    return PASSED


def tuning_for(
    workspace: Workspace, profile: str | None, say: Callable[[str], None], workers: int | None = None
) -> Tuning:
    """What the history of a project says about its settings; asks the disk and blocks.

    Args:
        workspace: the project.
        profile: the name of the profile; None for the one of the configuration.
        say: takes a message about the history, in one line.
        workers: worker slots; None for those of the configuration.

    Raises:
        FtuiError: there is no such profile.
    """
    history = History.open_for(str(workspace.root), say)
    try:
        slots = worker_slots(workers, workspace.config.workers)
        return tuning_of(evidence_for(workspace, history, profile=profile, workers=slots))
    finally:
        history.close()
