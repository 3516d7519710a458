"""The lines around the checks: header, banner, totals, hints, and the line about one check."""

from __future__ import annotations

import pytest

from ftui.events import CheckPaused, CheckQueued, CheckRecalled, Problem, Watching, WatchStatus
from ftui.model import Bucket, Outcome, Phase
from ftui.tui.widgets.banner import banner
from ftui.tui.widgets.detail import about
from ftui.tui.widgets.header import age, header, until_next_age
from ftui.tui.widgets.hints import hints
from ftui.tui.widgets.nothing import nothing
from ftui.tui.widgets.totals import totals
from tests.report.stream_of_events import EVERY_OUTCOME, begun, ended, finished, started, takes
from tests.tui.rows import changed, state_of


def watching(status: WatchStatus = "watching", reason: str = "", branch: str | None = "main") -> Watching:
    return Watching(
        run_id="r1",
        time_s=0.0,
        status=status,
        reason=reason,
        profile="dev",
        profiles=("fast", "dev"),
        workers=2,
        branch=branch,
        dirty=True,
    )


DONE = (watching(), begun("a", "b", root="/home/you/shop"), finished("a", Outcome.PASSED, 0.1), ended())


def test_the_header_says_what_is_watched_and_since_when() -> None:
    line = header(state_of(*DONE), finished_s=4.0, now_s=7.5, columns=100, replaying=False).plain
    assert " ".join(line.split()) == "ftui shop main* profile dev 2 workers ● watching run 1 · 3 s ago"
    assert len(line) == 100
    running = header(state_of(*DONE[:3]), finished_s=None, now_s=7.5, columns=100, replaying=False).plain
    assert running.endswith("run 1 · 1 of 1 done ")
    queued = CheckQueued(run_id="r1", time_s=0.0, check_id="slow", phase=Phase.FAST)
    long = state_of(begun("slow"), queued, started("slow", expected=takes(20.0)))
    line = header(long, finished_s=None, now_s=7.5, columns=100, replaying=False).plain
    assert line.endswith("run 1 · 0 of 1 done · ~12 s left ")


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 200])
def test_in_a_narrow_header_the_state_of_the_watch_stays(columns: int) -> None:
    state = state_of(watching("paused", branch="a-very-long-name-of-a-branch-indeed"), *DONE[1:])
    line = header(state, finished_s=4.0, now_s=7.5, columns=columns, replaying=False).plain
    assert "‖ paused" in line
    assert len(line.rstrip()) <= columns


def test_ages_are_told_in_steps_and_only_ticked_when_they_read_differently() -> None:
    told = [age(seconds) for seconds in (0.4, 3.9, 59.9, 61, 3599, 7300, 200_000)]
    assert told == ["just now", "3 s ago", "55 s ago", "1 m ago", "59 m ago", "2 h ago", "2 d ago"]
    for seconds in (0.4, 3.9, 59.5, 61.0, 3599.0, 7300.0):
        wait = until_next_age(seconds)
        assert age(seconds + wait - 0.01) == age(seconds) != age(seconds + wait)


def test_while_checks_run_the_figures_go_on_without_an_event() -> None:
    state = state_of(watching(), begun("a", "b"), started("a", 1.0))
    assert "wall 0 ms" in totals(state, 100).plain
    line = totals(state, 100, 3.5).plain
    assert "wall 2.5 s · parallel 1.0x" in line


def test_the_banner_says_why_the_watch_stands_still_or_what_went_wrong() -> None:
    def line(*events: object, unread: int = 0) -> str | None:
        found = banner(state_of(*events), unread=unread, pause="p", problems="!")  # type: ignore[arg-type]
        return found and found.text + found.rest

    problem = Problem(run_id="r1", time_s=0.0, source="plugin x", message="gone:\ninstall it")
    assert line(watching()) is None
    assert line(watching("held", "a rebase is under way")) == "◌ held: a rebase is under way"
    paused = line(*DONE[1:3], finished("b", Outcome.PASSED, 0.1), changed("a"), watching("paused"))
    assert paused == "‖ paused, 1 check stale: p resumes"
    assert line(watching("invalid", "ftui.toml: x")) == "! ftui.toml: x; the last good configuration is in force"
    assert line(problem, watching("paused"), unread=2) == r"! plugin x: gone:\ninstall it (+1)  ! shows"
    assert line(problem) is None


def test_totals_give_way_from_their_end_and_buckets_stay() -> None:
    state = state_of(*EVERY_OUTCOME)
    wide = totals(state, 130).plain
    assert wide.startswith(" ✗ 2 failed  ! 1 broken  ✓ 1 passed │ hit 0 · policy-rerun 0 · miss 4 │ efficiency 0%")
    assert "parallel" in wide
    for columns in range(40, 130):
        line = totals(state, columns).plain
        assert "hit 0 · policy-rerun 0 · miss 4" in line
        assert len(line) <= columns
    assert totals(state, 46).plain == " hit 0 · policy-rerun 0 · miss 4 │ 0%"


def test_hints_give_way_and_the_way_out_stays() -> None:
    assert [hint.words for hint in hints({}, 200)][:2] == ["open", "rerun"]
    assert hints({}, 22) == [("help", "?", "help"), ("quit", "q", "quit")]
    assert ("rerun", "ctrl+r", "rerun") in hints({"rerun": "ctrl+r"}, 200)
    assert "rerun" not in {hint.id for hint in hints({}, 200, {"rerun"})}


def test_the_line_about_a_check_says_why_it_is_as_it_is() -> None:
    def line(*events: object, now: float = 40.0) -> str:
        return about(state_of(begun("a"), *events).rows["a"], now)  # type: ignore[arg-type]

    recalled = CheckRecalled(
        run_id="r1",
        time_s=0.0,
        check_id="a",
        outcome=Outcome.FAILED,
        bucket=Bucket.STALE,
        reason="a.py changed",
        recorded_at=1.0,
        duration_s=4.0,
    )
    assert line() == "a queued"
    done = finished("a", Outcome.PASSED, 0.1)
    assert line(done) == "a passed: miss  no cache yet"
    assert line(done, changed("a")) == "a passed, stale: a.py changed since"
    assert line(recalled, started("a")) == (
        "a running: no output for 40.0 s; took 4.0 s last time; last result failed: a.py changed"
    )
    assert line(recalled, started("a", expected=takes(5.0, silence_s=30.0))) == (
        "a running: no output for 40.0 s, longer than ever; takes 5.0 s as a rule, 4.5 s to 5.5 s;"
        " last result failed: a.py changed"
    )
    assert line(started("a", attempt=2), now=1.0) == "a running: attempt 2"
    paused = CheckPaused(run_id="r1", time_s=0.0, check_id="a", reason="it runs itself: ignore `a.txt`")
    assert line(done, paused) == "a paused: it runs itself: ignore `a.txt`"


def test_without_checks_the_screen_says_what_was_looked_for() -> None:
    assert nothing(state_of()).plain == "Looking for checks …"
    text = nothing(state_of(watching(), begun())).plain
    assert "Nothing to check in profile dev." in text
    assert "ftui init" in text
