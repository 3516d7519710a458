"""The lines that plain and live text share: a check's line, what stands below it, and the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.ansi import strip
from ftui.model import Outcome
from ftui.report import figures
from ftui.report.line import INDENT, WORD_COLUMNS
from ftui.report.line import check_line as compose
from ftui.report.line import summary as compose_summary
from ftui.report.looks import OUTCOMES, look_of
from ftui.report.safe import coloured, one_line, plain, shortened
from ftui.report.width import clip, pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ftui.events import RunFinished
    from ftui.model import CheckResult, Finding
    from ftui.output import HeadTail
    from ftui.report.looks import Look
    from ftui.report.stream import Stream
    from ftui.state import Row, State

MOST_FINDINGS = 100
"""Findings of one check that are shown; a program reads all of them from the JSON report."""
FIRST_LINES, LAST_LINES = 5, 35
"""Lines of a check's output that are shown where it has no findings."""
LONGEST_LINE = 2000
"""Characters of one line of output that are shown."""
MOST_MESSAGE_LINES = 20
"""Lines of one finding's message that are shown."""

WIDEST_NAME = 30
NO_COLOUR = "\x1b[0m"


def name_columns(state: State, most: int = WIDEST_NAME) -> int:
    """The columns of the names of the checks."""
    return min(most, max((width(one_line(name)) for name in state.rows), default=0))


def check_line(
    row: Row, look: Look, stream: Stream, *, names: int, time_s: float | None, note: str, columns: int | None = None
) -> str:
    """One check in one line: `✓ passed     ruff      12 ms  miss  no cache yet`.

    Args:
        row: the check.
        look: how its state is shown.
        stream: what the line is for.
        names: columns of the names.
        time_s: seconds to show, if any.
        note: what else there is to say, safe to show.
        columns: where the line is cut; None for as long as it is.
    """
    state = f"{stream.glyph(look)} {look.word}"
    time = "" if time_s is None else figures.duration(time_s)
    name = one_line(row.id)
    if columns is not None:
        name = clip(name, names, stream.ellipsis)
    line = compose(pad(state, WORD_COLUMNS + 2), pad(name, names), time, note)
    if columns is not None:
        line = clip(line, columns, stream.ellipsis)
    return stream.paint(line[: len(state)], look.colour) + line[len(state) :]


def note_on(row: Row, result: CheckResult) -> str:
    """What a result has to say beside its outcome: why it is what it is, or why there is none."""
    parts: list[str] = []
    if result.bucket is not None and (result.attempts or not result.broken_because):  # else there is no more to it
        parts.append(f"{result.bucket.value}  {result.reason}".rstrip())
    if result.skipped_because:
        parts.append(result.skipped_because)
    if result.note:
        parts.append(result.note)
    if result.broken_because:
        parts.insert(0, result.broken_because)
    if result.outcome is Outcome.PASSED and result.findings:
        parts.append(figures.counted(len(result.findings), "finding"))
    if row.budget is not None and result.attempts and (result.duration_s or 0.0) > row.budget:
        parts.append(f"over its budget of {figures.duration(row.budget)}")
    if result.attempts > 1:
        parts.append(figures.counted(result.attempts, "attempt"))
    return one_line("; ".join(parts))


def result_line(row: Row, result: CheckResult, stream: Stream, *, names: int, columns: int | None = None) -> str:
    """The line of a check that has a result; a hit shows the duration of the run that it replays."""
    look, time_s = OUTCOMES[result.outcome], result.duration_s
    return check_line(row, look, stream, names=names, time_s=time_s, note=note_on(row, result), columns=columns)


def details(row: Row, result: CheckResult, stream: Stream) -> list[str]:
    """What stands below a check that failed or broke: its findings, or the output that has to do instead."""
    if result.outcome not in (Outcome.FAILED, Outcome.BROKEN):
        return []
    found = findings(result.findings) if result.findings else output(row.output, colour=stream.colour)
    return [INDENT + line for line in found]


def findings(found: tuple[Finding, ...]) -> Iterator[str]:
    """Findings as lines: `path:line:column: severity rule message`; further lines of a message are indented."""
    for finding in found[:MOST_FINDINGS]:
        place = ":".join(
            [*filter(None, [one_line(finding.path or "")]), *(str(n) for n in (finding.line, finding.column) if n)]
        )
        first, *more = plain(finding.message).rstrip("\n").split("\n")
        words = [finding.severity.value, one_line(finding.rule or ""), _fitting(first)]
        yield " ".join(filter(None, [f"{place}:" if place else "", *words]))
        for line in more[:MOST_MESSAGE_LINES]:
            yield f"{INDENT}{_fitting(line)}".rstrip()
        if len(more) > MOST_MESSAGE_LINES:
            yield f"{INDENT}… {figures.counted(len(more) - MOST_MESSAGE_LINES, 'line')} left out …"
    if len(found) > MOST_FINDINGS:
        more_findings = figures.counted(len(found) - MOST_FINDINGS, "further finding")
        yield f"… {more_findings} left out; `--format json` has all of them …"


def output(printed: HeadTail, *, colour: bool) -> Iterator[str]:
    """The first and last lines of an output, with a line that says what is left out between them.

    Args:
        printed: as a check printed it.
        colour: whether its colours are kept; each line ends without one.
    """
    lines = coloured(printed.text()).strip("\n").split("\n")
    if lines == [""]:
        return
    if len(lines) > FIRST_LINES + LAST_LINES:
        left_out = len(lines) - FIRST_LINES - LAST_LINES
        # Where the middle is gone already nobody knows how many lines it had.
        gap = f"… {'at least ' if printed.truncated else ''}{figures.counted(left_out, 'line')} left out …"
        lines[FIRST_LINES:-LAST_LINES] = [gap]
    for line in lines:
        if not colour or len(line) > LONGEST_LINE:
            yield _fitting(strip(line))
        else:
            yield f"{line}{NO_COLOUR}" if "\x1b" in line else line


def _fitting(line: str) -> str:
    return shortened(line, LONGEST_LINE)


def summary(event: RunFinished, state: State, stream: Stream) -> list[str]:
    """The end of a run in three lines: the outcome, the buckets, the times.

    The outcome is that of all checks; those that the run left alone are named where they are the reason.
    """
    if event.run is None or event.totals is None:
        return []
    look = OUTCOMES[event.run.outcome]
    word = stream.paint(f"{stream.glyph(look)} {look.word}", look.colour)
    note = "; interrupted" if event.interrupted else ""
    for outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.CANCELLED):
        left = [one_line(row.id) for row in state.rows.values() if not row.decided_on and row.outcome is outcome]
        note += f"; still {outcome}: {', '.join(left)}" if left else ""
    return compose_summary(word, event.run, event.totals, note)


def tally(rows: Iterable[Row]) -> str:
    """How many checks are in which state: `12 passed · 1 failed · 3 running · 83 queued`."""
    words = [look_of(row).word for row in rows]
    return " · ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
