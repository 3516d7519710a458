"""Events become JSON whatever words they hold."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ftui.events import CheckOutput, Event, TreeChanged
from ftui.model import Finding, Outcome
from ftui.report.encoding import encode
from tests.report.stream_of_events import EVERY_OUTCOME, finished

words = st.text(st.characters() | st.sampled_from("\udcff\ud800\x00\x1b\n"))


def decode(line: bytes) -> Event:
    event: Event = msgspec.json.decode(line, type=Event)
    return event


def test_every_kind_of_event_survives_the_round_trip() -> None:
    assert [decode(encode(event)) for event in EVERY_OUTCOME] == list(EVERY_OUTCOME)


@given(words, words)
def test_no_text_makes_encoding_fail_or_breaks_the_line(text: str, path: str) -> None:
    findings = (Finding(message=text, path=path),)
    for event in (
        CheckOutput(run_id="r", time_s=0.0, check_id=path, stream="stdout", text=text),
        TreeChanged(run_id="r", time_s=0.0, paths=(path,)),
        finished("a", Outcome.FAILED, 1.0, findings=findings, reason=text),
    ):
        line = encode(event)
        assert b"\n" not in line
        assert type(decode(line)) is type(event)


def test_a_path_that_is_not_utf_8_is_written_with_its_byte_as_an_escape() -> None:
    event = decode(encode(TreeChanged(run_id="r", time_s=0.0, paths=("caf\udce9.py", "b.py"))))
    assert isinstance(event, TreeChanged)
    assert event.paths == (r"caf\udce9.py", "b.py")
