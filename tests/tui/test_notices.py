"""Notices outside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.events import RunFinished
from ftui.model import Outcome
from ftui.tui.notices import Notices, sequence
from tests.report.stream_of_events import begun, ended, finished
from tests.tui.rows import state_of

if TYPE_CHECKING:
    from ftui.events import Event


def run(outcome: Outcome, *, interrupted: bool = False) -> RunFinished:
    events: list[Event] = [begun("a"), finished("a", outcome, 0.1)]
    end = state_of(*events).apply(ended(interrupted=interrupted))
    assert isinstance(end, RunFinished)
    return end


def test_only_a_change_between_green_and_red_is_told() -> None:
    notices = Notices()
    outcomes = (Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, Outcome.BROKEN, Outcome.PASSED)
    told = [notices.after(run(outcome), "shop") for outcome in outcomes]
    assert told == [None, None, "✗ shop failed: 1 check: 1 failed", None, "✓ shop passed: 1 check: 1 passed"]


def test_a_run_without_a_verdict_is_neither_green_nor_red() -> None:
    notices = Notices()
    assert notices.after(run(Outcome.PASSED), "shop") is None
    assert notices.after(run(Outcome.FAILED, interrupted=True), "shop") is None
    assert notices.after(run(Outcome.CANCELLED), "shop") is None
    assert notices.after(run(Outcome.FAILED), "shop") is not None


@pytest.mark.parametrize(
    ("environ", "written"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, "\x1b]9;a, b\x1b\\"),
        ({"TERM": "xterm-kitty"}, "\x1b]9;a, b\x1b\\"),
        ({"TERM": "foot"}, "\x1b]777;notify;ftui;a, b\x1b\\"),
        ({"TERM": "xterm-256color"}, "\a"),
        ({"TERM_PROGRAM": "WezTerm", "TMUX": "/tmp/tmux"}, "\a"),
    ],
)
def test_each_terminal_is_told_in_its_own_way(environ: dict[str, str], written: str) -> None:
    assert sequence("a; b", environ) == written


def test_a_notice_cannot_end_its_own_sequence() -> None:
    assert sequence("a\x1b\\\x07b", {"TERM": "foot"}).count("\x1b") == 2
