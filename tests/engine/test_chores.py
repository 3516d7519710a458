"""Audits and clocks of the watch, on a clock of the test's own."""

from __future__ import annotations

import pytest

from ftui.engine import chores
from ftui.engine.breaker import Breaker
from ftui.engine.chores import AUDIT_S, AUDIT_SHARE, JUMP_S, Chores
from ftui.engine.select import Selection
from ftui.engine.standing import Standing
from ftui.events import CheckFinished
from ftui.model import Check, CheckResult, Outcome, Phase


class Line:
    """A line-up of one check."""

    def __init__(self, one: Check) -> None:
        self.selection = Selection(profile="dev", checks=(one,), skipped={})

    def stamp(self) -> tuple[None, ...]:
        """Nothing ever differs."""
        return ()


class Idle:
    """Chores of a watch with one check that passed and took so long."""

    def __init__(self, seconds: float, outcome: Outcome = Outcome.PASSED) -> None:
        self.now = 0.0
        one = Check(id="a", adapter="a", argv=("a",), phase=Phase.FAST)
        standing = Standing(Breaker())
        result = CheckResult(
            id="a", adapter="a", phase=Phase.FAST, argv=("a",), outcome=outcome, duration_s=seconds, key="k"
        )
        standing.take(CheckFinished.of(result, run_id="", time_s=0.0))
        self.chores = Chores(Line(one), None, standing, lambda: self.now)  # type: ignore[arg-type]

    def audits(self, hours: float) -> int:
        """How many audits there are in so many idle hours, asked every 15 s; each takes as long as the check."""
        end, count = self.now + hours * 3600, 0
        while self.now < end:
            self.now += 15.0
            if self.chores.drawn():
                count += 1
                self.chores.put_off_audit()
        return count


def test_a_quick_check_is_audited_every_five_minutes() -> None:
    assert Idle(0.1).audits(hours=1) == 3600 / AUDIT_S


def test_a_long_check_is_audited_for_a_small_share_of_the_time() -> None:
    seconds = 60.0
    assert Idle(seconds).audits(hours=24) == pytest.approx(24 * 3600 * AUDIT_SHARE / seconds, abs=1)


def test_nothing_is_audited_soon_after_a_run() -> None:
    idle = Idle(0.1)
    for _ in range(100):
        idle.now += AUDIT_S - 1
        idle.chores.put_off_audit()
        assert idle.chores.drawn() == frozenset()


def test_a_failure_is_never_audited() -> None:
    assert Idle(0.1, Outcome.FAILED).audits(hours=1) == 0


def test_clocks_that_drift_apart_tell_of_a_sleep_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clocks:
        ahead = 0.0

        def time(self) -> float:
            return 1e9 + self.ahead

        def monotonic(self) -> float:
            return 0.0

    clocks = Clocks()
    monkeypatch.setattr(chores, "time", clocks)
    idle = Idle(0.1).chores
    assert not idle.have_slept()
    for jump in (JUMP_S * 2, -JUMP_S * 2):
        clocks.ahead += jump
        assert idle.have_slept()
        assert not idle.have_slept()
    clocks.ahead += JUMP_S / 2
    assert not idle.have_slept()
