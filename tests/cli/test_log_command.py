"""`ftui log`: what ftui did, line by line."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

BOTH = python_check("one", "pass") + python_check("two", "raise SystemExit(1)")


@pytest.fixture
def root(ftui: Ftui, project: Project) -> Path:
    """A project that was run once."""
    root = project(BOTH)
    ftui("run", cwd=root)
    return root


def test_a_run_is_logged_and_told(ftui: Ftui, root: Path) -> None:
    answer = ftui("log", cwd=root)
    assert (answer.code, answer.err) == (0, "")
    told = answer.out.splitlines()
    assert told[0].endswith("run 1 of profile dev")
    assert told[-1].endswith("run failed")
    assert sum("one passed: it has no result for this tree yet" in line for line in told) == 1


def test_lines_are_chosen_and_come_as_json(ftui: Ftui, root: Path) -> None:
    answer = ftui("log", "--check", "two", "--format", "json", cwd=root)
    found = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["event"] for line in found] == ["check_started", "check_finished"]
    assert {line["check_id"] for line in found} == {"two"}
    (run,) = {line["run_id"] for line in found}
    assert len(ftui("log", "--run", run[:8], cwd=root).out.splitlines()) == 6
    assert ftui("log", "--level", "error", cwd=root).out == ""
    assert len(ftui("log", "--limit", "1", cwd=root).out.splitlines()) == 1


def test_other_projects_are_told_only_where_that_is_asked_for(
    ftui: Ftui, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    assert ftui("log", cwd=other).out == ""
    assert str(root) in ftui("log", "--all", cwd=other).out


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_it_follows_until_it_is_interrupted(ftui: Ftui, root: Path) -> None:
    with ftui.popen("log", "--follow", "--limit", "1", cwd=root) as following:
        assert following.stdout is not None
        first = following.stdout.readline()
        ftui("run", "--force", "one", cwd=root)
        while b"run passed" not in following.stdout.readline():
            pass
        following.send_signal(signal.SIGINT)
        _, err = following.communicate(timeout=60)
    assert b"run failed" in first
    assert (following.returncode, err) == (130, b"")


def test_the_quick_way_and_replays_log_nothing(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", "pass"))
    ftui("run", "--record", "run.ndjson", cwd=root)
    before = ftui("log", cwd=root).out
    ftui("replay", "run.ndjson", cwd=root)
    assert ftui("log", cwd=root).out == before


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="POSIX paths")
def test_a_log_that_cannot_be_written_changes_no_verdict(ftui: Ftui, project: Project) -> None:
    root = project(BOTH)
    state = Path(ftui.environ["HOME"]) / ".local" / "state"
    state.parent.mkdir()
    state.write_text("a file in its place")
    answer = ftui("run", cwd=root)
    assert answer.code == 1
    assert "✗ failed  2 checks" in answer.out
    assert sum("log: the log of this run is not kept: " in line for line in answer.out.splitlines()) == 1


def test_a_usage_error_is_one_line(ftui: Ftui, tmp_path: Path) -> None:
    for arguments, message in {
        ("--level", "loud"): "invalid choice: 'loud'",
        ("--limit", "0"): "'0' is no number from 1",
        ("--root", "nowhere"): "nowhere is not a folder",
    }.items():
        answer = ftui("log", *arguments, cwd=tmp_path)
        assert answer.code == 2
        assert message in answer.err
        assert len(answer.err.splitlines()) == 1
