"""The screen: the watch, or a recording, on a terminal until the user quits."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

from textual.theme import BUILTIN_THEMES

from ftui.cli import PASSED
from ftui.cli.front_ends import FrontEnds, front_ends
from ftui.cli.workspace import config_file_of, root_of
from ftui.config import dotted, load
from ftui.engine import signals
from ftui.errors import ConfigError, FtuiError, nearest
from ftui.tui import keys
from ftui.tui.app import FtuiApp, run
from ftui.tui.inbox import Inbox

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    from ftui.config import Config
    from ftui.engine.live import LiveEngine
    from ftui.events import Event
    from ftui.report.why import Why
    from ftui.tuning.advice import Advice, Tuned


THRESHOLDS = (20_000, 20, 50)
"""Of the collector of garbage. Drawing makes thousands of small objects, and hardly ever a cycle of them."""
SWITCH_S = 0.001
"""How long the thread that reads keys, and the one that writes to the terminal, wait for the interpreter at most while
a check floods; a fifth of what Python has by itself."""


def watch(options: argparse.Namespace) -> int:
    """Watches on the screen; the exit code is 0, or that of the signal that ended it.

    Raises:
        FtuiError: the options or the configuration cannot be used.
    """
    config = load(root_of(options), config_file_of(options))
    _verify(config)
    sys.setswitchinterval(SWITCH_S)
    with front_ends(options, on_stdout=False) as shown:
        app, stopped_by = asyncio.run(_watch(config, options, shown))
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


class Opening:
    """Opens the project when there is something to be seen already, and keeps its engine going.

    Args:
        options: of the command.
        shown: the front ends beside the screen.
        emit: takes the events.
    """

    def __init__(self, options: argparse.Namespace, shown: FrontEnds, emit: Callable[[Event], None]) -> None:
        self.engine: LiveEngine | None = None
        self._options = options
        self._shown = shown
        self._emit = emit
        self._working: asyncio.Task[None] | None = None
        self._stopped = False

    def now(self) -> float:
        """The moment on the clock of the events; 0 before there are any."""
        return self.engine.now() if self.engine is not None else 0.0

    async def explain(self, check_id: str) -> Why:
        """Why a check would run now, or would not.

        Raises:
            FtuiError: there is no such check.
        """
        assert self.engine is not None, "checks come from the engine"
        from ftui.cli.why import answer

        return await asyncio.to_thread(answer, check_id, self.engine.workspace, lambda message: None)

    async def tuned(self, profile: str, workers: int) -> Tuned:
        """What the history says about the settings of the project, see `Tuner`.

        Raises:
            FtuiError: it cannot be told.
        """
        from ftui.cli.tune import tuned

        return await asyncio.to_thread(tuned, self._opened().workspace, self._options, profile, workers)

    async def deep_look(self, check_id: str) -> Sequence[str]:
        """Where the time of a check goes, see `Tuner`.

        Raises:
            FtuiError: nothing can tell.
        """
        from ftui.cli.profile import lines_of, looked

        return list(lines_of(await looked(self._opened().workspace, check_id)))

    async def apply(self, advice: Advice) -> Sequence[str]:
        """Writes a piece of advice into the configuration, which the engine takes in as it does any edit.

        Raises:
            FtuiError: it cannot be written; nothing is changed then.
        """
        from ftui.cli.tune import source_of
        from ftui.tuning.apply import apply, told

        workspace = self._opened().workspace
        applied = await asyncio.to_thread(apply, advice, workspace.root, source_of(workspace, self._options))
        return list(told(applied))

    def _opened(self) -> LiveEngine:
        if self.engine is None:
            raise FtuiError("the project is not open yet")
        return self.engine

    def begin(self, app: FtuiApp) -> None:
        """Begins, for a screen that ends when the engine does."""
        self._working = asyncio.create_task(self._work(app))
        self._working.add_done_callback(lambda task: app.exit())

    async def _work(self, app: FtuiApp) -> None:
        make_engine = await asyncio.to_thread(self._open)
        # All that was imported stays: collections that go over it would only keep keys waiting.
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()
        if not self._stopped:
            from ftui.cli.recorded import recorded

            self.engine = make_engine()
            app.attach(self.engine)
            async with recorded(self._shown, self.engine.workspace, self._options, self.engine):
                await self.engine.run()

    def _open(self) -> Callable[[], LiveEngine]:
        """Imports and reads all that an engine needs."""
        from ftui.cli.live import live_engine
        from ftui.cli.workspace import open_workspace

        workspace = open_workspace(self._options)
        return lambda: live_engine(workspace, self._options, self._emit)

    async def end(self) -> None:
        """Stops, and waits until nothing runs any more.

        Raises:
            FtuiError: the project could not be opened.
        """
        self._stopped = True
        if self.engine is not None:
            self.engine.stop()
        if self._working is not None:
            await self._working


async def _watch(config: Config, options: argparse.Namespace, shown: FrontEnds) -> tuple[FtuiApp, int | None]:
    """Runs engine and screen until both have ended; returns the screen, and the signal that ended it, if one did."""
    inbox = Inbox()
    received: list[int] = []

    def emit(event: Event) -> None:
        shown.write(event)
        inbox.put(event)

    opening = Opening(options, shown, emit)
    app = FtuiApp(
        inbox,
        None,
        replaying=False,
        on_first_picture=lambda: opening.begin(app),
        now=opening.now,
        explain=opening.explain,
        tuner=opening,
        notify=config.notify,
        keymap=config.keys,
        theme=config.theme,
    )

    def interrupt(number: int) -> None:
        received.append(number)
        app.leave()

    with signals.interruptible(asyncio.get_running_loop(), interrupt):
        try:
            await run(app)
        finally:
            await opening.end()
            for event in inbox.drain():  # the end of what was running, for the last words
                app.state.apply(event)
    return app, received[0] if received else None


def replay(events: Iterable[Event]) -> int:
    """Plays a recording on the screen until the user quits.

    Raises:
        FtuiError: the recording holds what is no event.
    """
    from ftui.tui.replay import show

    _say_last(asyncio.run(show(events)))
    return PASSED


def _say_last(app: FtuiApp) -> None:
    """Leaves the three lines of the last run where the screen has been."""
    last = app.last_run()
    if last is not None:
        from ftui.cli.stdout import show
        from ftui.report import lines
        from ftui.report.stream import Stream

        show(lines.summary(last, app.state, Stream(sys.stdout)))
