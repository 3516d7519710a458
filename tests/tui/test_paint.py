"""Lines in parts: how much room they take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ftui.report.width import width
from ftui.tui.paint import columns_of, fitted, text_of, wrapped

TEXTS = st.text(alphabet="ab  日本\u0301", max_size=60)


@given(st.lists(TEXTS, max_size=5), st.integers(0, 60))
def test_a_fitted_line_is_no_wider_than_it_may_be_and_is_cut_only_if_it_has_to_be(texts: list[str], room: int) -> None:
    line = tuple((text, "") for text in texts)
    cut = fitted(line, room)
    assert columns_of(cut) <= room
    if columns_of(line) <= room:
        assert text_of(cut) == text_of(line)
    elif room:
        assert text_of(cut).endswith("…")


def test_a_line_whose_first_part_just_fits_shows_that_there_is_more() -> None:
    assert fitted((("ab", "failed"), ("c", "")), 2) == (("a…", "failed"),)
    assert fitted((("a", "failed"), ("bc", "")), 2) == (("a", "failed"), ("…", ""))


@given(TEXTS, st.integers(2, 60))
def test_wrapped_text_fits_and_says_the_same(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert lines
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_text_is_broken_between_words_and_keeps_its_indentation() -> None:
    assert wrapped("    one two three", 9) == ["    one", "two three"]
    assert wrapped("a verylongword", 6) == ["a", "verylo", "ngword"]
    assert wrapped("", 6) == [""]
