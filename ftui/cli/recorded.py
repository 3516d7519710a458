"""Beside its front ends, a command that runs checks keeps what they come to, in the history and in the log."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from ftui.cache.folder import QUICK_RUNS, TreeFiles
from ftui.history.keeping import Keeper
from ftui.history.recorder import Recorder
from ftui.history.records import QuickRuns
from ftui.location import cache_folder, log_folder
from ftui.log.writer import EventLog, LogFiles

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from ftui.cli.front_ends import FrontEnds
    from ftui.engine.core import Engine
    from ftui.engine.live import LiveEngine
    from ftui.engine.workspace import Workspace


@asynccontextmanager
async def recorded(
    shown: FrontEnds, workspace: Workspace, options: argparse.Namespace, engine: Engine | LiveEngine
) -> AsyncIterator[None]:
    """Keeps the runs of an engine that is started and ended in the block.

    Args:
        shown: gets the events first.
        workspace: what is checked.
        options: of the command; `history` says whether anything is kept at all.
        engine: gets to know what its checks take as a rule, and told what goes wrong.
    """
    if not options.history:
        yield
        return
    loop = asyncio.get_running_loop()
    said: set[str] = set()

    def say(source: str, message: str) -> None:
        with suppress(RuntimeError):  # the command has ended without waiting any longer
            loop.call_soon_threadsafe(say_once, source, message)

    def say_once(source: str, message: str) -> None:
        if message not in said:
            said.add(message)
            engine.problem(source, message)

    root, folder = str(workspace.root), log_folder()
    about_history = partial(say, "history")
    quick_runs = partial(_quick_runs, root)
    keeper = Keeper(root, about_history, engine.expectations, quick_runs=quick_runs, forced=options.force)
    beside: list[Recorder | EventLog] = [Recorder(keeper, about_history)]
    if folder is not None:
        beside.append(EventLog(LogFiles(folder), root, partial(say, "log")))
    for each in beside:
        shown.add(each)
    try:
        yield
    finally:
        await asyncio.gather(*(each.finish() for each in beside))
        await asyncio.sleep(0)  # what the thread has said last is in the loop by now


def _quick_runs(root: str) -> QuickRuns:
    """What the quick way has noted of a tree since this was last asked."""
    folder = cache_folder()
    runs = hits = 0
    saved_s = 0.0
    for line in TreeFiles(folder, root).take(QUICK_RUNS).splitlines() if folder is not None else ():
        try:
            count, saved = line.split()
            runs, hits, saved_s = runs + 1, hits + int(count), saved_s + float(saved)
        except ValueError:  # cut off by a full disk
            continue
    return QuickRuns(runs=runs, hits=hits, saved_s=saved_s)
