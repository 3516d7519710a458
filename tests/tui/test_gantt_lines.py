"""The drawing of a run: every line fits, every check can be found, and nothing is told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ftui.model import Bucket, Outcome, Phase
from ftui.report.looks import OUTCOMES, RUNNING
from ftui.tui.gantt import Bar, Gantt, Hit, Span, critical_path, placed
from ftui.tui.gantt_lines import Scale, chart, headline, table
from ftui.tui.paint import STYLES, columns_of, text_of
from tests.tui.test_gantt import any_spans, span

if TYPE_CHECKING:
    from ftui.tui.paint import Line


def gantt_with(*spans: Span, hits: tuple[Hit, ...] = (), workers: int = 1) -> Gantt:
    bars: tuple[Bar, ...] = placed(spans)
    return Gantt(
        bars=bars,
        hits=hits,
        critical=critical_path(bars),
        workers=max([workers, *(max(bar.slots) + 1 for bar in bars)]),
        start_s=min((s.start_s for s in spans), default=0.0),
        end_s=max((s.end_s for s in spans), default=0.0),
    )


def texts(lines: list[Line]) -> list[str]:
    return [text_of(line).rstrip() for line in lines]


@given(any_spans(), st.integers(5, 150))
def test_the_chart_is_as_wide_as_it_may_be_and_no_wider(spans: list[Span], columns: int) -> None:
    lines = chart(gantt_with(*spans), columns)
    assert all(columns_of(line) == columns for line in lines if text_of(line)[:3].strip().isdigit())
    assert all(style in ("", *STYLES) for line in lines for _, style in line)


@given(any_spans(), st.integers(40, 150))
def test_each_check_has_a_line_in_the_table_that_says_its_state(spans: list[Span], columns: int) -> None:
    lines = texts(table(gantt_with(*spans), columns))
    assert len(lines) == len(spans)
    assert all(f"✓ {s.check} " in " ".join(lines) for s in spans)


@given(st.floats(0.001, 1e6), st.integers(1, 200))
def test_the_labels_of_the_axis_have_spaces_between_them_and_stay_inside(wall_s: float, columns: int) -> None:
    marks = Scale(5.0, wall_s, columns).marks()
    ends = [column + len(label) for column, label in marks]
    assert all(end <= columns for end in ends)
    assert all(end < column for end, (column, _) in zip(ends, marks[1:], strict=False))


def test_bars_stand_where_they_ran_with_glyph_name_and_stroke() -> None:
    failed = OUTCOMES[Outcome.FAILED]
    one = span("ruff", 0, 10, bucket=Bucket.MISS)
    other = span("mypy", 10, 20, look=failed, bucket=Bucket.POLICY_RERUN, phase=Phase.SLOW)
    aside = span("docs", 0, 5, bucket=Bucket.POLICY_RERUN)
    assert texts(chart(gantt_with(one, other, aside), 44)) == [
        "    │fast               │slow",
        "  1 ✓ docs ╌╌╌          ✗ mypy ╍╍╍╍╍╍╍╍╍╍╍╍╍",
        "  2 ✓ ruff ━━━━━━━━━━━━━",
        "    0 s       5 s       10 s      15 s",
    ]


def test_a_check_of_several_slots_is_drawn_in_each_and_named_once() -> None:
    lines = texts(chart(gantt_with(span("pytest", 0, 10, weight=2), workers=4), 24))
    assert lines[1:4] == [
        "  1 ✓ pytest ━━━━━━━━━━━",
        "  2 ✓━━━━━━━━━━━━━━━━━━━",
        "    and 2 slots with nothing to do",
    ]


def test_a_check_too_short_to_be_seen_is_seen_beside_a_long_one() -> None:
    line = texts(chart(gantt_with(span("long", 0, 100), span("short", 100, 100.1), span("more", 100.1, 200)), 24))[1]
    assert line.count("✓") == 3


def test_hits_are_ticks_and_stand_in_the_table() -> None:
    gantt = gantt_with(span("a", 0, 10), hits=(Hit("docs", 0.0, OUTCOMES[Outcome.PASSED]),))
    assert "hit ╵" in texts(chart(gantt, 40))
    assert texts(table(gantt, 40))[1].split() == ["╵", "✓", "docs", "hit"]


def test_the_table_tells_what_was_critical_what_waited_and_what_still_runs() -> None:
    gantt = gantt_with(
        span("a", 0, 4, bucket=Bucket.MISS),
        span("b", 4, 6, look=RUNNING, waited_s=4.0, requires=("a",)),
        span("c", 0, 1, waited_s=0.001),
    )
    rows = {line.split()[2]: line for line in texts(table(gantt, 100))}
    assert rows["a"].endswith("miss · critical")
    assert rows["b"].startswith("━ ⠋ b")
    assert rows["b"].endswith("at 4.0 s    2.0 s  critical · waited 4.0 s")
    assert rows["c"].rstrip().endswith("1.0 s")


def test_a_long_or_hostile_name_neither_breaks_nor_widens_the_table() -> None:
    name = "evil\x1b[31m\n" + "x" * 100
    (line,) = texts(table(gantt_with(span(name, 0, 1)), 40))
    assert "\x1b" not in line
    assert "\n" not in line
    assert "…" in line
    assert len(line) <= 40


def test_the_headline_says_wall_path_and_idle_share() -> None:
    gantt = gantt_with(span("a", 0, 3), span("b", 3, 4), workers=2)
    assert headline(gantt) == "wall 4.0 s · critical path 4.0 s · 1 of 2 slots used · idle 50%"
    assert headline(gantt_with()) == "nothing has run yet"
    assert headline(gantt_with(hits=(Hit("a", 0.0, OUTCOMES[Outcome.PASSED]),))) == "1 hit; nothing ran"
