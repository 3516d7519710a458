"""Recordings on the screen."""

from __future__ import annotations

import asyncio

from ftui.model import Outcome
from ftui.tui.inbox import Inbox
from ftui.tui.replay import LONGEST_GAP, Tape, still
from tests.report.stream_of_events import begun, ended, finished, started

EVENTS = (begun("a"), started("a", 1.0), finished("a", Outcome.PASSED, 0.5, at=1.5), ended(60.0))


def test_a_recording_plays_at_its_own_pace_and_long_waits_are_cut_short() -> None:
    time, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal time
        slept.append(seconds)
        time += seconds

    inbox = Inbox()
    tape = Tape(EVENTS, inbox, clock=lambda: time, sleep=sleep)
    asyncio.run(tape.play())
    assert slept == [1.0, 0.5, LONGEST_GAP]
    assert inbox.drain() == list(EVENTS)
    assert tape.now() == 60.0
    time += 3
    assert tape.now() == 63.0


def test_a_still_picture_has_the_events_up_to_its_moment_and_a_clock_that_stands() -> None:
    inbox = Inbox()
    now = still(EVENTS, inbox, 2.0)
    assert inbox.drain() == list(EVENTS[:3])
    assert now() == now() == 2.0
    assert still(EVENTS, inbox)() == 60.0
