"""`ftui why`: what a check's key consists of, and whether it would run now. Runs nothing, and keeps nothing."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.cache.session import LOCKS
from ftui.cli import PASSED
from ftui.cli.ways_out import say
from ftui.cli.workspace import looked_at, open_workspace
from ftui.engine.repo import Repo
from ftui.engine.results import nothing_to_check
from ftui.engine.select import chosen
from ftui.errors import FtuiError
from ftui.model import Bucket, Check, Outcome
from ftui.report.encoding import encode
from ftui.report.stream import Stream
from ftui.report.why import Changed, Last, Required, Why, parts_of, text_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from ftui.cache.session import Session
    from ftui.engine.workspace import Workspace


class Fate(Struct, frozen=True):
    """What would become of a check in a run that began now."""

    would_run: bool
    bucket: Bucket | None
    reason: str
    outcome: Outcome | None = None
    """What it would come to; None where only a run can tell."""


def why(options: argparse.Namespace) -> int:
    """Prints why a check would run now, or would not."""
    workspace = open_workspace(options)
    found = answer(options.check, workspace, say)
    for source, message in workspace.plugins.problems:
        say(f"{source}: {message}")
    if options.format == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(found), indent=2) + b"\n")
    else:
        stream = Stream(sys.stdout)
        stream.lines(text_of(found, stream))
    return PASSED


def answer(name: str, workspace: Workspace, say: Callable[[str], None]) -> Why:
    """Why a check would run now, or would not; asks the disk and blocks.

    Args:
        name: the check's id.
        workspace: the project.
        say: takes a message about the store, in one line.

    Raises:
        FtuiError: there is no such check, or it is not active here.
    """
    in_order = _with_requirements(name, workspace)
    session = looked_at(workspace, say)
    fates: dict[str, Fate] = {}
    for check in in_order:
        fates[check.id] = _fate(check, session, fates)
    *required, last = fates.items()
    fate = last[1]
    found = session.look_up(name)
    decision = found.decision
    entry = decision.shown if decision is not None else None
    is_older = entry is not None and entry.key != found.key
    return Why(
        check=name,
        would_run=fate.would_run,
        bucket=fate.bucket,
        reason=fate.reason,
        key=found.key or None,
        parts=parts_of(found.manifest, len(found.inputs.positions)) if found.manifest is not None else (),
        changes=tuple(
            Changed(change.part, change.text, change.paths)
            for change in (session.changes(entry, found, named=sys.maxsize) if entry is not None and is_older else ())
        ),
        last=Last(Outcome(entry.outcome), entry.created_at, entry.duration_s) if entry is not None else None,
        requires=tuple(Required(check, each.would_run, each.bucket, each.reason) for check, each in required),
        uncovered=_uncovered(workspace),
    )


def _with_requirements(name: str, workspace: Workspace) -> list[Check]:
    """A check and all that it requires, what is required first.

    Raises:
        FtuiError: there is no such check, or it is not active here.
    """
    for unused in workspace.unused:
        if unused.id == name:
            raise FtuiError(f"{name} is not active here: {unused.because}")
    checks = {check.id: check for check in workspace.checks}
    chosen(workspace.checks, workspace.config, profile=None, names=(name,))
    ordered: dict[str, Check] = {}

    def add(check: Check) -> None:
        if check.id not in ordered:
            for required in check.requires:
                add(checks[required])
            ordered[check.id] = check

    add(checks[name])
    return list(ordered.values())


def _fate(check: Check, session: Session, fates: Mapping[str, Fate]) -> Fate:
    """What the engine would do with a check, given what it would do with those that it requires."""
    for required in check.requires:
        outcome = fates[required].outcome
        if outcome not in (None, Outcome.PASSED):
            return Fate(False, None, f"blocked by {required} ({outcome})", Outcome.SKIPPED)
    if check.unavailable is not None:
        return Fate(False, Bucket.MISS, check.unavailable, Outcome.BROKEN)
    found = session.look_up(check.id)
    decision = found.decision
    assert decision is not None
    if not found.inputs.positions:
        return Fate(False, Bucket.MISS, nothing_to_check(check), Outcome.BROKEN)
    outcome = Outcome(decision.shown.outcome) if decision.replays and decision.shown is not None else None
    return Fate(not decision.replays, Bucket(decision.bucket), decision.reason, outcome)


def _uncovered(workspace: Workspace) -> tuple[str, ...] | None:
    """The files edited since the last commit that no check reads; None where git does not say."""
    try:
        edited = asyncio.run(Repo(workspace.root).changed("HEAD"))
    except FtuiError:
        return None
    covered = {path for check in workspace.checks for path in workspace.plugins.affected(check, edited)}
    own = {*LOCKS, workspace.config.source}
    return tuple(sorted(path for path in edited - covered if path not in own))
