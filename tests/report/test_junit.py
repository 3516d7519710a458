"""JUnit XML that every parser takes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.errors import FtuiError
from ftui.events import Problem
from ftui.model import Finding, Outcome
from ftui.report.files import replace_file
from ftui.report.junit import LONGEST_TEXT, JUnit, junit_xml
from ftui.state import State
from tests.report.stream_of_events import EVERY_OUTCOME, begun, ended, feed, finished, printed, started

if TYPE_CHECKING:
    from pathlib import Path

    from ftui.events import Event

anything = st.text(st.characters() | st.sampled_from("\x00\x1b\ufffe\udcff]>&<\"'\n"))


def parsed(*events: Event) -> ElementTree.Element:
    state = State()
    for event in events:
        state.apply(event)
    return ElementTree.fromstring(junit_xml(state))


def test_every_check_is_a_test_case_with_its_outcome() -> None:
    suites = parsed(*EVERY_OUTCOME)
    ends = {case.get("name"): [child.tag for child in case] for case in suites.iter("testcase")}
    assert ends == {
        "black": [],
        "ruff": ["failure"],
        "mypy": ["failure"],
        "pytest": ["error"],
        "docs": ["skipped"],
        "npm:lint": ["skipped"],
    }
    suite = suites[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "2", "1", "2"]


def test_findings_or_else_the_output_stand_in_the_failure() -> None:
    suites = parsed(*EVERY_OUTCOME)
    texts = {case.get("name"): case[0].text for case in suites.iter("testcase") if len(case)}
    assert texts["ruff"] == "src/app.py:41:9: error F821 Undefined name `x`\nsrc/app.py: warning Missing docstring"
    assert texts["mypy"] == "first\nsecond"
    reasons = {case.get("name"): case[0].get("message") for case in suites.iter("testcase") if len(case)}
    assert reasons["docs"] == "blocked by ruff (failed)"
    assert reasons["pytest"] == "no tests were collected: name some"


@given(anything, anything, anything)
def test_no_words_make_the_xml_ill_formed(name: str, message: str, output: str) -> None:
    findings = (Finding(message=message, path=name, rule=message),)
    suites = parsed(
        begun(name, "other", "odd"),
        printed(name, output),
        finished(name, Outcome.FAILED, 1.0, findings=findings),
        finished("other", Outcome.BROKEN, 1.0, broken_because=message),
        finished("odd", Outcome.SKIPPED, skipped_because=output),
        ended(),
    )
    assert len(list(suites.iter("testcase"))) == len({name, "other", "odd"})


def test_a_flood_of_output_does_not_make_a_flood_of_xml() -> None:
    flood = printed("a", "first\n" + "x" * 4 * LONGEST_TEXT + "\nlast\n")
    suites = parsed(begun("a"), started("a"), flood, finished("a", Outcome.FAILED, 1.0), ended())
    (failure,) = suites.iter("failure")
    assert failure.text is not None
    assert len(failure.text) < LONGEST_TEXT + 100
    assert failure.text.startswith("first\n")
    assert failure.text.endswith("last")


def test_a_check_without_a_result_is_no_success() -> None:
    (case,) = parsed(begun("a"), ended(interrupted=True)).iter("testcase")
    assert [child.tag for child in case] == ["skipped"]


def test_the_file_is_written_at_the_end_of_each_run_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    front = JUnit(path)
    feed(front, EVERY_OUTCOME[:-1])
    assert not path.exists()
    feed(front, EVERY_OUTCOME)
    first = path.read_bytes()
    feed(front, EVERY_OUTCOME)
    assert path.read_bytes() == first
    assert os.listdir(tmp_path) == ["out.xml"]


def test_a_folder_that_is_not_there_is_told_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(FtuiError, match="is not a folder"):
        JUnit(tmp_path / "none" / "out.xml")


def test_a_file_that_cannot_be_written_is_one_line_and_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "out.xml").mkdir()
    with pytest.raises(FtuiError, match=r"cannot write .*out\.xml: ") as caught:
        feed(JUnit(tmp_path / "out.xml"), [Problem(run_id="r", time_s=0.0, source="s", message="m"), ended()])
    assert len(str(caught.value).splitlines()) == 1
    assert os.listdir(tmp_path) == ["out.xml"]


@pytest.mark.skipif(sys.platform == "win32", reason="symlinks need a privilege there")
def test_a_link_keeps_pointing_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in the file system")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    replace_file(path, b"report")
    reader.join(timeout=30)
    assert got == [b"report"]
    assert path.is_fifo()
