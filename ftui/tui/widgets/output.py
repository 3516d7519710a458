"""What a check printed, as a pane: all its lines at once, of which only those in sight are drawn."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from ftui.tui.widgets.following_view import FollowingView

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from ftui.tui.matches import Tally

SLICE_S = 0.002
"""Seconds that lines are looked through at a time; keys are answered in between."""

SHOWN_EVERY_S = 0.1
"""Seconds between two pictures of a search that goes on."""

FLOOD = 1000
"""New lines between two pictures from which on output comes faster than anybody could read it."""

FLOOD_EVERY_S = 0.2
"""Seconds between two pictures of such output."""


class OutputView(FollowingView):
    """A pane over the output of a check, which is sanitised text with colour codes.

    What the user looks at stays where it is when lines are wrapped or hidden, or printed anew by a rerun.
    """

    wrap: reactive[bool] = reactive(False, repaint=False)
    """Whether lines go on in the next row where the pane ends."""
    errors_only: reactive[bool] = reactive(False, repaint=False)
    """Whether only lines that look like errors are shown; `ftui.tui.scan.errors` says which do."""

    class MatchesChanged(Message):
        """There are more or other matches, or the user is at another one."""

        def __init__(self, view: OutputView, tally: Tally | None) -> None:
            super().__init__()
            self.view = view
            self.tally = tally
            """Where the user is among the matches, or `None` where nothing is searched for."""

        @property
        def control(self) -> OutputView:
            """The pane that was searched."""
            return self.view

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._armed = False
        self._anew = False
        self._waiting: list[str] = []
        self._called = False
        self._told: Tally | None = None
        self._scanner: Worker[None] | None = None
        self._fitted = Size(0, 0)
        self._shown_at = 0.0
        self._shown_end = 0
        self._flooded = False
        self._late: Timer | None = None

    def begin(self) -> None:
        """Gets ready for a new run: the next text replaces what is shown, which stays until then."""
        self._armed = True

    def append(self, text: str) -> None:
        """Adds sanitised text, which may end anywhere, even inside a line. Many pieces are shown at once."""
        if text:
            if self._armed:
                self._start_anew()
            self._waiting.append(text)
            self._call()

    def finish(self) -> None:
        """Ends a run: if it said nothing since `begin`, nothing is shown from now on."""
        if self._armed:
            self._start_anew()
            self._call()

    def set_text(self, text: str) -> None:
        """Shows another output, from its end."""
        self.begin()
        self.append(text)
        self.finish()
        self.following = True
        self._take_in()

    def plain_text(self) -> str:
        """The lines that are shown, all or only errors, without colours, and a newline after each."""
        self._take_in()
        return "".join(f"{line}\n" for _, line in self.document.shown(0, self.document.lines.end))

    def _start_anew(self) -> None:
        self._armed = False
        self._anew = True
        self._waiting.clear()

    def _call(self) -> None:
        """Asks to be called when whoever adds text is done with it, so that many pieces cost one picture."""
        if not self.is_attached:
            self._take_in()
        elif not self._called:
            self._called = True
            self.call_later(self._take_in, asked=False)

    def search(self, query: str) -> None:
        """Finds all lines that hold the query and goes to the first from the top of the pane on.

        While a query is typed, each longer one starts from where the first one did.

        Args:
            query: words to find as they stand; upper and lower case are one unless it has upper case. The search ends
                where it is empty.
        """
        self._take_in()
        matches = self.document.matches
        self.document.search(query, self.top.line if matches is None else matches.origin)
        self.redraw()
        self._take_in()

    def next_match(self) -> None:
        """Goes to the next line that holds the query; after the last comes the first."""
        self._step(1)

    def previous_match(self) -> None:
        """Goes to the line before that holds the query; before the first comes the last."""
        self._step(-1)

    def _step(self, by: int) -> None:
        matches = self.document.matches
        if matches is not None and matches.step(by):
            self._reveal_match()
            self._tell()

    def _take_in(self, *, asked: bool = True) -> None:
        """Shows what was added or asked for, and goes on in the background with what takes longer.

        Args:
            asked: whether the user waits for it.
        """
        self._called = False
        if self._anew:
            self._anew = False
            self._shown_end = 0
            self.document.clear()
            self.redraw()
            if self.is_attached and self.text_selection is not None:
                self.screen.clear_selection()
        self.document.append("".join(self._waiting))
        self._waiting.clear()
        finished = self.document.scan(SLICE_S)
        if asked:
            self._show()
        else:
            self._show_in_time()
        if not finished and self.is_attached and (self._scanner is None or self._scanner.is_finished):
            self._scanner = self.run_worker(self._scan(), group="scan", exit_on_error=False)

    async def _scan(self) -> None:
        shown = monotonic()
        while not self.document.scan(SLICE_S):
            if monotonic() - shown > SHOWN_EVERY_S:
                self._show()
                shown = monotonic()
            await asyncio.sleep(0)
        self._show()

    def _show_in_time(self) -> None:
        """Shows what there is: at once, or in a flood a little later, for keys come before what nobody can read."""
        wait = self._shown_at + FLOOD_EVERY_S - monotonic()
        if not (self._flooded and self._is_flooding and self.is_attached) or wait <= 0:
            self._show()
        elif self._late is None:
            self._late = self.set_timer(wait, self._show)

    @property
    def _is_flooding(self) -> bool:
        """Whether more has come than anybody could read."""
        return self.document.lines.end - self._shown_end > FLOOD

    def _show(self) -> None:
        if self._late is not None:
            self._late.stop()
            self._late = None
        document = self.document
        self._flooded = self._is_flooding
        self._shown_at, self._shown_end = monotonic(), document.lines.end
        document.rows.update()
        self.reach(Size(0 if self.wrap else document.lines.width, document.rows.count))
        self.keep_place()
        if document.matches is not None and document.matches.settle():
            self._reveal_match()
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        matches = self.document.matches
        tally = None if matches is None else matches.tally
        if tally != self._told:
            self._told = tally
            self.post_message(self.MatchesChanged(self, tally))

    def _reveal_match(self) -> None:
        """Brings the current match into sight, and stays there."""
        place, start, end = self.document.match_place()
        row = self.document.rows.row(place)
        width, height = self.scrollable_content_region.size
        left, top = self.scroll_offset
        self.stay_at(
            None if left <= start and end <= left + width else max(0, start - width // 2),
            None if top <= row < top + height else max(0, row - height // 2),
        )
        self.redraw()

    def watch_errors_only(self, errors_only: bool) -> None:
        """Shows other lines, from about the same one on."""
        self.document.show(errors_only=errors_only)
        self._take_in()

    def watch_wrap(self) -> None:
        """Shows the lines in other rows, from the same one on."""
        self._fold()

    def on_resize(self) -> None:
        """Fits the rows to the pane, where that has come back in another size."""
        if self.size != self._fitted:
            self._fitted = self.size
            self._fold()

    def _fold(self) -> None:
        # One cell is for a wide character that goes over the end of a row.
        self.document.fold(max(1, self.scrollable_content_region.width - 1) if self.wrap else None)
        self.redraw()
        self._show()
