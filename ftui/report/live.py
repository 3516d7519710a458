"""Text on a terminal: one line for each check, redrawn in place while a run goes on.

Plain ANSI sequences do: cursor up, erase to the end of the line, erase below. The block never grows taller than the
terminal, since a line that has scrolled away cannot be redrawn.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ftui.ansi import strip
from ftui.events import CheckOutput, Problem, RunFinished, RunStarted
from ftui.model import Outcome
from ftui.report import figures, lines
from ftui.report.line import INDENT
from ftui.report.looks import ASCII_SPINNER, SPINNER, Look, look_of
from ftui.report.safe import one_line
from ftui.report.width import clip, folded, width

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.events import Event
    from ftui.report.stream import Stream
    from ftui.state import Row, State

FRAME = 1 / 12
"""Seconds between two pictures at least."""

# The cursor is out of the way, and a line whose width was misjudged is cut instead of wrapped.
_BEGIN, _END = "\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h"
_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"
# From its first line on. Erasing all below from the top of the screen would make tmux keep the block in its history.
_ERASE_BLOCK = f"{_ERASE_LINE}\r\n{_ERASE_BELOW}\x1b[A"

_URGENT = {word: rank for rank, word in enumerate(["running", "retrying", "failed", "broken", "queued"])}


class Live:
    """A block of lines on a terminal that follows a run, then its findings and its summary.

    Args:
        stream: a terminal that understands escape sequences, see `stream.redrawable`.
        clock: a monotonic clock in seconds, for the pace of the pictures.
    """

    def __init__(self, stream: Stream, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._drawn: list[str] = []
        self._size = (0, 0)
        self._next_frame = 0.0
        self._stale = False
        self._active = False
        self._names = 0

    def write(self, event: Event, state: State) -> None:
        """Takes in an event; the picture follows at once or, when the last one is too fresh, with the next tick."""
        match event:
            case RunStarted():
                self._drawn = []
                self._names = lines.name_columns(state)
                self._draw(state, state.time_s)
            case Problem():
                self._above([self._stream.problem(one_line(event.source), one_line(event.message))])
                self._draw(state, state.time_s)
            case RunFinished():
                self._finish(event, state)
            case CheckOutput():
                pass  # it is not on the picture, and a flood of it must not redraw
            case _:
                self._stale = True
                if self._clock() >= self._next_frame:
                    self._draw(state, state.time_s)

    def tick(self, state: State, now_s: float) -> None:
        """Moves the picture on where it is due: what runs gets older.

        Args:
            state: as of the last event.
            now_s: the moment, on the clock of the events.
        """
        moving = bool(state.running) or self._stale
        if self._active and moving and self._clock() >= self._next_frame:
            self._draw(state, now_s)

    def close(self) -> None:
        """Gives the terminal back as it was, below what has been drawn."""
        if self._active:
            self._active = False
            self._drawn = []
            self._stream.write(_END)

    def _draw(self, state: State, now_s: float) -> None:
        if not state.rows or state.finished:
            return
        columns, height = self._stream.size()
        picture = self._picture(state, now_s, columns, height)
        begin = "" if self._active else _BEGIN
        self._active = True
        self._stale = False
        self._next_frame = self._clock() + FRAME
        resized = (columns, height) != self._size
        if picture == self._drawn and not resized:
            return
        # Lines that the terminal has wrapped must go as a whole, or it joins them again when it gets wider.
        wipe = self._wiped(columns, height) if resized else ""
        self._stream.write(begin + wipe + self._to_top(columns, height) + self._changes(picture))
        self._drawn, self._size = picture, (columns, height)

    def _changes(self, picture: list[str]) -> str:
        """What turns the lines on the terminal into those of the picture, from the block's first line on."""
        parts: list[str] = []
        for number, line in enumerate(picture):
            if number >= len(self._drawn) or line != self._drawn[number]:
                parts += [line, _ERASE_LINE]
            parts.append("\r\n")
        if len(picture) < len(self._drawn):
            parts.append(_ERASE_BELOW)
        return "".join(parts)

    def _to_top(self, columns: int, height: int) -> str:
        """Moves to the first line of the block; a narrower terminal has wrapped its lines meanwhile."""
        if not self._drawn:
            return ""
        rows = len(self._drawn)
        if columns < self._size[0]:
            rows = sum(max(1, -(-width(strip(line)) // columns)) for line in self._drawn)
        return f"\x1b[{max(1, min(rows, height - 1))}A\r"

    def _wiped(self, columns: int, height: int) -> str:
        """Erases the block and stays where it began."""
        wipe = self._to_top(columns, height) + _ERASE_BLOCK if self._drawn else ""
        self._drawn = []
        return wipe

    def _picture(self, state: State, now_s: float, columns: int, height: int) -> list[str]:
        room = max(1, height - 1)
        rows = list(state.rows.values())
        names = min(self._names, max(8, columns // 3))
        if len(rows) <= room:
            return [self._row(row, now_s, names, columns) for row in rows]
        shown = most_urgent(rows, room - 1)
        counts = clip(lines.tally(rows), columns - 1, self._stream.ellipsis)
        return [*(self._row(row, now_s, names, columns) for row in shown), counts]

    def _row(self, row: Row, now_s: float, names: int, columns: int) -> str:
        # The last column stays free: some terminals wrap as soon as it is written to.
        if row.status == "done" and row.result is not None:
            return lines.result_line(row, row.result, self._stream, names=names, columns=columns - 1)
        look, elapsed, note = look_of(row), None, ""
        if row.status == "running" and row.started_s is not None:
            elapsed = max(0.0, now_s - row.started_s)
            look = Look(*self._spinner(now_s), look.word, look.colour)
            note = self._heartbeat(row, now_s)
        return lines.check_line(row, look, self._stream, names=names, time_s=elapsed, note=note, columns=columns - 1)

    def _spinner(self, now_s: float) -> tuple[str, str]:
        frame = int(now_s / FRAME)
        return SPINNER[frame % len(SPINNER)], ASCII_SPINNER[frame % len(ASCII_SPINNER)]

    def _heartbeat(self, row: Row, now_s: float) -> str:
        parts = [f"attempt {row.attempt}"] if row.attempt > 1 else []
        if (silent := row.silent_for(now_s)) is not None:
            parts.append(figures.silence(float(int(silent)), row.expected))
        if row.expected is not None:
            parts.append(figures.expected(row.expected))
        return "; ".join(parts)

    def _above(self, text: list[str]) -> None:
        """Writes lines that stay, in place of the block."""
        columns, height = self._stream.size()
        wipe = self._wiped(columns, height)
        self._stream.write(wipe + (_END if self._active else "") + "".join(f"{line}\n" for line in text))
        self._active = False

    def _finish(self, event: RunFinished, state: State) -> None:
        """Leaves every check's line, then what is below the failed ones, then the summary."""
        columns, _ = self._stream.size()
        names = min(self._names, max(8, columns // 3))
        text = [self._row(row, event.time_s, names, columns) for row in state.rows.values()]
        for row in state.rows.values():
            if row.result is not None and row.result.outcome in (Outcome.FAILED, Outcome.BROKEN):
                whole = lines.result_line(row, row.result, self._stream, names=0)
                text += ["", whole, *lines.details(row, row.result, self._stream)]
        summary = [part for line in lines.summary(event, state, self._stream) for part in folded(line, columns, INDENT)]
        self._above([*text, "", *summary])


def most_urgent(rows: list[Row], room: int) -> list[Row]:
    """As many rows as there is room for, those that run or went wrong before others, in the order that they have."""
    ranked = sorted(rows, key=lambda row: _URGENT.get(look_of(row).word, len(_URGENT)))
    chosen = {row.id for row in ranked[: max(0, room)]}
    return [row for row in rows if row.id in chosen]
