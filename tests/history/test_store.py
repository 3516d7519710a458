from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ftui.history import upkeep
from ftui.history.store import History
from ftui.model import Bucket, Finding, Outcome, Severity
from tests.history.made import NOON, keep, result, run

DAY = 86_400.0


def test_a_run_comes_back_whole_with_its_results_in_their_order(history: History) -> None:
    kept = run(branch="main", because="a.py changed", interrupted=True, version="1.0")
    results = [result("mypy", 2.0, reason="why", requires=("ruff",)), result("ruff", 0.1, outcome=Outcome.FAILED)]
    assert history.keep(kept, results)
    (found,) = history.runs()
    assert found.number == 1
    assert replace(found, number=0) == kept
    assert history.results_of(found) == results
    assert history.run(kept.id) == found
    assert history.checks() == ["mypy", "ruff"]


def test_the_latest_run_comes_first_whatever_the_wall_clock_says(history: History) -> None:
    for number, at in enumerate([NOON, NOON - 3 * DAY, NOON + 1]):
        history.keep(run(f"run-{number}", at=at), [result()])
    assert [found.id for found in history.runs()] == ["run-2", "run-1", "run-0"]
    assert [sample.run.id for sample in history.samples("mypy")] == ["run-2", "run-1", "run-0"]


def test_a_run_is_found_by_the_beginning_of_its_id_where_that_is_one(history: History) -> None:
    for name in ("abc-1", "abd-2", "abc-12"):
        history.keep(run(name), [])
    found = {text: (history.run(text) or run("none")).id for text in ("abd", "abc-1", "abc", "x", "%")}
    assert found == {"abd": "abd-2", "abc-1": "abc-1", "abc": "none", "x": "none", "%": "none"}


def test_samples_are_those_of_a_check_and_fresh_ones_where_that_is_asked_for(history: History) -> None:
    hit = result(bucket=Bucket.HIT, attempts=0)
    retried = result(attempts=2)
    broken = result(outcome=Outcome.BROKEN)
    keep(history, hit, result("ruff", 0.1), retried)
    keep(history, broken, result(duration_s=3.0))
    assert [s.result.duration_s for s in history.samples("mypy", fresh=True)] == [3.0]
    assert [s.result for s in history.samples("mypy")] == [result(duration_s=3.0), broken, retried, hit]
    assert [s.result.check for s in history.samples(limit=4)] == ["mypy", "mypy", "mypy", "ruff"]
    assert history.samples("nothing") == []


def test_a_run_is_kept_once(history: History) -> None:
    assert history.keep(run(), [result()])
    assert not history.keep(run(), [result()])
    assert len(history.samples()) == 1


# Findings over time


def finding(message: str = "undefined", line: int = 1, path: str | None = "a.py") -> Finding:
    return Finding(message, path, line, 1, Severity.ERROR, "F821")


def test_a_finding_is_followed_from_run_to_run_wherever_it_moves(history: History) -> None:
    history.keep(run("run-1"), [result()], [("mypy", [finding(line=1), finding("other", path=None)])])
    history.keep(run("run-2"), [result()], [("mypy", [finding(line=7)])])
    by_message = {found.message: found for found in history.findings("mypy")}
    moved, gone = by_message["undefined"], by_message["other"]
    assert (moved.first, moved.last, moved.times, moved.line, moved.present) == (1, 2, 2, 7, True)
    assert (gone.first, gone.last, gone.times, gone.path, gone.present) == (1, 1, 1, None, False)
    assert history.findings("ruff") == []


def test_a_hit_says_nothing_new_about_findings(history: History) -> None:
    history.keep(run("run-1"), [result()], [("mypy", [finding()])])
    history.keep(run("run-2"), [result(bucket=Bucket.HIT, attempts=0)])
    assert [found.present for found in history.findings()] == [True]


def test_findings_are_bounded(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "MOST_FINDINGS", 300)
    for number in range(5):
        found = [finding(f"message {number} {each}") for each in range(upkeep.FINDINGS_OF_ONE + 50)]
        history.keep(run(f"run-{number}"), [result()], [("mypy", found)])
    left = history.findings(limit=10_000)
    assert 0 < len(left) <= 300
    assert {each.last for each in left} == {5}


# Wrong clocks


def clocks(history: History, times: list[float]) -> list[bool]:
    for number, at in enumerate(times):
        history.keep(run(f"run-{number}", at=at), [])
    return [found.wrong_clock for found in reversed(history.runs(1000))]


def test_a_run_whose_clock_is_behind_is_marked(history: History) -> None:
    assert clocks(history, [NOON, NOON + 60, 0.0, NOON + 120]) == [False, False, True, False]


def test_a_run_whose_clock_was_ahead_is_marked_when_the_next_one_shows_it(history: History) -> None:
    ahead = NOON + 5000 * DAY
    assert clocks(history, [NOON, NOON + 60, ahead, NOON + 120]) == [False, False, True, False]


def test_a_clock_that_was_wrong_for_long_is_believed_no_longer_than_it_takes_to_see_more_right_ones(
    history: History,
) -> None:
    ahead = [NOON + 5000 * DAY + number for number in range(upkeep.WINDOW)]
    right = [NOON + number for number in range(2 * upkeep.WINDOW)]
    marks = clocks(history, ahead + right)
    assert not any(marks[-upkeep.WINDOW :])


def test_a_long_run_of_one_clone_beside_many_short_ones_of_another_has_no_wrong_clock(history: History) -> None:
    for number in range(upkeep.WINDOW):
        history.keep(run(f"short-{number}", at=NOON + 20 * number, took_s=1.0), [])
    history.keep(run("long", at=NOON, took_s=20.0 * upkeep.WINDOW), [])
    assert not any(found.wrong_clock for found in history.runs(1000))


@given(steps=st.lists(st.floats(0.0, 10 * DAY), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_as_long_as_time_goes_on_no_clock_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float]
) -> None:
    history = History(str(tmp_path_factory.mktemp("data") / "history-1.sqlite"), lambda message: None)
    times = [NOON + sum(steps[:count]) for count in range(len(steps))]
    assert not any(clocks(history, times))
    history.close()


# What goes


def test_old_runs_go_with_their_results_and_findings(history: History) -> None:
    history.keep(run("old", at=NOON - 500 * DAY), [result("old-check")], [("old-check", [finding()])])
    for number in range(3):
        history.keep(run(f"run-{number}", at=NOON + number), [result()])
    assert [found.id for found in history.runs()] == ["run-2", "run-1", "run-0"]
    assert history.checks() == ["mypy"]
    assert history.findings() == []


def test_a_date_in_the_far_future_does_not_empty_the_history(history: History) -> None:
    for number in range(5):
        history.keep(run(f"run-{number}", at=NOON + number), [result()])
    history.keep(run("ahead", at=NOON + 5000 * DAY), [result()])
    assert len(history.runs()) == 6


def test_the_oldest_go_first_where_there_is_too_much(tmp_path: Path) -> None:
    history = History(str(tmp_path / "history-1.sqlite"), lambda message: None, cap=400_000)
    for number in range(200):
        history.keep(run(f"run-{number}", at=NOON + number), [result(reason="x" * 4000)])
    left = [found.id for found in history.runs(1000)]
    assert 20 < len(left) < 150
    assert left == [f"run-{number}" for number in range(199, 199 - len(left), -1)]
    assert len(history.samples(limit=1000)) == len(left)
    history.close()
    assert (tmp_path / "history-1.sqlite").stat().st_size < 800_000


def test_histories_of_repositories_that_nobody_works_on_are_removed(tmp_path: Path) -> None:
    for name, age in (("new", 0.0), ("recent", 30 * DAY), ("forgotten", 500 * DAY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "history-1.sqlite").touch()
        os.utime(tmp_path / name / "history-1.sqlite", (NOON - age,) * 2)
    (tmp_path / "something else").mkdir()
    upkeep.remove_forgotten(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"new", "recent", "something else"}


# When something is wrong with it


class Opened:
    """A history that may have something to say."""

    def __init__(self, path: Path, **options: bool) -> None:
        self.said: list[str] = []
        self.history = History(str(path), self.said.append, **options)


@pytest.mark.parametrize("damage", [b"no database " * 1000, b"SQLite format 3\0" + bytes(5000)], ids=["text", "zeros"])
def test_a_damaged_history_is_set_aside_with_one_line_and_a_fresh_one_is_begun(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "history-1.sqlite"
    path.write_bytes(damage)
    opened = Opened(path)
    assert opened.history.keep(run(), [result()])
    assert len(opened.history.runs()) == 1
    opened.history.close()
    (line,) = opened.said
    assert line.startswith("the history was damaged and has been set aside as history-1.sqlite.damaged-")


def test_a_damaged_history_that_is_only_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "history-1.sqlite"
    path.write_bytes(b"no database " * 1000)
    opened = Opened(path, read_only=True)
    assert opened.history.runs() == []
    assert opened.said == [f"the history cannot be read: the history is damaged ({tmp_path})"]


def test_no_history_to_read_is_no_trouble(tmp_path: Path) -> None:
    opened = Opened(tmp_path / "history-1.sqlite", read_only=True)
    history = opened.history
    assert (history.runs(), history.run("x"), history.samples(), history.checks(), history.findings()) == (
        [], None, [], [], [],
    )  # fmt: skip
    assert opened.said == []
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_is_damaged_is_left_out(history: History, tmp_path: Path) -> None:
    for _ in range(3):
        keep(history, result())
    other = sqlite3.connect(tmp_path / "data" / "history-1.sqlite", isolation_level=None)
    other.execute("UPDATE runs SET body = x'7b00' WHERE number = 1")
    other.execute("UPDATE results SET body = 'text' WHERE run = 2")
    other.close()
    assert [found.number for found in history.runs()] == [3, 2]
    assert [sample.run.number for sample in history.samples()] == [3]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    opened = Opened(tmp_path / "file" / "history-1.sqlite")
    assert not opened.history.keep(run(), [result()])
    (line,) = opened.said
    assert line.startswith("the history of this run is not kept: the folder of the history cannot be used: ")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_history_is_one_line(tmp_path: Path) -> None:
    opened = Opened(tmp_path / "history-1.sqlite")
    opened.history.close()
    (tmp_path / "history-1.sqlite").chmod(0o400)
    tmp_path.chmod(0o500)
    opened = Opened(tmp_path / "history-1.sqlite")
    assert not opened.history.keep(run(), [result()])
    tmp_path.chmod(0o700)
    assert len(opened.said) == 1


def test_a_full_disk_is_one_line_and_what_was_kept_stays(tmp_path: Path) -> None:
    path = tmp_path / "history-1.sqlite"
    opened = Opened(path)
    keep(opened.history, result())
    # The database may not grow any more, which SQLite reports as it does a full disk.
    opened.history.ask(lambda db: db.execute("PRAGMA max_page_count = 1"), None)
    assert not opened.history.keep(run("run-2"), [result(reason="x" * 100_000)])
    assert not opened.history.keep(run("run-3"), [result(reason="x" * 100_000)])
    assert opened.said == [f"the history of this run is not kept: the disk is full ({tmp_path})"]
    assert [found.id for found in Opened(path).history.runs()] == ["run-1"]


def test_clones_write_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "history-1.sqlite"
    Opened(path).history.close()

    def write(clone: int) -> None:
        opened = Opened(path)
        for number in range(20):
            assert opened.history.keep(run(f"{clone}-{number}"), [result(), result("ruff")])
        opened.history.close()
        assert not opened.said

    threads = [threading.Thread(target=write, args=(clone,)) for clone in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = Opened(path).history
    assert sorted(found.number for found in history.runs(1000)) == list(range(1, 81))
    assert len(history.samples(limit=1000)) == 160
    history.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be copied there")
def test_a_copy_of_it_can_be_read_while_it_is_written(history: History, tmp_path: Path) -> None:
    keep(history, result())
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    assert len(Opened(tmp_path / "copy" / "history-1.sqlite", read_only=True).history.runs()) == 1
