"""A history as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ftui.report import figures, svg
from ftui.report.history import CHECKS, FINDINGS, RUNS, cells, when
from ftui.report.safe import encodable, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from ftui.history.overview import Overview
    from ftui.report.history import Column

    RecordT = TypeVar("RecordT")

MOST_BARS = 100
"""Runs in the chart, the last ones."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --passed: #2a9d4a; --failed: #d1344b; --other: #b07d12; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .7rem; text-align: left; white-space: nowrap; }
td.passed { color: var(--passed); } td.failed { color: var(--failed); } td.broken { color: var(--other); }
rect { fill: var(--other); } rect.passed { fill: var(--passed); } rect.failed { fill: var(--failed); }
polyline.trend { fill: none; stroke: currentColor; stroke-width: 1.5; }
"""


def page(found: Overview, *, name: str, made_at: float) -> str:
    """The whole file.

    Args:
        found: what there is to tell.
        name: of the project.
        made_at: the moment, seconds since 1970.
    """
    title = f"ftui: history of {encodable(one_line(name))}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            # Whatever a name or a message holds: nothing is loaded, and nothing runs.
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            f"<p>{escape(_counts(found, made_at))}</p>",
            "<h2>Wall time of runs</h2>",
            _walls(found),
            *_table("checks", "Checks", CHECKS, found.checks, lambda check: svg.line(check.trend, 160, 24)),
            *_table("runs", "Runs", RUNS, [run.record for run in found.runs]),
            *_table("findings", "Findings", FINDINGS, found.findings),
            "</body></html>",
            "",
        ]
    )


def _counts(found: Overview, made_at: float) -> str:
    runs, checks = figures.counted(len(found.runs), "run"), figures.counted(len(found.checks), "check")
    return f"{runs}, {checks}; as of {when(made_at)}"


def _walls(found: Overview) -> str:
    runs = [run.record for run in reversed(found.runs[:MOST_BARS])]
    return svg.bars(
        [
            (
                run.summary.wall_s,
                run.summary.outcome.value,
                encodable(f"{one_line(run.id)}, {when(run.started_at)}: {figures.duration(run.summary.wall_s)}"),
            )
            for run in runs
        ],
        120,
    )


def _table(
    name: str,
    title: str,
    columns: Sequence[Column[RecordT]],
    rows: Sequence[RecordT],
    chart: Callable[[RecordT], str] | None = None,
) -> Iterator[str]:
    yield f'<h2>{title}</h2><table id="{name}"><thead><tr>'
    yield "".join(f"<th>{escape(head.capitalize())}</th>" for head, _ in columns) + ("<th>Trend</th>" if chart else "")
    yield "</tr></thead><tbody>"
    for row in rows:
        shown = "".join(_cell(text) for text in cells(columns, row))
        yield f"<tr>{shown}{f'<td>{chart(row)}</td>' if chart else ''}</tr>"
    yield "</tbody></table>"


def _cell(text: str) -> str:
    kind = f' class="{text}"' if text in ("passed", "failed", "broken") else ""
    return f"<td{kind}>{escape(text)}</td>"
