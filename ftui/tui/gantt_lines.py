"""A run over time, drawn as lines of a given width. Pure: no screen."""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ftui.model import Bucket, Phase
from ftui.report import figures
from ftui.report.safe import one_line
from ftui.report.width import clip, pad, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.report.looks import Look
    from ftui.tui.gantt import Bar, Gantt, Span
    from ftui.tui.paint import Line, Part

HIT: Final = "╵"
STROKES: Final = {(False, False): "─", (False, True): "╌", (True, False): "━", (True, True): "╍"}
"""What a bar is drawn with: heavy on the critical path, broken for a policy rerun."""
WIDEST_NAME: Final = 24
SHORTEST_LABELLED: Final = 8
"""Columns of a bar that its name is written in, as far as it fits."""
ALL_CELLS: Final = 60
"""Columns from which the table has room for everything."""
WORTH_TELLING: Final = 0.01
"""The share of the wall time from which on a wait is named."""
LABEL: Final = 4
"""Columns before the chart: a slot's number, or what a line is about."""


class Scale(Struct, frozen=True):
    """Seconds of a run to columns of a chart."""

    start_s: float
    wall_s: float
    columns: int

    def column(self, at_s: float) -> int:
        """The column that a moment falls into, from 0."""
        if self.wall_s <= 0:
            return 0
        share = (at_s - self.start_s) / self.wall_s
        return max(0, min(self.columns - 1, int(share * self.columns)))

    def cells(self, span: Span) -> range:
        """The columns of a span; at least one, however short it was."""
        first = self.column(span.start_s)
        end = self.column(span.end_s) if span.end_s < self.start_s + self.wall_s else self.columns
        return range(first, max(end, first + 1))

    def marks(self) -> list[tuple[int, str]]:
        """Columns to label, and the seconds there since the start: 1, 2 or 5 of some power of ten apart."""
        if self.wall_s <= 0 or self.columns <= 0:
            return [(0, "0 s")]
        # Room for the longest label and a space on either side of it.
        finest = self.wall_s / self.columns * (len(self._label(self.wall_s, self.wall_s / self.columns)) + 2)
        power = 10.0 ** math.floor(math.log10(finest))
        step = next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor >= finest)
        marks = []
        for number in range(int(self.wall_s / step) + 1):
            label, column = self._label(number * step, step), self.column(self.start_s + number * step)
            if column + len(label) <= self.columns:
                marks.append((column, label))
        return marks

    @staticmethod
    def _label(seconds: float, step: float) -> str:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return f"{seconds:.{decimals}f} s"


def chart(gantt: Gantt, columns: int) -> list[Line]:
    """The run by worker slot: phases, a line for each slot, hits, and the seconds.

    Args:
        gantt: the run.
        columns: that there are.
    """
    scale = Scale(gantt.start_s, gantt.wall_s, max(1, columns - LABEL))
    lines: list[Line] = []
    if gantt.bars:
        lines.append(((" " * LABEL, ""), (_placed(_phases(gantt, scale), scale.columns, "│"), "title")))
        critical = {span.check for span in gantt.critical}
        for slot in range(gantt.slots):
            bars = [bar for bar in gantt.bars if slot in bar.slots]
            lines.append(((f"{slot + 1:>{LABEL - 1}} ", "faint"), *_slot(bars, slot, scale, critical)))
        if idle := gantt.workers - gantt.slots:
            lines.append(((" " * LABEL, ""), (f"and {figures.counted(idle, 'slot')} with nothing to do", "faint")))
    if gantt.hits:
        ticks = [(scale.column(hit.at_s), HIT) for hit in gantt.hits]
        lines.append((("hit ", "faint"), (_placed(ticks, scale.columns), "passed")))
    if gantt.bars:
        lines.append(((" " * LABEL, ""), (_placed(scale.marks(), scale.columns), "faint")))
    return lines


def _phases(gantt: Gantt, scale: Scale) -> list[tuple[int, str]]:
    starts = {
        phase: min((bar.span.start_s for bar in gantt.bars if bar.span.phase is phase), default=None) for phase in Phase
    }
    return [(scale.column(at_s), phase.value) for phase, at_s in starts.items() if at_s is not None]


def _placed(labels: list[tuple[int, str]], columns: int, before: str = "") -> str:
    """Labels at their columns, each cut where the next one begins."""
    text = ""
    for (column, label), (end, _) in pairwise([*labels, (columns, "")]):
        text = pad(text, column)[:column] + (before + label)[: max(0, end - column)]
    return text


def _slot(bars: list[Bar], slot: int, scale: Scale, critical: set[str]) -> Iterator[Part]:
    """One slot; where several bars meet in a column, the shortest is seen: it may have no other."""
    cells: list[Bar | None] = [None] * scale.columns
    for bar in sorted(bars, key=lambda bar: bar.span.seconds, reverse=True):
        for column in scale.cells(bar.span):
            cells[column] = bar
    for bar_, run in groupby(cells):
        length = len(list(run))
        if bar_ is None:
            yield " " * length, ""
            continue
        span = bar_.span
        stroke = stroke_of(span, span.check in critical)
        name = clip(one_line(span.check), length - 4) if slot == bar_.slots[0] and length >= SHORTEST_LABELLED else ""
        label = f"{span.look.glyph} {name} " if name else span.look.glyph
        yield label + stroke * (length - width(label)), span.look.word


def stroke_of(span: Span, critical: bool) -> str:
    """What its bar is drawn with."""
    return STROKES[critical, span.bucket is Bucket.POLICY_RERUN]


def table(gantt: Gantt, columns: int) -> list[Line]:
    """A line for each check: how its bar is drawn, when it started, how long it ran, and why.

    Args:
        gantt: the run.
        columns: that there are; where they are few, it is not told when a check started.
    """
    critical = {span.check for span in gantt.critical}
    ids = [*(bar.span.check for bar in gantt.bars), *(hit.check for hit in gantt.hits)]
    names = min(WIDEST_NAME, max(8, columns - 26), max((width(one_line(id_)) for id_ in ids), default=0))
    starts = 12 if columns >= ALL_CELLS else 0
    lines: list[Line] = []
    for bar in gantt.bars:
        span = bar.span
        on_it = span.check in critical
        start = f"at {figures.duration(span.start_s - gantt.start_s)}"
        lines.append(
            (
                (f"{stroke_of(span, on_it)} {_named(span.look, span.check, names)}", span.look.word),
                (f"{start:>{starts}}" if starts else "", "faint"),
                (f" {figures.duration(span.seconds):>8}  ", "strong" if on_it else ""),
                (" · ".join(_notes(bar, on_it, gantt.wall_s)), ""),
            )
        )
    for hit in gantt.hits:
        parts = ((HIT, "passed"), (f" {_named(hit.look, hit.check, names)}", hit.look.word))
        lines.append((*parts, (" " * (starts + 11), ""), (Bucket.HIT.value, "")))
    return lines


def _named(look: Look, check: str, columns: int) -> str:
    return f"{look.glyph} {pad(clip(one_line(check), columns), columns)}"


def _notes(bar: Bar, critical: bool, wall_s: float) -> Iterator[str]:
    span = bar.span
    if span.bucket is not None:
        yield span.bucket.value
    if critical:
        yield "critical"
    if span.waited_s and span.waited_s >= wall_s * WORTH_TELLING:
        yield f"waited {figures.duration(span.waited_s)}"
    if len(bar.slots) > 1:
        yield figures.counted(len(bar.slots), "slot")


def headline(gantt: Gantt) -> str:
    """The run in one line: its wall time, how much of it the critical path explains, and how idle the slots were."""
    if not gantt.bars:
        return f"{figures.counted(len(gantt.hits), 'hit')}; nothing ran" if gantt.hits else "nothing has run yet"
    path_s = sum(span.seconds for span in gantt.critical)
    parts = [
        f"wall {figures.duration(gantt.wall_s)}",
        f"critical path {figures.duration(path_s)}",
        f"{gantt.slots} of {figures.counted(gantt.workers, 'slot')} used",
    ]
    if gantt.idle is not None:
        parts.append(f"idle {gantt.idle:.0%}")
    return " · ".join(parts)
