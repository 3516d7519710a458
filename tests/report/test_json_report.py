"""The JSON report: fixed names, one document."""

from __future__ import annotations

import io
import json

import msgspec

from ftui.events import Problem
from ftui.model import Outcome
from ftui.report.json_report import JsonReport, Report
from tests.report.stream_of_events import EVERY_OUTCOME, begun, ended, feed, finished


def written(*events: object) -> bytes:
    out = io.BytesIO()
    feed(JsonReport(out), events)  # type: ignore[arg-type]
    return out.getvalue()


def test_the_names_that_others_rely_on_are_there() -> None:
    report = json.loads(written(*EVERY_OUTCOME))
    assert report.keys() >= {"schema_version", "run", "totals", "checks"}
    assert report["run"].keys() >= {
        *("id", "root", "profile", "workers", "wall_s", "busy_s", "parallelization_factor", "peak_concurrency"),
        "outcome",
    }
    assert report["totals"].keys() >= {
        *("checks", "hit", "policy_rerun", "miss", "structural_efficiency", "time_saved_s"),
    }
    for check in report["checks"]:
        assert check.keys() >= {
            *("id", "adapter", "phase", "argv", "outcome", "bucket", "reason", "exit_code", "duration_s", "cpu_s"),
            *("peak_rss_bytes", "skipped_because", "findings"),
        }
    (finding, _) = next(check["findings"] for check in report["checks"] if check["id"] == "ruff")
    assert finding == {
        **{"path": "src/app.py", "line": 41, "column": 9, "severity": "error", "rule": "F821"},
        "message": "Undefined name `x`",
    }
    assert report["problems"] == [{"source": "plugin x", "message": "raised ValueError: upgrade it"}]


def test_the_report_reads_back_as_what_the_state_holds() -> None:
    out = io.BytesIO()
    state = feed(JsonReport(out), EVERY_OUTCOME)
    assert msgspec.json.decode(out.getvalue(), type=Report) == Report.of(state)


def test_nothing_is_written_before_the_run_has_finished() -> None:
    assert written(*EVERY_OUTCOME[:-1]) == b""


def test_words_that_are_no_utf_8_do_not_break_the_report() -> None:
    problem = Problem(run_id="r1", time_s=0.0, source="x", message="caf\udce9.py")
    report = json.loads(written(begun("a"), problem, finished("a", Outcome.PASSED, 1.0), ended()))
    assert report["problems"][0]["message"] == r"caf\udce9.py"
