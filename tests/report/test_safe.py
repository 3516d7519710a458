"""Foreign words cannot do more than be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.report.safe import coloured, encodable, one_line, plain, shortened

anything = st.text(st.characters() | st.sampled_from("\x1b\x9b\x07\n\r\t[]m;0\u202e\udcff"))


@given(anything)
def test_one_line_is_printable_and_can_be_encoded(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    line.encode()


@given(anything)
def test_a_block_keeps_newlines_and_colours_and_no_other_control_character(text: str) -> None:
    without_colours = re.sub(r"\x1b\[[0-9;:]*m", "", coloured(text))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", without_colours)
    assert plain(text) == without_colours


@given(anything)
def test_encodable_text_can_be_encoded_and_differs_only_in_surrogates(text: str) -> None:
    encodable(text).encode()
    if not re.search("[\ud800-\udfff]", text):
        assert encodable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines", r"two\nlines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("caf\udce9.py", r"caf\udce9.py"),
        ("naïve 日本 🎉", "naïve 日本 🎉"),
    ],
)
def test_what_does_not_print_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_long_text_keeps_both_ends_and_says_what_it_lost() -> None:
    assert shortened("a" * 600 + "b" * 600, 100) == "a" * 50 + " … 1,100 characters left out … " + "b" * 50
    assert shortened("a" * 100, 100) == "a" * 100
