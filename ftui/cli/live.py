"""The engine that stays up, as the options of the command line ask for it; and the watch in lines, without a screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.front_ends import FrontEnds, front_ends
from ftui.cli.recorded import recorded
from ftui.cli.run import worker_slots
from ftui.cli.workspace import config_file_of, open_workspace
from ftui.engine import signals
from ftui.engine.live import LiveEngine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ftui.engine.workspace import Workspace
    from ftui.events import Event


def watch(options: argparse.Namespace) -> int:
    """Watches in plain lines or events; the exit code is that of the signal that ended it.

    Raises:
        FtuiError: the options or the configuration cannot be used.
    """
    workspace = open_workspace(options)
    with front_ends(options, plain=True) as shown:
        stopped_by = asyncio.run(_watch(workspace, options, shown))
    if shown.failure is not None:
        raise shown.failure
    return PASSED if stopped_by is None else signals.exit_code(stopped_by)


def live_engine(workspace: Workspace, options: argparse.Namespace, emit: Callable[[Event], None]) -> LiveEngine:
    """The engine that the options ask for.

    Raises:
        FtuiError: there is no such profile.
    """
    return LiveEngine(
        workspace,
        emit,
        slots=lambda configured: worker_slots(options.workers, configured),
        config_file=config_file_of(options),
        profile=options.profile,
        fail_fast=options.fail_fast,
        force=options.force,
    )


async def _watch(workspace: Workspace, options: argparse.Namespace, shown: FrontEnds) -> int | None:
    """Runs the engine until it is stopped; returns the signal that did it, if one did."""
    received: list[int] = []
    engine = live_engine(workspace, options, shown.write)
    shown.on_closed = engine.stop

    def interrupt(number: int) -> None:
        received.append(number)
        engine.stop()

    with signals.interruptible(asyncio.get_running_loop(), interrupt):
        async with recorded(shown, workspace, options, engine):
            await engine.run()
    return received[0] if received else None
