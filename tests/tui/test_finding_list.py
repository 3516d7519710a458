"""The order of findings, and how they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ftui.model import Finding, Outcome, Severity
from ftui.tui.finding_history import Compared
from ftui.tui.finding_list import Located, detail_lines, following, items_of, line_of, located
from ftui.tui.paint import STYLES, columns_of, text_of
from ftui.tui.snippet import Snippet
from tests.report.stream_of_events import begun, finished
from tests.tui.rows import changed, state_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from ftui.state import Row, State


def at(line: int | None, path: str | None = "a.py", message: str = "undefined name", rule: str = "F821") -> Finding:
    return Finding(message=message, path=path, line=line, column=9, rule=rule)


def state_with(**findings: tuple[Finding, ...]) -> State:
    done = [finished(name, Outcome.FAILED, 1.0, findings=found) for name, found in findings.items()]
    return state_of(begun(*findings), *done)


def rows_with(**findings: tuple[Finding, ...]) -> Collection[Row]:
    return state_with(**findings).rows.values()


def listed(rows: Collection[Row], *, alone: bool = False, columns: int = 80, **of: Compared) -> list[str]:
    items = items_of(rows, lambda name: of.get(name, Compared()), alone=alone)
    return [text_of(line_of(item, columns)).rstrip() for item in items]


def places(found: Located | None) -> tuple[str, int | None]:
    assert found is not None
    return found.check_id, found.finding.line


ROWS = rows_with(ruff=(at(5, "b.py"), at(None, None), at(7), at(2)), mypy=(), pytest=(at(1),))


def test_findings_come_check_by_check_by_path_and_line() -> None:
    assert [(each.check_id, each.finding.path, each.finding.line) for each in located(ROWS)] == [
        ("ruff", "a.py", 2),
        ("ruff", "a.py", 7),
        ("ruff", "b.py", 5),
        ("ruff", None, None),
        ("pytest", "a.py", 1),
    ]


def test_the_next_finding_is_found_across_checks_and_begins_again_at_the_end() -> None:
    here, seen = None, []
    for _ in range(6):
        here = following(ROWS, here, 1)
        seen.append(places(here))
    assert seen == [("ruff", 2), ("ruff", 7), ("ruff", 5), ("ruff", None), ("pytest", 1), ("ruff", 2)]


def test_the_finding_before_the_first_is_the_last() -> None:
    assert places(following(ROWS, None, -1)) == ("pytest", 1)
    assert places(following(ROWS, located(ROWS)[0], -1)) == ("pytest", 1)
    assert following(rows_with(ruff=()), None, 1) is None


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.sampled_from([1, -1]))
def test_every_finding_is_come_by_once_even_where_a_tool_says_the_same_twice(lines: list[int], by: int) -> None:
    rows = rows_with(ruff=tuple(map(at, lines)))
    here, seen = None, []
    for _ in lines:
        here = following(rows, here, by)
        assert here is not None
        seen.append(here.number)
    assert sorted(seen) == list(range(len(lines)))


def test_from_a_finding_that_has_moved_the_next_one_is_next() -> None:
    before = located(rows_with(ruff=(at(2), at(7, message="else"))))
    assert places(following(rows_with(ruff=(at(4), at(9, message="else"))), before[0], 1)) == ("ruff", 9)


def test_from_a_finding_that_is_fixed_it_goes_on_from_its_place() -> None:
    here = Located("ruff", 1, at(4, message="fixed"))
    rows = rows_with(black=(at(1),), ruff=(at(2), at(7)), mypy=(at(3),))
    assert places(following(rows, here, 1)) == ("ruff", 7)
    assert places(following(rows, here, -1)) == ("ruff", 2)
    gone = Located("mypy", 0, at(9, message="fixed"))
    assert places(following(rows_with(ruff=(at(2),), mypy=(), pytest=(at(6),)), gone, 1)) == ("pytest", 6)


# As lines


def test_findings_stand_below_their_files_with_severity_rule_and_what_is_new_and_fixed() -> None:
    warning = Finding(message="Missing docstring", path="a.py", line=1, severity=Severity.WARNING)
    rows = rows_with(ruff=(at(41), warning, at(3, "b.py")), mypy=())
    change = Compared(frozenset({0}), (at(12, message="unused", rule="F401"), at(5, "c.py")))
    assert listed(rows, ruff=change) == [
        "✗ ruff failed  3 findings · 1 new · 2 fixed",
        " a.py  2",
        "           1 ▲ warning Missing docstring",
        " ✓ fixed 12:9 F401 unused",
        " +new   41:9 ✗ error   F821 undefined name",
        " b.py  1",
        "         3:9 ✗ error   F821 undefined name",
        " c.py",
        " ✓ fixed 5:9 F821 undefined name",
    ]


def test_in_a_narrow_pane_the_word_of_the_severity_gives_way_but_not_its_glyph() -> None:
    assert listed(rows_with(ruff=(at(41),)), columns=40)[2] == "        41:9 ✗ F821 undefined name"


def test_what_names_no_file_and_no_line_is_listed_too() -> None:
    found = Finding(message="12 further findings were left out", severity=Severity.INFO)
    assert listed(rows_with(ruff=(found,)))[1:] == [
        " no file  1",
        "             • info    12 further findings were left out",
    ]


def test_a_check_alone_says_that_it_has_found_nothing() -> None:
    assert listed(rows_with(ruff=()), alone=True) == ["✗ ruff failed", " it names no findings: see its output"]
    passed = state_of(begun("ruff"), finished("ruff", Outcome.PASSED, 1.0))
    assert listed(passed.rows.values(), alone=True) == ["✓ ruff passed", " no findings"]
    waiting = state_of(begun("ruff"))
    assert listed(waiting.rows.values(), alone=True) == ["· ruff queued", " it has no result yet"]


def test_all_checks_without_findings_are_one_line() -> None:
    assert listed(rows_with(ruff=(), mypy=())) == [" no findings"]


def test_findings_of_a_stale_verdict_say_so() -> None:
    state = state_with(ruff=(at(1),))
    state.apply(changed("ruff"))
    assert listed(state.rows.values())[0] == "✗ ruff failed  1 finding · stale"


def test_words_of_a_tool_stay_words() -> None:
    found = Finding(message="a [bold]b[/] \x1b[31mc\u202e\nmore", path="[red]a\x1b.py", rule="[r]", line=1)
    lines = listed(rows_with(ruff=(found,)))
    assert lines[1] == " [red]a\\x1b.py  1"
    assert lines[2].endswith("✗ error   [r] a [bold]b[/] c\\u202e")


@given(st.integers(8, 120))
def test_a_finding_in_full_fits_the_pane(columns: int) -> None:
    source = Snippet(first=1, texts=("x" * 300,), line=1, caret=250)
    finding = Finding(message="word " * 40 + "\n\ttab", path="a.py", line=1, column=251, rule="F821")
    lines = detail_lines(finding, source, columns, 10)
    assert text_of(lines[0]).startswith("✗ error F821 a.py:1:251")
    assert all(columns_of(line) <= columns for line in lines[3:])
    assert all(style in ("", *STYLES) for line in lines for _, style in line)


def test_a_finding_without_source_says_why() -> None:
    lines = detail_lines(at(3), "a.py is not there any more", 60, 10)
    assert [text_of(line).strip() for line in lines] == [
        "✗ error F821 a.py:3:9",
        "a.py is not there any more",
        "undefined name",
    ]
