"""How a check reads in the list: its cells, and the columns that there is room for."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from ftui.model import Bucket, Outcome
from ftui.report import figures
from ftui.report.line import WORD_COLUMNS
from ftui.report.live import FRAME
from ftui.report.looks import OUTCOMES, SPINNER, look_of
from ftui.report.safe import one_line
from ftui.report.width import clip, pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ftui.state import Row

BARS: Final = "▁▂▃▄▅▆▇█"
BUCKET_COLUMNS: Final = 12
TIME_COLUMNS: Final = 8
EXPECTED_COLUMNS: Final = 14
"""Of `2.1 s / ~3.0 s`."""
LEAST_NAME: Final = 8
WIDE_NAME: Final = 20
"""Of the names that columns give way to."""
CPU_COLUMNS: Final = 4
"""Of `97%`: near 100% for a check that computes, near 0% for one that waits."""
LEAST_TREND: Final = 5
MOST_TREND: Final = 20
PAUSED: Final = "paused"
OVER: Final = "▲"
"""Before the word for a check that took longer than its budget."""
LONG: Final = 2.0
"""Seconds that a check takes as a rule from which on a bar shows how far it is."""
FILLED, EMPTY = "█", "░"


class Columns(NamedTuple):
    """Widths of the columns of the list; those of 0 are left out."""

    name: int
    bucket: int
    time: int
    trend: int
    cpu: int = 0


def columns_for(available: int, names: Iterable[str]) -> Columns:
    """The columns that fit: what a check has of a core gives way to names first, then the trend, the expected time, and
    the bucket.

    Args:
        available: columns of the list.
        names: ids of the checks.
    """
    wanted = max([LEAST_NAME, *(width(one_line(name)) for name in names)])
    fixed = 2 + 1 + WORD_COLUMNS + 1  # glyph and word, each with a space before or behind it
    for bucket, time, trend, cpu in (
        (BUCKET_COLUMNS, EXPECTED_COLUMNS, LEAST_TREND, CPU_COLUMNS),
        (BUCKET_COLUMNS, EXPECTED_COLUMNS, LEAST_TREND, 0),
        (BUCKET_COLUMNS, EXPECTED_COLUMNS, 0, 0),
        (BUCKET_COLUMNS, TIME_COLUMNS, 0, 0),
        (0, TIME_COLUMNS, 0, 0),
    ):
        taken = fixed + sum(column + 1 for column in (bucket, time, trend, cpu) if column)
        room = available - taken
        if room >= min(wanted, WIDE_NAME) or not bucket:
            name = max(LEAST_NAME, min(wanted, room))
            spare = max(0, room - name)
            return Columns(name, bucket, time, trend and min(MOST_TREND, trend + spare), cpu)
    raise AssertionError("the last choice always fits")


class Cell(NamedTuple):
    """A piece of a line."""

    text: str
    tone: str
    """What it is, for its colour: the word of a state, `muted`, `warning`, or empty for plain text."""


def cells(row: Row, columns: Columns, now_s: float) -> list[Cell]:
    """The line of a check, piece by piece; together they are as wide as the columns.

    Args:
        row: the check.
        columns: that there is room for.
        now_s: the moment, on the clock of the events.
    """
    look = look_of(row)
    glyph = SPINNER[int(now_s / FRAME) % len(SPINNER)] if row.status == "running" else look.glyph
    bucket, bucket_tone = bucket_of(row, now_s)
    made = [
        Cell(f"{glyph} ", look.word),
        Cell(pad(clip(one_line(row.id), columns.name), columns.name) + " ", ""),
        *_state(row, look.word),
    ]
    if columns.bucket:
        made.append(Cell(pad(clip(bucket, columns.bucket), columns.bucket) + " ", bucket_tone))
    time, time_tone = time_of(row, now_s, columns.time)
    if not columns.bucket and bucket in (Bucket.STALE.value, PAUSED):
        time, time_tone = bucket, bucket_tone  # that a verdict is old must be said somewhere
    made.append(Cell(clip(time, columns.time).rjust(columns.time) + " ", time_tone))
    if columns.cpu:
        made.append(Cell(cpu_of(row).rjust(columns.cpu) + " ", "muted"))
    if columns.trend:
        bar, tone = progress(row, now_s, columns.trend) or (trend(list(row.durations), columns.trend), "muted")
        made.append(Cell(pad(bar, columns.trend) + " ", tone))
    return made


def _state(row: Row, word: str) -> Iterator[Cell]:
    """The word of a state; behind it, while a check runs that went wrong before, the glyph of that."""
    before = None
    if row.status != "done":
        before = row.recalled.outcome if row.recalled is not None else row.result and row.result.outcome
    if before in (Outcome.FAILED, Outcome.BROKEN) and len(word) + 2 <= WORD_COLUMNS:
        yield Cell(f"{word} ", word)
        yield Cell(pad(OUTCOMES[before].glyph, WORD_COLUMNS - len(word) - 1) + " ", "muted")
    else:
        yield Cell(pad(word, WORD_COLUMNS) + " ", word)


def titles(columns: Columns) -> str:
    """The line above the list."""
    parts = [f"  {pad('CHECK', columns.name)}", pad("STATE", WORD_COLUMNS)]
    if columns.bucket:
        parts.append(pad("BUCKET", columns.bucket))
    parts.append("TIME".rjust(columns.time))
    if columns.cpu:
        parts.append("CPU".rjust(columns.cpu))
    if columns.trend:
        parts.append("TREND")
    return " ".join(parts)


def bucket_of(row: Row, now_s: float) -> tuple[str, str]:
    """The bucket of what is known of a check and its tone; for one that has long been silent, how long."""
    if silent := silent_for(row, now_s):
        return f"silent {_roughly(silent)}", "warning"
    if row.paused is not None:
        return PAUSED, "warning"
    if row.recalled is not None:
        return row.recalled.bucket.value, "muted"
    if row.result is None:
        return "", "muted"
    if row.stale and row.status != "running":
        return Bucket.STALE.value, "muted"
    if row.status == "done" and row.result.bucket is not None:
        return row.result.bucket.value, row.result.bucket.value
    return "", "muted"


def _roughly(seconds: float) -> str:
    """Seconds in a few characters: `35 s`, `2 m`, `3 h`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} m" if seconds < 3600 else f"{seconds // 3600:.0f} h"


def silent_for(row: Row, now_s: float) -> float | None:
    """Whole seconds since a running check has printed anything, where they are worth telling."""
    silent = row.silent_for(now_s)
    return None if silent is None else float(int(silent))


def time_of(row: Row, now_s: float, columns: int) -> tuple[str, str]:
    """What a check took, and its budget; or has taken so far and is expected to take; and the tone of that."""
    if row.status == "running" and row.started_s is not None:
        elapsed = _tenths(max(0.0, now_s - row.started_s))
        both = elapsed if row.expected is None else f"{elapsed} / ~{_tenths(row.expected.median_s)}"
        return both if width(both) <= columns else elapsed, ""
    if row.status != "done" or row.result is None or row.result.duration_s is None:
        return "", "muted"
    took = figures.duration(row.result.duration_s)
    if not row.result.attempts:
        return took, "muted"
    if row.budget is None:
        return took, ""
    if row.result.duration_s > row.budget:
        return next(text for text in (f"{OVER} over {took}", f"{OVER} over") if width(text) <= columns), "warning"
    both = f"{took} / {figures.duration(row.budget)}"
    return both if width(both) <= columns else took, ""


def cpu_of(row: Row) -> str:
    """The share of a core that a check had while it ran, `97%`; empty where that is not known."""
    done = row.result
    if row.status != "done" or done is None or not done.attempts or not done.duration_s or done.cpu_s is None:
        return ""
    return f"{done.cpu_s / done.duration_s:.0%}"


def _tenths(seconds: float) -> str:
    """Seconds that go by: milliseconds would only flicker."""
    return f"{seconds:.1f} s" if seconds < 1 else figures.duration(seconds)


def progress(row: Row, now_s: float, columns: int) -> tuple[str, str] | None:
    """How far a check is that runs for long, as a bar of what it takes as a rule; None where there is none to show.

    The bar is full from the time on that one run in ten takes longer than; then it is a warning.
    """
    if row.status != "running" or row.started_s is None or row.expected is None or row.expected.median_s < LONG:
        return None
    elapsed = max(0.0, now_s - row.started_s)
    late = elapsed > row.expected.high_s
    most = columns if late else columns - 1
    filled = min(most, int(elapsed / row.expected.median_s * columns))
    return FILLED * filled + EMPTY * (columns - filled), "warning" if late else "running"


def trend(durations: Sequence[float], columns: int) -> str:
    """Durations as bars, the last one last; the usual time is half as high as a bar can be."""
    last = durations[-columns:]
    usual = median(durations) if durations else 0.0
    if usual <= 0 or len(last) < 2:
        return ""
    return "".join(BARS[min(len(BARS) - 1, int(each / usual * (len(BARS) // 2 - 0.5)))] for each in last)
