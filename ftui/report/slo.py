"""Budgets and what came of them, as text, JSON and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ftui.history.slo import LEAST, MOST, Objective, Since
from ftui.model import Outcome
from ftui.report.figures import duration
from ftui.report.github import cell
from ftui.report.history import trend
from ftui.report.looks import DIM, OUTCOMES, Look
from ftui.report.safe import one_line
from ftui.report.width import folded, pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ftui.report.stream import Stream

SCHEMA_VERSION = 1
"""Of the JSON form; goes up when a field changes its meaning or goes away."""
COMMIT_SHOWN = 10
"""Characters of a commit that are shown to people."""
INDENT = "    "

_PASSED, _FAILED = OUTCOMES[Outcome.PASSED], OUTCOMES[Outcome.FAILED]
LOOKS = {
    "met": Look(_PASSED.glyph, _PASSED.ascii, "met", _PASSED.colour),
    "broken": Look(_FAILED.glyph, _FAILED.ascii, "broken", _FAILED.colour),
    "too-few": Look("·", ".", "too few", "33"),
    "no-budget": Look("-", "-", "no budget", DIM),
}
HEADS = ("", "", "budget", "p50", "p95", "runs")
HOW = (
    f"A budget is held against the median (p50) of the last {LEAST} to {MOST} runs that are",
    "comparable and came to the same end; a profile's against warm runs, from",
    "beginning to verdict: commands that ran all of it while nothing had changed.",
    "What `ftui run` finds in the cache on its quick way is quicker, and not timed.",
)


class SloReport(Struct, frozen=True, kw_only=True):
    """What `ftui slo --format json` prints."""

    schema_version: int
    root: str
    state: Literal["met", "broken", "too-few"]
    """`broken` where one budget is; else `too-few` where one cannot be judged."""
    least_runs: int
    """That it takes to judge a budget."""
    objectives: tuple[Objective, ...]


def report(root: str, objectives: Iterable[Objective]) -> SloReport:
    """The objectives of a tree as data."""
    found = tuple(objectives)
    states = {each.state for each in found}
    return SloReport(
        schema_version=SCHEMA_VERSION,
        root=root,
        state="broken" if "broken" in states else "too-few" if "too-few" in states else "met",
        least_runs=LEAST,
        objectives=found,
    )


def text(found: SloReport, stream: Stream, columns: int) -> Iterator[str]:
    """A table with a row for each objective, what there is to say of it below, and how budgets are judged.

    Args:
        found: the objectives.
        stream: where the lines go.
        columns: that they may take.
    """
    rows = [_row(each) for each in found.objectives]
    sizes = [max(width(row[place]) for row in (HEADS, *rows)) for place in range(len(HEADS))]
    sizes[0] = max(width(look.word) for look in LOOKS.values()) + 2
    yield "  ".join((" " * sizes[0], pad("", sizes[1]), *(_right(HEADS[at], sizes[at]) for at in range(2, len(HEADS)))))
    for each, row in zip(found.objectives, rows, strict=True):
        look = LOOKS[each.state]
        state = pad(f"{stream.glyph(look)} {look.word}", sizes[0])
        figures = (_right(row[at], sizes[at]) for at in range(2, len(HEADS)))
        bars = "" if stream.ascii else trend(each.trend)
        yield "  ".join((stream.paint(state, look.colour), pad(row[1], sizes[1]), *figures, bars)).rstrip()
        for note in notes(each):
            yield from folded(f"{INDENT}{note}", columns, INDENT)
    yield ""
    yield summary(found)
    yield ""
    yield from HOW


def summary(found: SloReport) -> str:
    """How many objectives are in which state: `1 broken, 2 met, 1 with too few runs`."""
    states = [str(each.state) for each in found.objectives]
    words = {"broken": "broken", "met": "met", "too-few": "with too few runs"}
    return ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)


def markdown(found: SloReport) -> str:
    """The objectives as a section of Markdown."""
    look = LOOKS[found.state]
    lines = [f"### {look.glyph} ftui budgets: {summary(found)}", "", "| | | budget | p50 | p95 | runs | |"]
    lines.append("|---|---|---:|---:|---:|---:|---|")
    for each in found.objectives:
        _, name, *figures = _row(each)
        state = f"{LOOKS[each.state].glyph} {LOOKS[each.state].word}"
        cells = [state, cell(name), *map(cell, figures), cell("; ".join(notes(each)))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", cell(" ".join(HOW)), "", ""])


def notes(each: Objective) -> Iterator[str]:
    """What there is to say of an objective beyond its figures, in sentences without a full stop."""
    if each.state == "too-few":
        yield f"it takes {LEAST} comparable runs, and there {'is' if each.runs == 1 else 'are'} {each.runs}"
    if each.outcome is Outcome.FAILED:
        code = "" if each.exit_code is None else f" with exit code {each.exit_code}"
        yield f"these runs failed{code}"
    if each.broke is not None:
        yield f"broken since {_moment(each, each.broke)}"
    elif each.worse is not None:
        yield f"{'less' if each.kind == 'efficiency' else 'slower'} since {_moment(each, each.worse)}"
    elif each.state == "broken":
        yield "no change beyond its noise tells since when"
    if each.left_out:
        parts = (f"{left.runs} {left.because}" for left in each.left_out)
        yield f"left out: {', '.join(parts)}"


def _moment(each: Objective, since: Since) -> str:
    if since.commit is None:
        where = f"run {one_line(since.run)}"
    else:
        branch = f" on {one_line(since.branch)}" if since.branch else ""
        where = f"{'work on top of ' if since.on_top else ''}commit {one_line(since.commit)[:COMMIT_SHOWN]}{branch}"
    return f"{where}: {_figure(each, since.before)} before, {_figure(each, since.after)} from then on"


def _row(each: Objective) -> Sequence[str]:
    name = one_line(each.name)
    shown = {"check": name, "profile": f"profile {name}", "efficiency": f"efficiency of {name}"}[each.kind]
    return ("", shown, *(_figure(each, value) for value in (each.budget, each.p50, each.p95)), str(each.runs))


def _figure(each: Objective, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0%}" if each.kind == "efficiency" else duration(value)


def _right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text
