"""Lines of output: kept compactly, found by number, the same however the text was cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui import ansi
from ftui.ansi import Sanitizer
from ftui.tui.lines import LONGEST, Lines
from ftui.tui.look import PLAIN, Look, after

RED, RESET = "\x1b[31m", "\x1b[0m"
SIGNS = ["a", "é", "漢", "\U0001f469\u200d\U0001f4bb", " " * 7, "x" * 1500, "\t", "\n", "\r", "\r\n"]
ESCAPES = [RED, RESET, "\x1b[1;38;5;200m", "\x1b", "\x1b[3", "[31m"]
outputs = st.lists(st.sampled_from(SIGNS + ESCAPES)).map("".join)


def of(*pieces: str, kept: int = 1 << 20) -> Lines:
    lines = Lines(kept)
    for piece in pieces:
        lines.append(piece)
    return lines


def numbers(lines: Lines) -> list[int]:
    return [number for block in lines.blocks for number in range(block.first, block.end)]


def raw(lines: Lines) -> list[str]:
    return [lines.raw(number) for number in numbers(lines)]


def all_of(lines: Lines) -> tuple[list[tuple[int, str, Look]], list[list[int]], int]:
    known = [(number, lines.raw(number), lines.look(number)) for number in numbers(lines)]
    return known, [list(block.widths) for block in lines.blocks], lines.closed


def cut(text: str, cuts: list[int]) -> list[str]:
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(text=outputs, kept=st.sampled_from([400, 4_000, 1 << 20]), data=st.data())
def test_lines_are_the_same_wherever_the_text_is_cut(text: str, kept: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))

    assert all_of(of(*cut(text, cuts), kept=kept)) == all_of(of(text, kept=kept))


@pytest.mark.parametrize(
    "text", ["one\r\n", "one\r\r\n", "one\rtwo", "one\r\x1b\n", "\x1b[31mone", "\x1b[3\x1b[1mone", "\x1b\x1b[31mone\r"]
)
def test_a_cut_inside_a_code_or_a_newline_makes_no_difference(text: str) -> None:
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            assert all_of(of(*cut(text, [first, second]))) == all_of(of(text))


@given(text=outputs)
def test_lines_are_those_of_the_text(text: str) -> None:
    text = re.sub(r"\r+", "", text).replace("x" * 1500, "x")
    sanitizer = Sanitizer()
    text = sanitizer.feed(text.encode()) + sanitizer.finish()
    *closed, last = text.split("\n")

    lines = of(text, kept=3_000)

    expected = [ansi.strip(line).expandtabs() for line in (*closed, last)]
    assert [lines.plain(number) for number in range(lines.end)] == expected[: lines.end]
    assert lines.end == len(closed) + bool(last)


@given(text=outputs, data=st.data())
def test_a_line_begins_in_the_colours_that_all_before_it_left(text: str, data: st.DataObject) -> None:
    lines = of(text.replace("x" * 1500, "x"), kept=3_000)
    looks = [PLAIN]
    for number in range(lines.end):
        looks.append(after(lines.raw(number), looks[-1]))

    for number in data.draw(st.permutations(range(lines.end))):
        assert lines.look(number) == looks[number]


def test_colours_go_on_from_block_to_block() -> None:
    lines = of("".join(f"\x1b[{30 + number % 8}mline\n" for number in range(300)), kept=8_000)

    assert len(lines.blocks) > 3
    for number in (299, 1, 150, 298, 2, 149):
        assert lines.look(number) == Look(foreground=(number - 1) % 8)


def test_blocks_are_the_same_for_text_that_comes_character_by_character() -> None:
    text = "x\n" * 300

    assert all_of(of(*text, kept=2_000)) == all_of(of(text, kept=2_000))


@given(text=outputs)
def test_no_escape_is_left_but_colour_codes(text: str) -> None:
    assert not any("\x1b" in ansi.strip(line) for line in raw(of(text)))


def test_a_line_that_is_not_complete_is_shown_and_goes_on() -> None:
    lines = of("one\ntw")
    assert (raw(lines), lines.closed) == (["one", "tw"], 1)

    lines.append("o\nthree")
    assert (raw(lines), lines.closed) == (["one", "two", "three"], 2)


def test_a_newline_at_the_end_begins_no_line() -> None:
    assert raw(of("one\n")) == ["one"]
    assert raw(of("one\n\n")) == ["one", ""]
    assert raw(of("")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10%\r20%\r30%", ["30%"]),
        ("10%\r20%\r\ndone\n", ["20%", "done"]),
        ("10%\r", ["10%"]),
        ("one\r\r\ntwo", ["one", "two"]),
        ("one\r\n\r\ntwo", ["one", "", "two"]),
    ],
)
def test_a_carriage_return_begins_the_line_anew_and_is_no_part_of_a_newline(text: str, expected: list[str]) -> None:
    assert raw(of(text)) == expected


def test_tabs_go_to_the_next_eighth_column_whatever_colours_come_before() -> None:
    assert raw(of(f"{RED}ab{RESET}\tc\td\n")) == [f"{RED}ab{RESET}      c       d"]


def test_a_line_too_long_goes_on_in_the_next() -> None:
    lines = of(RED + "x" * (LONGEST + 10) + "\nshort\n")

    assert [len(lines.plain(number)) for number in range(lines.end)] == [LONGEST - 1, 11, 5]
    assert lines.look(1) == Look(foreground=1)


def test_a_line_is_as_wide_as_its_cells() -> None:
    lines = of(f"{RED}abc{RESET}\n漢字 é\n✓ ok\n\U0001f469\u200d\U0001f4bb\n")

    assert list(lines.blocks[-1].widths) == [3, 6, 4, 2]
    assert lines.width == 6


def test_beyond_what_is_kept_the_middle_goes_and_a_line_says_so() -> None:
    lines = of(*(f"line {number}\n" for number in range(10_000)), kept=8_000)

    known = numbers(lines)
    gone = lines.left_out
    assert sum(block.size for block in lines.blocks) < 10_000
    assert lines.raw(gone.start) == f"… {len(gone):,} lines left out …"
    assert known == [*range(gone.start + 1), *range(gone.stop, 10_000)]
    assert all(lines.raw(number) == f"line {number}" for number in known if number != gone.start)
    assert 300 < gone.start < 500
    assert lines.end - gone.stop > 300


def test_a_line_that_was_left_out_is_the_line_that_says_so() -> None:
    lines = of(*(f"line {number}\n" for number in range(10_000)), kept=8_000)

    assert lines.raw(5_000) == lines.raw(lines.left_out.start)


def test_a_million_lines_cost_little_more_than_their_text() -> None:
    lines = Lines()
    text = "".join(f"{RED}{number:06d}{RESET} {'x' * 70}\n" for number in range(1_000))
    for _ in range(1_000):
        lines.append(text)

    taken = sum(block.size for block in lines.blocks)
    assert lines.end == 1_000_000
    assert not lines.left_out
    assert taken < 1.03 * 1_000 * len(text)
    assert taken < 150_000_000
    assert lines.plain(654_321).startswith("000321 xxx")
