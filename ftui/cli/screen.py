"""The screen: the watch, or a recording, on a terminal until the user quits."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING

from textual.theme import BUILTIN_THEMES

from ftui.cli import PASSED
from ftui.cli.front_ends import FrontEnds, front_ends
from ftui.cli.recorded import recorded
from ftui.cli.stdout import show
from ftui.cli.watch import live_engine
from ftui.cli.why import answer
from ftui.config import dotted
from ftui.engine import signals
from ftui.errors import ConfigError, nearest
from ftui.report import lines
from ftui.report.stream import Stream
from ftui.tui import keys
from ftui.tui.app import FtuiApp, run
from ftui.tui.inbox import Inbox
from ftui.tui.replay import show as show_recording

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from ftui.config import Config
    from ftui.engine.live import LiveEngine
    from ftui.engine.workspace import Workspace
    from ftui.events import Event
    from ftui.report.why import Why


def watch(workspace: Workspace, options: argparse.Namespace) -> int:
    """Watches on the screen; the exit code is 0, or that of the signal that ended it.

    Raises:
        ConfigError: the keymap or the theme of the configuration cannot be used.
    """
    _verify(workspace.config)
    with front_ends(options, on_stdout=False) as shown:
        app, stopped_by = asyncio.run(_watch(workspace, options, shown))
    _say_last(app)
    if shown.failure is not None:
        raise shown.failure
    return PASSED if stopped_by is None else signals.exit_code(stopped_by)


def _verify(config: Config) -> None:
    file = config.source or ""
    known = keys.ids()
    for name in config.keys:
        if name not in known:
            message = f"nothing that a key does is called that{nearest(name, known)}"
            raise ConfigError(message, file=file, key=dotted("keys", name))
    if config.theme is not None and config.theme not in BUILTIN_THEMES:
        message = f"there is no theme {config.theme!r}{nearest(config.theme, BUILTIN_THEMES)}"
        raise ConfigError(message, file=file, key="theme")


async def _watch(workspace: Workspace, options: argparse.Namespace, shown: FrontEnds) -> tuple[FtuiApp, int | None]:
    """Runs engine and screen until both have ended; returns the screen, and the signal that ended it, if one did."""
    inbox = Inbox()
    received: list[int] = []

    def emit(event: Event) -> None:
        shown.write(event)
        inbox.put(event)

    engine = live_engine(workspace, options, emit)
    config = workspace.config
    app = FtuiApp(
        inbox,
        engine,
        now=engine.now,
        explain=partial(_explain, engine),
        notify=config.notify,
        keymap=config.keys,
        theme=config.theme,
    )

    def interrupt(number: int) -> None:
        received.append(number)
        app.leave()

    with signals.interruptible(asyncio.get_running_loop(), interrupt):
        working = asyncio.create_task(_recorded(engine, shown, options))
        working.add_done_callback(lambda task: app.exit())
        try:
            await run(app)
        finally:
            engine.stop()
            await working
            for event in inbox.drain():  # the end of what was running, for the last words
                app.state.apply(event)
    return app, received[0] if received else None


async def _recorded(engine: LiveEngine, shown: FrontEnds, options: argparse.Namespace) -> None:
    async with recorded(shown, engine.workspace, options, engine):
        await engine.run()


async def _explain(engine: LiveEngine, check_id: str) -> Why:
    return await asyncio.to_thread(answer, check_id, engine.workspace, lambda message: None)


def replay(events: Iterable[Event]) -> int:
    """Plays a recording on the screen until the user quits.

    Raises:
        FtuiError: the recording holds what is no event.
    """
    _say_last(asyncio.run(show_recording(events)))
    return PASSED


def _say_last(app: FtuiApp) -> None:
    """Leaves the three lines of the last run where the screen has been."""
    last = app.last_run()
    if last is not None:
        show(lines.summary(last, app.state, Stream(sys.stdout)))
