"""`ftui tune --measure`: runs the tests with workers and without, in turn; `workers = "auto"` goes by the result."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ftui.adapters._xdist import MEASURED, Measured
from ftui.cache.folder import TreeFiles, write_atomically
from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.engine import signals
from ftui.engine.trial import ROUNDS, Way, better, tried
from ftui.errors import FtuiError
from ftui.location import cache_folder
from ftui.report.encoding import encode
from ftui.report.figures import duration
from ftui.report.safe import one_line
from ftui.tuning.gather import has_xdist

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ftui.engine.trial import Tried
    from ftui.engine.workspace import Workspace
    from ftui.model import Check, Dist

CHECK = "pytest"
DISTS: tuple[Dist, ...] = ("loadfile", "worksteal")
"""Tests of one file stay together in the first, so it is taken where the second is not quicker."""
EXIT_FAILED = 1


class _Row(Struct, frozen=True):
    name: str
    seconds: tuple[float, ...]
    median_s: float | None
    refused: str


class _Report(Struct, frozen=True):
    ways: tuple[_Row, ...]
    best: str | None


def measure(options: argparse.Namespace, workspace: Workspace, slots: int) -> int:
    """Runs the tests in several ways, shows what each took, and keeps which was quickest.

    Args:
        options: of the command.
        workspace: the project.
        slots: worker slots that there are.

    Raises:
        FtuiError: there are no tests here, or nothing to compare.
    """
    ways = dict(_ways(workspace, slots))
    results, stopped_by = asyncio.run(_tried(tuple(ways), workspace, show_progress=options.format == "text"))
    if stopped_by is not None:
        return signals.exit_code(stopped_by)
    best = None if results[0].refused else better(results)
    if options.format == "json":
        rows = tuple(_Row(each.way.name, each.seconds, each.median, each.refused) for each in results)
        report = _Report(rows, None if best is None else best.way.name)
        sys.stdout.buffer.write(msgspec.json.format(encode(report), indent=2) + b"\n")
    else:
        show(_lines(results, best))
    if best is None:
        return EXIT_FAILED
    _keep(ways[best.way], workspace)
    return PASSED


def _ways(workspace: Workspace, slots: int) -> Iterator[tuple[Way, Measured]]:
    """The ways that are compared, one process first, and what each would be kept as."""
    from ftui.adapters._xdist import cores

    check = next((check for check in workspace.checks if check.id == CHECK), None)
    if check is None or check.unavailable is not None:
        why = check.unavailable if check is not None else "`ftui list` says what was looked for"
        raise FtuiError(f"there is no check {CHECK} to measure here: {why}")
    if not has_xdist(check):
        raise FtuiError("pytest-xdist is not installed beside pytest: there is nothing to compare")
    most = min(cores(), slots)
    if most < 2:
        raise FtuiError("there is only one worker slot: there is nothing to compare")
    yield Way("one process", _with(check, 0, None)), Measured(workers=0, cores=cores())
    wanted = workspace.project.options(CHECK).dist
    for number in sorted({2, most}):
        for dist in (wanted,) if wanted else DISTS:
            name = f"{number} workers, {dist}"
            yield Way(name, _with(check, number, dist)), Measured(workers=number, dist=dist, cores=cores())


def _with(check: Check, workers: int, dist: Dist | None) -> Check:
    """The check with so many workers, whatever its own arguments say: of two numbers pytest takes the last."""
    more = ("-n", str(workers), *(("--dist", dist) if dist else ()))
    return replace(check, args=(*check.args, *more), weight=max(workers, 1))


async def _tried(ways: Sequence[Way], workspace: Workspace, *, show_progress: bool) -> tuple[list[Tried], int | None]:
    """What came of the ways, and the signal that cut it short, if one did."""
    received: list[int] = []
    trial = asyncio.ensure_future(
        tried(
            ways,
            workspace.root,
            os.environ,
            on_run=lambda way, seconds: show([f"  {way.name}: {duration(seconds)}"]) if show_progress else None,
        )
    )

    def interrupt(number: int) -> None:
        received.append(number)
        trial.cancel()

    with signals.interruptible(asyncio.get_running_loop(), interrupt):
        try:
            return await trial, None
        except asyncio.CancelledError:
            return [], received[0] if received else None


def _lines(results: Sequence[Tried], best: Tried | None) -> Iterator[str]:
    yield f"{CHECK}, {ROUNDS} runs of each way in turn:"
    widest = max(len(each.way.name) for each in results)
    for each in results:
        if each.median is None:
            took = f"not compared, {one_line(each.refused) or 'since one process does not pass'}"
        else:
            took = f"{duration(each.median)} ({duration(min(each.seconds))} to {duration(max(each.seconds))})"
        yield f"  {each.way.name.ljust(widest)}  {took}"
    if best is None:
        yield f"{CHECK} does not pass, so nothing was compared"
    elif best is results[0]:
        yield 'one process stays: no other way was quicker beyond the noise; kept for workers = "auto"'
    else:
        yield f'{best.way.name} is quickest, beyond the noise; kept for workers = "auto" under [checks.{CHECK}]'


def _keep(measured: Measured, workspace: Workspace) -> None:
    folder = cache_folder()
    if folder is None:
        raise FtuiError("there is no home directory to keep it in: set HOME or XDG_CACHE_HOME")
    path = os.path.join(TreeFiles(folder, str(workspace.root)).kept(CHECK), MEASURED)
    try:
        write_atomically(path, msgspec.json.encode(measured))
    except OSError as error:
        raise FtuiError(f"{path} cannot be written: {error.strerror}") from None
