"""Which checks are shown, and which one is looked at."""

from __future__ import annotations

from ftui.model import Bucket, Outcome
from ftui.tui.choice import ALL, followed, matching, next_filter
from tests.report.stream_of_events import begun, finished, started
from tests.tui.rows import changed, state_of


def test_filters_are_those_that_let_something_through_and_leave_something_out() -> None:
    rows = state_of(
        begun("a", "b", "c"),
        finished("a", Outcome.PASSED, bucket=Bucket.HIT),
        finished("b", Outcome.FAILED, 0.1),
        finished("c", Outcome.PASSED, 0.1),
        changed("c"),
    ).rows.values()
    seen, current = [], ALL
    for _ in range(5):
        current = next_filter(rows, current)
        seen.append((current, [row.id for row in matching(rows, current)]))
    everything = (ALL, ["a", "b", "c"])
    assert seen == [("failed", ["b"]), ("stale", ["c"]), ("hit", ["a"]), ("miss", ["b"]), everything]


def test_a_filter_that_lets_nothing_through_any_more_is_left_for_the_first() -> None:
    rows = state_of(begun("a", "b"), finished("a", Outcome.PASSED, 0.1)).rows.values()
    assert next_filter(rows, "failed") == "queued"


def test_the_first_failure_is_followed_then_what_runs_then_what_was_looked_at() -> None:
    start = begun("a", "b", "c")
    assert followed(state_of().rows, None) is None
    assert followed(state_of(start).rows, None) == "a"
    assert followed(state_of(start, started("c")).rows, "a") == "c"
    assert followed(state_of(start, started("b"), started("c")).rows, "c") == "c"
    failed = (start, finished("b", Outcome.FAILED, 0.1))
    assert followed(state_of(*failed, started("c")).rows, "c") == "b"
    both = (*failed, finished("c", Outcome.BROKEN, 0.1))
    assert followed(state_of(*both).rows, "c") == "c"


def test_a_failure_that_runs_again_is_still_the_one_to_look_at() -> None:
    state = state_of(begun("a", "b"), finished("b", Outcome.FAILED, 0.1), begun("a", "b"), started("b"), started("a"))
    assert followed(state.rows, "b") == "b"
