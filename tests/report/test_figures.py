"""Figures as people read them."""

from __future__ import annotations

import pytest

from ftui.model import Outcome, RunSummary, Totals
from ftui.report import figures


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 ms"),
        (0.0004, "0 ms"),
        (0.012, "12 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (2.14, "2.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 m 00 s"),
        (65, "1 m 05 s"),
        (3599.4, "59 m 59 s"),
        (3599.6, "1 h 00 m"),
        (3720, "1 h 02 m"),
    ],
)
def test_a_duration_is_as_exact_as_people_care_about(seconds: float, words: str) -> None:
    assert figures.duration(seconds) == words


def test_a_number_agrees_with_its_noun() -> None:
    assert [figures.counted(n, "line") for n in (0, 1, 2000)] == ["0 lines", "1 line", "2,000 lines"]


def totals(**known: object) -> Totals:
    none = dict.fromkeys(["checks", "hit", "policy_rerun", "miss", "passed", "failed", "broken", "cancelled"], 0)
    return Totals(**{**none, "skipped": 0, "structural_efficiency": None, "time_saved_s": 0.0, **known})  # type: ignore[arg-type]


def run(factor: float | None) -> RunSummary:
    return RunSummary(
        id="r",
        root="/r",
        profile="dev",
        workers=2,
        wall_s=3.2,
        busy_s=7.1,
        parallelization_factor=factor,
        peak_concurrency=3,
        outcome=Outcome.PASSED,
    )


def test_outcomes_name_only_what_there_is() -> None:
    assert figures.outcomes(totals(checks=3, passed=2, broken=1)) == "3 checks: 2 passed, 1 broken"
    assert figures.outcomes(totals()) == "0 checks"


def test_a_figure_that_is_not_known_is_left_out() -> None:
    assert figures.buckets(totals()) == "hit 0 · policy-rerun 0 · miss 0"
    assert figures.times(run(None), totals()) == "wall 3.2 s · busy 7.1 s · peak 3 · saved 0 ms"


def test_the_figures_of_a_run_stand_in_one_order() -> None:
    full = totals(hit=5, policy_rerun=1, miss=2, structural_efficiency=0.75, time_saved_s=41.0)
    assert figures.buckets(full) == "hit 5 · policy-rerun 1 · miss 2 · efficiency 75%"
    assert figures.times(run(2.2), full) == "wall 3.2 s · busy 7.1 s · parallel 2.2x · peak 3 · saved 41.0 s"


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (512 * 1024 * 1024, "512.0 MiB"),
        (3 * 1024**4, "3,072.0 GiB"),
    ],
)
def test_bytes_have_the_unit_that_people_read(bytes_: int, text: str) -> None:
    assert figures.size(bytes_) == text
