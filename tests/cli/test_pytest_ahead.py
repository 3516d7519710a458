"""A part of the tests runs ahead of all of them, where they take long, and never stands for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Answer, Ftui
from tests.cli.test_watch import Watch, is_a
from tests.conftest import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "ftui.toml": '[profiles]\ntests = ["pytest", "pytest:affected"]\n',
    "pytest.ini": "[pytest]\npythonpath = .\n",
    # As if each test took six seconds.
    "conftest.py": (
        "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n"
        "    outcome = yield\n    outcome.get_result().duration = 2.0\n"
    ),
    "app.py": "def one():\n    return 1\n\ndef two():\n    return 2\n",
    "test_app.py": (
        "import app\n\ndef test_one():\n    assert app.one() == 1\n\ndef test_two():\n    assert app.two() == 2\n\n"
        "def test_three():\n    assert True\n"
    ),
}


@pytest.fixture
def root(tmp_path: Path, ftui: Ftui) -> Path:
    """A repository whose tests take long and have been observed."""
    write(tmp_path, {**FILES, ".gitignore": "__pycache__\n"})
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert results(ftui, tmp_path).keys() == {"pytest"}
    write(tmp_path, {"app.py": FILES["app.py"] + "\n"})
    assert results(ftui, tmp_path)["pytest:affected"]["skipped_because"] == "what the tests use is not known yet"
    for number in range(2, 4):  # each run of all observes one of the three
        write(tmp_path, {"app.py": FILES["app.py"] + "\n" * number})
        run(ftui, tmp_path, "pytest")
    return tmp_path


PATH = {"PATH": os.pathsep.join([os.path.dirname(sys.executable), os.defpath])}
"""With the pytest of this environment."""


def run(ftui: Ftui, root: Path, *arguments: str) -> Answer:
    """A run with the pytest of this environment."""
    return ftui("run", *arguments, cwd=root, env=PATH)


def results(ftui: Ftui, root: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """The results of a run, by check."""
    answer = run(ftui, root, *(arguments or ("--profile", "tests")), "--format", "json")
    return {check["id"]: check for check in answer.report["checks"]}


def test_an_edit_is_told_by_the_tests_that_it_affects_and_judged_by_all(root: Path, ftui: Ftui) -> None:
    write(root, {"app.py": FILES["app.py"].replace("return 2", "return 3")})
    answer = run(ftui, root, "--profile", "tests")
    first, second, _ = (line for line in answer.out.splitlines() if line.startswith("✗"))
    assert "pytest:affected" in first
    assert "runs ahead of pytest; 1 of 3 tests: 1 affected by app.py; newly broken: test_app.py::test_two" in first
    assert "app.py changed; newly broken: test_app.py::test_two" in second
    assert answer.code == 1
    write(root, {"app.py": FILES["app.py"].replace("return 2", "return 1 + 1")})
    mended = results(ftui, root)
    assert {check: result["outcome"] for check, result in mended.items()} == {
        "pytest": "passed",
        "pytest:affected": "passed",
    }
    assert mended["pytest:affected"]["note"] == "1 of 3 tests: 1 failed last time; fixed: test_app.py::test_two"
    assert mended["pytest"]["note"] == "fixed: test_app.py::test_two"


def test_a_part_runs_only_where_it_has_something_to_tell_and_never_stands_for_the_whole(root: Path, ftui: Ftui) -> None:
    again = results(ftui, root)
    assert (again["pytest"]["bucket"], again["pytest:affected"]["skipped_because"]) == ("hit", "pytest need not run")
    for _ in range(2):  # the first of which keeps the plan for the quick way
        shown = run(ftui, root, "--profile", "tests").out
        assert "pytest:affected            pytest need not run\n" in shown
        assert "2 checks: 1 passed, 1 skipped" in shown
    write(root, {"app.py": "# a remark\n" + FILES["app.py"]})
    part = results(ftui, root)["pytest:affected"]
    assert (part["outcome"], part["bucket"]) == ("skipped", None)
    assert part["skipped_because"] == "none of 3 tests has to do with what has changed"
    write(root, {"test_app.py": FILES["test_app.py"].replace("assert True", "assert 1")})
    part = results(ftui, root, "pytest:affected")["pytest:affected"]
    assert (part["outcome"], part["note"]) == ("passed", "1 of 3 tests: 1 affected by test_app.py")
    assert results(ftui, root)["pytest"]["bucket"] == "miss"


def watch(ftui: Ftui, root: Path) -> Watch:
    """A watch of all tests and of the part, to which all is known of the tree as it is."""
    told = Watch(ftui.popen("--no-ui", "--format", "ndjson", "--profile", "tests", cwd=root, env=PATH))
    assert told.until(is_a("run_finished"))["run"]["outcome"] == "passed"
    return told


def told_of(told: Watch, change: Callable[[], object]) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """What a change comes to: in order how each check of the two starts and ends, and how the last run of it ends."""
    since = len(told.events)
    change()
    told.until(is_a("check_finished", check_id="pytest"))
    last = told.until(is_a("run_finished"))
    steps = [
        (event["check_id"], event.get("outcome", "starts"))
        for event in told.events[since:]
        if event["type"] in ("check_started", "check_finished")
    ]
    return steps, last


def ahead(part: str, whole: str) -> list[tuple[str, str]]:
    """The steps in which the part ends before all tests start, each with this outcome."""
    return [("pytest:affected", "starts"), ("pytest:affected", part), ("pytest", "starts"), ("pytest", whole)]


def two(what: str) -> str:
    """The module where its second function returns something else."""
    return FILES["app.py"].replace("return 2", f"return {what}")


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are POSIX")
def test_a_watch_tells_of_a_failure_and_of_its_fix_before_all_tests_start(root: Path, ftui: Ftui) -> None:
    with watch(ftui, root) as told:
        steps, last = told_of(told, lambda: write(root, {"app.py": two("3")}))
        assert steps == ahead("failed", "failed")
        part = [event for event in told.events if is_a("check_finished", check_id="pytest:affected")(event)][-1]
        assert [finding["rule"] for finding in part["findings"]] == ["test_app.py::test_two"]
        assert part["note"] == "1 of 3 tests: 1 affected by app.py; newly broken: test_app.py::test_two"
        assert last["run"]["outcome"] == "failed"
        steps, last = told_of(told, lambda: write(root, {"app.py": two("1 + 1")}))
        assert steps == ahead("passed", "passed")
        assert (last["run"]["outcome"], last["totals"]["passed"]) == ("passed", 2)
        assert told.end(signal.SIGINT) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are POSIX")
def test_a_part_that_passes_in_a_watch_never_makes_a_run_pass(
    root: Path, ftui: Ftui, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")  # where nobody sees what a test depends on
    third = (
        f"import os, time\n    if os.path.exists({str(outside / 'wait')!r}):\n"
        "        print(flush=True)\n        time.sleep(600)\n"
        f"    assert not os.path.exists({str(outside / 'fail')!r})"
    )
    write(root, {"test_app.py": FILES["test_app.py"].replace("assert True", third)})
    assert results(ftui, root, "pytest")["pytest"]["outcome"] == "passed"
    with watch(ftui, root) as told:
        (outside / "fail").touch()
        steps, last = told_of(told, lambda: write(root, {"app.py": two("1 + 1")}))
        assert steps == ahead("passed", "failed")
        assert last["run"]["outcome"] == "failed"
        (outside / "fail").unlink()
        assert told_of(told, lambda: write(root, {"app.py": two("3 - 1")}))[1]["run"]["outcome"] == "passed"
        (outside / "wait").touch()
        write(root, {"app.py": two("4 - 2")})
        told.until(is_a("check_finished", check_id="pytest:affected", outcome="passed"))
        told.until(is_a("check_output", check_id="pytest"))
        assert told.end(signal.SIGINT)[0] == 130
        last = told.events[-1]
        assert (last["type"], last["run"]["outcome"]) == ("run_finished", "cancelled")


def test_a_run_in_which_the_part_has_nothing_to_do_proves_nothing(root: Path, ftui: Ftui) -> None:
    answer = run(ftui, root, "pytest:affected", "--until-fail", "5")
    assert answer.code == 3
    assert "run 2 of" not in answer.out
    assert "passed in" not in answer.out
    assert answer.err == "ftui: run 1 of at most 5 had nothing to do, which proves nothing; 0 passed before it\n"
