"""One check from its first attempt to its result, with real processes."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.engine import execute
from ftui.engine.emitter import Emitter
from ftui.engine.execute import RETRY_BASE, RETRY_CAP, Execution, Executor, retry_delay
from ftui.engine.memory import Folders
from ftui.engine.reading import MOST_FINDINGS
from ftui.errors import NothingToDo, NoVerdict
from ftui.events import CheckOutput, CheckRetried, CheckStarted, Problem
from ftui.model import Bucket, Check, Finding, Outcome, ProcessResult, Severity

if TYPE_CHECKING:
    from ftui.events import Event

FLAKY = """\
import pathlib, sys
seen = pathlib.Path("seen")
seen.write_text(seen.read_text() + "x" if seen.exists() else "x")
sys.exit(len(seen.read_text()) < int(sys.argv[1]))
"""
"""Fails until its n-th start."""


def python(code: str, *arguments: str, **fields: object) -> Check:
    return Check(id="one", adapter="mine", argv=(sys.executable, "-c", code, *arguments), **fields)  # type: ignore[arg-type]


def unreachable(result: ProcessResult) -> str | None:
    return "the registry cannot be reached"


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which temporary ones are made."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The attempts after which there was a wait, none of which takes time here."""
    attempts: list[int] = []

    def no_delay(attempt: int) -> float:
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr(execute, "retry_delay", no_delay)
    return attempts


class Run(list["Event"]):
    """Runs one check and collects what is said of it."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.on_event: Callable[[Event], object] = lambda event: None
        self.executor = Executor(root, Emitter(self._take), os.environ)

    def _take(self, event: Event) -> None:
        self.append(event)
        self.on_event(event)

    async def execute(self, check: Check) -> Execution:
        return await self.executor.execute(check, bucket=Bucket.MISS, reason="new", queued_s=0.0, folders=Folders())

    def __call__(self, check: Check) -> Execution:
        return asyncio.run(self.execute(check))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


# Retries


def test_a_named_infrastructure_failure_is_tried_again_until_it_passes(run: Run, waits: list[int]) -> None:
    result = run(python(FLAKY, "3", retries=5, infrastructure=unreachable)).result
    assert (result.outcome, result.attempts, result.exit_code) == (Outcome.PASSED, 3, 0)
    assert waits == [1, 2]
    assert [event.attempt for event in run if isinstance(event, CheckStarted)] == [1, 2, 3]
    retried = [event for event in run if isinstance(event, CheckRetried)]
    assert [event.reason for event in retried] == ["the registry cannot be reached"] * 2
    assert result.duration_s is not None
    assert result.duration_s > sum(event.duration_s for event in retried) > 0


def test_when_all_retries_are_used_up_there_is_no_verdict(run: Run, waits: list[int]) -> None:
    result = run(python(FLAKY, "9", retries=2, infrastructure=unreachable)).result
    assert (result.outcome, result.attempts) == (Outcome.BROKEN, 3)
    assert result.broken_because == "infrastructure: the registry cannot be reached"
    assert waits == [1, 2]


@pytest.mark.parametrize(
    "check",
    [
        python(FLAKY, "9", retries=5),
        python(FLAKY, "1", retries=5, infrastructure=unreachable),
        python("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", retries=5, infrastructure=unreachable),
    ],
    ids=["a failure nobody named", "a pass", "a signal"],
)
def test_nothing_else_is_tried_again(run: Run, waits: list[int], check: Check) -> None:
    assert run(check).result.attempts == 1
    assert waits == []


def test_a_deadline_is_not_tried_again(run: Run, waits: list[int]) -> None:
    result = run(python("import time; time.sleep(60)", timeout=0.2, retries=5, infrastructure=unreachable)).result
    assert (result.outcome, result.attempts, waits) == (Outcome.BROKEN, 1, [])


@given(attempt=st.integers(1, 12), share=st.floats(0.0, 1.0))
def test_a_wait_is_anywhere_below_a_bound_that_doubles_up_to_a_cap(attempt: int, share: float) -> None:
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low + share * (high - low)

    assert 0.0 <= retry_delay(attempt, uniform) <= min(RETRY_CAP, RETRY_BASE * 2**attempt)
    assert asked == [(0.0, min(RETRY_CAP, RETRY_BASE * 2**attempt))]


def test_a_check_that_is_cancelled_while_it_waits_for_a_retry_has_no_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "retry_delay", lambda attempt: 3600.0)

    async def cancelled_in_the_wait() -> Execution:
        waiting = asyncio.Event()
        run.on_event = lambda event: waiting.set() if isinstance(event, CheckRetried) else None
        task = asyncio.create_task(run.execute(python(FLAKY, "9", retries=5, infrastructure=unreachable)))
        await waiting.wait()
        task.cancel()
        return await task

    result = asyncio.run(cancelled_in_the_wait()).result
    assert (result.outcome, result.exit_code, result.attempts) == (Outcome.CANCELLED, None, 1)
    assert result.bucket is None


# Scratch folders


@pytest.mark.parametrize("code", ["0", "1"])
def test_a_scratch_folder_lives_as_long_as_the_parser_needs_it(run: Run, temporary: Path, code: str) -> None:
    def parse(result: ProcessResult) -> Iterator[Finding]:
        yield Finding(Path(result.scratch, "note").read_text())

    write = f"import os, sys; open(os.environ['NOTES'] + '/note', 'w').write('a note'); sys.exit({code})"
    result = run(python(write, env=("NOTES={scratch}",), parse=parse)).result
    assert [finding.message for finding in result.findings] == ["a note"]
    assert list(temporary.iterdir()) == []


def test_a_scratch_folder_goes_when_the_check_is_cancelled(run: Run, temporary: Path) -> None:
    async def cancelled() -> tuple[int, Execution]:
        started = asyncio.Event()
        run.on_event = lambda event: started.set() if isinstance(event, CheckOutput) else None
        sleep = "import time; print('up', flush=True); time.sleep(60)"
        task = asyncio.create_task(run.execute(python(sleep, env=("NOTES={scratch}",))))
        await started.wait()
        while_running = len(os.listdir(temporary))
        task.cancel()
        return while_running, await task

    while_running, execution = asyncio.run(cancelled())
    assert (while_running, execution.result.outcome) == (1, Outcome.CANCELLED)
    assert list(temporary.iterdir()) == []


def test_without_a_use_for_it_no_scratch_folder_is_made(run: Run, temporary: Path) -> None:
    temporary.rmdir()
    assert run(python("pass")).result.outcome is Outcome.PASSED


def test_a_scratch_folder_that_cannot_be_made_is_no_verdict(run: Run, temporary: Path) -> None:
    temporary.rmdir()
    result = run(python("pass", env=("NOTES={scratch}",))).result
    assert (result.outcome, result.attempts, result.duration_s) == (Outcome.BROKEN, 0, None)
    assert result.broken_because is not None
    assert result.broken_because.startswith("no temporary folder could be made: ")


# Parsers


def raising(error: Exception) -> Callable[[ProcessResult], Iterable[Finding]]:
    def parse(result: ProcessResult) -> Iterator[Finding]:
        yield Finding("one that was found before")
        raise error

    return parse


@pytest.mark.parametrize("code", ["0", "1"])
def test_a_parser_that_raises_loses_its_own_check_and_is_reported(run: Run, code: str) -> None:
    result = run(python(f"raise SystemExit({code})", parse=raising(ValueError("no luck")))).result
    assert (result.outcome, result.findings, result.exit_code) == (Outcome.BROKEN, (), int(code))
    message = "could not read the output of one: ValueError: no luck"
    assert result.broken_because == f"adapter mine {message}"
    assert [(event.source, event.message) for event in run if isinstance(event, Problem)] == [("adapter mine", message)]


@pytest.mark.parametrize("code", ["0", "1"])
def test_a_parser_may_say_that_the_exit_code_is_no_verdict(run: Run, code: str) -> None:
    result = run(python(f"raise SystemExit({code})", parse=raising(NoVerdict("no test ran")))).result
    assert (result.outcome, result.broken_because) == (Outcome.BROKEN, "no test ran")
    assert not any(isinstance(event, Problem) for event in run)


def test_only_so_many_findings_are_kept_and_the_rest_is_counted(run: Run) -> None:
    def parse(result: ProcessResult) -> Iterator[Finding]:
        return (Finding(f"number {index}") for index in range(MOST_FINDINGS + 1234))

    findings = run(python("raise SystemExit(1)", parse=parse)).result.findings
    assert len(findings) == MOST_FINDINGS + 1
    assert findings[-2].message == f"number {MOST_FINDINGS - 1}"
    assert findings[-1] == Finding("1,234 further findings were left out", severity=Severity.INFO)


def test_findings_are_safe_to_show(run: Run) -> None:
    def parse(result: ProcessResult) -> Iterator[Finding]:
        yield Finding("\x1b[31mred\x1b[0m\nand more", path="a\nb\udcff.py", rule="E\x1b1")

    (finding,) = run(python("raise SystemExit(1)", parse=parse)).result.findings
    assert finding == Finding("red\nand more", path="a\\nb\\udcff.py", rule="E\\x1b1")


@pytest.mark.parametrize("split", [False, True])
def test_output_for_people_is_told_and_machine_output_is_parsed(run: Run, split: bool) -> None:
    seen: list[ProcessResult] = []

    def parse(result: ProcessResult) -> Iterator[Finding]:
        seen.append(result)
        return iter(())

    code = "import sys; print('{}', flush=True); print('a warning', file=sys.stderr)"
    execution = run(python(code, split_output=split, parse=parse))
    told = "".join(event.text for event in run if isinstance(event, CheckOutput))
    assert told == execution.output == ("a warning\n" if split else "{}\na warning\n")
    assert (seen[0].stdout, seen[0].stderr) == (("{}\n", "a warning\n") if split else ("{}\na warning\n", ""))


# Results


def test_a_result_holds_the_moments_of_its_life_in_order(run: Run) -> None:
    result = run(python("print('hello')")).result
    moments = (result.queued_s, result.started_s, result.first_output_s, result.ended_s)
    assert list(moments) == sorted(moments, key=lambda moment: -1.0 if moment is None else moment)
    assert None not in moments
    assert (result.bucket, result.reason, result.outcome) == (Bucket.MISS, "new", Outcome.PASSED)
    assert result.duration_s is not None
    assert 0 < result.duration_s <= (result.ended_s or 0.0)


def test_what_cannot_be_started_is_broken_and_says_why(run: Run) -> None:
    result = run(Check(id="one", adapter="mine", argv=("/no/such/program",))).result
    assert (result.outcome, result.exit_code) == (Outcome.BROKEN, None)
    assert result.broken_because is not None
    assert result.broken_because.startswith("program could not be started: ")


def test_an_undeclared_variable_is_not_seen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTING", "strange")
    assert run(python("import os; print(os.environ.get('SETTING'))")).output == "None\n"
    assert run(python("import os; print(os.environ.get('SETTING'))", env=("SETTING",))).output == "strange\n"


URL = "postgresql://ann:s3cr3t@db/app"
TELLS = "import os, sys; print(os.environ['URL'], flush=True); print('no', 's3c' + 'r3t', file=sys.stderr); sys.exit(1)"


@pytest.mark.parametrize("split", [False, True])
def test_a_password_of_its_environment_is_shown_nowhere(run: Run, split: bool) -> None:
    def parse(result: ProcessResult) -> Iterable[Finding]:
        assert "s3cr3t" not in result.stdout + result.stderr
        yield Finding(f"cannot connect to {URL}", rule=f"test[{URL}]")

    check = python(TELLS, env=(f"URL={URL}",), split_output=split, parse=parse)
    execution = run(check)
    shown = "".join(event.text for event in run if isinstance(event, CheckOutput))
    assert "no ***\n" in shown
    assert "s3cr3t" not in repr((shown, execution))
    assert execution.result.findings[0].message == "cannot connect to postgresql://ann:***@db/app"


def test_a_password_is_not_shown_in_place_of_a_verdict(run: Run) -> None:
    def parse(result: ProcessResult) -> Iterable[Finding]:
        raise NoVerdict(f"cannot connect to {URL}")

    def raising(result: ProcessResult) -> Iterable[Finding]:
        raise ValueError(URL)

    for parser in (parse, raising):
        execution = run(python("", env=(f"URL={URL}",), parse=parser))
        assert "***@db" in (execution.result.broken_because or "")
        assert "s3cr3t" not in repr((execution, [event for event in run if isinstance(event, Problem)]))


def test_a_check_with_nothing_to_do_is_skipped_and_says_why(run: Run) -> None:
    def parse(result: ProcessResult) -> Iterator[Finding]:
        raise NothingToDo("no test is affected")

    result = run(python("print('idle')", parse=parse)).result
    assert (result.outcome, result.skipped_because) == (Outcome.SKIPPED, "no test is affected")
    assert (result.bucket, result.broken_because, result.findings) == (None, None, ())


def test_what_an_adapter_has_to_add_stands_in_the_result_without_escapes(run: Run) -> None:
    assert run(python("pass", note=lambda result: "fixed: \x1b[31mtest_a")).result.note == "fixed: test_a"
    assert run(python("raise SystemExit(126)", note=lambda result: "no verdict")).result.note == ""


def test_a_kept_folder_stays_and_where_there_is_none_a_temporary_one_stands_in(
    run: Run, temporary: Path, tmp_path: Path
) -> None:
    check = python("import os; print(os.environ['MINE'])", env=("MINE={kept}/x",))
    kept = asyncio.run(
        run.executor.execute(
            check, bucket=Bucket.MISS, reason="", queued_s=0.0, folders=Folders(kept=str(tmp_path / "kept"))
        )
    )
    assert kept.output == f"{tmp_path / 'kept'}/x\n"
    assert run(check).output.startswith(str(temporary))
    assert list(temporary.iterdir()) == []
