"""A history as text, JSON and CSV; the cells of its tables are those of the HTML report, too."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.history.overview import CheckOverview, Overview, RunOverview
from ftui.history.records import FindingRecord, Machine, QuickRuns, ResultRecord, RunRecord, Sample
from ftui.model import RunSummary, Totals
from ftui.report import figures
from ftui.report.encoding import encode
from ftui.report.safe import encodable, one_line
from ftui.report.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias, TypeVar

    RecordT = TypeVar("RecordT")
    Column: TypeAlias = tuple[str, Callable[[RecordT], str]]

SCHEMA_VERSION = 1
"""Of the JSON form; goes up when a field changes its meaning or goes away."""
BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 20

RUNS: Sequence[Column[RunRecord]] = (
    ("RUN", lambda run: one_line(run.id)),
    ("WHEN", lambda run: when(run.started_at)),
    ("OUTCOME", lambda run: run.summary.outcome.value),
    ("CHECKS", lambda run: f"{run.totals.checks:,}"),
    ("WALL", lambda run: figures.duration(run.summary.wall_s)),
    ("PARALLEL", lambda run: _times(run.summary.parallelization_factor)),
    ("EFFICIENCY", lambda run: _share(run.totals.structural_efficiency)),
    ("SAVED", lambda run: figures.duration(run.totals.time_saved_s)),
    ("MARKS", lambda run: " ".join(run.marks)),
    ("COMMIT", lambda run: one_line((run.commit or "")[:10])),
    ("BECAUSE", lambda run: one_line(run.because)),
)
CHECKS: Sequence[Column[CheckOverview]] = (
    ("CHECK", lambda check: one_line(check.check)),
    ("RESULTS", lambda check: f"{check.results:,}"),
    ("FAILED", lambda check: f"{check.failed:,}"),
    ("BROKEN", lambda check: f"{check.broken:,}"),
    ("HITS", lambda check: f"{check.hits:,}"),
    ("COMPARABLE", lambda check: f"{check.comparable:,} of {check.fresh:,}"),
    ("AS A RULE", lambda check: "" if check.expected is None else figures.duration(check.expected.median_s)),
    ("LOW", lambda check: "" if check.expected is None else figures.duration(check.expected.low_s)),
    ("HIGH", lambda check: "" if check.expected is None else figures.duration(check.expected.high_s)),
    ("LAST", lambda check: "" if check.last_s is None else figures.duration(check.last_s)),
    ("CPU", lambda check: _share(check.cpu_share)),
    ("MEMORY", lambda check: "" if check.peak_rss_bytes is None else figures.size(check.peak_rss_bytes)),
)
RESULTS: Sequence[Column[Sample]] = (
    ("CHECK", lambda sample: one_line(sample.result.check)),
    ("RUN", lambda sample: one_line(sample.run.id)),
    ("WHEN", lambda sample: when(sample.run.started_at)),
    ("OUTCOME", lambda sample: sample.result.outcome.value),
    ("BUCKET", lambda sample: "" if sample.result.bucket is None else sample.result.bucket.value),
    ("TOOK", lambda sample: _seconds(sample.result.duration_s)),
    ("CPU", lambda sample: _seconds(sample.result.cpu_s)),
    ("MARKS", lambda sample: " ".join(sample.run.marks)),
    ("COMMIT", lambda sample: one_line((sample.run.commit or "")[:10])),
    ("REASON", lambda sample: one_line(sample.result.broken_because or sample.result.reason)),
)
FINDINGS: Sequence[Column[FindingRecord]] = (
    ("CHECK", lambda finding: one_line(finding.check)),
    ("WHERE", lambda finding: one_line(":".join(filter(None, [finding.path, str(finding.line or "")])))),
    ("RULE", lambda finding: one_line(finding.rule or "")),
    ("MESSAGE", lambda finding: one_line(finding.message)),
    ("RUNS", lambda finding: f"{finding.times:,}"),
    ("NOW", lambda finding: "there" if finding.present else "gone"),
)


_FIELDS: Sequence[tuple[str, Callable[[Sample], object]]] = (
    ("run", lambda sample: sample.run.id),
    ("started_at", lambda sample: sample.run.started_at),
    ("profile", lambda sample: sample.run.summary.profile),
    ("workers", lambda sample: sample.run.summary.workers),
    ("wall_s", lambda sample: sample.run.summary.wall_s),
    ("busy_s", lambda sample: sample.run.summary.busy_s),
    ("marks", lambda sample: " ".join(sample.run.marks)),
    ("cores", lambda sample: sample.run.machine.cores),
    ("commit", lambda sample: sample.run.commit),
    ("branch", lambda sample: sample.run.branch),
    ("check", lambda sample: sample.result.check),
    ("phase", lambda sample: sample.result.phase.value),
    ("outcome", lambda sample: sample.result.outcome.value),
    ("bucket", lambda sample: sample.result.bucket and sample.result.bucket.value),
    ("duration_s", lambda sample: sample.result.duration_s),
    ("cpu_s", lambda sample: sample.result.cpu_s),
    ("peak_rss_bytes", lambda sample: sample.result.peak_rss_bytes),
    ("attempts", lambda sample: sample.result.attempts),
    ("changed_inputs", lambda sample: sample.result.changed_inputs),
    ("findings", lambda sample: sample.result.findings),
    ("tool", lambda sample: sample.result.tool),
    ("reason", lambda sample: sample.result.reason),
)


class HistoryRun(Struct, frozen=True, kw_only=True):
    """A run in the JSON form: `run` and `totals` are those of the report of the run, `checks` what is kept of them."""

    run: RunSummary
    totals: Totals
    started_at: float
    because: str
    interrupted: bool
    marks: tuple[str, ...]
    machine: Machine
    commit: str | None
    branch: str | None
    version: str
    quick: QuickRuns
    """Runs that found all in the cache on the quick way, since the run before."""
    checks: tuple[ResultRecord, ...]


class HistoryReport(Struct, frozen=True, kw_only=True):
    """The JSON form of a history."""

    schema_version: int = SCHEMA_VERSION
    runs: tuple[HistoryRun, ...]
    checks: tuple[CheckOverview, ...]
    findings: tuple[FindingRecord, ...]


def text(found: Overview, *, results: bool) -> Iterator[str]:
    """The history as lines.

    Args:
        found: what there is to tell.
        results: whether each result is told, rather than each run.
    """
    if results:
        yield from table(RESULTS, samples(found))
    else:
        yield from table(RUNS, [run.record for run in found.runs])
        yield from _quick(found)
    yield ""
    yield from table((*CHECKS, ("TREND", lambda check: trend(check.trend))), found.checks)


def _quick(found: Overview) -> Iterator[str]:
    quick = [run.record.quick for run in found.runs]
    if runs := sum(each.runs for each in quick):
        saved = figures.duration(sum(each.saved_s for each in quick))
        hits = figures.counted(sum(each.hits for each in quick), "hit")
        yield f"and {figures.counted(runs, 'quick run')} between them, all from the cache: {hits}, saved {saved}"


def json(found: Overview) -> bytes:
    """The history as JSON in one line."""
    runs = tuple(map(_json_run, found.runs))
    return encode(HistoryReport(runs=runs, checks=found.checks, findings=found.findings))


def csv_lines(found: Overview) -> Iterator[str]:
    """The history as CSV: one line for each result, with the figures of its run; seconds, bytes and shares as they are.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="")
    titles: list[object] = [name for name, _ in _FIELDS]
    for row in (titles, *([value(each) for _, value in _FIELDS] for each in samples(found))):
        writer.writerow([_unformulated(cell) if isinstance(cell, str) else cell for cell in row])
        yield target.getvalue()
        target.seek(0)
        target.truncate()


def samples(found: Overview) -> list[Sample]:
    """Every result with its run, the latest first."""
    return [Sample(run.record, result) for run in found.runs for result in reversed(run.results)]


def cells(columns: Sequence[Column[RecordT]], row: RecordT) -> list[str]:
    """The cells of one row of a table, fit to be shown."""
    return [encodable(cell(row)) for _, cell in columns]


def table(columns: Sequence[Column[RecordT]], rows: Iterable[RecordT]) -> Iterator[str]:
    """A table as lines; columns that are empty all the way down are left out."""
    made = [cells(columns, row) for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in made)]
    lines = [[columns[place][0] for place in used], *([row[place] for place in used] for row in made)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    for line in lines if made else ():
        yield "  ".join(pad(cell, columns) for cell, columns in zip(line, widths, strict=True)).rstrip()


def trend(durations: Sequence[float]) -> str:
    """The last durations as bars, the longest of them as high as a bar can be."""
    last = durations[-MOST_BARS:]
    most = max(last, default=0.0)
    return "".join(BARS[round(each / most * (len(BARS) - 1))] for each in last) if most > 0 and len(last) > 1 else ""


def when(seconds: float) -> str:
    """A moment in the time zone of the user, to the minute; `?` where the clock said what cannot be."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return "?"


def _json_run(run: RunOverview) -> HistoryRun:
    record = run.record
    return HistoryRun(
        run=record.summary,
        totals=record.totals,
        started_at=record.started_at,
        because=record.because,
        interrupted=record.interrupted,
        marks=record.marks,
        machine=record.machine,
        commit=record.commit,
        branch=record.branch,
        version=record.version,
        quick=record.quick,
        checks=run.results,
    )


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else figures.duration(seconds)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _times(factor: float | None) -> str:
    return "" if factor is None else f"{factor:.1f}x"


def _unformulated(cell: str) -> str:
    return f"'{one_line(cell)}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else one_line(cell)
