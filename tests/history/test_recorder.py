from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui import beside
from ftui.events import CheckFinished, CheckOutput, CheckQueued, CheckStarted, RunFinished, RunStarted
from ftui.history import keeping
from ftui.history.comparable import command_digest
from ftui.history.expect import LEAST, Expectations
from ftui.history.keeping import Keeper
from ftui.history.machine import cores, processor
from ftui.history.recorder import Recorder
from ftui.history.store import History
from ftui.model import Bucket, Finding, Outcome, Phase
from ftui.state import State
from tests.history.made import MACHINE, NOON, check_result, events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ftui.events import Event
    from ftui.history.records import ResultRecord
    from ftui.model import CheckResult


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the history lies, whatever repository is asked for."""
    path = tmp_path / "data" / "history" / "abc" / "history-1.sqlite"
    monkeypatch.setattr(keeping, "history_file", lambda repository: str(path))
    monkeypatch.setattr(keeping, "histories_folder", lambda: str(path.parent.parent))
    return path


def play(
    root: Path,
    stream: list[Event],
    environ: dict[str, str] | None = None,
    expectations: Expectations | None = None,
) -> list[str]:
    """Has a recorder keep what a stream of events says; returns what it had to say."""
    said: list[str] = []
    expectations = expectations or Expectations(str(root))

    async def feed() -> None:
        recording = Recorder(Keeper(str(root), said.append, expectations, environ or {}), said.append)
        state = State()
        for event in stream:
            recording.write(state.apply(event), state)
        await recording.finish()

    asyncio.run(feed())
    return said


def whole(*results: CheckResult, run_id: str = "run-1", before: tuple[Event, ...] = ()) -> list[Event]:
    """The events of a run with these results."""
    began, _ = events(*results, run_id=run_id)
    finished = [CheckFinished.of(result, run_id=run_id, time_s=result.ended_s or 0.0) for result in results]
    return [began, *before, *finished, RunFinished(run_id=run_id, time_s=9.0)]


def kept(file: Path) -> History:
    return History(str(file), lambda message: None, read_only=True)


def only_result(file: Path) -> ResultRecord:
    (sample,) = kept(file).samples()
    return sample.result


def test_a_run_is_kept_with_the_figures_that_the_front_ends_show(file: Path, tmp_path: Path) -> None:
    results = check_result("ruff", 0.5), check_result("mypy", 2.0, outcome=Outcome.FAILED)
    assert play(tmp_path, whole(*results)) == []
    (run,) = kept(file).runs()
    _, ended = events(*results)
    assert (run.summary, run.totals) == (ended.run, ended.totals)
    assert (run.id, run.started_at, run.machine.cores >= 1) == ("run-1", NOON, True)


def test_a_result_is_kept_with_all_that_is_known_of_it(file: Path, tmp_path: Path) -> None:
    findings = Finding("one", "a.py", 1), Finding("two", "a.py", 2)
    given = check_result(tool="mypy 1.18.2", findings=findings, outcome=Outcome.FAILED, peak_rss_bytes=10**8)
    play(tmp_path, whole(given))
    found = only_result(file)
    for name in found.__struct_fields__:
        if name not in ("check", "command", "findings", "errors", "silence_s", "weight", "requires", "budget"):
            assert getattr(found, name) == getattr(given, name), name
    assert (found.check, found.findings, found.errors) == ("mypy", 2, 2)
    assert {each.message for each in kept(file).findings()} == {"one", "two"}


def test_moments_are_those_since_the_run_began(file: Path, tmp_path: Path) -> None:
    result = check_result(queued_s=101.0, started_s=102.0, first_output_s=103.0, ended_s=104.0)
    began, *rest = whole(result)
    play(tmp_path, [replace(began, time_s=100.0), *rest])
    found = only_result(file)
    assert (found.queued_s, found.started_s, found.first_output_s, found.ended_s) == (1.0, 2.0, 3.0, 4.0)


def test_the_longest_silence_lies_before_between_or_after_what_it_prints(file: Path, tmp_path: Path) -> None:
    def silence(*times: float) -> float | None:
        file.unlink(missing_ok=True)
        printed = tuple(
            CheckOutput(run_id="run-1", time_s=time, check_id="mypy", stream="stdout", text="x") for time in times
        )
        start = (
            CheckQueued(run_id="run-1", time_s=0.0, check_id="mypy", phase=Phase.SLOW),
            CheckStarted(run_id="run-1", time_s=1.0, check_id="mypy", argv=("mypy",)),
        )
        play(tmp_path, whole(check_result(started_s=1.0, ended_s=10.0), before=(*start, *printed)))
        return only_result(file).silence_s

    assert silence() == 9.0
    assert silence(6.0, 8.0) == 5.0
    assert silence(2.0, 8.0, 9.0) == 6.0
    assert silence(2.0, 3.0) == 7.0


def test_a_hit_that_prints_what_it_replays_has_no_silence(file: Path, tmp_path: Path) -> None:
    printed = CheckOutput(run_id="run-1", time_s=0.1, check_id="mypy", stream="stdout", text="x")
    hit = check_result(bucket=Bucket.HIT, attempts=0, started_s=None, ended_s=None)
    play(tmp_path, whole(hit, before=(printed,)))
    found = only_result(file)
    assert (found.silence_s, found.fresh, found.duration_s) == (None, False, 1.0)


def test_every_result_of_a_run_is_kept_and_findings_are_those_of_the_last_verdict(file: Path, tmp_path: Path) -> None:
    first = check_result(findings=(Finding("gone", "a.py"),), outcome=Outcome.FAILED)
    again = check_result(findings=(Finding("there", "a.py"),), outcome=Outcome.FAILED)
    play(tmp_path, whole(first, check_result(outcome=Outcome.CANCELLED, attempts=1), again))
    assert len(kept(file).samples()) == 3
    assert [found.message for found in kept(file).findings()] == ["there"]


def test_a_run_without_results_is_not_kept_and_one_after_the_other_is(file: Path, tmp_path: Path) -> None:
    empty = [*whole(run_id="run-0"), *whole(check_result(), run_id="run-1"), *whole(check_result(), run_id="run-2")]
    play(tmp_path, empty)
    assert [run.id for run in kept(file).runs()] == ["run-2", "run-1"]


def test_no_secret_reaches_the_disk(file: Path, tmp_path: Path) -> None:
    secrets = ("hunter2-in-argv", "hunter2-in-reason", "hunter2-in-finding", "hunter2-in-broken", "hunter2-in-environ")
    result = check_result(
        argv=("deploy", "--token=hunter2-in-argv"),
        reason="argument 1 changed: --password=hunter2-in-reason → hunter2-in-environ",
        findings=(Finding('hardcoded password: "hunter2-in-finding"', "a.py"), Finding("hunter2-in-environ", "b.py")),
        outcome=Outcome.FAILED,
    )
    other = check_result("other", outcome=Outcome.BROKEN, broken_because="cannot log in with secret=hunter2-in-broken")
    play(tmp_path, whole(result, other), {"DEPLOY_TOKEN": "hunter2-in-environ"})
    assert len(kept(file).samples()) == 2
    for path in file.parent.iterdir():
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content]


def test_paths_that_are_no_utf_8_and_texts_that_never_end_are_kept(file: Path, tmp_path: Path) -> None:
    odd = "b\udcff.py " + "x" * 100_000
    finding = Finding(odd, odd, 1, rule=odd)
    began, *rest = whole(check_result(reason=odd, findings=(finding,) * 1000, outcome=Outcome.FAILED))
    assert isinstance(began, RunStarted)
    assert play(tmp_path, [replace(began, root="/srv/\udcff", because=odd), *rest]) == []
    (run,) = kept(file).runs()
    assert (run.summary.root, run.because[:12]) == ("/srv/\\udcff", "b\\udcff.py x")
    assert file.stat().st_size < 300_000


def test_a_command_is_told_apart_from_others_and_is_the_same_in_every_clone() -> None:
    one = command_digest(("/srv/app/.venv/bin/mypy", "--config=/srv/app/mypy.ini", "src"), "/srv/app")
    two = command_digest(("/home/ana/app/.venv/bin/mypy", "--config=/home/ana/app/mypy.ini", "src"), "/home/ana/app")
    others = [
        ("mypy", "src"),
        ("mypy", "--config={root}/mypy.ini", "tests"),
        ("ruff", "--config={root}/mypy.ini", "src"),
    ]
    assert one == two
    assert one not in [command_digest(argv, "/srv/app") for argv in others]


# Nothing waits for it


class Slow(Keeper):
    """Never comes to an end with a run until it is let."""

    def __init__(self, root: str, say: Callable[[str], None]) -> None:
        super().__init__(root, say, Expectations(root), {})
        self.keeps = threading.Event()
        self.go_on = threading.Event()

    def keep(self, *args: object) -> None:
        self.keeps.set()
        self.go_on.wait()


def test_a_store_that_blocks_holds_nothing_up(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE_S", 0.01)
    said: list[str] = []
    slow = Slow(str(tmp_path), said.append)

    async def feed() -> int:
        recording = Recorder(slow, said.append)
        state, shown = State(), 0
        for number in range(3):
            for event in whole(check_result(), run_id=f"run-{number}"):
                recording.write(state.apply(event), state)
                shown += 1
            # The first run is being kept, and that does not end: all the same the next one is shown to its end.
            await asyncio.to_thread(slow.keeps.wait)
        await recording.finish()
        return shown

    assert asyncio.run(feed()) == 9
    assert not slow.go_on.is_set()
    slow.go_on.set()
    assert said == ["the history of this run is not kept: it could not be written within 0.01 s"]


def test_a_bug_in_keeping_is_one_line_and_the_next_run_is_kept(file: Path, tmp_path: Path) -> None:
    said: list[str] = []

    class Broken(Keeper):
        def keep(self, *args: object) -> None:
            if not said:
                raise ValueError("cannot")
            super().keep(*args)  # type: ignore[arg-type]

    async def feed() -> None:
        recording = Recorder(Broken(str(tmp_path), said.append, Expectations(str(tmp_path)), {}), said.append)
        state = State()
        for event in [*whole(check_result(), run_id="run-1"), *whole(check_result(), run_id="run-2")]:
            recording.write(state.apply(event), state)
        await recording.finish()

    asyncio.run(feed())
    assert said == ["the history of this run is not kept: ValueError: cannot"]
    assert [run.id for run in kept(file).runs()] == ["run-2"]


def test_without_a_home_there_is_no_history_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "history_file", lambda repository: None)
    said = play(tmp_path, [*whole(check_result(), run_id="run-1"), *whole(check_result(), run_id="run-2")])
    assert said == ["there is no home directory, so no history is kept: set HOME or XDG_DATA_HOME"]


# Expectations


def test_what_was_kept_is_expected_of_the_next_runs(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those in the same process, and of those in another one that opens the history again."""
    monkeypatch.setattr(keeping, "between", lambda begin, end, used: replace(MACHINE, name=processor(), cores=cores()))
    argv = check_result().argv
    here = Expectations(str(tmp_path))
    stream = [event for number in range(LEAST) for event in whole(check_result(duration_s=2.0), run_id=f"r{number}")]
    assert play(tmp_path, stream, expectations=here) == []
    there = Expectations(str(tmp_path))
    play(tmp_path, whole(run_id="next"), expectations=there)
    for expectations in (here, there):
        expected = expectations.of("mypy", argv, 1)
        assert expected is not None
        assert (expected.samples, expected.median_s) == (LEAST, 2.0)
        assert expectations.of("mypy", argv, 1000) is None
