"""What is found in lines: all of it, in any colours, as lines come and go."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.tui.lines import Lines
from ftui.tui.scan import Scan, errors, literal

RED, GREEN, RESET = "\x1b[31m", "\x1b[32m", "\x1b[0m"


def found(lines: Lines, scan: Scan) -> list[int]:
    while scan.step():
        pass
    assert scan.finished
    return list(scan.found)


def of(text: str, kept: int = 1 << 20) -> Lines:
    lines = Lines(kept)
    lines.append(text)
    return lines


@given(
    pieces=st.lists(st.lists(st.sampled_from(["a", "b", "\n", "\r", RED, RESET, "x" * 70])).map("".join), max_size=8),
    query=st.sampled_from(["a", "ab", "B", "xa"]),
    kept=st.sampled_from([800, 1 << 20]),
)
def test_every_line_that_holds_the_query_is_found_however_lines_come(pieces: list[str], query: str, kept: int) -> None:
    lines = Lines(kept)
    scan = Scan(lines, literal(query))
    for piece in pieces:
        lines.append(piece)
        scan.step()

    note = {lines.left_out.start} if lines.left_out else set()
    numbers = [number for block in lines.blocks for number in range(block.first, block.end)]
    expected = [number for number in numbers if literal(query).search(lines.plain(number))]
    assert set(found(lines, scan)) - note == set(expected) - note
    assert list(scan.found) == sorted(set(scan.found))


def test_case_counts_only_where_the_query_has_upper_case() -> None:
    lines = of("Zebra\nzebra\nZEBRA\n")

    assert found(lines, Scan(lines, literal("zebra"))) == [0, 1, 2]
    assert found(lines, Scan(lines, literal("Zebra"))) == [0]


def test_a_query_is_found_across_colours_and_stands_for_itself() -> None:
    lines = of(f"te{RED}st_a[par{RESET}am-1]\ntest_a\n")

    assert found(lines, Scan(lines, literal("test_a[param-1]"))) == [0]
    assert found(lines, Scan(lines, literal(".*"))) == []


def test_a_line_that_begins_anew_is_found_only_with_what_it_says_now() -> None:
    lines = of("first\nzebra")
    scan = Scan(lines, literal("zebra"))
    assert found(lines, scan) == [1]

    lines.append("\rhorse")
    assert found(lines, scan) == []

    lines.append(" and zebra\n")
    assert found(lines, scan) == [1]


def test_a_step_looks_at_one_block() -> None:
    lines = of("zebra\n" * 1_000, kept=8_000)
    scan = Scan(lines, literal("zebra"))

    assert scan.step()
    assert 0 < len(scan.found) < 1_000
    assert not scan.finished


def test_lines_left_out_are_found_no_more() -> None:
    lines = Lines(kept=8_000)
    scan = Scan(lines, literal("line 500 "))
    for number in range(10_000):
        lines.append(f"line {number} \n")
        scan.step()

    assert 500 in lines.left_out
    assert found(lines, scan) == []


def test_a_scan_goes_on_behind_lines_that_were_left_out_before_it_came_to_them() -> None:
    lines = of("horse\n" * 800, kept=8_000)
    scan = Scan(lines, literal("zebra"))
    while scan.scanned < 600:
        scan.step()

    lines.append("horse\n" * 1_000 + "zebra\n")
    assert scan.scanned in lines.left_out
    assert found(lines, scan) == [1_800]


def test_lines_that_a_growing_block_adds_are_found_after_it_is_full() -> None:
    lines = of("zebra\n" * 10, kept=8_000)
    scan = Scan(lines, literal("zebra"))
    assert found(lines, scan) == [*range(10)]

    lines.append("horse\n" * 50 + "zebra\n" + "horse\n" * 300)
    assert found(lines, scan) == [*range(10), 60]


def test_a_scan_within_another_finds_only_what_both_find() -> None:
    lines = of("a\nab\nb\n" * 100, kept=2_000)
    outer = Scan(lines, re.compile("a"))
    found(lines, outer)

    assert found(lines, Scan(lines, re.compile("b"), within=outer)) == [*range(1, 300, 3)]


@pytest.mark.parametrize(
    "line",
    [
        "error: something",
        "src/app.py:3: error: Name 'x' is not defined  [name-defined]",
        "src/app.py:41:9: F821 Undefined name `x`",
        "src/app.py:41:9 F821 undefined",
        "  \x1b[1m\x1b[94m--> \x1b[0msrc/app.py:41:9",
        "FAILED tests/test_a.py::test_b - assert 1 == 2",
        "1 failed, 3 passed in 0.1s",
        "Found 10 errors.",
        "E       assert 1 == 2",
        "ValueError: no",
        "Traceback (most recent call last):",
        "thread 'main' panicked at src/main.rs:2:5:",
        "fatal: not a git repository",
        f"{RED}x{RESET}",
        "\x1b[1;31mx",
        "\x1b[31;1mx",
        "\x1b[01;31mx",
        "\x1b[91mx",
        "\x1b[38;5;9mx",
        f"{GREEN}error{RESET}",
    ],
)
def test_lines_that_look_like_errors(line: str) -> None:
    lines = of(f"before\n{line}\nafter\n")

    assert found(lines, errors(lines)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "All checks passed!",
        "Success: no issues found in 3 source files",
        "0 errors, 0 warnings",
        "Found no errors",
        "3 passed, 0 failed",
        "tests/test_errors.py::test_error PASSED",
        "error_count = 3",
        "src/app.py:3:5: note: see here",
        "src/app.py:3:5: warning: unused",
        f"{GREEN}PASSED{RESET}",
        "\x1b[38;5;31mx",
        "\x1b[38;2;31;31;31mx",
        "12:30:45 started",
        "http://localhost:8000: ready",
    ],
)
def test_lines_that_do_not_look_like_errors(line: str) -> None:
    lines = of(f"before\n{line}\nafter\n")

    assert found(lines, errors(lines)) == []
