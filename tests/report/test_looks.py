"""Each state is told apart without colour."""

from __future__ import annotations

from ftui.events import PlannedCheck
from ftui.model import Outcome, Phase
from ftui.report.line import WORD_COLUMNS
from ftui.report.looks import OUTCOMES, QUEUED, RETRYING, RUNNING, look_of
from ftui.state import Row

STATES = [*OUTCOMES.values(), QUEUED, RUNNING, RETRYING]


def test_glyphs_and_words_tell_every_state_apart() -> None:
    assert len({look.glyph for look in STATES}) == len(STATES)
    assert len({look.ascii for look in STATES}) == len(STATES)
    assert len({look.word for look in STATES}) == len(STATES)
    assert all(look.ascii.isascii() for look in STATES)
    assert max(len(look.word) for look in STATES) == WORD_COLUMNS


def test_every_outcome_is_shown_by_its_own_word() -> None:
    assert {outcome.value: look.word for outcome, look in OUTCOMES.items()} == {o.value: o.value for o in Outcome}


def test_a_check_that_starts_again_no_longer_shows_its_old_outcome() -> None:
    row = Row(PlannedCheck(id="a", adapter="a", phase=Phase.FAST))
    assert look_of(row) is QUEUED
    row.status = "running"
    assert look_of(row) is RUNNING
