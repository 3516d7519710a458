"""Rows of a pane: which part of which line each of them shows."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import split_graphemes

from ftui.tui.drawing import part_of
from ftui.tui.lines import Lines
from ftui.tui.rows import Place, Rows
from ftui.tui.scan import Scan

texts = st.lists(st.text("ab漢é\u0301✓", max_size=12)).map("\n".join)
strides = st.none() | st.integers(2, 9)


def set_out(text: str, stride: int | None, *, only: str | None = None) -> tuple[Lines, Rows]:
    lines = Lines(kept=1 << 10)
    lines.append(text)
    scan = None if only is None else Scan(lines, re.compile(only))
    while scan is not None and scan.step():
        pass
    return lines, Rows(lines, stride, scan)


def part(line: str, number: int, stride: int | None) -> str:
    first, last = (0, 1_000) if stride is None else (number * stride, (number + 1) * stride)
    return line[slice(*part_of(line, first, last))]


def places(lines: Lines, stride: int | None, *, only: str = "") -> list[Place]:
    """The same in the simplest way: part after part until a line is used up."""
    made = []
    for number in range(lines.end):
        plain = lines.plain(number)
        if re.search(only, plain):
            made.append(Place(number))
            left = len(plain) - len(part(plain, 0, stride))
            while left:
                made.append(Place(number, made[-1].part + 1))
                left -= len(part(plain, made[-1].part, stride))
    return made


@given(text=texts, stride=strides, only=st.sampled_from([None, "a", "漢"]))
def test_each_row_shows_the_part_that_follows_that_of_the_row_above(
    text: str, stride: int | None, only: str | None
) -> None:
    lines, rows = set_out(text, stride, only=only)

    expected = places(lines, stride, only=only or "")
    assert rows.count == len(expected)
    assert [rows.at(row) for row in range(rows.count)] == expected
    assert [rows.row(place) for place in expected] == [*range(rows.count)]


@given(pieces=st.lists(texts, max_size=5), stride=strides, only=st.sampled_from([None, "a"]))
def test_rows_are_the_same_whenever_lines_come(pieces: list[str], stride: int | None, only: str | None) -> None:
    lines = Lines(kept=1 << 10)
    scan = None if only is None else Scan(lines, re.compile(only))
    rows = Rows(lines, stride, scan)
    so_far = ""
    for piece in pieces:
        lines.append(piece)
        so_far += piece
        while scan is not None and scan.step():
            rows.update()
        rows.update()

        _, at_once = set_out(so_far, stride, only=only)
        assert [rows.at(row) for row in range(rows.count)] == [at_once.at(row) for row in range(at_once.count)]


@given(line=st.text("ab漢é\u0301✓\u200d\ufe0f", max_size=30), stride=st.integers(2, 9))
@example(line="\u200d\u200d漢aa", stride=2)
def test_the_parts_of_a_line_are_the_line_and_fit(line: str, stride: int) -> None:
    _, rows = set_out(line + "\n", stride)

    parts = [part(line, number, stride) for number in range(rows.count)]
    assert "".join(parts) == line
    assert all(split_graphemes(text)[1] <= stride + 1 for text in parts)


def test_a_line_that_is_hidden_has_the_row_of_the_next_one_shown() -> None:
    _, rows = set_out("a\nb\nb\na\nb\n", None, only="a")

    assert [rows.row(Place(line)) for line in range(5)] == [0, 1, 1, 1, 2]


def test_a_part_that_is_no_more_has_the_row_of_the_last_one() -> None:
    _, rows = set_out("abcdefgh\nab\n", 4)

    assert rows.row(Place(0, 7)) == 1


def test_what_was_left_out_takes_one_row() -> None:
    lines, rows = set_out("", None)
    for number in range(1_000):
        lines.append(f"line {number}\n")
        rows.update()

    shown = [rows.at(row).line for row in range(rows.count)]
    assert len(shown) == 1_000 - len(lines.left_out) + 1
    assert shown == [*range(lines.left_out.start + 1), *range(lines.left_out.stop, 1_000)]
    assert [rows.row(Place(line)) for line in shown] == [*range(rows.count)]
