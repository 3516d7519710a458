"""The pane that shows a run over time: its worker slots, its critical path, and where time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.report.width import folded
from ftui.tui.gantt import Gantt, gantt_of
from ftui.tui.gantt_lines import STROKES, chart, headline, table
from ftui.tui.widgets.painted import PaintedLines

if TYPE_CHECKING:
    from textual.events import Resize

    from ftui.state import State
    from ftui.tui.paint import Line

LEGEND = f"{STROKES[True, False]} critical path  {STROKES[False, True]} {STROKES[True, True]} policy-rerun"


class TimelineView(PaintedLines):
    """A Gantt chart of the current run, or of the last one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._gantt = Gantt()
        self._lines: list[Line] = []

    def show(self, state: State, now_s: float) -> None:
        """Draws the run as it stands; does nothing where that is as it was.

        Args:
            state: as the events left it.
            now_s: on the clock of the events.
        """
        self._gantt = gantt_of(state, now_s)
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Scales the run to the new width."""
        self._draw()

    def line_at(self, y: int) -> Line:
        """A line of the chart, or of the table below it."""
        return self._lines[y]

    def _draw(self) -> None:
        lines: list[Line] = [((text, "title"),) for text in folded(headline(self._gantt), self.columns, "")]
        if self._gantt.bars or self._gantt.hits:
            lines += [*chart(self._gantt, self.columns), (), ((LEGEND, "faint"),)]
            lines += table(self._gantt, self.columns)
        if lines != self._lines:
            self._lines = lines
            self.lines_changed(len(lines))
