"""Budgets in text, JSON and Markdown: the same figures, each where it belongs."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from msgspec.structs import replace

from ftui.history.slo import LeftOut, Objective, Since
from ftui.model import Outcome
from ftui.report.encoding import encode
from ftui.report.schema import slo_schema
from ftui.report.slo import SloReport, markdown, report, text
from ftui.report.stream import Stream
from ftui.report.width import width
from tests.report.test_schema import violations

MET = Objective(
    kind="check", name="ruff", budget=0.5, state="met", runs=20, p50=0.012, p95=0.018, outcome=Outcome.PASSED,
    exit_code=0, trend=(0.01, 0.012, 0.02),
)  # fmt: skip
SINCE = Since(before=2.1, after=3.4, run="20270115-1", commit="a1b2c3d4e5" * 4, branch="main", on_top=False)
BROKEN = Objective(
    kind="check", name="mypy", budget=3.0, state="broken", runs=20, p50=3.4, p95=3.9, outcome=Outcome.PASSED,
    exit_code=0, left_out=(LeftOut("under load", 3), LeftOut("on battery", 1)), worse=SINCE, broke=SINCE,
)  # fmt: skip
FEW = Objective(kind="profile", name="dev", budget=1.0, state="too-few", runs=1)
SHARE = Objective(kind="efficiency", name="dev", budget=0.8, state="met", runs=12, p50=0.9, p95=0.75)


def lines(*objectives: Objective, encoding: str = "utf-8", columns: int = 80) -> list[str]:
    stream = Stream(io.TextIOWrapper(io.BytesIO(), encoding=encoding), {})
    return list(text(report("/srv/app", objectives), stream, columns))


def row(name: str, *objectives: Objective) -> str:
    return next(" ".join(line.split()) for line in lines(*objectives) if f" {name} " in line)


def test_a_row_has_budget_and_percentiles_in_the_unit_of_the_objective() -> None:
    assert row("ruff", MET, SHARE) == "✓ met ruff 500 ms 12 ms 18 ms 20 ▅▅█"
    assert row("efficiency of dev", MET, SHARE) == "✓ met efficiency of dev 80% 90% 75% 12"
    assert row("profile dev", FEW) == "· too few profile dev 1.0 s 1"


def test_what_broke_a_budget_and_what_was_left_out_stand_below_the_row() -> None:
    shown = lines(BROKEN)
    place = next(number for number, line in enumerate(shown) if " mypy " in line)
    assert shown[place + 1 : place + 3] == [
        "    broken since commit a1b2c3d4e5 on main: 2.1 s before, 3.4 s from then on",
        "    left out: 3 under load, 1 on battery",
    ]


@pytest.mark.parametrize(
    ("objective", "note"),
    [
        (replace(BROKEN, broke=replace(SINCE, on_top=True)), "broken since work on top of commit a1b2c3d4e5 on main: "),
        (replace(BROKEN, broke=replace(SINCE, branch=None)), "broken since commit a1b2c3d4e5: "),
        (replace(BROKEN, broke=replace(SINCE, commit=None)), "broken since run 20270115-1: "),
        (replace(BROKEN, broke=None), "slower since commit a1b2c3d4e5 on main: "),
        (replace(BROKEN, broke=None, worse=None), "no change beyond its noise tells since when"),
        (replace(MET, worse=SINCE), "slower since commit a1b2c3d4e5 on main: 2.1 s before, 3.4 s from then on"),
        (replace(SHARE, worse=replace(SINCE, before=1.0, after=0.9)), "less since commit a1b2c3d4e5 on main: 100% be"),
        (replace(MET, outcome=Outcome.FAILED, exit_code=1), "these runs failed with exit code 1"),
        (FEW, "it takes 10 comparable runs, and there is 1"),
    ],
)
def test_a_note_says_what_the_figures_do_not(objective: Objective, note: str) -> None:
    assert any(line.startswith(f"    {note}") for line in lines(objective))


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["met", "no-budget"], "met"),
        (["met", "too-few"], "too-few"),
        (["too-few", "broken", "met"], "broken"),
    ],
)
def test_a_broken_budget_outweighs_one_that_cannot_be_judged(states: list[str], state: str) -> None:
    assert report("/srv/app", [replace(MET, state=each) for each in states]).state == state


def test_json_keeps_to_the_schema_and_comes_back_as_it_was() -> None:
    found = report("/srv/app", [MET, BROKEN, FEW, SHARE])
    published = json.loads(json.dumps(slo_schema()))
    assert violations(json.loads(encode(found)), published, published) == []
    assert msgspec.json.decode(encode(found), type=SloReport) == found


def test_markdown_has_the_figures_of_the_text() -> None:
    found = markdown(report("/srv/app", [MET, BROKEN, FEW, SHARE]))
    assert found.startswith("### ✗ ftui budgets: 1 broken, 2 met, 1 with too few runs\n")
    assert "| ✓ met | ruff | 500 ms | 12 ms | 18 ms | 20 |  |" in found
    assert "broken since commit a1b2c3d4e5 on main\\: 2.1 s before, 3.4 s from then on; left out\\: 3 under" in found
    assert found.endswith("\n")


def test_names_of_others_can_neither_break_the_table_nor_reach_the_terminal() -> None:
    hostile = replace(BROKEN, name="a|b\n\x1b[31m`<x>", broke=replace(SINCE, branch="\x1b]0;x\x07|"))
    assert not any("\x1b" in line or "\n" in line for line in lines(hostile))
    found = [line for line in markdown(report("/srv/app", [hostile])).splitlines() if line.startswith("| ✗")]
    assert len(found) == 1
    assert "\x1b" not in found[0]
    assert found[0].replace("\\|", "").count("|") == 8


def test_a_stream_that_carries_ascii_only_gets_nothing_else_and_lines_fit() -> None:
    shown = lines(MET, BROKEN, FEW, SHARE, encoding="ascii")
    assert all(line.isascii() for line in shown)
    many = tuple(LeftOut(f"for reason {number}", 10) for number in range(10))
    assert max(width(line) for line in lines(replace(BROKEN, left_out=many))) <= 80
