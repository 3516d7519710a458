"""Ways to run a check, tried in turn with real processes, and which of them is better."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.engine.trial import Tried, Way, better, tried
from ftui.model import Check

if TYPE_CHECKING:
    from pathlib import Path

LOG = "import pathlib, sys; file = pathlib.Path('log'); file.open('a').write(sys.argv[1]); "


def way(name: str, then: str = "pass") -> Way:
    return Way(name, Check(id="one", adapter="mine", argv=(sys.executable, "-c", LOG + then, name)))


def order(root: Path) -> str:
    """The names of the ways in the order in which they ran."""
    return (root / "log").read_text()


def result(name: str, *seconds: float, refused: str = "") -> Tried:
    return Tried(way(name), seconds, refused)


def test_each_way_runs_as_often_in_turn_forwards_and_backwards(tmp_path: Path) -> None:
    told: list[str] = []
    ways = [way("a"), way("b"), way("c")]
    found = asyncio.run(
        tried(ways, tmp_path, os.environ, rounds=3, on_run=lambda each, seconds: told.append(each.name))
    )
    assert order(tmp_path) == "a" + "abc" + "cba" + "abc"
    assert "".join(told) == order(tmp_path)[1:]
    assert [len(each.seconds) for each in found] == [3, 3, 3]
    assert all(each.median and each.median > 0 for each in found)


def test_a_way_that_does_not_pass_is_no_sample_and_not_tried_again(tmp_path: Path) -> None:
    a, b = asyncio.run(tried([way("a"), way("b", "sys.exit(1)")], tmp_path, os.environ, rounds=3))
    assert order(tmp_path) == "a" + "ab" + "a" + "a"
    assert (len(a.seconds), b.seconds, b.refused, b.median) == (3, (), "failed", None)


def test_where_the_way_in_force_does_not_pass_nothing_is_compared(tmp_path: Path) -> None:
    found = asyncio.run(tried([way("a", "sys.exit(1)"), way("b")], tmp_path, os.environ))
    assert order(tmp_path) == "a"
    assert [each.seconds for each in found] == [(), ()]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_trial_that_is_cancelled_is_none(tmp_path: Path) -> None:
    async def cancelled() -> None:
        ways = [way("a"), way("b", "import time; time.sleep(600)")]
        trial: asyncio.Task[object]

        def cancel(each: Way, seconds: float) -> None:
            asyncio.get_running_loop().call_soon(trial.cancel)

        trial = asyncio.create_task(tried(ways, tmp_path, os.environ, on_run=cancel))
        await trial

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_a_win_is_beyond_the_noise_or_none() -> None:
    serial = result("serial", 10.0, 10.5, 11.0)
    assert better([serial, result("one", 5.0, 5.1, 5.2), result("two", 4.0, 4.1, 4.2)]).way.name == "two"
    assert better([serial, result("one", 5.0, 5.1, 10.0)]).way.name == "serial"
    assert better([serial, result("one", 9.9, 9.9, 9.9)]).way.name == "one"
    assert better([result("serial", 10.0, 10.0, 10.0), result("one", 9.9, 9.9, 9.9)]).way.name == "serial"
    assert better([serial, result("one", 1.2, 1.9, 1.9, refused="failed")]).way.name == "serial"
    assert better([serial, result("one", 1.0, 1.0)]).way.name == "serial"


def test_of_two_that_cannot_be_told_apart_the_first_is_taken() -> None:
    serial = result("serial", 10.0, 10.5, 11.0)
    assert better([serial, result("one", 5.0, 5.1, 5.2), result("two", 4.9, 5.0, 5.1)]).way.name == "one"


samples = st.lists(st.floats(0.1, 100), min_size=3, max_size=3).map(tuple)


@given(samples, samples)
def test_what_is_better_is_never_slower_in_any_run(serial: tuple[float, ...], other: tuple[float, ...]) -> None:
    if better([result("serial", *serial), result("other", *other)]).way.name == "other":
        assert max(other) < min(serial)
