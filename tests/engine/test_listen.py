"""Tests of the thread that listens, alone; with a tree around it it is tested in test_watch.py."""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from ftui.engine import bell, listen
from ftui.engine.bell import Bell
from ftui.engine.listen import GAP_S, Heard, Listener, News

DEADLINE_S = 20


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def listening(clock: Callable[[], float] | None = None) -> Iterator[tuple[Listener, queue.Queue[Heard]]]:
    """A listener, and what it tells."""
    told: queue.Queue[Heard] = queue.Queue()
    listener = Listener(told.put, clock=clock or Clock())
    listener.start()
    try:
        yield listener, told
    finally:
        listener.close()
    assert not listener.is_alive()


def test_it_tells_when_it_listens_and_then_what_has_changed(tmp_path: Path) -> None:
    with listening() as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        (tmp_path / "a").write_text("")
        (tmp_path / "b").write_text("")
        assert told.get(timeout=DEADLINE_S) == frozenset({str(tmp_path / "a"), str(tmp_path / "b")})


def test_other_folders_take_the_place_of_those_before(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with listening() as (listener, told):
        for folder in ("one", "two"):
            listener.listen([str(tmp_path / folder)])
            assert told.get(timeout=DEADLINE_S) is News.LISTENING
        (tmp_path / "one/a").write_text("")
        (tmp_path / "two/b").write_text("")
        assert told.get(timeout=DEADLINE_S) == frozenset({str(tmp_path / "two/b")})


def test_a_folder_that_does_not_exist_ends_the_listening_until_told_otherwise(tmp_path: Path) -> None:
    with listening() as (listener, told):
        listener.listen([str(tmp_path / "nowhere")])
        assert isinstance(told.get(timeout=DEADLINE_S), FileNotFoundError)
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING


def test_very_many_changes_are_not_told_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "MANY", 10)
    with listening() as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        for number in range(200):
            (tmp_path / f"m{number}").touch()
        assert told.get(timeout=DEADLINE_S) is News.MANY


def test_nothing_is_lost_or_told_twice_while_files_come_all_the_time(tmp_path: Path) -> None:
    with listening() as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        files = [tmp_path / f"m{number}" for number in range(1500)]
        for path in files:
            path.mkdir()
        seen: list[str] = []
        while len(seen) < len(files):
            heard = told.get(timeout=DEADLINE_S)
            assert isinstance(heard, frozenset)
            seen += heard
        assert sorted(seen) == sorted(map(str, files))


def test_a_gap_between_two_steps_means_that_the_machine_slept(tmp_path: Path) -> None:
    clock = Clock()
    with listening(clock) as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        clock.now += GAP_S + 1
        assert told.get(timeout=DEADLINE_S) is News.AWAKE
        clock.now += GAP_S - 1
        (tmp_path / "a").write_text("")
        assert told.get(timeout=DEADLINE_S) == frozenset({str(tmp_path / "a")})


def test_one_that_never_listened_closes_too() -> None:
    with listening():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system tells of no events, and they are looked for")
def test_the_file_that_events_come_through_is_found_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung: list[int] = []

    class Noting(Bell):
        def _poll_of(self, file: int) -> Any:
            hung.append(file)
            return super()._poll_of(file)

    monkeypatch.setattr(listen, "Bell", Noting)
    with listening() as (listener, told):
        for _ in range(20):
            listener.listen([str(tmp_path)])
            assert told.get(timeout=DEADLINE_S) is News.LISTENING
    assert len(hung) >= 18  # one that watchfiles closes late may hide the next one


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system tells of no events, and they are looked for")
def test_a_bell_rings_for_what_can_be_read_and_when_it_is_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that nobody reads stands for the file that events come through."""
    files: set[int] = set()
    monkeypatch.setattr(bell, "_event_files", lambda: frozenset(files))

    @contextmanager
    def listener() -> Iterator[int]:
        reader, writer = os.pipe()
        files.add(reader)
        yield writer
        files.remove(reader)
        os.close(reader)
        os.close(writer)

    rings = Bell(step_s=0.0)
    with rings.hang(listener) as writer:
        assert not rings.wait(0.0)
        os.write(writer, b"an event")
        assert rings.wait(DEADLINE_S)
    with rings.hang(listener):
        rings.ring()
        assert rings.wait(DEADLINE_S)
        assert not rings.wait(0.0)
    files.update((1_000, 1_001))
    with rings.hang(nullcontext):
        assert not rings.wait(DEADLINE_S)  # nothing hangs: it takes a step
    rings.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system tells of no events, and they are looked for")
def test_while_nothing_happens_it_wakes_a_few_times_a_second_at_most(tmp_path: Path) -> None:
    asked: list[float] = []

    def clock() -> float:
        asked.append(time.monotonic())
        return 0.0

    with listening(clock) as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        with pytest.raises(queue.Empty):
            told.get(timeout=2.0)
        assert len([moment for moment in asked if moment > asked[-1] - 1.0]) <= 1.0 / listen.LOOK_S + 1


def test_events_that_nobody_is_told_of_do_not_make_it_look_without_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchfiles hears of every file that is opened, and tells nobody."""
    looks = 0
    heard = listen._heard

    def counted(notify: Any) -> set[str]:
        nonlocal looks
        looks += 1
        return heard(notify)

    monkeypatch.setattr(listen, "_heard", counted)
    (tmp_path / "a").write_text("")
    with listening() as (listener, told):
        listener.listen([str(tmp_path)])
        assert told.get(timeout=DEADLINE_S) is News.LISTENING
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            (tmp_path / "a").read_text()
        assert looks <= 2.0 / listen.STEP_S + 2
        (tmp_path / "b").write_text("")
        assert told.get(timeout=DEADLINE_S) == frozenset({str(tmp_path / "b")})
