"""The main screen: the checks, one of them in detail, and what can be asked of them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Horizontal
from textual.widgets import Static

from ftui.errors import FtuiError
from ftui.report.figures import counted
from ftui.tui import keys
from ftui.tui.choice import next_filter
from ftui.tui.compositor import SparingCompositor
from ftui.tui.steering import STEERING, Steering
from ftui.tui.tabs import FINDINGS, OUTPUT, TIMELINE, WHY
from ftui.tui.widgets.banner import Banner
from ftui.tui.widgets.header import Header
from ftui.tui.widgets.hints import Hints
from ftui.tui.widgets.nothing import Nothing
from ftui.tui.widgets.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult
    from textual.events import Idle

    from ftui.state import State
    from ftui.tui.changes import Changes
    from ftui.tui.controls import Controls
    from ftui.tui.widgets.check_list import CheckList
    from ftui.tui.widgets.detail import Detail

HURRY_S = 0.05
"""Seconds in which the answer to a key is drawn."""


class MainScreen(Steering):
    """Shows the state, and what can be done with it.

    The first picture is that of a screen on which nothing is known yet; the panes come after it, with all that has to
    be imported for them.

    Args:
        state: what there is to show.
        controls: of the engine; None where there is none, or not yet.
        now: the moment, on the clock of the events.
        replaying: whether this is a recording, which nobody will ever steer.
        keymap: the user's own keys by id.
        panes: makes the list of the checks and the detail.
        on_first_picture: called when the first picture has been drawn.
        on_ready: called when all panes are there.
    """

    checks: CheckList
    detail: Detail

    def __init__(
        self,
        state: State,
        controls: Controls | None,
        now: Callable[[], float],
        *,
        replaying: bool,
        keymap: Mapping[str, str],
        panes: Callable[[], tuple[CheckList, Detail]],
        on_first_picture: Callable[[], None],
        on_ready: Callable[[], None],
    ) -> None:
        super().__init__(state, controls)
        self._compositor = SparingCompositor()
        self._panes = panes
        self._on_first_picture = on_first_picture
        self._on_ready = on_ready
        self._hurried_until = 0.0
        self.ready = False
        """Whether all panes are there."""
        shown = {key.id: keys.shown(key, keymap, first=True) for key in keys.TABLE}
        self.header = Header(state, now, replaying=replaying)
        self.banner = Banner(state, pause=shown["pause"], problems=shown["problems"])
        self.nothing = Nothing(state)
        self.totals = Totals(state, now)
        self.hints = Hints(keymap, STEERING if replaying else ())
        self.add_class("-empty")

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.banner
        with Horizontal(id="body"):
            yield self.nothing
        yield self.totals
        yield self.hints
        yield Static("ftui needs a terminal of at least 30 columns and 8 lines", id="too-small", markup=False)

    def on_mount(self) -> None:
        self.call_after_refresh(self._complete)

    async def _complete(self) -> None:
        self._on_first_picture()
        self.checks, self.detail = self._panes()
        await self.query_one("#body").mount(self.checks, self.detail)
        self.checks.focus()
        self.ready = True
        self._on_ready()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done with panes that are not there yet."""
        return self.ready and super().check_action(action, parameters)

    @property
    def cursor(self) -> str | None:
        """Id of the check that the cursor stands on."""
        return self.checks.cursor

    def on_descendant_focus(self) -> None:
        """Keeps the check for somebody who reads about it."""
        if self.ready and self.detail.has_focus_within:
            self.checks.following = False

    # When it is drawn

    def hurry(self) -> None:
        """Draws what differs as soon as it is known for a while, since somebody waits for the answer to a key."""
        self._hurried_until = monotonic() + HURRY_S

    @property
    def hurried(self) -> bool:
        """Whether somebody waits for an answer."""
        return monotonic() < self._hurried_until

    async def _on_idle(self, event: Idle) -> None:
        # Textual waits for the next sixtieth of a second, in which a flood of output gets ahead of the answer.
        if self.hurried and self.is_current:
            self._on_timer_update()

    # What is shown

    def show(self, changes: Changes) -> None:
        """Draws again what differs, once for as many events as have come."""
        if changes.started:
            self._show_whether_empty()
            self.header.finished_s = None
            self.checks.update_all()
        else:
            self.checks.update(changes.checks)
        if changes.finished is not None:
            self.header.finished_s = changes.finished.time_s
        self.detail.take_in(changes)
        if changes.watching and not self._state.rows:
            self._show_whether_empty()
        if changes.watching or changes.problems or changes.checks:
            self.banner.update(changes.problems)
        self.header.bring_up_to_date()
        self.totals.bring_up_to_date()

    def tick(self) -> None:
        """Draws again what moves by itself while checks run."""
        self.checks.tick()
        self.detail.tick()
        self.header.bring_up_to_date()
        self.totals.bring_up_to_date()

    def _show_whether_empty(self) -> None:
        self.set_class(not self._state.rows, "-empty")
        self.nothing.show()

    def on_check_list_moved(self, moved: CheckList.Moved) -> None:
        self.detail.show(moved.check_id)

    def on_check_list_opened(self) -> None:
        self.action_open()

    async def on_hints_chosen(self, chosen: Hints.Chosen) -> None:
        key = next(key for key in keys.TABLE if key.id == chosen.key_id)
        await (self.app if key.on == "app" else self).run_action(keys.action_of(key))

    # Moving about

    def action_open(self) -> None:
        """Goes into the pane that is shown."""
        self.add_class("-reading")
        self.set_focus(self.detail.pane)

    def action_back(self) -> None:
        """Goes back by one step: from a search, from the pane, from one pane alone, then the cursor is let go."""
        if self.detail.end_search():
            return
        if self.detail.has_focus_within:
            self.remove_class("-reading", "-only-detail")
            self.set_focus(self.checks)
        elif self.has_class("-only-checks"):
            self.remove_class("-only-checks")
        elif self.checks.filter:
            self.checks.set_filter("")
        else:
            self.checks.follow_again()

    def _open_tab(self, tab: str) -> None:
        """Shows a pane; the focus stays where it is, unless there is room for one side only."""
        self.detail.open(tab)
        if self.has_class("-short") or self.has_class("-only-checks"):
            self.remove_class("-only-checks")
            self.action_open()

    def action_output(self) -> None:
        self._open_tab(OUTPUT)

    def action_findings(self) -> None:
        self._open_tab(FINDINGS)

    def action_why(self) -> None:
        self._open_tab(WHY)

    def action_timeline(self) -> None:
        self._open_tab(TIMELINE)

    def action_maximize(self) -> None:
        """Shows the side that has the focus alone, or both again."""
        if self.has_class("-only-checks") or self.has_class("-only-detail"):
            self.remove_class("-only-checks", "-only-detail")
        else:
            self.add_class("-only-detail" if self.detail.has_focus_within else "-only-checks")

    def action_filter(self) -> None:
        self.checks.set_filter(next_filter(self._state.rows.values(), self.checks.filter))

    def action_problems(self) -> None:
        watching = self._state.watching
        unused = [(each.id, each.because) for each in watching.unused] if watching is not None else []
        self.banner.read()
        from ftui.tui.dialogs import Page, problems_text

        self.app.push_screen(Page("Problems", problems_text(self._state.problems, unused)))

    # Reading

    def action_search(self) -> None:
        self._open_tab(OUTPUT)
        self.detail.search()

    def action_only_errors(self) -> None:
        self._open_tab(OUTPUT)
        self.detail.toggle_errors_only()

    def action_wrap(self) -> None:
        self._open_tab(OUTPUT)
        self.detail.toggle_wrap()

    def action_next_finding(self) -> None:
        self._step_finding(1)

    def action_previous_finding(self) -> None:
        self._step_finding(-1)

    def _step_finding(self, by: int) -> None:
        if self.detail.step_match(by):
            return
        found = self.detail.finding_after(by)
        if found is None:
            self.app.notify("there are no findings", markup=False)
            return
        self._open_tab(FINDINGS)
        self.checks.go_to(found.check_id)
        self.detail.go_to(found)

    def on_findings_view_chosen(self) -> None:
        self.action_edit()

    def action_copy(self) -> None:
        """Copies what is selected, else what the detail has to offer."""
        if text := self.get_selected_text() or self.detail.text:
            self.app.copy_to_clipboard(text)
            self.app.notify(f"copied {counted(len(text.splitlines()), 'line')}", markup=False)

    @work(exclusive=True, group="editor", exit_on_error=False)
    async def action_edit(self) -> None:
        """Opens the place of the finding that is looked at."""
        finding = self.detail.finding
        if finding is None or finding.path is None:
            self.app.notify("there is no finding in a file to open", markup=False)
            return
        from ftui.tui.opening import open_place

        try:
            await open_place(self.app, self._state.root, finding)
        except FtuiError as error:
            self.app.notify(str(error), severity="error", markup=False)
