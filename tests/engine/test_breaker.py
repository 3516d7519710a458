"""Who changes what he reads, and who saves time and again: told apart on a clock of the test's own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ftui.engine.breaker import QUIET_S, ROUNDS, Blame, Breaker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ftui.engine.breaker import Start


class Times:
    """A breaker, the clock that it reads, and a check that takes so many seconds."""

    def __init__(self, takes: float = 2.0) -> None:
        self.now = 1000.0
        self.breaker = Breaker(lambda: self.now)
        self._takes = takes
        self._start: Start = "now"

    def run(self, *writes: tuple[float, str], made: Iterable[str] = ()) -> Start:
        """Runs the check once; what is decided about the files that change, given with the seconds from its start."""
        self.now += QUIET_S if self._start == "later" else 0.0
        start = self.now
        self.breaker.started("a")
        self.now = start + self._takes
        self.breaker.ended("a")
        self.now += 0.1
        self._start = self.breaker.judge("a", {path: start + offset for offset, path in writes}, frozenset(made))
        return self._start


def test_a_check_that_changes_the_same_file_in_each_run_is_taken_out_at_the_third() -> None:
    times = Times()
    assert [times.run((1.0, "log")) for _ in range(ROUNDS + 1)] == ["now", "later", "never", "never"]
    assert times.breaker.blamed == {"a": Blame("/log", ("a",))}


def test_an_edit_by_somebody_else_takes_it_back() -> None:
    times = Times()
    for _ in range(ROUNDS):
        times.run((1.0, "log"))
    assert times.breaker.judge("a", {"log": times.now}) == "now"
    assert times.breaker.blamed == {}
    assert times.run((1.0, "log")) == "now"


def test_what_else_changes_at_the_same_time_speaks_for_somebody_else() -> None:
    times = Times()
    for _ in range(2 * ROUNDS):
        assert times.run((1.0, "log"), (-5.0, "src/a.py")) == "now"


def test_who_saves_after_each_run_is_not_accused() -> None:
    times = Times(takes=0.01)
    for _ in range(2 * ROUNDS):
        assert times.run((0.05, "src/a.py")) == "now"


def test_who_saves_at_other_moments_of_a_long_run_is_not_accused() -> None:
    times = Times(takes=60)
    for offset in (20.0, 31.0, 12.0, 45.0, 3.0):
        assert times.run((offset, "src/a.py")) == "now"


def test_who_saves_every_two_seconds_is_not_accused_since_the_third_run_begins_later() -> None:
    """Each save restarts the check, so that it is always two seconds old when it changes again."""
    breaker, now = Breaker(lambda: now[0]), [0.0]
    starts = []
    breaker.started("a")
    for number in range(1, 10):
        now[0] = saved = 2.0 * number
        start = breaker.judge("a", {"src/a.py": saved})
        starts.append(start)
        if start != "never":
            breaker.ended("a")
            now[0] += QUIET_S if start == "later" else 0.0
            breaker.started("a")
    assert "never" not in starts
    assert "later" in starts


def test_many_saves_in_one_run_count_once() -> None:
    times = Times()
    times.breaker.started("a")
    for _ in range(10):
        times.now += 0.2
        assert times.breaker.judge("a", {"src/a.py": times.now}) == "now"


def test_a_change_between_the_runs_speaks_for_somebody_else() -> None:
    times = Times()
    assert [times.run((1.0, "a.py")), times.run((1.0, "a.py"))] == ["now", "later"]
    assert times.breaker.judge("a", {"a.py": times.now}) == "now"
    assert times.run((1.0, "a.py")) == "now"


def test_files_of_another_name_in_each_run_are_the_check_s_own_and_one_pattern_matches_them() -> None:
    times = Times()
    names = [f"out/report-{number}.xml" for number in (17, 28, 39)]
    assert [times.run((1.0, name), made=[name]) for name in names] == ["now", "later", "never"]
    assert times.breaker.blamed == {"a": Blame("/out/report-*.xml", ("a",))}


def test_edits_of_different_files_are_nobody_s_pattern() -> None:
    times = Times()
    for name in ("a.py", "b.py", "c.py", "d.py"):
        assert times.run((1.0, name)) == "now"


def test_who_was_never_started_is_not_accused() -> None:
    assert Times().breaker.judge("a", {"a.py": 0.0}) == "now"


def test_forgiven_it_is_judged_anew() -> None:
    times = Times()
    for _ in range(ROUNDS):
        times.run((1.0, "log"))
    times.breaker.forgive("a")
    assert [times.run((1.0, "log")) for _ in range(ROUNDS)] == ["now", "later", "never"]


@pytest.mark.parametrize("name", ["log", "a [1].txt", "what?*", "back\\slash", "#1", "!1", "dir/end "])
def test_git_ignores_the_file_by_the_pattern(tmp_path: Path, name: str) -> None:
    times = Times()
    for _ in range(ROUNDS):
        times.run((1.0, name))
    subprocess.run(("git", "init", "-q", str(tmp_path)), check=True)
    (tmp_path / ".gitignore").write_text(times.breaker.blamed["a"].pattern + "\n")
    ignored = subprocess.run(
        ("git", "check-ignore", "--stdin", "-z"), cwd=tmp_path, input=f"{name}\0".encode(), capture_output=True
    )
    assert ignored.stdout == f"{name}\0".encode()


class Pair:
    """A breaker, and checks of which each takes a second and writes in the middle of it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.breaker = Breaker(lambda: self.now)
        self._start: Start = "now"

    def edit(self, check_id: str) -> None:
        """Somebody edits what a check reads."""
        self.now += 5.0
        assert self.breaker.judge(check_id, {"src/a.py": self.now}) == "now"

    def run(self, check_id: str, path: str, starts: str) -> Start:
        """Runs a check that writes a file; what is decided about another one that reads it."""
        self.now += QUIET_S if self._start == "later" else 0.0
        start = self.now
        self.breaker.started(check_id)
        self.now += 1.0
        self.breaker.ended(check_id)
        self.now += 0.1
        self._start = self.breaker.judge(starts, {path: start + 0.5})
        return self._start


def test_two_checks_that_start_each_other_are_found_out() -> None:
    pair = Pair()
    pair.edit("a")
    starts = [pair.run("a", "x", "b")]
    while starts[-1] != "never":
        starts.append(pair.run(*(("b", "y", "a") if len(starts) % 2 else ("a", "x", "b"))))
    assert starts == ["now"] + ["now"] * 2 + ["later"] * 2 + ["never"]
    assert pair.breaker.blamed == {"a": Blame("/y", ("b",))}
    pair.edit("a")
    assert pair.breaker.blamed == {}


def test_so_are_three_in_a_ring() -> None:
    pair = Pair()
    pair.edit("a")
    ring = (("a", "x", "b"), ("b", "y", "c"), ("c", "z", "a"))
    starts: list[Start] = []
    while not starts or starts[-1] != "never":
        starts.append(pair.run(*ring[len(starts) % 3]))
    assert len(starts) == 3 * ROUNDS
    assert pair.breaker.blamed == {"a": Blame("/z", ("c",))}


def test_a_check_that_comes_after_another_one_is_not_accused_however_often_that_runs() -> None:
    pair = Pair()
    for _ in range(3 * ROUNDS):
        pair.edit("generate")
        assert pair.run("generate", "src/generated.py", "test") == "now"
        assert pair.run("test", "out/log", "generate") == "now"
    assert pair.breaker.blamed == {}


def test_without_quiet_before_the_last_run_nobody_is_accused() -> None:
    """A program saves all the time, and something else starts the check in the meantime."""
    breaker, now = Breaker(lambda: now[0]), [1000.0]
    starts = []
    for number in range(200):
        if number % 10 == 0:
            breaker.started("a")
        now[0] += 0.05
        starts.append(breaker.judge("a", {"src/a.py": now[0]}))
    assert "later" in starts
    assert "never" not in starts
