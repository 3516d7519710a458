"""The pane that says why a check's result is what it is, and what would become of it now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import work

from ftui.errors import FtuiError
from ftui.tui.why_lines import explained_lines, uncovered_lines, why_lines
from ftui.tui.widgets.painted import PaintedLines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.events import Hide, Resize, Show

    from ftui.model import CheckResult
    from ftui.report.why import Why
    from ftui.state import Row, State
    from ftui.tui.paint import Line

ASKING = "…"


class WhyView(PaintedLines):
    """What is known of a check's verdict, and, from when the pane is in sight, what the cache says of it.

    Args:
        explain: asks the cache about a check; None where there is none to ask, as in a replay.
        now: seconds since 1970.
    """

    def __init__(
        self,
        explain: Callable[[str], Awaitable[Why]] | None,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._explain = explain
        self._now = now
        self._state: State | None = None
        self._row: Row | None = None
        self._in_sight = False
        self._asked: tuple[str, tuple[str, ...], str] | None = None
        self._asked_about: CheckResult | None = None
        self._answer: Why | str = ASKING
        self._lines: list[Line] = []

    def show(self, state: State, check_id: str | None) -> None:
        """Shows a check; draws only what differs, and asks the cache again only where the check stands otherwise.

        Args:
            state: as the events left it.
            check_id: the check; None where there is none.
        """
        before = self._row
        self._state = state
        self._row = state.rows.get(check_id) if check_id is not None else None
        self._bring_up_to_date()
        if self._row is not before:
            self.scroll_home(animate=False)

    def on_show(self, event: Show) -> None:
        """Catches up with what has changed out of sight."""
        self._in_sight = True
        self._bring_up_to_date()

    def on_hide(self, event: Hide) -> None:
        """Asks nothing from now on."""
        self._in_sight = False

    def on_resize(self, event: Resize) -> None:
        """Wraps the sentences to the new width."""
        self._bring_up_to_date()

    def line_at(self, y: int) -> Line:
        """A line of the account."""
        return self._lines[y]

    def _bring_up_to_date(self) -> None:
        if not self._in_sight:
            return
        if self._explain is not None and (row := self._row) is not None:
            question = (row.id, row.changed, row.status)
            if question != self._asked or row.result is not self._asked_about:
                if self._asked is None or self._asked[0] != row.id:
                    self._answer = ASKING
                self._asked, self._asked_about = question, row.result
                self._ask(self._explain, row.id)
        self._draw()

    @work(exclusive=True, group="why", exit_on_error=False)
    async def _ask(self, explain: Callable[[str], Awaitable[Why]], check_id: str) -> None:
        try:
            self._answer = await explain(check_id)
        except FtuiError as error:
            self._answer = str(error)
        except Exception as error:  # plugins have a say in it: whatever they raise, the screen stays
            self._answer = f"it cannot be told: {type(error).__name__}: {error}"
        self._draw()

    def _draw(self) -> None:
        lines: list[Line] = []
        if self._row is not None and self._state is not None:
            lines += why_lines(self._row, self._state, self._now(), self.columns)
            if self._explain is not None:
                lines += explained_lines(self._answer, self.columns)
            lines += uncovered_lines(self._state, self.columns)
        if lines != self._lines:
            self._lines = lines
            self.lines_changed(len(lines))
