"""`ftui profile`: where the time of a check goes. It certifies nothing, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import msgspec

from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.cli.workspace import open_workspace
from ftui.engine import signals
from ftui.engine.deep import deep_look
from ftui.engine.select import chosen
from ftui.report.encoding import encode
from ftui.report.figures import duration
from ftui.report.safe import one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ftui.engine.deep import Looked
    from ftui.engine.workspace import Workspace


def profile(options: argparse.Namespace) -> int:
    """Runs a check once more, and prints where its time goes.

    Raises:
        FtuiError: there is no such check, or nothing can tell.
    """
    workspace = open_workspace(options)
    received: list[int] = []

    async def work() -> Looked | None:
        looking = asyncio.ensure_future(looked(workspace, options.check))

        def interrupt(number: int) -> None:
            received.append(number)
            looking.cancel()

        with signals.interruptible(asyncio.get_running_loop(), interrupt):
            try:
                return await looking
            except asyncio.CancelledError:
                return None

    found = asyncio.run(work())
    if received:
        return signals.exit_code(received[0])
    assert found is not None
    if options.format == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(found), indent=2) + b"\n")
    else:
        show(lines_of(found))
    return PASSED


async def looked(workspace: Workspace, name: str) -> Looked:
    """A deep look at one check of a project.

    Raises:
        FtuiError: there is no such check, or nothing can tell where its time goes.
    """
    selection = chosen(workspace.checks, workspace.config, profile=None, names=(name,))
    check = next(check for check in selection.checks if check.id == name)
    return await deep_look(check, workspace.root, os.environ)


def lines_of(found: Looked) -> Iterator[str]:
    """What was found, for people."""
    yield f"{one_line(found.check)}: {duration(found.seconds)} under a close look, with an empty cache of its own"
    yield f"{one_line(found.way)}; this run stands for nothing and is not kept"
    yield ""
    for part in found.spent:
        yield f"  {duration(part.seconds):>8}  {one_line(part.what)}"
