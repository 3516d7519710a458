"""`ftui history`: what is told of earlier runs, and in which forms."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

BOTH = python_check("one", "print(1)") + python_check("two", "raise SystemExit(1)", requires=["one"])


@pytest.fixture
def root(ftui: Ftui, project: Project) -> Path:
    """A project that was run twice, the second time partly from the cache."""
    root = project(BOTH)
    ftui("run", cwd=root)
    ftui("run", cwd=root)
    return root


def test_every_form_tells_the_figures_of_the_report_of_the_run(ftui: Ftui, root: Path, tmp_path: Path) -> None:
    report = ftui("run", "--force", "--format", "json", cwd=root).report
    told = ftui("history", "--format", "json", cwd=root).report
    assert len(told["runs"]) == 3
    latest = told["runs"][0]
    assert (latest["run"], latest["totals"]) == (report["run"], report["totals"])
    assert {check["check"]: check["duration_s"] for check in latest["checks"]} == {
        check["id"]: check["duration_s"] for check in report["checks"]
    }
    rows = list(csv.DictReader(ftui("history", "--format", "csv", cwd=root).out.splitlines()))
    of_run = {row["check"]: float(row["duration_s"]) for row in rows if row["run"] == report["run"]["id"]}
    assert of_run == {check["id"]: check["duration_s"] for check in report["checks"]}
    text = ftui("history", cwd=root).out
    assert text.splitlines()[1].startswith(report["run"]["id"])


def test_without_a_run_it_says_what_to_do(ftui: Ftui, project: Project) -> None:
    answer = ftui("history", cwd=project(BOTH))
    assert (answer.code, answer.out, answer.err) == (0, "no run has been kept here yet: `ftui run` first\n", "")
    assert not (Path(ftui.environ["HOME"]) / ".local").exists()


def test_chosen_checks_runs_and_limits(ftui: Ftui, root: Path) -> None:
    told = ftui("history", "one", "--format", "json", cwd=root).report
    assert [check["check"] for check in told["checks"]] == ["one"]
    assert [len(run["checks"]) for run in told["runs"]] == [1, 1]
    last = ftui("history", "--limit", "1", "--format", "json", cwd=root).report["runs"]
    assert [run["run"]["id"] for run in last] == [told["runs"][0]["run"]["id"]]
    first = told["runs"][1]["run"]["id"]
    only = ftui("history", "--run", first, "--format", "json", cwd=root).report["runs"]
    assert [run["run"]["id"] for run in only] == [first]


def test_a_report_and_a_trace_are_written_where_that_is_asked_for(ftui: Ftui, root: Path, tmp_path: Path) -> None:
    answer = ftui("history", "--html", "report.html", "--trace", "trace.json", cwd=root)
    assert (answer.code, answer.out) == (0, "written: report.html\nwritten: trace.json\n")
    assert "<td>one</td>" in (root / "report.html").read_text()
    names = {event["name"] for event in json.loads((root / "trace.json").read_text())["traceEvents"]}
    assert "two" in names
    assert "one replayed" in names


def test_a_usage_error_is_one_line(ftui: Ftui, root: Path) -> None:
    for arguments, message in {
        ("ond",): "the history knows no check 'ond' (did you mean 'one'?)",
        ("--run", "no-such"): "the history has no run, or several, whose id begins with 'no-such'",
        ("--limit", "0"): "'0' is no number from 1",
        ("--format", "xml"): "invalid choice: 'xml'",
        ("--html", "no/folder/report.html"): "cannot write no/folder/report.html: ",
        ("--root", "nowhere"): "nowhere is not a folder",
    }.items():
        answer = ftui("history", *arguments, cwd=root)
        assert answer.code == 2
        assert message in answer.err
        assert len(answer.err.splitlines()) == 1


def test_a_damaged_history_is_one_line_and_no_answer(ftui: Ftui, root: Path) -> None:
    (path,) = Path(ftui.environ["HOME"]).glob(".local/share/ftui/history/*/history-1.sqlite")
    path.write_bytes(b"no database " * 1000)
    answer = ftui("history", cwd=root)
    assert answer.code == 3
    assert "the history cannot be read: the history is damaged" in answer.err
    assert len(answer.err.splitlines()) == 1
