"""What is taken over from recorded runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftui.model import Outcome, Phase
from ftui.report.recording import replay
from ftui.tuning.timing import Overhead, PastRun, Timing, of_check, overhead_of, past_runs

SESSION = Path(__file__).parent.parent / "tui" / "data" / "session.ndjson"


def timing(check: str, start: float, end: float, phase: Phase = Phase.FAST) -> Timing:
    return Timing(check=check, phase=phase, started_s=start, ended_s=end, outcome=Outcome.PASSED)


def test_the_runs_of_a_recording_are_those_that_ended_with_the_checks_that_really_ran() -> None:
    runs = list(past_runs(replay(SESSION)))
    assert runs
    assert all(each.started_s <= each.ended_s for run in runs for each in run.timings)
    assert any("pytest" in run.checks for run in runs)
    assert all(run.wall_s >= max((each.took_s for each in run.timings), default=0.0) for run in runs)


def test_the_overhead_is_the_gap_before_a_start_apart_for_the_first_of_a_phase() -> None:
    run = PastRun(
        workers=1,
        timings=(timing("a", 0.0, 1.0), timing("b", 1.25, 2.0), timing("tests", 3.0, 4.0, Phase.SLOW)),
    )
    assert overhead_of([run]) == Overhead(start_s=0.25, phase_s=1.0)


def test_checks_that_start_together_show_how_long_a_start_takes() -> None:
    run = PastRun(workers=2, timings=(timing("a", 0.0, 1.0), timing("b", 0.125, 1.0)))
    assert overhead_of([run]) == Overhead(start_s=0.125, phase_s=0.0)


def test_the_share_of_a_core_is_not_known_where_it_was_not_measured() -> None:
    assert timing("a", 0, 1).cpu_share is None
    measured = Timing(check="a", phase=Phase.FAST, started_s=1, ended_s=3, outcome=Outcome.PASSED, cpu_s=0.5)
    assert measured.cpu_share == pytest.approx(0.25)
    assert [each.check for each in of_check([PastRun(workers=1, timings=(measured,))], "a")] == ["a"]
