"""The matches of a search, and the one that the user is at."""

from __future__ import annotations

import pytest

from ftui.tui.lines import Lines
from ftui.tui.matches import Matches, Tally


def searched(lines: Lines, origin: int, *, seeking: bool = True, steps: int = 100) -> Matches:
    matches = Matches("zebra", lines, origin, seeking=seeking)
    for _ in range(steps):
        matches.scan.step()
    return matches


def of(*zebras: int, count: int = 100, kept: int = 1 << 20) -> Lines:
    lines = Lines(kept)
    lines.append("".join("zebra\n" if number in zebras else "horse\n" for number in range(count)))
    return lines


@pytest.mark.parametrize(("origin", "current"), [(0, 10), (10, 10), (11, 50), (51, 90), (91, 10)])
def test_the_first_match_is_the_first_from_the_origin_on_and_then_from_the_top(origin: int, current: int) -> None:
    matches = searched(of(10, 50, 90), origin)

    assert matches.settle()
    assert matches.current == current
    assert not matches.settle()


def test_the_first_match_is_gone_to_as_soon_as_it_is_known() -> None:
    lines = of(10, 950, count=1_000, kept=8_000)
    early = searched(lines, 0, steps=1)
    assert early.settle()
    assert early.tally == Tally(1, 1, finished=False)

    late = searched(lines, 900, steps=1)
    assert not late.settle()
    while late.scan.step():
        pass
    assert late.settle()
    assert late.tally == Tally(2, 2, finished=True)


def test_there_is_nowhere_to_go_without_a_match() -> None:
    matches = searched(of(), 0)

    assert not matches.settle()
    assert not matches.step(1)
    assert matches.tally == Tally(0, 0, finished=True)


@pytest.mark.parametrize(("by", "visited"), [(1, [50, 90, 10, 50]), (-1, [10, 90, 50, 10])])
def test_steps_go_round_the_ends_from_where_the_user_is(by: int, visited: list[int]) -> None:
    matches = searched(of(10, 50, 90), 40, seeking=False)

    assert [matches.current for _ in range(4) if matches.step(by)] == visited


@pytest.mark.parametrize(("by", "current"), [(1, 50), (-1, 10)])
def test_the_first_step_from_a_match_that_is_the_origin(by: int, current: int) -> None:
    matches = searched(of(10, 50, 90), 50, seeking=False)

    assert matches.step(by)
    assert matches.current == current


def test_a_step_ends_the_seeking_and_is_where_a_longer_query_starts() -> None:
    matches = searched(of(10, 950, count=1_000, kept=8_000), 900, steps=1)
    assert matches.step(1)
    assert (matches.current, matches.origin) == (10, 10)

    while matches.scan.step():
        pass
    assert not matches.settle()
    assert matches.current == 10


def test_a_match_that_is_no_more_has_no_position() -> None:
    lines = Lines(kept=8_000)
    lines.append("horse\n" * 550 + "zebra\n")
    matches = searched(lines, 0)
    assert matches.settle()
    assert matches.tally == Tally(1, 1, finished=True)

    lines.append("horse\n" * 10_000)
    while matches.scan.step():
        pass
    assert 550 in lines.left_out
    assert matches.tally == Tally(0, 0, finished=True)
