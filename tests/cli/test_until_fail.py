"""`ftui run --until-fail N`: it ends with the first run that does not pass, or after N."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from ftui.cli import PASSED
from ftui.cli.until_fail import less_often_than, until_fail
from ftui.errors import NothingToCheckError
from ftui.model import Outcome
from tests.cli.conftest import Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Project = Callable[[str], Path]

EVERY_THIRD = """
import os, sys
with open(os.environ['RUNS'], 'a+') as runs:
    runs.write('x')
    runs.seek(0)
    number = len(runs.read())
print('number', number)
sys.exit(LEAVES if number % 3 == 0 else 0)
"""
"""Notes each run outside the project, and does not pass in every third of them."""


@pytest.fixture
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the check notes its runs."""
    return tmp_path_factory.mktemp("outside") / "runs"


def shaky(runs: Path, leaves: str = "1") -> str:
    code = EVERY_THIRD.replace("LEAVES", leaves)
    return python_check("shaky", code, env=[f"RUNS={runs}"], inputs=["a.txt"]) + python_check("other", "pass")


def test_it_ends_with_the_first_failure_and_says_how_many_passed(ftui: Ftui, project: Project, runs: Path) -> None:
    answer = ftui("run", "shaky", "--until-fail", "10", cwd=project(shaky(runs)))
    assert (answer.code, answer.err) == (1, "")
    assert runs.read_text() == "xxx"
    assert [line for line in answer.out.splitlines() if line.startswith("run ")][:3] == [
        "run 1 of 10", "run 2 of 10", "run 3 of 10"
    ]  # fmt: skip
    last = answer.out.splitlines()[-1]
    assert last.startswith("run 3 of at most 10 did not pass; 2 before it did; ")
    assert "number 3" in answer.out


def test_what_it_catches_is_in_the_ledger_with_both_outputs(ftui: Ftui, project: Project, runs: Path) -> None:
    root = project(shaky(runs))
    ftui("run", "shaky", "--until-fail", "5", cwd=root)
    shown = ftui("flakes", "shaky", cwd=root).out.splitlines()
    assert shown[3:] == ["first: passed", "  number 2", "", "then: failed", "  number 3"]


def test_a_check_that_passes_every_time_passes_and_that_is_no_proof(ftui: Ftui, project: Project, runs: Path) -> None:
    answer = ftui("run", "shaky", "--until-fail", "2", cwd=project(shaky(runs)))
    assert answer.code == 0
    assert runs.read_text() == "xx"
    last = answer.out.splitlines()[-1]
    assert last.startswith("2 runs passed in ")
    assert last.endswith("which makes it 95% sure that fewer than 1 run in 1.3 fails")


def test_a_run_without_a_verdict_ends_it_with_the_exit_code_of_one(ftui: Ftui, project: Project, runs: Path) -> None:
    answer = ftui("run", "shaky", "--until-fail", "5", cwd=project(shaky(runs, "os.abort()")))
    assert answer.code == 3
    assert runs.read_text() == "xxx"


def test_the_stream_of_events_holds_all_runs_and_the_sentences_go_elsewhere(
    ftui: Ftui, project: Project, runs: Path
) -> None:
    answer = ftui("run", "shaky", "--until-fail", "5", "--format", "ndjson", cwd=project(shaky(runs)))
    ends = [event for event in map(json.loads, answer.out.splitlines()) if event["type"] == "run_finished"]
    assert [end["run"]["outcome"] for end in ends] == ["passed", "passed", "failed"]
    assert len({end["run_id"] for end in ends}) == 3
    assert answer.err.splitlines()[-1].startswith("ftui: run 3 of at most 5 did not pass; 2 before it did; ")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process there")
def test_an_interrupt_ends_all_of_it_and_counts_as_no_pass(ftui: Ftui, project: Project) -> None:
    root = project(python_check("slow", "import time; time.sleep(100)", inputs=["a.txt"]))
    with ftui.popen("run", "--until-fail", "5", "--format", "ndjson", cwd=root) as process:
        assert process.stdout is not None
        assert any(b'"check_started"' in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    first, last = err.decode().splitlines()
    assert first == "ftui: run 1 of 5"
    assert last.startswith("ftui: run 1 of at most 5 did not pass; 0 before it did; ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--until-fail", "0"], "'0' is no number from 1"),
        (["--until-fail"], "expected one argument"),
        (["--until-fial", "3"], "unknown option --until-fial (did you mean '--until-fail'?)"),
        (["--until-fail", "3", "--changed"], "--until-fail runs checks whatever has changed: leave --changed out"),
        (["--until-fail", "3", "--format", "json"], "--until-fail can give ndjson"),
        (["shakey", "--until-fail", "3"], "no check is called 'shakey' here (did you mean 'shaky'?)"),
    ],
)
def test_a_usage_error_is_one_line(
    ftui: Ftui, project: Project, runs: Path, arguments: list[str], message: str
) -> None:
    answer = ftui("run", *arguments, cwd=project(shaky(runs)))
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not runs.exists()


def test_a_run_with_nothing_to_do_ends_it_also_after_some_that_passed() -> None:
    options = argparse.Namespace(changed=None, format="ndjson", until_fail=5)
    left = iter([(PASSED, Outcome.PASSED), (PASSED, Outcome.PASSED), (PASSED, Outcome.SKIPPED)])
    with pytest.raises(NothingToCheckError, match=r"run 3 of at most 5 had nothing to do, .*; 2 passed before it"):
        until_fail(options, lambda _: next(left))


@pytest.mark.parametrize(("passed", "rarely"), [(1, "1.1"), (10, "3.9"), (59, "20.2"), (300, "100.6")])
def test_runs_that_all_passed_bound_how_often_it_fails(passed: int, rarely: str) -> None:
    assert f"1 run in {rarely} fails" in less_often_than(passed)
