"""The lines below a check: bounded, honest about what is left out, and harmless."""

from __future__ import annotations

import pytest

from ftui.events import PlannedCheck
from ftui.model import Bucket, CheckResult, Finding, Outcome, Phase, Severity
from ftui.output import HeadTail
from ftui.report import lines
from ftui.report.stream import Stream
from ftui.state import Row
from tests.report.stream_of_events import Terminal, finished

STREAM = Stream(Terminal(), {})


def row(name: str = "a", budget: float | None = None) -> Row:
    return Row(PlannedCheck(id=name, adapter="a", phase=Phase.FAST, budget=budget))


def result(outcome: Outcome = Outcome.PASSED, took: float | None = 2.0, **fields: object) -> CheckResult:
    return finished("a", outcome, took, 1.0, **fields).result()


def shown(*pieces: str, limit: int = 10_000, colour: bool = False) -> list[str]:
    printed = HeadTail(limit)
    for piece in pieces:
        printed.append(piece)
    return list(lines.output(printed, colour=colour))


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding(message="bad", path="a.py", line=4, column=9, rule="E1"), "a.py:4:9: error E1 bad"),
        (Finding(message="bad", path="a.py", line=4, severity=Severity.WARNING), "a.py:4: warning bad"),
        (Finding(message="bad", path="a.py"), "a.py: error bad"),
        (Finding(message="bad"), "error bad"),
        (Finding(message="bad", path="a\nb.py", rule="\x1b[2J"), r"a\nb.py: error \x1b[2J bad"),
    ],
)
def test_a_finding_is_one_line_that_editors_understand(finding: Finding, line: str) -> None:
    assert list(lines.findings((finding,))) == [line]


def test_a_message_of_many_lines_is_indented_and_bounded() -> None:
    message = "\n".join(["assert 1 == 2", *(f"line {i}" for i in range(lines.MOST_MESSAGE_LINES + 5))])
    first, second, *_, last = lines.findings((Finding(message=message, path="t.py"),))
    assert (first, second, last) == ("t.py: error assert 1 == 2", "  line 0", "  … 5 lines left out …")


def test_findings_beyond_the_limit_are_counted() -> None:
    found = tuple(Finding(message=str(i)) for i in range(lines.MOST_FINDINGS + 1))
    shown = list(lines.findings(found))
    assert len(shown) == lines.MOST_FINDINGS + 1
    assert shown[-1].startswith("… 1 further finding left out")


def test_a_short_output_is_shown_as_a_whole() -> None:
    assert shown("\none\n", "two\n\n") == ["one", "two"]
    assert shown() == []
    assert shown("\n\n") == []


def test_of_a_long_output_both_ends_are_shown_with_the_number_of_lines_between() -> None:
    found = shown("".join(f"{i}\n" for i in range(1000)))
    assert found[0] == "0"
    assert found[lines.FIRST_LINES] == "… 960 lines left out …"
    assert found[-1] == "999"
    assert len(found) == lines.FIRST_LINES + lines.LAST_LINES + 1


def test_an_output_that_lost_its_middle_does_not_claim_to_know_how_many_lines_that_were() -> None:
    found = shown("".join(f"{i}\n" for i in range(1000)), limit=500)
    assert found[0] == "0"
    assert found[-1] == "999"
    assert found[lines.FIRST_LINES].startswith("… at least ")


def test_one_endless_line_shows_its_two_ends() -> None:
    (line,) = shown("first", "x" * 5000, "last")
    assert line.startswith("firstx")
    assert line.endswith("xlast")
    assert "characters left out" in line
    assert len(line) < lines.LONGEST_LINE + 100


def test_colours_end_with_their_line_and_are_left_out_where_the_stream_has_none() -> None:
    assert shown("\x1b[31mred\nstill\n", colour=True) == ["\x1b[31mred\x1b[0m", "still"]
    assert shown("\x1b[31mred\x1b[0m\n") == ["red"]


def test_an_escape_from_a_recording_does_not_get_through() -> None:
    assert shown("a\x1b]0;owned\x07b\x1b[2Jc\n", colour=True) == ["abc"]


@pytest.mark.parametrize(
    ("row", "result", "note"),
    [
        (row(), result(), "miss  no cache yet"),
        (row(), result(attempts=0, bucket=Bucket.HIT, reason="same key"), "hit  same key"),
        (row(), result(Outcome.SKIPPED, None, skipped_because="blocked by b"), "blocked by b"),
        (row(), result(Outcome.BROKEN, broken_because="crashed"), "crashed; miss  no cache yet"),
        (row(), result(Outcome.BROKEN, None, bucket=Bucket.MISS, broken_because="not installed"), "not installed"),
        (row(), result(attempts=2), "miss  no cache yet; 2 attempts"),
        (row(budget=1.0), result(), "miss  no cache yet; over its budget of 1.0 s"),
        (row(budget=3.0), result(), "miss  no cache yet"),
        (row(), result(findings=(Finding(message="m"),)), "miss  no cache yet; 1 finding"),
        (row(), result(reason="a\nb\x1b[2J"), r"miss  a\nb\x1b[2J"),
    ],
)
def test_a_note_says_why_and_what_is_unusual(row: Row, result: CheckResult, note: str) -> None:
    assert lines.note_on(row, result) == note


def test_a_line_is_cut_to_the_columns_that_there_are() -> None:
    line = lines.result_line(row("a" * 60), result(), STREAM, names=10, columns=30)
    assert line == "✓ passed     aaaaaaaaa…     2…"


def test_only_a_check_that_failed_or_broke_has_more_to_show() -> None:
    noisy = row()
    noisy.output.append("noise\n")
    for outcome in Outcome:
        expected = ["  noise"] if outcome in (Outcome.FAILED, Outcome.BROKEN) else []
        assert lines.details(noisy, result(outcome), STREAM) == expected


def test_findings_take_the_place_of_output() -> None:
    noisy = row()
    noisy.output.append("noise\n")
    assert lines.details(noisy, result(Outcome.FAILED, findings=(Finding(message="m"),)), STREAM) == ["  error m"]
