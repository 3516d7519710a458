"""Annotations, and a runner that obeys ftui alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.errors import FtuiError
from ftui.model import Finding, Outcome, Severity
from ftui.report import github
from ftui.report.github import GitHubText, StepSummary, annotated, command, in_actions, prefix_in
from ftui.report.stream import Stream
from tests.report.stream_of_events import (
    EVERY_OUTCOME,
    Terminal,
    begun,
    ended,
    feed,
    finished,
    printed,
    started,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ftui.events import Event

anything = st.text(st.characters() | st.sampled_from("%\r\n:,|`<\udcff\x1b"))


def obeyed(log: str) -> list[str]:
    """The commands that a runner executes, as actions/runner's ActionCommandManager finds them."""
    stopped_by = None
    commands = []
    for line in re.split(r"\r\n|\r|\n", log):
        found = re.match(r"\s*::([^: ]+)(?: [^:]*)?::(.*)", line)
        name = found[1] if found else "##[" if "##[" in line else None
        if name is None:
            continue
        if stopped_by is not None:
            stopped_by = None if name == stopped_by else stopped_by
        elif found and name == "stop-commands":
            stopped_by = found[2]
        else:
            commands.append(line)
    assert stopped_by is None, "the rest of the step could use no commands"
    return commands


def log(events: Iterable[Event], workspace: str = "") -> str:
    out = Terminal()
    front = GitHubText(Stream(out, {}), {"GITHUB_WORKSPACE": workspace})
    feed(front, events)
    front.close()
    front.close()
    return out.getvalue()


def test_a_run_annotates_its_findings_and_folds_its_details() -> None:
    assert obeyed(log(EVERY_OUTCOME)) == [
        "::group::ruff: details",
        "::endgroup::",
        "::error file=src/app.py,line=41,col=9,title=ruff F821::Undefined name `x`",
        "::warning file=src/app.py,title=ruff::Missing docstring",
        "::group::mypy: details",
        "::endgroup::",
        "::error title=mypy failed::mypy failed with exit code 2",
        "::error title=pytest broken::no tests were collected: name some",
    ]


HOSTILE = "::set-env name=PATH::/evil\n  ::add-mask::a\n##[add-mask]b\n::stop-commands::x\n::x::\r::error::c"


def test_what_a_tool_prints_is_never_a_command() -> None:
    events: list[Event] = [
        begun("a"),
        started("a"),
        printed("a", HOSTILE),
        finished("a", Outcome.FAILED, 1.0, reason=HOSTILE, broken_because=HOSTILE),
        ended(),
    ]
    shown = log(events)
    assert "::set-env" in shown
    assert obeyed(shown) == ["::group::a: details", "::endgroup::", "::error title=a failed::a failed"]


@given(anything, anything, anything)
def test_no_words_leave_the_annotation_that_they_are_in(name: str, message: str, output: str) -> None:
    findings = (Finding(message=message, path=name, line=1, rule=output),)
    shown = log(
        [begun(name), started(name), printed(name, output), finished(name, Outcome.FAILED, 1.0, findings=findings)]
    )
    group, end, annotation = obeyed(shown)
    assert group.startswith("::group::")
    assert end == "::endgroup::"
    assert annotation.startswith("::error ")


@given(anything, anything)
def test_a_command_says_what_it_was_given(message: str, title: str) -> None:
    line = command("error", message, title=title, line=None)
    found = re.fullmatch(r"::error title=([^:,]*)::(.*)", line)
    assert found
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line)


def test_properties_and_messages_are_escaped_as_the_runner_undoes_it() -> None:
    line = command("error", "100%\nsure: a, b", file="a,b:c%.py")
    assert line == "::error file=a%2Cb%3Ac%25.py::100%25%0Asure: a, b"


def test_more_annotations_than_anybody_reads_are_counted() -> None:
    found = tuple(Finding(message=str(i), severity=Severity.INFO) for i in range(60))
    *shown, last = annotated(finished("a", Outcome.FAILED, 1.0, findings=found), "")
    assert len(shown) == github.MOST_ANNOTATIONS
    assert shown[0] == "::notice title=a::0"
    assert last.startswith("::notice::10 further findings of a not annotated")


@pytest.mark.parametrize(
    ("workspace", "root", "prefix"),
    [
        ("", "/w/repo", ""),
        ("/w/repo", "/w/repo", ""),
        ("/w/repo", "/w/repo/packages/api", "packages/api/"),
        ("/w/repo", "/elsewhere", None),
    ],
)
def test_paths_are_told_from_the_checkout_of_the_job(workspace: str, root: str, prefix: str | None) -> None:
    assert prefix_in(workspace, root) == prefix


def test_a_path_that_the_job_does_not_hold_stands_in_the_message() -> None:
    found = (Finding(message="m", path="/usr/lib/x.py", line=3), Finding(message="m", path="x.py", line=3))
    outside = finished("a", Outcome.FAILED, 1.0, findings=found)
    assert list(annotated(outside, "sub/")) == [
        "::error title=a::/usr/lib/x.py: m",
        "::error file=sub/x.py,line=3,title=a::m",
    ]
    assert list(annotated(outside, None))[1] == "::error title=a::x.py: m"


def test_only_a_job_of_github_is_one() -> None:
    assert in_actions({"GITHUB_ACTIONS": "true"})
    assert not in_actions({"GITHUB_ACTIONS": "false"})
    assert not in_actions({})


def test_the_summary_page_gets_a_table_after_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    feed(StepSummary(path), EVERY_OUTCOME)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n### ✗ ftui failed: 6 checks")
    assert "| ✗ failed | ruff | 12 ms | 2 | miss  no cache yet |\n" in text
    assert "| - skipped | docs |  |  | blocked by ruff \\(failed\\) |\n" in text


def test_no_words_leave_their_cell_or_become_markup(tmp_path: Path) -> None:
    name, reason = "a|b<script>", "x\n| y | `z` [l](http://e)" + "w" * 2000
    feed(StepSummary(tmp_path / "s"), [begun(name), finished(name, Outcome.SKIPPED, skipped_because=reason), ended()])
    (row,) = [line for line in (tmp_path / "s").read_text(encoding="utf-8").splitlines() if "skipped |" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not re.search(r"(?<!\\)[<`\[]", row)
    assert len(row) < 1000


def test_the_summary_of_very_many_checks_stays_within_what_github_takes(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(3000)]
    results = [finished(name, Outcome.SKIPPED, skipped_because="|" * 5000) for name in names]
    feed(StepSummary(tmp_path / "s"), [begun(*names), *results, ended()])
    assert (tmp_path / "s").stat().st_size < 1024 * 1024
    assert "2,500 further checks left out" in (tmp_path / "s").read_text(encoding="utf-8")


def test_a_summary_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FtuiError, match="cannot write the step summary"):
        feed(StepSummary(tmp_path), [ended()])
