"""Beside its front ends, a command that runs checks keeps what they come to in the history of the repository."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ftui.history.keeping import Keeper
from ftui.history.recorder import Recorder

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

    def say(message: str) -> None:
        with suppress(RuntimeError):  # the command has ended without waiting any longer
            loop.call_soon_threadsafe(say_once, message)

    def say_once(message: str) -> None:
        if message not in said:
            said.add(message)
            engine.problem("history", message)

    recorder = Recorder(Keeper(str(workspace.root), say, engine.expectations), say)
    shown.add(recorder)
    try:
        yield
    finally:
        await recorder.finish()
        await asyncio.sleep(0)  # what the thread has said last is in the loop by now
