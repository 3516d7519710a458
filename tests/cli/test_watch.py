"""`ftui --no-ui`: the watch as scripts see it, from a process of its own."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check
from tests.cli.test_left_behind import alive, eventually
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Self

DEADLINE_S = 60.0
JUDGES = "raise SystemExit('bad' in open('a.txt').read())"
PRINTS = "import time; print(time.time_ns())"
OPTIONS = {"record": ("--record", "own.out"), "junit": ("--junit", "own.out")}
WAITS = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are POSIX")


class Watch:
    """A watch that runs, and the events that it has told so far.

    Args:
        process: writes an event a line.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self._reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        self.process.wait()

    def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The next event of which a condition holds."""
        while True:
            line = self._lines.get(timeout=DEADLINE_S)
            assert line, f"the watch has ended: {self.process.stderr and self.process.stderr.read()!r}"
            self.events.append(json.loads(line))
            if condition(self.events[-1]):
                return self.events[-1]

    def end(self, number: int) -> tuple[int, str]:
        """Sends a signal; the exit code, and what was said on standard error."""
        self.process.send_signal(number)
        while line := self._lines.get(timeout=DEADLINE_S):
            self.events.append(json.loads(line))
        assert self.process.stderr is not None
        return self.process.wait(DEADLINE_S), self.process.stderr.read().decode()

    def count(self, kind: str, **fields: object) -> int:
        """How many events of a kind there were, with these fields."""
        return sum(is_a(kind, **fields)(event) for event in self.events)


def is_a(kind: str, **fields: object) -> Callable[[dict[str, Any]], bool]:
    """Whether an event is of this kind, and has these fields."""
    return lambda event: event["type"] == kind and all(event.get(name) == value for name, value in fields.items())


@pytest.fixture
def watch(ftui: Ftui) -> Iterator[Callable[..., Watch]]:
    """Starts watches, which end with the test."""
    started: list[Watch] = []

    def start(root: Path, *options: str, **more: Any) -> Watch:
        started.append(Watch(ftui.popen("--no-ui", "--format", "ndjson", *options, cwd=root, **more)))
        return started[-1]

    yield start
    for each in started:
        each.__exit__()


def tree(project: Callable[[str], Path], *checks: str) -> Path:
    """A repository with these checks and one file to check."""
    root = project(NO_RUFF + "".join(checks))
    commit(root)
    return root


def test_the_stream_goes_on_with_each_edit(watch: Callable[..., Watch], project: Callable[[str], Path]) -> None:
    root = tree(project, python_check("a", JUDGES, inputs=["a.txt"]))
    with watch(root) as told:
        first = told.until(is_a("run_finished"))
        assert (first["run"]["outcome"], first["totals"]["passed"]) == ("passed", 1)
        (root / "a.txt").write_text("bad\n")
        changed = told.until(is_a("tree_changed"))
        assert (changed["paths"], changed["affects"], changed["uncovered"]) == (["a.txt"], ["a"], [])
        finished = told.until(is_a("check_finished"))
        assert (finished["check_id"], finished["outcome"], finished["tree"]) == ("a", "failed", changed["tree"])
        last = told.until(is_a("run_finished"))
        assert last["run"]["outcome"] == "failed"
        (root / "b.txt").write_text("")
        assert told.until(is_a("tree_changed"))["uncovered"] == ["b.txt"]
        code, said = told.end(signal.SIGINT)
        assert (code, said) == (130, "")


def test_lines_for_people_tell_what_changed_and_what_came_of_it(ftui: Ftui, project: Callable[[str], Path]) -> None:
    root = tree(project, python_check("a", JUDGES, inputs=["a.txt"]))
    with ftui.popen(cwd=root) as process:
        assert process.stdout is not None
        seen = b""

        def read_until(words: bytes) -> None:
            nonlocal seen
            while words not in seen:
                piece = os.read(process.stdout.fileno(), 65536)  # type: ignore[union-attr]
                assert piece, seen
                seen += piece

        read_until(b"parallel")
        (root / "a.txt").write_text("bad\n")
        read_until(b"failed")
        assert b"a.txt" in seen
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 143
        assert b"Traceback" not in seen + out + err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(
    watch: Callable[..., Watch], project: Callable[[str], Path], number: int
) -> None:
    root = tree(project, python_check("a", WAITS), python_check("b", "pass", phase="slow"))
    with watch(root) as told:
        pid = int(told.until(is_a("check_output", check_id="a"))["text"])
        code, said = told.end(number)
        assert (code, said) == (128 + number, "")
        assert told.count("check_finished", check_id="a", outcome="cancelled") == 1
        assert told.events[-1]["type"] == "run_finished"
        assert told.events[-1]["interrupted"]
        assert eventually(lambda: not alive(pid))


def test_a_signal_while_nothing_runs_ends_it_at_once(
    watch: Callable[..., Watch], project: Callable[[str], Path]
) -> None:
    root = tree(project, python_check("a", "pass"))
    with watch(root) as told:
        told.until(is_a("run_finished"))
        assert told.end(signal.SIGINT) == (130, "")
        assert not psutil.pid_exists(told.process.pid)


def test_a_reader_that_goes_away_ends_it_quietly(ftui: Ftui, project: Callable[[str], Path]) -> None:
    root = tree(project, python_check("a", JUDGES, inputs=["a.txt"]))
    with ftui.popen("--no-ui", cwd=root) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while b"passed" not in process.stdout.readline():
            pass
        process.stdout.close()
        number = 0
        while process.poll() is None:
            number += 1
            (root / "a.txt").write_text(f"{number}\n")
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                assert number < DEADLINE_S
        assert (process.returncode, process.stderr.read()) == (141, b"")


@pytest.mark.parametrize("way", ["record", "junit", "stderr"])
def test_what_ftui_itself_writes_into_the_tree_starts_nothing(
    watch: Callable[..., Watch], project: Callable[[str], Path], way: str
) -> None:
    root = tree(project, python_check("a", PRINTS, inputs=["**"]))
    with (root / "own.out").open("wb") as own:
        told = watch(root, *OPTIONS.get(way, ()), **({"stderr": own} if way == "stderr" else {}))
    told.until(is_a("run_finished"))
    for number in range(3):
        (root / "a.txt").write_text(f"{number}\n")
        assert told.until(is_a("tree_changed"))["paths"] == ["a.txt"]
        told.until(is_a("run_finished"))
    assert (told.count("check_started"), told.count("tree_changed"), told.count("problem")) == (4, 3, 0)


def test_a_stream_that_goes_into_the_tree_starts_nothing(ftui: Ftui, project: Callable[[str], Path]) -> None:
    root = tree(project, python_check("a", PRINTS, inputs=["**"]))
    own = root / "own.out"

    def count(kind: str) -> int:
        return own.read_text().count(f'"type":"{kind}"')

    def has_run(times: int) -> bool:
        return count("run_finished") == times

    with own.open("wb") as out, ftui.popen("--no-ui", "--format", "ndjson", cwd=root, stdout=out) as process:
        try:
            for number in range(1, 4):
                assert eventually(partial(has_run, number), DEADLINE_S)
                (root / "a.txt").write_text(f"{number}\n")
            assert eventually(partial(has_run, 4), DEADLINE_S)
            assert (count("check_started"), count("tree_changed"), count("problem")) == (4, 3, 0)
        finally:
            process.terminate()


def test_a_root_in_which_ftui_was_started_is_removed_and_made_again(
    watch: Callable[..., Watch], project: Callable[[str], Path], tmp_path: Path
) -> None:
    """The working folder of the process is gone for good then."""
    config = NO_RUFF + python_check("a", JUDGES, inputs=["a.txt"])
    root = project(config)
    inner = root / "inner"
    inner.mkdir()
    (inner / "ftui.toml").write_text(config)
    (inner / "a.txt").write_text("a\n")
    commit(inner)
    told = watch(inner)
    told.until(is_a("run_finished"))
    shutil.rmtree(inner)
    told.until(lambda event: event["type"] == "problem" and "is gone" in event["message"])
    inner.mkdir()
    (inner / "ftui.toml").write_text(config)
    (inner / "a.txt").write_text("bad\n")
    told.until(is_a("check_finished", outcome="failed"))
    told.until(is_a("run_finished"))
    (inner / "a.txt").write_text("a\n")
    told.until(is_a("check_finished", outcome="passed"))
    assert told.end(signal.SIGTERM) == (143, "")


def test_a_format_that_is_about_one_run_is_refused(ftui: Ftui, project: Callable[[str], Path]) -> None:
    answer = ftui("--no-ui", "--format", "json", cwd=tree(project, python_check("a", "pass")))
    assert answer.code == 2
    assert "`ftui run --format json`" in answer.err


def test_an_unknown_profile_is_refused_before_anything_runs(ftui: Ftui, project: Callable[[str], Path]) -> None:
    answer = ftui("--no-ui", "--profile", "fats", cwd=tree(project, python_check("a", "pass")))
    assert answer.code == 2
    assert re.search("no profile is called 'fats'.*fast", answer.err)
    assert answer.out == ""
