"""The structured log: what is written, by whom it may be read, and that nothing depends on it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.events import CheckOutput, CheckStarted, Problem, RunStarted
from ftui.log import writer
from ftui.log.lines import LogLine
from ftui.log.reader import Reader, Wanted
from ftui.log.writer import EventLog, LogFiles, encoded
from ftui.model import Outcome
from tests.history.made import check_result
from tests.history.test_recorder import whole

if TYPE_CHECKING:
    from ftui.events import Event

ROOT = "/srv/app"


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    """Those of a log that nothing has been written to."""
    return LogFiles(str(tmp_path / "log"))


def write(files: LogFiles, events: list[Event], environ: dict[str, str] | None = None, root: str = ROOT) -> list[str]:
    """Logs events; returns what the log had to say for itself."""
    said: list[str] = []

    async def feed() -> None:
        log = EventLog(files, root, said.append, environ or {})
        for event in events:
            log.write(event)
        await log.finish()

    asyncio.run(feed())
    return said


def entries(files: LogFiles) -> list[dict[str, object]]:
    *_, current = files.paths()
    return [json.loads(line) for line in Path(current).read_bytes().splitlines()]


def messages(files: LogFiles, **wanted: object) -> list[str]:
    return [line.message for line in Reader(files, Wanted(**wanted)).last(100)]  # type: ignore[arg-type]


def started(argv: tuple[str, ...] = ("mypy", "src")) -> CheckStarted:
    return CheckStarted(run_id="run-1", time_s=0.0, check_id="mypy", argv=argv)


def numbered(number: int, **fields: object) -> bytes:
    line = LogLine(at=1.0, level="info", event="problem", run_id="r", root=ROOT, message=f"line {number}")
    return encoded(replace(line, **fields))


# What is written


def test_each_event_is_one_json_object_with_run_and_check_and_figures(files: LogFiles) -> None:
    broken = check_result("pytest", outcome=Outcome.BROKEN, broken_because="no tests were collected")
    write(files, whole(check_result(duration_s=2.0), broken, before=(started(),)))
    found = entries(files)
    kinds = ["run_started", "check_started", "check_finished", "check_finished", "run_finished"]
    assert [line["event"] for line in found] == kinds
    assert {line["run_id"] for line in found} == {"run-1"}
    assert [line["check_id"] for line in found] == [None, "mypy", "mypy", "pytest", None]
    assert [line["level"] for line in found] == ["info", "info", "info", "error", "info"]
    assert found[2]["message"] == "mypy passed: src/app.py changed"
    assert found[3]["message"] == "pytest broken: no tests were collected"
    data = found[2]["data"]
    assert isinstance(data, dict)
    assert (data["duration_s"], data["outcome"], data["bucket"]) == (2.0, "passed", "miss")
    assert found[0]["root"] == ROOT
    assert found[0]["pid"] == os.getpid()


def test_what_checks_print_is_not_logged(files: LogFiles) -> None:
    write(files, [CheckOutput(run_id="run-1", time_s=0.0, check_id="mypy", stream="stdout", text="words")])
    assert not Path(files.paths()[-1]).exists()


def test_no_secret_is_logged(files: LogFiles) -> None:
    secrets = ["hunter2-in-argv", "hunter2-in-reason", "hunter2-in-environ"]
    result = check_result(reason="argument 1 changed: --token=hunter2-in-reason → x")
    problem = Problem(run_id="run-1", time_s=0.0, source="plugin x", message="cannot use hunter2-in-environ")
    argv = ("deploy", "--password", "hunter2-in-argv")
    write(files, whole(result, before=(started(argv), problem)), {"A_TOKEN": "hunter2-in-environ"})
    content = Path(files.paths()[-1]).read_text()
    assert "deploy --password ***" in content
    assert not [secret for secret in secrets if secret in content]


def test_one_event_is_one_line_whatever_it_holds(files: LogFiles) -> None:
    odd = "two\nlines\x1b]0;title\x07 and a byte \udcff"
    result = check_result(odd, reason=odd, key=odd)
    began, *rest = whole(result)
    assert isinstance(began, RunStarted)
    assert write(files, [replace(began, profile=odd, because=odd), *rest], root=f"/srv/{odd}") == []
    assert len(entries(files)) == 3
    assert all(line.isprintable() for line in messages(files))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_nobody_else_may_read_it(files: LogFiles) -> None:
    write(files, whole(check_result()))
    current = Path(files.paths()[-1])
    assert (current.stat().st_mode & 0o777, current.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_its_place_is_not_followed(files: LogFiles, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("as it was")
    current = Path(files.paths()[-1])
    current.parent.mkdir()
    current.symlink_to(elsewhere)
    (message,) = write(files, whole(check_result()))
    assert message.startswith("the log of this run is not kept: ")
    assert elsewhere.read_text() == "as it was"


# Rotation


def test_a_file_that_is_large_is_set_aside_and_the_oldest_goes(
    files: LogFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LARGEST", 10 * len(numbered(10)))
    for number in range(10, 90):
        files.append(numbered(number))
    assert [Path(path).name for path in files.paths()] == ["ftui.3.jsonl", "ftui.2.jsonl", "ftui.1.jsonl", "ftui.jsonl"]
    assert messages(files) == [f"line {number}" for number in range(50, 90)]
    assert len(list(Path(files.paths()[-1]).parent.iterdir())) == 4


def test_many_may_write_at_once(files: LogFiles) -> None:
    def some(first: int) -> None:
        for number in range(first, first + 50):
            files.append(numbered(number))

    threads = [threading.Thread(target=some, args=(first,)) for first in range(0, 200, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [line.message for line in Reader(files, Wanted()).last(1000)]
    assert sorted(found) == sorted(f"line {number}" for number in range(200))


# Reading


def test_lines_are_chosen_by_project_run_check_and_level(files: LogFiles) -> None:
    files.append(numbered(1, root="/other"))
    files.append(numbered(2, run_id="abc-1", check_id="mypy"))
    files.append(numbered(3, run_id="abd-2", level="warning"))
    files.append(numbered(4, level="error"))
    assert messages(files, root="/other") == ["line 1"]
    assert messages(files, run="abc") == ["line 2"]
    assert messages(files, check="mypy") == ["line 2"]
    assert messages(files, level="warning") == ["line 3", "line 4"]
    assert [line.message for line in Reader(files, Wanted()).last(2)] == ["line 3", "line 4"]


def test_lines_that_are_none_are_left_out(files: LogFiles) -> None:
    files.append(b"no json\n")
    files.append(b'{"at": 1}\n\xff\xfe\n')
    files.append(numbered(1))
    assert messages(files) == ["line 1"]


def test_without_a_log_there_is_nothing_to_read(files: LogFiles) -> None:
    assert messages(files) == []


def test_what_is_added_is_followed_also_into_the_next_file(files: LogFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LARGEST", 3 * len(numbered(1)))
    files.append(numbered(1))
    reader = Reader(files, Wanted())
    assert [line.message for line in reader.last(10)] == ["line 1"]
    half = numbered(4)
    additions = [
        lambda: files.append(numbered(2)),
        lambda: files.append(numbered(3)),
        lambda: files.append(half[:10]),  # and with it the next file begins
        lambda: files.append(half[10:]),
        lambda: files.append(numbered(5)),
    ]

    class Enough(Exception):
        """Nothing more is going to be added."""

    def wait(seconds: float) -> None:
        if not additions:
            raise Enough
        additions.pop(0)()

    found: list[LogLine] = []
    with pytest.raises(Enough):
        found.extend(reader.follow(wait))
    assert [line.message for line in found] == ["line 2", "line 3", "line 4", "line 5"]


# Nothing depends on it


def test_a_log_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = write(LogFiles(str(tmp_path / "file")), whole(check_result()))
    assert len(said) == 1
    assert said[0].startswith("the log of this run is not kept: ")


def test_a_disk_that_does_not_answer_holds_nothing_up(files: LogFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftui.beside.PATIENCE_S", 0.01)
    go_on = threading.Event()
    monkeypatch.setattr(files, "append", lambda lines: go_on.wait())
    said = write(files, whole(check_result()))
    assert not go_on.is_set()
    go_on.set()
    assert said == ["the log of this run is not kept: it could not be written within 0.01 s"]
