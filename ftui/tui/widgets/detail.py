"""The right-hand side: one check from four sides, of which one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Static

from ftui.events import CheckFinished, CheckOutput, CheckStarted
from ftui.report import figures, lines
from ftui.report.looks import look_of
from ftui.report.safe import one_line
from ftui.report.width import clip
from ftui.tui.cells import silent_for
from ftui.tui.finding_list import following
from ftui.tui.tabs import FINDINGS, OUTPUT, TABS, TIMELINE, WHY
from ftui.tui.widgets.findings import FindingsView
from ftui.tui.widgets.line import LineWidget
from ftui.tui.widgets.output import OutputView
from ftui.tui.widgets.timeline import TimelineView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from ftui.model import Finding
    from ftui.state import Row, State
    from ftui.tui.changes import Changes
    from ftui.tui.finding_list import Located
    from ftui.tui.matches import Tally
    from ftui.tui.widgets.why import WhyView

MOST_PATHS: Final = 3
"""Changed files that are named in the line about a check."""


def about(row: Row, now_s: float) -> str:
    """One line on how a check stands: why its result is what it is, or what it is at."""
    name = one_line(row.id)
    if row.paused is not None:
        return f"{name} paused: {one_line(row.paused)}"
    if row.status == "running":
        parts = [f"attempt {row.attempt}"] if row.attempt > 1 else []
        if (silent := silent_for(row, now_s)) is not None:
            parts.append(figures.silence(silent, row.expected))
        if row.expected is not None:
            parts.append(figures.expected(row.expected))
        elif row.recalled is not None and row.recalled.duration_s is not None:
            parts.append(f"took {figures.duration(row.recalled.duration_s)} last time")
        if row.recalled is not None:
            parts.append(f"last result {row.recalled.outcome.value}: {one_line(row.recalled.reason)}")
        return f"{name} running{': ' if parts else ''}{'; '.join(parts)}"
    if row.status == "done" and row.result is not None:
        if row.changed:
            return f"{name} {row.result.outcome.value}, stale: {_paths(row.changed)} changed since"
        note = lines.note_on(row, row.result)
        return f"{name} {row.result.outcome.value}{': ' if note else ''}{note}"
    after = ": after " + ", ".join(map(one_line, row.requires)) if row.requires else ""
    return f"{name} {look_of(row).word}{after}"


def printed(row: Row) -> str:
    """What a check printed; its findings as lines where it printed nothing for people, only a report for ftui."""
    text = row.output.text()
    if text or row.result is None:
        return text
    return "".join(f"{line}\n" for line in lines.findings(row.result.findings))


def silence(row: Row | None, *, hidden: bool) -> str:
    """What to say of a check where no line is shown; empty where there is no check.

    Args:
        row: the check.
        hidden: whether it is that no line looks like an error.
    """
    if row is None:
        return ""
    if hidden:
        return "no line looks like an error"
    return "it has printed nothing" if row.status == "done" else "it has printed nothing yet"


def _paths(paths: Sequence[str]) -> str:
    named = ", ".join(map(one_line, paths[:MOST_PATHS]))
    return f"{named} and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else named


class Tab(Static):
    """The name of a pane, to be clicked on."""

    class Chosen(Message):
        """Somebody has clicked on it."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, pane: str) -> None:
        super().__init__(TABS[pane], id=f"tab-{pane}", markup=False)
        self._pane = pane
        self._note = ""

    def note(self, note: str) -> None:
        """Shows what there is to say about what is behind it."""
        if note != self._note:
            self._note = note
            self.update(f"{TABS[self._pane]} {note}".rstrip())

    def on_click(self) -> None:
        self.post_message(self.Chosen(self._pane))


class About(LineWidget):
    """The line about a check."""

    text = ""

    def show(self, text: str) -> None:
        """Shows another line."""
        self.text = text
        self.bring_up_to_date()

    def line(self) -> Content:
        """The line, cut to what there is room for."""
        return Content(clip(self.text, self.size.width))


class Search(Horizontal):
    """Asks what to search the output for, and says how many lines hold it."""

    def __init__(self) -> None:
        super().__init__(id="search")
        self.field = Input(id="query", compact=True)
        self._tally = Static("", id="tally", markup=False)

    def compose(self) -> ComposeResult:
        yield Static("/", classes="slash", markup=False)
        yield self.field
        yield self._tally

    def show_tally(self, tally: Tally | None) -> None:
        """Says where the user is among the matches."""
        self._tally.update("" if tally is None else f"{tally.position}/{tally.count}{'' if tally.finished else '…'}")


class Detail(Vertical):
    """Shows the panes as tabs, with a line about the check above them.

    Args:
        state: what there is to show.
        now: the moment, on the clock of the events.
        why: the pane that says why results are what they are.
    """

    def __init__(self, state: State, now: Callable[[], float], why: WhyView) -> None:
        super().__init__(id="detail")
        self._state = state
        self._now = now
        self._shown: str | None = None
        self.output = OutputView(id=OUTPUT)
        self.findings = FindingsView(id=FINDINGS)
        self.why = why
        self.timeline = TimelineView(id=TIMELINE)
        self._panes = ContentSwitcher(self.output, self.findings, why, self.timeline, initial=OUTPUT, id="panes")
        self._tabs = {pane: Tab(pane) for pane in TABS}
        self._about = About(id="about")
        self._search = Search()
        self._searched = False
        self.tab = OUTPUT
        """Which pane is shown."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="tabs"):
            yield from self._tabs.values()
        yield self._about
        yield self._panes
        yield self._search

    def on_mount(self) -> None:
        self.open(self.tab)

    # Which pane

    @property
    def pane(self) -> Widget:
        """The pane that is shown."""
        return {OUTPUT: self.output, FINDINGS: self.findings, WHY: self.why, TIMELINE: self.timeline}[self.tab]

    def open(self, tab: str) -> None:
        """Shows a pane; the focus stays in the detail if it was there."""
        focused = self.has_focus_within
        self.tab = self._panes.current = tab
        self._search.display = self.searching
        for pane, name in self._tabs.items():
            name.set_class(pane == tab, "-chosen")
        self._refresh()
        if focused:
            self.screen.set_focus(self.pane)

    def on_tab_chosen(self, chosen: Tab.Chosen) -> None:
        chosen.stop()
        self.open(chosen.pane)

    # What is in it

    def show(self, check_id: str | None) -> None:
        """Shows another check."""
        self._shown = check_id
        row = self._row
        self.output.set_text(printed(row) if row is not None else "")
        if row is not None and row.status != "done" and row.last_output_s is None:
            self.output.begin()
        self._refresh()

    def take_in(self, changes: Changes) -> None:
        """Shows what has changed of the check."""
        for event in changes.printed.get(self._shown or "", ()):
            match event:
                case CheckStarted():
                    self.output.begin()
                case CheckOutput():
                    self.output.append(event.text)
                case CheckFinished():
                    if (row := self._row) is not None and not row.output.text():
                        self.output.append(printed(row))
                    self.output.finish()
        self._refresh()

    def tick(self) -> None:
        """Shows what moves by itself while checks run."""
        self._refresh()

    @property
    def _row(self) -> Row | None:
        return self._state.rows.get(self._shown or "")

    def _refresh(self) -> None:
        row, now_s = self._row, self._now()
        self._about.show("" if row is None else about(row, now_s))
        found = len(row.result.findings) if row is not None and row.result is not None else 0
        self._tabs[FINDINGS].note(str(found or ""))
        self.output.say_where_empty(silence(row, hidden=self.output.document.lines.end > 0))
        self.findings.show(self._state, self._shown)
        self.why.show(self._state, self._shown)
        if self.tab == TIMELINE:
            self.timeline.show(self._state, now_s)

    # Search

    def search(self) -> None:
        """Asks what to search the output for."""
        self._searched = self._search.display = True
        self.screen.set_focus(self._search.field)

    def on_input_changed(self, changed: Input.Changed) -> None:
        self.output.search(changed.value)

    def on_input_submitted(self) -> None:
        self.screen.set_focus(self.output)

    def on_output_view_matches_changed(self, changed: OutputView.MatchesChanged) -> None:
        self._search.show_tally(changed.tally)

    @property
    def searching(self) -> bool:
        """Whether there is something that the output is searched for."""
        return self._searched and self.tab == OUTPUT

    def end_search(self) -> bool:
        """Ends a search and gives back whether there was one."""
        if not self.searching:
            return False
        self._search.field.clear()
        self._searched = self._search.display = False
        self.screen.set_focus(self.output)
        return True

    def step_match(self, by: int) -> bool:
        """Goes to the next match, or to the one before, and gives back whether something is searched for."""
        if self.searching:
            (self.output.next_match if by > 0 else self.output.previous_match)()
        return self.searching

    # Findings

    @property
    def finding(self) -> Finding | None:
        """The finding that the user looks at: the one under the cursor, else the first one of the check."""
        found = self.findings.highlighted
        return found.finding if found is not None else None

    def finding_after(self, by: int) -> Located | None:
        """The next finding across all checks, or with -1 the one before; None where there is none at all."""
        return following(self._state.rows.values(), self.findings.highlighted, by)

    def go_to(self, found: Located) -> None:
        """Shows a check with the cursor on one of its findings."""
        self.show(found.check_id)
        self.findings.go_to(found)

    # Text

    def toggle_wrap(self) -> None:
        """Folds the long lines of the output, or has them go on beyond the edge."""
        self.output.wrap = not self.output.wrap

    def toggle_errors_only(self) -> None:
        """Hides all lines of the output but those that look like errors, or shows them again."""
        self.output.errors_only = not self.output.errors_only
        self._tabs[OUTPUT].note("(errors)" if self.output.errors_only else "")

    @property
    def text(self) -> str:
        """What there is to copy: the finding that is looked at, or all that the output shows."""
        if self.tab == FINDINGS and self.finding is not None:
            return "\n".join(lines.findings((self.finding,)))
        return self.output.plain_text()
