"""What the pane says of a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.events import CheckPaused, CheckQueued, CheckRecalled, PlannedCheck, RunStarted, TreeChanged
from ftui.model import Bucket, Outcome, Phase
from ftui.report.why import Changed, Last, Part, Required, Why
from ftui.tui.paint import STYLES, columns_of, text_of
from ftui.tui.why_lines import MOST_PATHS, explained_lines, uncovered_lines, why_lines
from tests.report.stream_of_events import begun, finished, started
from tests.tui.rows import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftui.events import Event
    from ftui.tui.paint import Line

QUEUED = CheckQueued(run_id="r1", time_s=0.0, check_id="mypy", phase=Phase.FAST)
WHY = Why(
    check="mypy",
    would_run=True,
    bucket=Bucket.MISS,
    reason="src/app.py changed",
    key="ab" * 32,
    parts=(Part("argv", "mypy src"), Part("inputs", "2 files, 0123456789ab"), Part("env:TOKEN", "set")),
    changes=(Changed("inputs", "src/app.py changed", ("src/app.py",)),),
    last=Last(Outcome.FAILED, 0.0, 2.2),
    requires=(Required("ruff", False, Bucket.HIT, "nothing has changed"),),
    uncovered=("notes.txt",),
)


def texts(lines: Iterable[Line]) -> list[str]:
    return [text_of(line).rstrip() for line in lines]


def said(*events: Event, now: float = 1000.0, columns: int = 100) -> list[str]:
    """What is said of mypy after some events."""
    state = state_of(begun("mypy", "ruff"), *events)
    return texts(why_lines(state.rows["mypy"], state, now, columns))


def edited(*paths: str, uncovered: tuple[str, ...] = ()) -> TreeChanged:
    return TreeChanged(run_id="r1", time_s=5.0, paths=paths, affects=("mypy",), uncovered=uncovered)


def test_a_verdict_has_its_bucket_reason_and_what_it_is_about() -> None:
    done = finished(
        "mypy", Outcome.FAILED, 2.2, exit_code=1, reason="src/app.py changed", key="ab" * 32, tree="cd" * 32, cpu_s=3.0
    )
    assert said(done) == [
        "✗ mypy failed  miss",
        "  src/app.py changed",
        "",
        "  took       2.2 s · 3.0 s of CPU",
        "  exit code  1",
        "  tree       cdcdcdcdcdcd",
        "  key        abababababab",
        "  command    mypy",
    ]


def test_a_replayed_result_says_how_old_it_is() -> None:
    done = finished("mypy", Outcome.PASSED, bucket=Bucket.HIT, reason="nothing changed", recorded_at=1000.0)
    assert "  replayed  found 3 minutes ago (1970-01-01 " in "\n".join(said(done, now=1190.0))


@pytest.mark.parametrize("moment", [1e300, -1e300])
def test_a_recorded_moment_that_cannot_be_is_no_error(moment: float) -> None:
    lines = said(finished("mypy", Outcome.PASSED, bucket=Bucket.HIT, recorded_at=moment), now=0.0)
    assert any(line.startswith("  replayed") for line in lines)


def test_a_stale_verdict_names_what_has_changed_since() -> None:
    done = finished("mypy", Outcome.PASSED, 1.0, reason="asked for", tree="cd" * 32)
    lines = said(done, edited("src/app.py", "a\x1b[2J.py"))
    assert lines[:6] == [
        "✓ mypy passed  stale",
        "  it was a miss: asked for",
        "",
        "changed since its verdict",
        "  src/app.py",
        "  a\\x1b[2J.py",
    ]
    assert "  tree     cdcdcdcdcdcd, not as it is now" in lines


def test_of_very_many_paths_the_first_are_named() -> None:
    lines = said(finished("mypy", Outcome.PASSED, 1.0), edited(*(f"{number:04}.py" for number in range(300))))
    assert sum(line.endswith(".py") for line in lines) == MOST_PATHS
    assert f"  and {300 - MOST_PATHS} more files" in lines


def test_a_check_that_runs_again_says_why_and_what_it_was() -> None:
    recalled = CheckRecalled(
        run_id="r1",
        time_s=0.0,
        check_id="mypy",
        outcome=Outcome.FAILED,
        bucket=Bucket.POLICY_RERUN,
        reason="it failed; policy: again when idle",
        recorded_at=940.0,
    )
    lines = said(QUEUED, recalled, started("mypy", 1.0))
    assert lines[0] == "⠋ mypy running  policy-rerun"
    assert lines[1].startswith("  last result: ✗ failed 1 minute ago (1970-")
    assert lines[2] == "  it failed; policy: again when idle"


def test_a_check_that_runs_again_without_a_word_of_the_cache_names_the_result_before() -> None:
    assert said(finished("mypy", Outcome.PASSED, 1.0), QUEUED)[:2] == [
        "· mypy queued",
        "  result before: ✓ passed",
    ]


def test_a_check_that_is_paused_skipped_or_broken_says_why() -> None:
    paused = CheckPaused(run_id="r1", time_s=6.0, check_id="mypy", reason="it started itself 3 times: ignore out.txt")
    assert "  paused: it started itself 3 times: ignore out.txt" in said(finished("mypy", Outcome.PASSED, 1.0), paused)
    skipped = finished("mypy", Outcome.SKIPPED, skipped_because="blocked by ruff (failed)")
    assert said(skipped)[:2] == ["- mypy skipped", "  skipped: blocked by ruff (failed)"]
    broken = finished("mypy", Outcome.BROKEN, 1.0, broken_because="mypy is not installed: pip install mypy")
    assert said(broken)[1] == "  no verdict: mypy is not installed: pip install mypy"


def test_what_it_requires_is_named_with_its_state() -> None:
    plans = [
        PlannedCheck(id="mypy", adapter="mypy", phase=Phase.SLOW, requires=("ruff", "black")),
        PlannedCheck(id="ruff", adapter="ruff", phase=Phase.FAST),
    ]
    run = RunStarted(
        run_id="r1", time_s=0.0, root="/repo", profile="dev", workers=2, checks=tuple(plans), started_at=1.0
    )
    state = state_of(run, finished("ruff", Outcome.FAILED, 1.0))
    assert texts(why_lines(state.rows["mypy"], state, 0.0, 80)) == [
        "· mypy queued",
        "",
        "  requires  ruff ✗ failed",
        "            black not in this profile",
    ]


def test_edited_files_that_no_check_reads_are_named() -> None:
    state = state_of(begun("mypy"), edited("notes.txt", uncovered=("notes.txt",)))
    assert texts(uncovered_lines(state, 80)) == [
        "",
        "edited while it was watched, and read by no check",
        "  notes.txt",
    ]
    assert uncovered_lines(state_of(begun("mypy")), 80) == []


def test_what_the_cache_says_is_told_as_the_command_tells_it() -> None:
    lines = texts(explained_lines(WHY, 80))
    assert lines[1:4] == [
        "if it were asked for now",
        "  mypy would run now (miss); since its last result:",
        "    src/app.py changed",
    ]
    assert "  key abababababab" in lines
    assert "    argv    mypy src" in lines
    assert "    notes.txt" in lines


def test_a_sentence_can_stand_in_place_of_what_the_cache_says() -> None:
    assert texts(explained_lines("there is no check 'mypy'", 80))[2:] == ["  there is no check 'mypy'"]


@given(st.integers(20, 120))
def test_every_line_fits_the_pane(columns: int) -> None:
    done = finished("mypy", Outcome.FAILED, 2.2, reason="日本 " * 30 + "x" * 300)
    state = state_of(begun("mypy"), done, edited("src/" + "x" * 150, uncovered=("y" * 150,)))
    lines = [*why_lines(state.rows["mypy"], state, 0.0, columns), *uncovered_lines(state, columns)]
    lines += explained_lines(WHY, columns)
    wide = [line for line in lines if columns_of(line) > columns]
    # Headings are cut by the pane.
    assert all(len(line) <= 2 and line[0][1] in ("title", "failed") for line in wide)
    assert all(style in ("", *STYLES) for line in lines for _, style in line)
