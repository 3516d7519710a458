"""A recording plays as what was recorded, and a damaged one says where it is damaged."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.errors import FtuiError
from ftui.events import CheckOutput, Problem, RunFinished
from ftui.report import recording
from ftui.report.encoding import encode
from ftui.report.recording import Recording, replay
from ftui.report.stream import Stream
from ftui.report.text import Text
from tests.report.stream_of_events import EVERY_OUTCOME, Terminal, begun, feed

if TYPE_CHECKING:
    from pathlib import Path


def recorded(path: Path) -> Path:
    front = Recording(path)
    feed(front, EVERY_OUTCOME)
    front.close()
    return path


def text(events: object) -> str:
    out = Terminal()
    feed(Text(Stream(out, {})), events)  # type: ignore[arg-type]
    return out.getvalue()


def test_a_replayed_run_looks_like_the_run_itself(tmp_path: Path) -> None:
    assert text(replay(recorded(tmp_path / "r.ndjson"))) == text(EVERY_OUTCOME)


def test_what_has_happened_is_in_the_file_before_the_recording_is_closed(tmp_path: Path) -> None:
    front = Recording(tmp_path / "r")
    feed(front, EVERY_OUTCOME[:4])
    assert len((tmp_path / "r").read_bytes().splitlines()) == 4
    front.close()


@given(cut=st.integers(1))
def test_wherever_a_killed_writer_stopped_the_rest_plays_and_is_not_green(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("r") / "r"
    whole = recorded(path).read_bytes()
    path.write_bytes(whole[: 1 + cut % (len(whole) - 2)])
    *_, last = replay(path)
    assert isinstance(last, RunFinished | Problem)
    if isinstance(last, RunFinished):
        assert last.interrupted or last.run is not None


def test_a_line_that_is_cut_short_is_a_problem_and_the_run_an_interrupted_one(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(encode(begun("a")) + b'\n{"type":"check_st')
    _, problem, last = replay(path)
    assert isinstance(problem, Problem)
    assert problem.message == "line 2 is cut short, so its event is lost"
    assert isinstance(last, RunFinished)
    assert last.interrupted


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"not json", "r:2: not an event of ftui: "),
        (b'{"type":"surprise","run_id":"r","time_s":1}', "r:2: not an event of ftui: Invalid value 'surprise'"),
        (b'{"type":"problem","run_id":"r"}', "r:2: not an event of ftui: Object missing required field"),
        (b'{"type":"problem","run_id":"\xff"}', "r:2: not an event of ftui: "),
        (b"[" * 100_000, "r:2: not an event of ftui: "),
        (encode(begun("a")).replace(b'"schema_version":1', b'"schema_version":9'), "schema 9, this ftui knows up to 1"),
        (b'{"type":"surprise","schema_version":9}', "schema 9, this ftui knows up to 1"),
    ],
    ids=["no json", "unknown event", "missing field", "no utf-8", "nested", "newer", "newer event"],
)
def test_a_line_that_is_no_event_is_one_error_with_file_and_line(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "r"
    path.write_bytes(encode(begun("a")) + b"\n" + line + b"\n" + encode(begun("a")) + b"\n")
    with pytest.raises(FtuiError) as caught:
        list(replay(path))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert str(path) in str(caught.value)


def test_a_line_that_never_ends_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LONGEST_LINE", 1000)
    path = tmp_path / "r"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(FtuiError, match="a line of more than 1,000 bytes"):
        list(replay(path))


def test_an_empty_file_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "r").touch()
    with pytest.raises(FtuiError, match="empty file"):
        list(replay(tmp_path / "r"))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FtuiError, match=r"cannot read the recording .*: No such file"):
        list(replay(tmp_path / "none"))
    with pytest.raises(FtuiError, match="cannot record to "):
        Recording(tmp_path / "none" / "r")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_a_full_disk_is_one_line() -> None:
    from pathlib import Path

    front = Recording(Path("/dev/full"))
    with pytest.raises(FtuiError, match="cannot record to /dev/full: No space left"):
        feed(front, EVERY_OUTCOME)
    if sys.platform == "linux":
        with pytest.raises(FtuiError, match="No space left"):
            front.close()


def test_escapes_that_somebody_wrote_into_a_recording_do_not_come_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "r"
    hostile = CheckOutput(
        run_id="r1", time_s=0.0, check_id="a", stream="stdout", text="\x1b]0;owned\x07\x1b[31mred\x1b[0m\x1b[2J"
    )
    path.write_bytes(encode(begun("a")) + b"\n" + encode(hostile) + b"\n")
    _, event, _ = replay(path)
    assert isinstance(event, CheckOutput)
    assert event.text == "\x1b[31mred\x1b[0m"
