"""A history as text, JSON, CSV, HTML and as a trace: the same figures in each, and nothing foreign gets out of hand."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from ftui.history.overview import overview
from ftui.model import Bucket, Finding, Outcome
from ftui.report import figures, history_html
from ftui.report import history as forms
from ftui.report.schema import history_schema
from ftui.report.trace import trace
from tests.history.conftest import history
from tests.history.made import MACHINE, keep, result, run, summary_of

if TYPE_CHECKING:
    from ftui.history.overview import Overview
    from ftui.history.store import History

__all__ = ["history"]

HOSTILE = "<script>alert(1)</script>\x1b]0;title\x07=cmd|' /C calc'!A0\n\udcff\"'&"


class Page(HTMLParser):
    """The tables of a page by id, as lists of rows of cells; and everything that could load or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: set[str] = set()
        self.links: list[str] = []
        self._rows: list[list[str]] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        known = dict(attrs)
        self.links += [name for name in known if name in ("src", "href", "action", "data") or name.startswith("on")]
        if tag == "table":
            self._rows = self.tables[known["id"] or ""] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag == "td":
            self._rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-1] += data


def told(history: History, *checks: str) -> Overview:
    return overview(history, history.runs(), checks)


def page(found: Overview, name: str = "shop") -> str:
    return history_html.page(found, name=name, made_at=1_800_000_000.0)


def lines(found: Overview, *, results: bool = False) -> list[str]:
    return list(forms.text(found, results=results))


def rows_of(shown: list[str], head: str) -> list[dict[str, str]]:
    """The rows below the line of titles that begins with `head`, by title."""
    start = next(number for number, line in enumerate(shown) if line.startswith(head))
    places = [0, *(found.end() for found in re.finditer(r" {2,}", shown[start]))]
    spans = list(zip(places, [*places[1:], None], strict=True))
    titles = [shown[start][begin:end].strip() for begin, end in spans]
    below = list(takewhile(bool, shown[start + 1 :]))
    return [dict(zip(titles, [line[begin:end].strip() for begin, end in spans], strict=True)) for line in below]


@pytest.fixture
def week(history: History) -> History:
    """A week of runs of two checks, one of which failed in the end; one run was under load."""
    for number in range(6):
        keep(history, result("mypy", 2.0 + number / 10, cpu_s=1.5, peak_rss_bytes=10**8), result("ruff", 0.125))
    loaded = replace(MACHINE, others=0.7)
    keep(history, result("mypy", 9.0), result("ruff", 0.5), machine=loaded)
    failed = result("mypy", 2.5, outcome=Outcome.FAILED, reason="a.py changed")
    hit = result("ruff", 0.125, bucket=Bucket.HIT, attempts=0)
    last = run("run-8", at=1_800_100_000.0, because="a.py changed")
    last = replace(last, summary=summary_of(last, wall_s=2.75, busy_s=5.0, parallelization_factor=1.8))
    assert history.keep(last, [failed, hit], [("mypy", [Finding("no such name", "a.py", 3, rule="name")])])
    return history


# The same figures


def test_text_html_and_json_tell_the_same_figures_of_runs_and_checks(week: History) -> None:
    found = told(week)
    shown, html = lines(found), Page(page(found)).tables
    report = json.loads(forms.json(found))
    runs, checks = rows_of(shown, "RUN"), rows_of(shown, "CHECK")
    assert len(runs) == len(html["runs"]) - 1 == len(report["runs"]) == 8
    titles = [title for title, _ in forms.RUNS]
    for row, cells, entry in zip(runs, html["runs"][1:], report["runs"], strict=True):
        assert row == {title: cell for title, cell in zip(titles, cells, strict=True) if title in row}
        assert row["WALL"] == figures.duration(entry["run"]["wall_s"])
        assert row["PARALLEL"] == f"{entry['run']['parallelization_factor']:.1f}x"
        assert row["SAVED"] == figures.duration(entry["totals"]["time_saved_s"])
        assert row["EFFICIENCY"] == f"{entry['totals']['structural_efficiency']:.0%}"
        assert row["MARKS"].split() == entry["marks"]
    titles = [title for title, _ in forms.CHECKS]
    for row, cells, entry in zip(checks, html["checks"][1:], report["checks"], strict=True):
        assert row == {title: cell for title, cell in zip(titles, cells[:-1], strict=True)} | {"TREND": row["TREND"]}
        assert row["AS A RULE"] == figures.duration(entry["expected"]["median_s"])
        assert row["LAST"] == figures.duration(entry["last_s"])
        assert row["COMPARABLE"] == f"{entry['comparable']} of {entry['fresh']}"


def test_a_run_under_load_is_shown_and_counts_for_nothing(week: History) -> None:
    mypy, ruff = told(week).checks
    assert mypy.expected is not None
    assert mypy.expected.high_s < 3.0
    assert (mypy.results, mypy.fresh, mypy.comparable, mypy.last_s) == (8, 8, 7, 2.5)
    assert (ruff.results, ruff.fresh, ruff.comparable, ruff.hits) == (8, 7, 6, 1)
    assert mypy.cpu_share is not None
    assert mypy.peak_rss_bytes == 10**8
    assert [row["MARKS"] for row in rows_of(lines(told(week)), "RUN")] == ["", "load", *[""] * 6]


def test_results_of_chosen_checks_are_told_one_by_one(week: History) -> None:
    shown = lines(told(week, "mypy"), results=True)
    rows = rows_of(shown, "CHECK  RUN")
    assert [row["TOOK"] for row in rows][:3] == ["2.5 s", "9.0 s", "2.5 s"]
    assert {row["CHECK"] for row in rows} == {"mypy"}
    assert [line for line in shown if line.startswith("ruff")] == []


def test_csv_has_a_line_for_each_result_with_exact_figures(week: History) -> None:
    found = told(week)
    rows = list(csv.DictReader(forms.csv_lines(found)))
    assert len(rows) == 16
    report = json.loads(forms.json(found))
    latest = {check["check"]: check for check in report["runs"][0]["checks"]}
    for row in rows[:2]:
        assert float(row["duration_s"]) == latest[row["check"]]["duration_s"]
        assert (row["wall_s"], row["run"], row["outcome"]) == ("2.75", "run-8", latest[row["check"]]["outcome"])


def test_a_history_without_runs_is_empty_in_every_form(history: History) -> None:
    found = told(history)
    assert [line for line in lines(found) if line] == []
    assert len(list(forms.csv_lines(found))) == 1
    assert json.loads(forms.json(found)) == {"schema_version": 1, "runs": [], "checks": [], "findings": []}
    assert Page(page(found)).tables["runs"] == [[]]


# Nothing foreign gets out of hand


@pytest.fixture
def hostile(history: History) -> History:
    """A history in which every text is an attack."""
    attack = HOSTILE.replace("\udcff", "")
    kept = run("run-1", because=attack, branch=attack, commit=attack)
    assert history.keep(
        kept,
        [result(attack, reason=attack, tool=attack, broken_because=attack, outcome=Outcome.FAILED)],
        [(attack, [Finding(attack, attack, 1, rule=attack)])],
    )
    return history


def test_the_page_loads_nothing_and_runs_nothing_whatever_the_history_holds(hostile: History) -> None:
    text = page(told(hostile), name=HOSTILE)
    text.encode()
    shown = Page(text)
    assert shown.tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "a", "base"})
    assert shown.links == []
    assert "default-src 'none'" in text
    assert "http:" not in text
    assert "https:" not in text
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in shown.tables["findings"][1][3]


@pytest.mark.parametrize("results", [False, True])
def test_no_escape_sequence_reaches_the_terminal(hostile: History, results: bool) -> None:
    for line in lines(told(hostile), results=results):
        assert line.isprintable()


def test_no_spreadsheet_takes_a_text_for_a_formula(history: History) -> None:
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain"]
    history.keep(run(), [result(reason=start) for start in starts])
    rows = csv.DictReader(forms.csv_lines(told(history)))
    found = [row["reason"] for row in rows]
    assert sorted(found) == sorted(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\\t=1", "plain"])


# Trace


def events(history: History) -> list[dict[str, object]]:
    content = json.loads(trace(told(history).runs[0]))
    found: list[dict[str, object]] = content["traceEvents"]
    return found


def test_a_trace_has_a_bar_for_each_check_that_ran_and_lanes_in_which_none_overlap(history: History) -> None:
    spans = {"a": (0.0, 3.0), "b": (0.5, 1.0), "c": (1.0, 4.0), "d": (3.0, 3.5), "e": (3.2, 3.9)}
    made = [
        result(name, end - start, started_s=start, ended_s=end, first_output_s=start + 0.1)
        for name, (start, end) in spans.items()
    ]
    keep(history, *made)
    bars = {event["name"]: event for event in events(history) if event["ph"] == "X"}
    starts = {name: bar["ts"] for name, bar in bars.items()}
    lengths = {name: bar["dur"] for name, bar in bars.items()}
    assert starts == pytest.approx({name: start * 1e6 for name, (start, _) in spans.items()})
    assert lengths == pytest.approx({name: (end - start) * 1e6 for name, (start, end) in spans.items()})
    lanes: dict[object, list[tuple[float, float]]] = {}
    for name, bar in bars.items():
        lanes.setdefault(bar["tid"], []).append(spans[str(name)])
    assert len(lanes) == 3
    for lane in lanes.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(lane)))
    assert sum(event["name"] == "first output" for event in events(history)) == 5


def test_hits_and_names_stand_in_a_trace(week: History) -> None:
    found = events(week)
    assert [event["name"] for event in found if event["ph"] == "i" and event["tid"] == 0] == ["ruff replayed"]
    assert {
        "name": "process_name",
        "ph": "M",
        "pid": 1,
        "tid": 0,
        "ts": 0.0,
        "args": {"name": "ftui run run-8"},
    } in found
    assert all(event["ts"] >= 0 for event in found)  # type: ignore[operator]


def test_a_hostile_run_makes_a_trace_that_is_json(hostile: History) -> None:
    assert events(hostile)


# Small things


@pytest.mark.parametrize(
    ("durations", "bars"),
    [([], ""), ([1.0], ""), ([0.0, 0.0], ""), ([1.0, 2.0], "▅█"), ([2.0] * 30, "█" * 20)],
)
def test_a_trend_is_bars_of_the_last_durations(durations: list[float], bars: str) -> None:
    assert forms.trend(durations) == bars


@pytest.mark.parametrize("seconds", [1e30, -1e30, float("nan")])
def test_a_moment_that_cannot_be_is_no_error(seconds: float) -> None:
    assert forms.when(seconds) == "?"


def test_the_json_form_has_a_published_schema(week: History) -> None:
    assert history_schema()["title"] == "ftui history"
    assert msgspec.json.decode(forms.json(told(week)), type=forms.HistoryReport).runs[0].run.id == "run-8"
