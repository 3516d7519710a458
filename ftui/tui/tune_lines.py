"""What could be tuned, in lines. Pure: no screen, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ftui.cache.policy import ago
from ftui.report.figures import counted, duration
from ftui.report.safe import one_line
from ftui.report.width import clip, pad, width
from ftui.tui.cells import BARS, OVER
from ftui.tui.paint import wrapped
from ftui.tuning.text import NOTHING, measured, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ftui.tui.paint import Line, Part
    from ftui.tuning.advice import Advice, Flake, Point, Trend, Tuned, Tuning

SURE: Final = "█"
SPREAD: Final = "░"
"""A wall, and how far beyond it the error bar goes."""
COMPUTES: Final = 0.7
"""CPU seconds per second from which on a check computes."""
WAITS: Final = 0.3
"""The same, below which it waits."""
MOST_TREND: Final = 20


class Painted(NamedTuple):
    """Lines, and which of them are about a piece of advice."""

    lines: list[Line]
    advice: list[range]


def tune_lines(tuned: Tuned, now: float, columns: int) -> Painted:
    """The whole page: advice first, then what it rests on.

    Args:
        tuned: what is known.
        now: seconds since 1970.
        columns: that there are.
    """
    tuning = tuned.tuning
    runs = f"{counted(tuning.runs, 'run')} on {counted(tuning.cores, 'core')}"
    lines: list[Line] = [((f"profile {one_line(tuning.profile)}: {runs}", "faint"),)]
    if tuning.under_load:
        lines += _paragraph("all of them ran while other programs took much of the machine: nothing is sure", columns)
    places: list[range] = []
    if tuning.lacking:
        lines += _lacking(tuning, columns)
    elif tuning.wall is not None:
        lines += _paragraph(
            f"a run of all checks takes {spread(tuning.wall)}{measured(tuning)}", columns, style="strong"
        )
        lines.append(())
        for number, advice in enumerate(tuning.advice, 1):
            told = list(_advice(number, advice, tuned.prefix, columns))
            places.append(range(len(lines), len(lines) + len(told)))
            lines += [*told, ()]
        if not tuning.advice:
            lines += [*_paragraph(NOTHING, columns), ()]
        for sentence in tuning.untried:
            lines += [*_paragraph(one_line(sentence), columns), ()]
        lines += [*_curve(tuning, columns), (), *_path(tuning, columns), ()]
    lines += [*_trends(tuning.trends, columns), (), *_flakes(tuned.flakes, now, columns)]
    return Painted(lines, places)


def _paragraph(text: str, columns: int, indent: str = "", style: str = "") -> list[Line]:
    return [((indent + line, style),) for line in wrapped(text, max(1, columns - len(indent)))]


def _lacking(tuning: Tuning, columns: int) -> Iterator[Line]:
    needed = max(lack.needed for lack in tuning.lacking)
    yield from _paragraph(f"too little is known: advice takes {needed} runs of each check", columns, style="strong")
    longest = max(width(one_line(lack.check)) for lack in tuning.lacking)
    for lack in tuning.lacking:
        yield ((f"  {pad(one_line(lack.check), longest)}", ""), (f"  {lack.runs} of {lack.needed} runs", "faint"))
    yield ()


def _advice(number: int, advice: Advice, prefix: str, columns: int) -> Iterator[Line]:
    first, *more = wrapped(one_line(advice.title), max(1, columns - 4))
    yield ((f" {number}. ", "title"), (first, "strong"))
    yield from (((f"    {line}", "strong"),) for line in more)
    yield from _paragraph(f"saves {spread(advice.saves)}, confidence {advice.confidence}", columns, "    ", "passed")
    yield from _paragraph(one_line(advice.because), columns, "    ")
    if advice.beware:
        yield from _paragraph(f"mind: {one_line(advice.beware)}", columns, "    ", "warning")
    for change in advice.changes:
        for line in change.lines(prefix):
            yield ((f"        {one_line(line)}", "path"),)


def _curve(tuning: Tuning, columns: int) -> Iterator[Line]:
    """A bar for each number of workers; a run of equal ones at the end is one line."""
    yield (("wall by workers", "title"),)
    most = max(point.wall.high_s for point in tuning.curve)
    best = min(point.wall.middle_s for point in tuning.curve)
    names = [f"{point.workers}" for point in tuning.curve]
    figures = [duration(point.wall.middle_s) for point in tuning.curve]
    left, right = max(map(len, names)), max(map(width, figures))
    room = columns - left - right - len("  now  best") - 3
    for point, name, figure in zip(tuning.curve, names, figures, strict=True):
        said = ["now"] * (point.workers == tuning.setting.workers) + ["best"] * (point.wall.middle_s <= best)
        yield (
            (f" {name.rjust(left)} ", ""),
            *_bar(point, most, max(4, room)),
            (f" {figure.rjust(right)}", "strong" if said else ""),
            (f"  {' '.join(said)}", "running"),
        )


def _bar(point: Point, most: float, room: int) -> Iterator[Part]:
    sure, high = (round(seconds / most * room) if most > 0 else 0 for seconds in (point.wall.low_s, point.wall.high_s))
    yield SURE * sure, "running"
    yield SPREAD * (high - sure), "running"
    yield " " * (room - high), ""


def _path(tuning: Tuning, columns: int) -> Iterator[Line]:
    yield (("critical path", "title"),)
    steps = (f"{one_line(span.check)} {duration(span.end_s - span.start_s)}" for span in tuning.critical_path)
    yield from _paragraph(" → ".join(steps), columns, "  ")
    slots = tuning.setting.workers * (tuning.wall.middle_s if tuning.wall is not None else 0.0)
    for check, seconds in list(tuning.idle.items())[:3]:
        if slots and seconds / slots >= 0.05:
            text = f"{seconds / slots:.0%} of the slots idle while {one_line(check)} runs"
            yield from _paragraph(text, columns, "  ")


def _trends(trends: Sequence[Trend], columns: int) -> Iterator[Line]:
    yield (("checks", "title"),)
    names = max([8, *(width(one_line(trend.check)) for trend in trends)])
    names = min(names, max(8, columns // 3))
    bars = max(0, min(MOST_TREND, columns - names - 54))
    for trend in trends:
        last = trend.durations[-1] if trend.durations else None
        yield (
            (f"  {pad(clip(one_line(trend.check), names), names)} ", ""),
            *_sparks(trend, bars),
            (f" {'' if last is None else duration(last):>8}", ""),
            *_share(trend.cpu_share),
            *_budget(trend),
        )


def _sparks(trend: Trend, columns: int) -> Iterator[Part]:
    """Durations as bars, the last one last; those over the budget stand out, and the highest is the scale."""
    shown = trend.durations[len(trend.durations) - min(columns, len(trend.durations)) :]
    most = max([*shown, trend.budget or 0.0], default=0.0)
    for seconds in shown:
        bar = BARS[min(len(BARS) - 1, int(seconds / most * len(BARS)))] if most > 0 else BARS[0]
        yield bar, "warning" if trend.budget is not None and seconds > trend.budget else "faint"
    yield " " * (columns - len(shown)), ""


def _share(share: float | None) -> Iterator[Part]:
    if share is None:
        yield "                ", ""
    elif share >= COMPUTES:
        yield pad(f"  ● computes {share:.0%}", 16), "running"
    elif share < WAITS:
        yield pad(f"  ○ waits {1 - share:.0%}", 16), "faint"
    else:
        yield pad(f"  ◐ both {share:.0%}", 16), ""


def _budget(trend: Trend) -> Iterator[Part]:
    if trend.budget is None:
        return
    over = sum(seconds > trend.budget for seconds in trend.durations)
    if over:
        yield f" {OVER} over {duration(trend.budget)} in {over} of {len(trend.durations)}", "warning"
    else:
        yield f" ✓ within {duration(trend.budget)}", "passed"


def _flakes(flakes: Sequence[Flake], now: float, columns: int) -> Iterator[Line]:
    yield (("flakes", "title"),)
    if not flakes:
        yield (("  none: no check came to two outcomes on the same files", "faint"),)
    for flake in flakes:
        text = f"{one_line(flake.check)}: {flake.first}, then {flake.second} on the same files, {ago(now - flake.at)}"
        yield from _paragraph(text, columns, "  ", "warning")
