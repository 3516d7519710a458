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
from ftui.tuning.advice import Flake, Tuned
from ftui.tuning.adviser import tuning_of
from ftui.tuning.apply import apply, told, where
from ftui.tuning.gather import evidence_for
from ftui.tuning.text import lines_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ftui.engine.workspace import Workspace
    from ftui.tuning.advice import Tuning

MOST_FLAKES = 10


def tune(options: argparse.Namespace) -> int:
    """Prints what could be changed, or writes one of the changes down.

    Raises:
        FtuiError: there is no advice of that number, or it cannot be written.
    """
    workspace = open_workspace(options)
    if options.measure:
        from ftui.cli.measure import measure

        return measure(options, workspace, worker_slots(None, workspace.config.workers))
    source = source_of(workspace, options)
    tuning = tuning_for(workspace, options.profile, worker_slots(None, workspace.config.workers), say)
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


def source_of(workspace: Workspace, options: argparse.Namespace) -> str | None:
    """The file that the configuration was read from: absolute where the options name it, else relative to the root."""
    return os.path.abspath(options.config) if options.config else workspace.config.source


def tuning_for(workspace: Workspace, profile: str | None, workers: int, say: Callable[[str], None]) -> Tuning:
    """What the history of a project says about its settings; asks the disk and blocks.

    Args:
        workspace: the project.
        profile: the name of the profile; None for the one of the configuration.
        workers: worker slots.
        say: takes a message about the history, in one line.

    Raises:
        FtuiError: there is no such profile.
    """
    history = History.open_for(str(workspace.root), say)
    try:
        return tuning_of(evidence_for(workspace, history, profile=profile, workers=workers))
    finally:
        history.close()


def tuned(workspace: Workspace, options: argparse.Namespace, profile: str, workers: int) -> Tuned:
    """All that the screen shows of it, contradictions included; asks the disk and blocks.

    Raises:
        FtuiError: there is no such profile.
    """
    from ftui.cache.ledger import contradictions
    from ftui.cache.store import Store
    from ftui.location import cache_folder

    store = Store(cache_folder(), lambda message: None, read_only=True)
    try:
        seen = [each for each in contradictions(store, str(workspace.root)) if each.kind == "flake"]
    finally:
        store.close()
    return Tuned(
        tuning_for(workspace, profile, workers, lambda message: None),
        tuple(Flake(each.check, each.first[0], each.second[0], each.at) for each in seen[:MOST_FLAKES]),
        where(workspace.root, source_of(workspace, options))[1],
    )
