"""The application: takes in what the engine says, shows it, and gives the terminal back at the end."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.content import Content
from textual.events import Key

from ftui.errors import FtuiError
from ftui.events import RunFinished
from ftui.model import Phase
from ftui.report.safe import one_line
from ftui.state import State
from ftui.tui import keys
from ftui.tui.changes import taken_in
from ftui.tui.guard import guarded
from ftui.tui.main_screen import MainScreen
from ftui.tui.notices import Notices, sequence
from ftui.tui.steering import STEERING
from ftui.tui.tabs import WHY
from ftui.tui.widgets.header import until_next_age

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from textual.binding import BindingType
    from textual.driver import Driver
    from textual.events import Event
    from textual.screen import Screen
    from textual.timer import Timer

    from ftui.report.why import Why
    from ftui.tui.changes import Changes
    from ftui.tui.controls import Controls, Tuner
    from ftui.tui.inbox import Inbox
    from ftui.tui.notices import Notify
    from ftui.tui.widgets.check_list import CheckList
    from ftui.tui.widgets.detail import Detail

FRAME = 1 / 18
"""Seconds between two pictures at least."""

MOVING_FRAMES = 2
"""Every how many of them what moves by itself is drawn again."""


def _nothing() -> None:
    """Waits for nobody."""


class FtuiApp(App[None], inherit_bindings=False):
    """The screen. Only what the first picture needs is imported before it is drawn.

    Args:
        inbox: what the engine's events come in by.
        controls: of the engine; None for a recording, and where they are given to `attach` later.
        replaying: whether this is a recording; by default, whether there are no controls.
        on_first_picture: called when the first picture has been drawn: the time to do what takes long.
        now: the moment, on the clock of the events, in seconds.
        wall: the moment in seconds since 1970.
        explain: asks the cache why a check would run now, or would not; None where there is none to ask.
        tuner: knows what could be tuned; None where there is no history to ask.
        notify: when a change between green and red is told outside the window.
        keymap: the user's own keys by id, see `keys.ids`.
        theme: one of Textual's; None for one that suits the terminal.
    """

    TITLE = "ftui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("app")]
    # Below 100 columns the panes stack; below 18 lines as well there is room for one of them.
    HORIZONTAL_BREAKPOINTS = [(0, "-cramped"), (30, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual types it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (8, "-short"), (18, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        inbox: Inbox,
        controls: Controls | None,
        *,
        replaying: bool | None = None,
        on_first_picture: Callable[[], None] = _nothing,
        now: Callable[[], float],
        wall: Callable[[], float] = time.time,
        explain: Callable[[str], Awaitable[Why]] | None = None,
        tuner: Tuner | None = None,
        notify: Notify = "off",
        keymap: Mapping[str, str] | None = None,
        theme: str | None = None,
    ) -> None:
        # Without colours means without greys too: the terminal's own are used.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.state = State()
        self.failure: Exception | None = None
        """Why it had to end, if it had to."""
        self.inbox = inbox
        self._replaying = controls is None if replaying is None else replaying
        self._now = now
        self._wall = wall
        self._explain = explain
        self.tuner = tuner
        self._notify_when = notify
        self._keys = dict(keymap or {})
        self._notices = Notices()
        self._frames: Timer | None = None
        self._frame_number = 0
        self._frame_given_up = False
        self.moving = False
        """Whether pictures are being drawn; otherwise nothing is done before the next event."""
        self._age: Timer | None = None
        self.main = MainScreen(
            self.state,
            controls,
            now,
            replaying=self._replaying,
            keymap=self._keys,
            panes=self._panes,
            on_first_picture=on_first_picture,
            on_ready=self._begin,
        )
        self.set_keymap(self._keys)
        self.theme = theme or suitable_theme(os.environ)

    @property
    def controls(self) -> Controls | None:
        """Of the engine; None where there is none, or not yet."""
        return self.main.controls

    def attach(self, controls: Controls) -> None:
        """Steers an engine from now on."""
        self.main.controls = controls

    def get_default_screen(self) -> Screen[None]:
        """The one screen that is always there."""
        return self.main

    def _panes(self) -> tuple[CheckList, Detail]:
        from ftui.tui.widgets.check_list import CheckList
        from ftui.tui.widgets.detail import Detail
        from ftui.tui.widgets.why import WhyView

        why = WhyView(self._explain, now=self._wall, id=WHY)
        return CheckList(lambda: self.state.rows, self._now), Detail(self.state, self._now, why)

    def get_driver_class(self) -> type[Driver]:
        """The terminal, see `Terminal`."""
        if sys.platform == "win32":
            return super().get_driver_class()
        from ftui.tui.terminal import Terminal

        return Terminal

    # Time

    def _begin(self) -> None:
        """Shows what has come until now in the first picture, and from here on all that comes."""
        self._show(replace(taken_in(self.state, self.inbox.drain()), started=True))
        self._frames = self.set_interval(FRAME, self._frame, pause=True)
        self.inbox.on_filled = self._wake
        self._wake()

    def _wake(self) -> None:
        if self._frames is not None:
            self.moving = True
            self._frames.resume()

    def _frame(self) -> None:
        """Takes in what has come and draws it once; the frames stop where nothing comes and nothing moves.

        One is given up where somebody waits for the answer to a key.
        """
        if not self.is_running:  # the panes go before their timers do
            return
        if self.main.hurried and not self._frame_given_up:
            self._frame_given_up = True
            return
        self._frame_given_up = False
        self._frame_number += 1
        if events := self.inbox.drain():
            self._show(taken_in(self.state, events))
        if self.state.running:
            if self._frame_number % MOVING_FRAMES == 0:
                self.main.tick()
        elif not events and self._frames is not None:
            self.moving = False
            self._frames.pause()

    def _show(self, changes: Changes) -> None:
        self.main.show(changes)
        if changes.finished is not None:
            self._after_run(changes.finished)
        elif changes.started:
            self._keep_age(None)

    def _keep_age(self, finished_s: float | None) -> None:
        """Draws the age of a run again whenever it reads differently, and not more often."""
        if self._age is not None:
            self._age.stop()
        self._age = None
        if finished_s is not None:
            self.main.header.bring_up_to_date()
            wait = until_next_age(max(0.0, self._now() - finished_s))
            self._age = self.set_timer(wait, partial(self._keep_age, finished_s))

    # The end of a run

    def _after_run(self, run: RunFinished) -> None:
        self._keep_age(run.time_s)
        notice = self._notices.after(run, PurePath(self.state.root).name)
        wanted = self._notify_when == "on" or (self._notify_when == "unfocused" and not self.app_focus)
        if notice is not None and wanted and self._driver is not None:
            self._driver.write(sequence(notice, os.environ))

    def last_run(self) -> RunFinished | None:
        """The run that the screen ended with, with its figures; None where there was none."""
        if not self.state.number:
            return None
        return RunFinished(
            run_id=self.state.run_id,
            time_s=self.state.time_s,
            interrupted=self.state.interrupted,
            run=self.state.summary(),
            totals=self.state.totals(),
        )

    async def on_event(self, event: Event) -> None:
        """Answers the keys of the main screen one after the other.

        Textual hands all that have come to the pane with the focus before it does what the first of them asks for;
        typed fast, the `q` of what is searched for would quit.
        """
        if isinstance(event, Key) and not event.is_forwarded and self.screen is self.main:
            self.main.hurry()
            typed = self.focused is not None and self.focused.check_consume_key(event.key, event.character)
            if not typed and await self._check_bindings(event.key):
                return
        await super().on_event(event)

    # The ways out

    def action_quit(self) -> None:  # type: ignore[override]
        """Quits; asks before that only where checks would be ended while they write files."""
        rows = self.state.rows.values()
        writing = [row.id for row in rows if row.phase is Phase.MUTATING and row.status == "running"]
        if writing and self.controls is not None:
            from ftui.tui.dialogs import Question

            self.push_screen(Question(writing), self._leave_if)
        else:
            self.leave()

    def _leave_if(self, wanted: bool | None) -> None:
        if wanted:
            self.leave()

    def leave(self) -> None:
        """Stops the engine and ends the screen, without a question."""
        if self.controls is not None:
            self.controls.stop()
        self.exit()

    def _fatal_error(self) -> None:
        """Ends the screen after a failure of its own; whoever runs it reports that, in one line or in full."""
        self.failure = self._exception
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """Ends the screen after a failure that has a picture of its own, such as that of a style sheet."""
        self.failure = self._exception or RuntimeError("the terminal cannot be read any more")
        self._close_messages_no_wait()

    # What the keys of the application do

    def action_help(self) -> None:
        from ftui.tui.dialogs import Page, help_text

        parts = ((keys.MOVING, keys.READING), (keys.RUNNING, keys.SEEING, keys.LEAVING))
        profiles = self.state.watching.profiles[: keys.MOST_PROFILES] if self.state.watching is not None else ()
        self.push_screen(Page("Keys", *(help_text(self._keys, groups, profiles) for groups in parts)))

    def action_tune(self) -> None:
        if self.tuner is None:
            self.notify("a recording has no history to tune by", markup=False)
            return
        from ftui.tui.tune_screen import TuneScreen

        self.push_screen(TuneScreen(self.tuner, self.state, self._wall))

    def action_deep_look(self) -> None:
        check_id = self.main.cursor
        if self.tuner is None or check_id is None:
            self.notify("there is no check here that could be run", markup=False)
            return
        self.notify(f"{one_line(check_id)} runs once more, apart, to see where its time goes", markup=False)
        self._look_deep(self.tuner, check_id)

    @work(exclusive=True, group="deep", exit_on_error=False)
    async def _look_deep(self, tuner: Tuner, check_id: str) -> None:
        from ftui.tui.dialogs import Page

        try:
            lines = await tuner.deep_look(check_id)
        except Exception as error:  # an adapter has a say in it: whatever it raises, the screen stays
            said = str(error) if isinstance(error, FtuiError) else f"it cannot be told: {type(error).__name__}: {error}"
            self.notify(one_line(said), severity="error", markup=False)
            return
        self.push_screen(Page("Where its time goes", Content("\n".join(map(one_line, lines)))))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that has a key, by name; the profiles, and Textual's themes."""
        yield SystemCommand("Theme", "change the colours", self.action_change_theme)
        for key in keys.TABLE:
            steers = self._replaying and key.id in STEERING
            if key.on == "checks" or key.id in ("palette", "profile") or steers:
                continue
            target = self if key.on == "app" else self.main
            callback = partial(target.run_action, keys.action_of(key))
            yield SystemCommand(f"{key.words[0].upper()}{key.words[1:]}", keys.shown(key, self._keys), callback)
        watching = self.state.watching
        if self.controls is not None and watching is not None:
            for name in watching.profiles:
                yield SystemCommand(f"Profile {name}", "", partial(self.controls.set_profile, name))

    def copy_to_clipboard(self, text: str) -> None:
        """Puts text on the clipboard: the terminal is asked to, and where there is one, a program."""
        import shutil

        from ftui.tui import clipboard

        super().copy_to_clipboard(text)
        if argv := clipboard.program(os.environ, shutil.which):
            self.run_worker(partial(clipboard.hand_over, argv, text), thread=True, exit_on_error=False)


async def run(app: FtuiApp) -> None:
    """Runs the screen to its end; whatever becomes of it, the terminal is as it was before.

    Raises:
        Exception: the failure that ended it.
    """
    with guarded():
        await app.run_async()
    if app.failure is not None:
        raise app.failure


def suitable_theme(environ: Mapping[str, str]) -> str:
    """A theme for the terminal: light where it says that its background is, dark otherwise.

    Args:
        environ: whose `COLORFGBG` (rxvt, Konsole, iTerm) ends with the number of the background's colour.
    """
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return "textual-light" if background in ("7", "15") else "textual-dark"
