"""What is new and what is fixed: a finding that has only moved is neither."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ftui.model import Finding, Outcome
from ftui.tui.finding_history import Compared, FindingHistory, compared
from tests.report.stream_of_events import begun, finished
from tests.tui.rows import state_of


def at(line: int | None, message: str = "undefined name", path: str = "a.py", rule: str = "F821") -> Finding:
    return Finding(message=message, path=path, line=line, column=1, rule=rule)


FINDINGS = st.lists(
    st.builds(at, st.none() | st.integers(1, 9), st.sampled_from(["one", "two"]), st.sampled_from(["a.py", "b.py"])),
    max_size=12,
)


def words(finding: Finding) -> tuple[str | None, str | None, str]:
    return finding.path, finding.rule, finding.message


def new(before: list[Finding], now: list[Finding]) -> list[int | None]:
    """Lines of what is new."""
    return [now[place].line for place in sorted(compared(before, now).new)]


@given(FINDINGS)
def test_nothing_is_new_or_fixed_where_nothing_has_changed(findings: list[Finding]) -> None:
    assert compared(findings, list(reversed(findings))) == Compared()


@given(FINDINGS, st.integers(1, 50))
def test_findings_that_a_shift_has_moved_are_not_new(findings: list[Finding], by: int) -> None:
    moved = [at((each.line or 0) + by, each.message, each.path or "") for each in findings]
    assert compared(findings, moved) == Compared()


@given(FINDINGS, FINDINGS)
def test_new_and_fixed_are_just_what_makes_the_difference(before: list[Finding], now: list[Finding]) -> None:
    change = compared(before, now)
    earlier, later = Counter(map(words, before)), Counter(map(words, now))
    assert Counter(words(now[place]) for place in change.new) == later - earlier
    assert Counter(map(words, change.fixed)) == earlier - later


@given(FINDINGS, FINDINGS)
def test_what_is_new_one_way_is_fixed_the_other_way(before: list[Finding], now: list[Finding]) -> None:
    there, back = compared(before, now), compared(now, before)
    assert len(there.new) == len(back.fixed)
    assert len(there.fixed) == len(back.new)


def test_the_one_that_is_far_from_all_the_others_is_new() -> None:
    assert new([at(10), at(20)], [at(11), at(90), at(21)]) == [90]


def test_one_that_has_not_moved_is_not_new_whatever_came_near_it() -> None:
    assert new([at(16), at(20)], [at(10), at(20), at(25)]) == [25]


def test_another_message_rule_or_file_is_another_finding() -> None:
    assert new([at(1)], [at(1, "else")]) == [1]
    assert new([at(1)], [at(1, rule="E501")]) == [1]
    assert new([at(1)], [at(1, path="b.py")]) == [1]


def test_ten_thousand_findings_of_the_same_words_are_compared_one_by_one() -> None:
    before = [at(3 * line) for line in range(10_000)]
    now = [at(3 * line + 1) for line in range(9_999)]
    assert [finding.line for finding in compared(before, now).fixed] == [3 * 9_999]


# From run to run


def test_nothing_is_new_in_the_first_verdict() -> None:
    state = state_of(begun("ruff"), finished("ruff", Outcome.FAILED, 1.0, findings=(at(1),)))
    history = FindingHistory()
    assert history.take_in(state.rows.values()) == {"ruff"}
    assert history.of("ruff") == Compared()
    assert history.of("mypy") == Compared()


def test_a_verdict_is_compared_with_the_one_before_it() -> None:
    state = state_of(begun("ruff"))
    history = FindingHistory()
    for findings in ((at(1),), (at(2), at(7, "else")), (at(7, "else"),)):
        state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=findings))
        history.take_in(state.rows.values())
    assert history.of("ruff") == Compared(frozenset(), (at(2),))
    state.apply(finished("ruff", Outcome.PASSED, 1.0))
    history.take_in(state.rows.values())
    assert history.of("ruff").fixed == (at(7, "else"),)


def test_a_result_that_was_seen_before_changes_nothing() -> None:
    state = state_of(begun("ruff"), finished("ruff", Outcome.FAILED, 1.0, findings=(at(1),)))
    history = FindingHistory()
    history.take_in(state.rows.values())
    state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=(at(1), at(2, "else"))))
    history.take_in(state.rows.values())
    assert history.take_in(state.rows.values()) == set()
    assert history.of("ruff").new == {1}


def test_a_result_without_a_verdict_fixes_nothing_and_is_compared_with_nothing() -> None:
    state = state_of(begun("ruff"), finished("ruff", Outcome.FAILED, 1.0, findings=(at(1),)))
    history = FindingHistory()
    history.take_in(state.rows.values())
    state.apply(finished("ruff", Outcome.BROKEN, 1.0, broken_because="it crashed"))
    history.take_in(state.rows.values())
    assert history.of("ruff") == Compared()
    state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=(at(4), at(1, "else"))))
    history.take_in(state.rows.values())
    assert history.of("ruff") == Compared(frozenset({1}))
