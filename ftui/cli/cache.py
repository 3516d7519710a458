"""`ftui cache`: how much is kept of earlier runs, what nothing needs any more, and whether it still holds."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ftui.cache import maintenance
from ftui.cache.policy import ago
from ftui.cache.store import Store
from ftui.cli import BROKEN, FAILED, PASSED
from ftui.cli.run import one_pass
from ftui.cli.ways_out import say
from ftui.cli.workspace import looked_at, open_workspace, root_of
from ftui.engine.audit import draw
from ftui.engine.select import chosen
from ftui.location import cache_folder
from ftui.report.figures import counted, size
from ftui.report.safe import one_line
from ftui.report.stream import Stream
from ftui.report.width import pad, width

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

MOST_CHECKS = 20
"""Checks that are named with what their results take up."""


@contextmanager
def _opened(said: list[str], *, read_only: bool = False) -> Iterator[Store]:
    """The store; what it has to say goes to standard error when the block is left, each message once."""
    store = Store(cache_folder(), said.append, read_only=read_only)
    try:
        yield store
    finally:
        store.close()
        for message in dict.fromkeys(said):
            say(message)


def stats(options: argparse.Namespace) -> int:
    """Prints how much is kept, and where; broken when that cannot be told."""
    said: list[str] = []
    with _opened(said, read_only=True) as store:
        found = maintenance.Stats(store)
    rows = list(_totals(found))
    columns = max(len(name) for name, _ in rows)
    lines = [one_line(found.folder), *(f"  {pad(name, columns)}  {text}" for name, text in rows)]
    _print([*lines, *_by_check(found.checks)])
    return BROKEN if said else PASSED


def _totals(found: maintenance.Stats) -> Iterator[tuple[str, str]]:
    verdicts = f" ({found.passed:,} passed, {found.failed:,} failed)" if found.entries else ""
    yield "results", f"{found.entries:,}{verdicts}, {size(found.bytes)} of at most {size(found.cap)}"
    if found.oldest is not None:
        yield "oldest", ago(time.time() - found.oldest)
    if found.flakes:
        yield "flaky", f"{counted(found.flakes, 'contradiction')} between runs on the same files"
    if found.audits:
        yield "wrong", f"audits found {counted(found.audits, 'result')} that did not hold"
    yield "trees", f"{len(found.trees):,}"
    yield "tools' caches", size(found.tools)
    yield "on disk", size(found.disk)


def _by_check(checks: list[tuple[str, int, int]]) -> Iterator[str]:
    shown = [(one_line(check), counted(count, "result"), size(taken)) for check, count, taken in checks[:MOST_CHECKS]]
    columns = max((width(check) for check, _, _ in shown), default=0)
    if shown:
        yield ""
    for check, count, taken in shown:
        yield f"  {pad(check, columns)}  {count:>13}  {taken:>9}"
    if len(checks) > MOST_CHECKS:
        yield f"  and {counted(len(checks) - MOST_CHECKS, 'more check')}"


def prune(options: argparse.Namespace) -> int:
    """Removes what nothing needs any more, and prints what that was."""
    with _opened([]) as store:
        before = maintenance.disk_use(store.folder)
        gone = maintenance.prune(store)
        if not store.usable:
            return BROKEN
    parts = [
        counted(number, noun)
        for number, noun in (
            (gone.entries, "result"),
            (gone.orphans, "loose output"),
            (gone.trees, "forgotten tree"),
            (gone.tools, "old tool cache"),
            (gone.damaged, "damaged store"),
        )
        if number
    ]
    _print([f"removed {', '.join(parts)}{_freed(before, store)}" if parts else "there is nothing to remove"])
    return PASSED


def clear(options: argparse.Namespace) -> int:
    """Forgets all results, or those of one tree, and prints how many those were."""
    with _opened([]) as store:
        before = maintenance.disk_use(store.folder)
        if options.tree:
            root = root_of(options)
            count = maintenance.clear_tree(store, str(root))
        else:
            count = maintenance.clear(store)
        if not store.usable:
            return BROKEN
    whose = f"the last results of {root.name}" if options.tree else "all results"
    _print([f"removed {one_line(whose)}: {count:,}{_freed(before, store)}"])
    return PASSED


def _freed(before: int, store: Store) -> str:
    return f"; {size(max(0, before - maintenance.disk_use(store.folder)))} freed"


def verify(options: argparse.Namespace) -> int:
    """Reads every result and, where an audit is asked for, runs hits of this tree again.

    Returns:
        1 when anything was not as it should be, even if that is mended now.
    """
    said: list[str] = []
    with _opened(said) as store:
        count, dropped = maintenance.verify(store)
        if not store.usable:
            return BROKEN
    if dropped:
        names = ", ".join(map(one_line, dict.fromkeys(dropped)))
        _print([f"{len(dropped):,} of {counted(count, 'result')} damaged, and dropped: {names}"])
    else:
        _print([f"{counted(count, 'result')}, each as it was written"])
    code = FAILED if said or dropped else PASSED
    return code if options.audit is None else max(code, _audit(options))


def _audit(options: argparse.Namespace) -> int:
    """Runs hits of this tree as if they were none; the exit code of that run, where a hit that does not hold failed."""
    workspace = open_workspace(options)
    session = looked_at(workspace, say)
    decisions = {check.id: session.look_up(check.id).decision for check in workspace.checks}
    session.store.close()
    hits = {check for check, decision in decisions.items() if decision is not None and decision.bucket == "hit"}
    audited = draw(workspace.checks, hits, options.audit)
    if not audited:
        _print(["there is no hit here to audit: `ftui run` first"])
        return PASSED
    selection = chosen(workspace.checks, workspace.config, profile=None, names=tuple(audited))
    return one_pass(workspace, selection, options, audited=audited)[0]


def _print(lines: Iterable[str]) -> None:
    Stream(sys.stdout).lines(lines)
