"""Plain text for a pipe, a log or CI: one line as each check finishes, three at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.events import CheckFinished, CheckRetried, Problem, RunFinished, RunStarted, TreeChanged, Watching
from ftui.report import figures, lines
from ftui.report.looks import CHANGED, RETRYING
from ftui.report.safe import one_line

if TYPE_CHECKING:
    from ftui.events import Event
    from ftui.report.stream import Stream
    from ftui.state import Row, State

MOST_PATHS = 5
"""Changed files that are named."""


class Text:
    """Plain lines for people, of as many runs as there are in the stream.

    Problems stand in the same stream as the checks: a log that holds one without the other misleads.

    Args:
        stream: where the lines go.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._names = 0
        self._last_watching = ""

    def write(self, event: Event, state: State) -> None:
        """Writes what there is to say about an event, which for most of them is nothing."""
        match event:
            case CheckFinished() | CheckRetried():
                if row := state.rows.get(event.check_id):
                    self._about(row, event)
            case RunStarted():
                self._names = lines.name_columns(state)
                self._begin(event)
            case TreeChanged():
                self._changed(event, state)
            case Watching():
                self._watching(event)
            case Problem():
                self._stream.lines([self._stream.problem(one_line(event.source), one_line(event.message))])
            case RunFinished() if state.rows:
                self._stream.lines(["", *lines.summary(event, state, self._stream)])
            case _:
                pass

    def _begin(self, event: RunStarted) -> None:
        if event.because:
            self._stream.lines(["", f"run {event.number}: {one_line(event.because)}"])
        if not event.checks:
            profile = one_line(event.profile)
            self._stream.lines(
                [f"there is nothing to check in profile {profile}: `ftui list` says what was looked for"]
            )

    def _about(self, row: Row, event: CheckFinished | CheckRetried) -> None:
        if isinstance(event, CheckFinished):
            self._finished(row, event)
        else:
            note = one_line(f"{event.reason}; again in {figures.duration(event.delay_s)}")
            took = event.duration_s
            line = lines.check_line(row, RETRYING, self._stream, names=self._names, time_s=took, note=note)
            self._stream.lines([line])

    def _changed(self, event: TreeChanged, state: State) -> None:
        # Who edits the tree knows that; what a check did to it has to be told, and what nothing looks at.
        if row := state.rows.get(event.caused_by or ""):
            note = changed(event.paths)
            line = lines.check_line(row, CHANGED, self._stream, names=self._names, time_s=None, note=note)
            self._stream.lines([line])
        if event.uncovered:
            self._stream.lines([f"no check reads {changed(event.uncovered)}"])

    def _watching(self, event: Watching) -> None:
        reason = f": {event.reason}" if event.reason else ""
        line = one_line(f"{event.status}, profile {event.profile}{reason}")
        if line != self._last_watching:
            self._last_watching = line
            self._stream.lines([line])

    def _finished(self, row: Row, result: CheckFinished) -> None:
        self._stream.lines([lines.result_line(row, result, self._stream, names=self._names)])
        if below := lines.details(row, result, self._stream):
            self.write_details(row, below)

    def write_details(self, row: Row, below: list[str]) -> None:
        """Writes what stands below the line of a check."""
        self._stream.lines(below)

    def close(self) -> None:
        """Nothing is held back, so nothing is left to do."""


def changed(paths: tuple[str, ...]) -> str:
    """How many files, and the first of them: `2 files: a.py, b.py`."""
    named = ", ".join(map(one_line, paths[:MOST_PATHS]))
    return f"{figures.counted(len(paths), 'file')}: {named}{', …' if len(paths) > MOST_PATHS else ''}"
