"""Columns of a terminal, wide and invisible characters included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.report.width import clip, folded, pad, width

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("ab日本🎉é\u0301\ufe0f"))


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("🎉", 2), ("a\u200bb", 2), ("❤\ufe0f", 2)]
)
def test_width_counts_columns_and_not_characters(text: str, columns: int) -> None:
    assert width(text) == columns


@given(texts, st.integers(0, 30))
def test_a_clipped_text_never_takes_more_columns_than_there_are(text: str, columns: int) -> None:
    clipped = clip(text, columns)
    assert width(clipped) <= columns
    if width(text) <= columns:
        assert clipped == text
    elif columns:
        assert clipped.endswith("…")
        assert text.startswith(clipped[:-1])


def test_a_wide_character_that_fits_by_half_is_left_out() -> None:
    assert clip("日本語", 4) == "日…"
    assert clip("日本語", 5) == "日本…"


def test_an_ellipsis_of_three_dots_is_counted_too() -> None:
    assert clip("abcdefgh", 6, "...") == "abc..."
    assert clip("abcdefgh", 2, "...") == ""


def test_padding_counts_columns() -> None:
    assert pad("日", 4) == "日  "
    assert pad("abc", 2) == "abc"


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (80, ["\x1b[31mx\x1b[0m  3 checks: 1 passed, 2 failed · wall 3.4 s"]),
        (40, ["\x1b[31mx\x1b[0m  3 checks: 1 passed, 2 failed", "  wall 3.4 s"]),
        (24, ["\x1b[31mx\x1b[0m  3 checks: 1 passed,", "  2 failed · wall 3.4 s"]),
        (5, ["\x1b[31mx\x1b[0m  3 checks: 1 passed,", "  2 failed", "  wall 3.4 s"]),
    ],
)
def test_a_line_is_broken_between_figures_and_not_inside_one(columns: int, lines: list[str]) -> None:
    assert folded("\x1b[31mx\x1b[0m  3 checks: 1 passed, 2 failed · wall 3.4 s", columns, "  ") == lines


def test_a_comma_at_the_end_of_a_line_takes_its_column() -> None:
    assert folded("  a: 1, 2, 3", 10, "  ") == ["  a: 1, 2,", "  3"]
    assert folded("  a: 1, 2, 3", 9, "  ") == ["  a: 1,", "  2, 3"]
