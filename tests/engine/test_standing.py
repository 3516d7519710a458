"""What stands of a check for others that require it, while a watch goes on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ftui.engine.breaker import Breaker
from ftui.engine.results import skipped
from ftui.engine.standing import Standing
from ftui.events import CheckFinished
from ftui.model import Check, Outcome


@pytest.mark.parametrize(("attempts", "outcome"), [(1, Outcome.PASSED), (0, Outcome.SKIPPED)])
def test_one_that_had_nothing_to_do_keeps_none_from_running_and_one_that_was_blocked_does(
    attempts: int, outcome: Outcome
) -> None:
    standing = Standing(Breaker())
    result = replace(skipped(Check(id="a", adapter="a", argv=("a",)), "no file for it"), attempts=attempts)
    standing.take(CheckFinished.of(result, run_id="r", time_s=0.0))
    assert standing.outcomes == {"a": outcome}
    assert standing.passed() == set()
