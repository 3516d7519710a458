"""The event stream for programs."""

from __future__ import annotations

import io
import json

from ftui.report.ndjson import Ndjson
from tests.report.stream_of_events import EVERY_OUTCOME, feed


class Flushed(io.BytesIO):
    """Remembers what had been written at the last flush."""

    seen = b""

    def flush(self) -> None:
        """Sees everything off."""
        self.seen = self.getvalue()


def test_each_event_is_a_line_of_its_own_that_is_out_at_once() -> None:
    out = Flushed()
    for number, _ in enumerate(EVERY_OUTCOME, start=1):
        out.seek(0)
        out.truncate()
        feed(Ndjson(out), EVERY_OUTCOME[:number])
        assert len(out.seen.splitlines()) == number


def test_every_line_has_type_run_and_time_and_results_are_flat() -> None:
    out = io.BytesIO()
    feed(Ndjson(out), EVERY_OUTCOME)
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(event.keys() >= {"type", "run_id", "time_s"} for event in events)
    result = next(event for event in events if event["type"] == "check_finished")
    assert (result["check_id"], result["id"], result["outcome"], result["bucket"]) == (
        *("black", "black", "passed", "miss"),
    )
    assert result.keys() >= {"adapter", "phase", "argv", "reason", "exit_code", "duration_s", "findings"}


def test_the_last_event_carries_run_and_totals() -> None:
    out = io.BytesIO()
    feed(Ndjson(out), EVERY_OUTCOME)
    last = json.loads(out.getvalue().splitlines()[-1])
    assert last["type"] == "run_finished"
    assert last["run"]["outcome"] == "failed"
    assert last["totals"]["checks"] == 6
