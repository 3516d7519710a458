"""How a check reads in the list."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ftui.events import CheckQueued, CheckRecalled
from ftui.model import Bucket, Outcome, Phase
from ftui.report.width import width
from ftui.tui.cells import cells, columns_for, cpu_of, progress, time_of, titles, trend
from tests.report.stream_of_events import begun, finished, printed, started, takes
from tests.tui.rows import changed, state_of


def line(name: str, now: float, available: int = 80, *events: object) -> str:
    state = state_of(begun("ruff", "mypy"), *events)  # type: ignore[arg-type]
    columns = columns_for(available, state.rows)
    return "".join(cell.text for cell in cells(state.rows[name], columns, now))


def test_a_result_has_its_state_its_bucket_and_its_time() -> None:
    done = finished("ruff", Outcome.FAILED, 0.018, bucket=Bucket.POLICY_RERUN)
    assert line("ruff", 2.0, 80, started("ruff"), done).split() == ["✗", "ruff", "failed", "policy-rerun", "18", "ms"]


def test_a_running_check_says_how_long_it_takes_as_a_rule() -> None:
    assert "2.1 s / ~3.0 s" in line("mypy", 102.1, 80, started("mypy", 100.0, expected=takes(3.0)))


def test_where_nothing_can_be_expected_nothing_is_made_up() -> None:
    once = (started("mypy"), finished("mypy", Outcome.PASSED, 3.0, at=3.0), begun("ruff", "mypy"))
    recalled = CheckRecalled(
        run_id="r1",
        time_s=0.0,
        check_id="mypy",
        outcome=Outcome.FAILED,
        bucket=Bucket.POLICY_RERUN,
        reason="",
        recorded_at=1.0,
        duration_s=4.0,
    )
    assert "running ✗ policy-rerun " in line("mypy", 101.0, 80, *once, recalled, started("mypy", 100.0))
    assert "~" not in line("mypy", 101.0, 80, *once, recalled, started("mypy", 100.0))


def test_a_bar_shows_how_far_a_long_check_is_and_warns_when_it_takes_unusually_long() -> None:
    def bar(now: float, seconds: float = 10.0) -> tuple[str, str] | None:
        state = state_of(begun("mypy"), started("mypy", 0.0, expected=takes(seconds)))
        return progress(state.rows["mypy"], now, 10)

    assert bar(0.0) == ("░░░░░░░░░░", "running")
    assert bar(5.0) == ("█████░░░░░", "running")
    assert bar(10.5) == ("█████████░", "running")
    assert bar(11.5) == ("██████████", "warning")
    assert bar(1.0, seconds=1.5) is None
    assert progress(state_of(begun("mypy"), started("mypy")).rows["mypy"], 5.0, 10) is None
    done = state_of(begun("mypy"), started("mypy", expected=takes(10.0)), finished("mypy", Outcome.PASSED, 9.0))
    assert progress(done.rows["mypy"], 20.0, 10) is None


def test_the_bar_takes_the_place_of_the_trend() -> None:
    shown = line("mypy", 5.0, 120, started("mypy", 0.0, expected=takes(10.0)))
    assert "█████" in shown
    assert shown.rstrip().endswith("░")


def test_a_silent_check_says_for_how_long() -> None:
    assert "silent" not in line("mypy", 29.0, 80, started("mypy"))
    assert "silent 35 s " in line("mypy", 35.4, 80, started("mypy"))
    assert "silent 2 m " in line("mypy", 130.0, 80, started("mypy"))
    assert "silent 1 h " in line("mypy", 4000.0, 80, started("mypy"))
    assert "silent" not in line("mypy", 35.4, 80, started("mypy"), printed("mypy", ".", at=20.0))


def test_a_check_is_silent_when_it_is_so_for_longer_than_it_ever_was() -> None:
    talks, thinks = started("mypy", expected=takes(60.0, silence_s=4.0)), started("mypy", expected=takes(60.0, 50.0))
    assert "silent" not in line("mypy", 3.9, 80, talks)
    assert "silent 5 s " in line("mypy", 5.4, 80, talks)
    assert "silent" not in line("mypy", 40.0, 80, thinks)
    assert "silent 51 s " in line("mypy", 51.0, 80, thinks)


def test_a_verdict_older_than_the_tree_is_stale() -> None:
    done = finished("ruff", Outcome.PASSED, 0.2)
    assert "stale" not in line("ruff", 9.0, 80, started("ruff"), done)
    assert "passed    stale" in line("ruff", 9.0, 80, started("ruff"), done, changed("ruff"))


@pytest.mark.parametrize("available", [30, 36, 40, 46, 54, 60, 80, 120])
def test_lines_and_titles_are_as_wide_as_the_columns(available: int) -> None:
    events = (begun("ruff", "a-check-with-a-long-name-日本"), started("ruff"), finished("ruff", Outcome.PASSED, 0.2))
    state = state_of(*events)
    columns = columns_for(available, state.rows)
    widths = {sum(width(cell.text) for cell in cells(row, columns, 1.0)) for row in state.rows.values()}
    assert len(widths) == 1
    assert max(widths) <= available
    assert width(titles(columns)) <= available


def test_a_budget_is_shown_and_what_is_over_it_is_said_with_glyph_word_and_tone() -> None:
    def shown(seconds: float, columns: int, attempts: int = 1) -> tuple[str, str]:
        row = state_of(begun("ruff"), started("ruff"), finished("ruff", Outcome.PASSED, seconds)).rows["ruff"]
        row.budget = 1.0
        assert row.result is not None
        row.result = replace(row.result, attempts=attempts)
        return time_of(row, 9.0, columns)

    assert shown(0.4, 14) == ("400 ms / 1.0 s", "")
    assert shown(0.4, 8) == ("400 ms", "")
    assert shown(1.2, 14) == ("▲ over 1.2 s", "warning")
    assert shown(1.2, 8) == ("▲ over", "warning")
    assert shown(1.2, 14, attempts=0) == ("1.2 s", "muted"), "what a hit took is that of another run"


def test_columns_give_way_the_share_of_a_core_first_and_the_bucket_last() -> None:
    roomy, narrower, without_trend, short, shortest = (
        columns_for(wide, ["ruff-format"]) for wide in (90, 60, 56, 48, 38)
    )
    assert (roomy.trend > 5, roomy.cpu) == (True, 4)
    assert (narrower.trend > 0, narrower.cpu) == (True, 0)
    assert (without_trend.trend, without_trend.bucket > 0, without_trend.time > 10) == (0, True, True)
    assert (short.bucket > 0, short.time) == (True, 8)
    assert (shortest.bucket, shortest.time) == (0, 8)


def test_what_computes_and_what_waits_is_told_by_the_share_of_a_core() -> None:
    row = state_of(begun("ruff"), started("ruff"), finished("ruff", Outcome.PASSED, 2.0)).rows["ruff"]
    assert row.result is not None
    for cpu_s, shown in ((1.94, "97%"), (0.1, "5%"), (3.9, "195%"), (None, "")):
        row.result = replace(row.result, cpu_s=cpu_s)
        assert cpu_of(row) == shown
    row.result = replace(row.result, cpu_s=1.0, attempts=0)
    assert cpu_of(row) == "", "a hit used none"


def test_a_trend_shows_each_run_against_the_usual_time() -> None:
    assert trend([1.0, 2.0, 2.0, 2.0, 4.0], 8) == "▂▄▄▄█"
    assert trend([1.0, 2.0, 2.0, 2.0, 4.0], 2) == "▄█"
    assert trend([1.0, 1.0], 8) == "▄▄"
    assert trend([1.0], 8) == ""
    assert trend([0.0, 0.0], 8) == ""


def test_a_failure_that_runs_again_is_still_seen_and_its_verdict_is_old() -> None:
    failed = (started("ruff"), finished("ruff", Outcome.FAILED, 0.2), begun("ruff", "mypy"))
    queued = CheckQueued(run_id="r1", time_s=2.0, check_id="ruff", phase=Phase.FAST)
    assert line("ruff", 9.0, 80, *failed, queued).split()[:5] == ["·", "ruff", "queued", "✗", "stale"]
    assert line("ruff", 9.0, 80, *failed, queued, started("ruff", 8.0)).split()[2:5] == ["running", "✗", "1.0"]


def test_a_list_too_narrow_for_buckets_still_says_what_is_stale() -> None:
    done = (started("ruff"), finished("ruff", Outcome.PASSED, 0.2))
    assert line("ruff", 9.0, 36, *done).split() == ["✓", "ruff", "passed", "200", "ms"]
    assert line("ruff", 9.0, 36, *done, changed("ruff")).split() == ["✓", "ruff", "passed", "stale"]
