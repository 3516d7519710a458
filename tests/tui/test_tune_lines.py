"""What the Tune page says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ftui.tui.paint import columns_of, text_of
from ftui.tui.tune_lines import tune_lines
from ftui.tuning.advice import Flake, Trend, Tuned
from tests.tui.tuners import LACKING, TUNED, TUNING

NOW = 1_700_000_000.0


def texts(tuned: Tuned = TUNED, columns: int = 100) -> list[str]:
    return [text_of(line).rstrip() for line in tune_lines(tuned, NOW, columns).lines]


def of(trend: Trend) -> str:
    return next(line for line in texts(Tuned(replace(TUNING, trends=(trend,)), (), "")) if line.startswith("  mypy"))


@pytest.mark.parametrize("columns", [76, 104, 200])
def test_the_page_fits(columns: int) -> None:
    assert all(columns_of(line) <= columns for line in tune_lines(TUNED, NOW, columns).lines)


@pytest.mark.parametrize("columns", [26, 38])
def test_sentences_fit_a_narrow_terminal_too(columns: int) -> None:
    painted = tune_lines(TUNED, NOW, columns)
    assert all(columns_of(painted.lines[y]) <= columns for y in painted.advice[0])
    assert [text_of(painted.lines[place.start])[:4] for place in painted.advice] == [" 1. ", " 2. "]


def test_advice_comes_with_figure_confidence_reason_and_the_lines_of_the_configuration() -> None:
    shown = texts()
    start = shown.index(" 2. pytest in the phase fast instead of slow")
    assert shown[start + 1 : start + 6] == [
        "    saves 600 ms (400 ms to 700 ms), confidence medium",
        "    slots are idle at the end of the phase fast",
        "    mind: pytest joins the profile fast, which then takes 3.1 s at least",
        "        [checks.pytest]",
        '        phase = "fast"',
    ]
    assert "        [tool.ftui.checks.pytest]" in texts(replace(TUNED, prefix="tool.ftui"))


def test_the_curve_says_what_is_now_and_what_is_best_and_shows_the_error_bar() -> None:
    shown = texts()
    one, two, three, four = shown[shown.index("wall by workers") + 1 :][:4]
    assert two.endswith("4.4 s  now")
    assert four.endswith("3.3 s  best")
    assert one.count("█") > two.count("█") > three.count("█") > four.count("█")
    assert all("░" in line for line in (one, two, three, four))


def test_what_computes_and_what_waits_is_said_with_glyph_and_word() -> None:
    rows = {line.split()[0]: line for line in texts() if line.startswith("  ") and "%" in line}
    assert "● computes 99%" in rows["mypy"]
    assert "◐ both 51%" in rows["pytest"]
    assert "○ waits 96%" in rows["deploy-check"]


def test_a_trend_shows_which_runs_were_over_the_budget() -> None:
    over = of(Trend(check="mypy", durations=(1.0, 2.0, 4.0), budget=3.0, cpu_share=1.0))
    assert "▲ over 3.0 s in 1 of 3" in over
    within = of(Trend(check="mypy", durations=(1.0, 2.0), budget=3.0, cpu_share=1.0))
    assert "✓ within 3.0 s" in within
    line = next(line for line in tune_lines(TUNED, NOW, 100).lines if text_of(line).startswith("  mypy"))
    assert [style for text, style in line if text.strip("▁▂▃▄▅▆▇█") == "" and text] == [
        *["faint"] * 2, "warning", "faint", *["warning"] * 2,
    ]  # fmt: skip


def test_flakes_are_told_with_both_outcomes_and_their_age() -> None:
    assert "  pytest: passed, then failed on the same files, 2 hours ago" in texts()
    assert "  none: no check came to two outcomes on the same files" in texts(replace(TUNED, flakes=()))


def test_nothing_worth_it_is_said() -> None:
    shown = texts(replace(TUNED, tuning=replace(TUNING, advice=())), 200)
    assert any(line.startswith("no change is worth it") for line in shown)


def test_too_little_is_said_with_the_runs_that_are_there_and_trends_all_the_same() -> None:
    shown = texts(LACKING)
    assert "too little is known: advice takes 5 runs of each check" in shown
    assert "  pytest  0 of 5 runs" in shown
    assert any(line.startswith("  mypy") and "computes" in line for line in shown)
    assert "wall by workers" not in shown


def test_no_escape_of_a_foreign_name_reaches_the_screen() -> None:
    named = replace(TUNING, advice=(replace(TUNING.advice[0], title="a\x1b]0;b\x07"),))
    flaky = (Flake("c\x1b[2J", "passed", "failed", NOW),)
    assert "\x1b" not in "".join(texts(Tuned(named, flaky, "")))
