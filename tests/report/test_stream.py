"""What a stream can carry decides what is written to it."""

from __future__ import annotations

import os
import sys

import pytest

from ftui.model import Outcome
from ftui.report.looks import OUTCOMES
from ftui.report.stream import Stream, redrawable
from tests.report.stream_of_events import Terminal

XTERM = {"TERM": "xterm"}


@pytest.mark.skipif(sys.platform == "win32", reason="a console there is asked itself, TERM says nothing")
@pytest.mark.parametrize(
    ("tty", "environ", "colour"),
    [
        (True, XTERM, True),
        (False, XTERM, False),
        (True, {**XTERM, "NO_COLOR": "1"}, False),
        (True, {**XTERM, "NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {}, False),
    ],
)
def test_colours_need_a_terminal_that_nobody_has_asked_to_do_without(
    tty: bool, environ: dict[str, str], colour: bool
) -> None:
    stream = Stream(Terminal(tty=tty), environ)
    assert stream.paint("x", "31") == ("\x1b[31mx\x1b[0m" if colour else "x")


@pytest.mark.skipif(sys.platform == "win32", reason="a console there is asked itself, TERM says nothing")
def test_a_dumb_terminal_is_not_redrawn_and_one_without_colours_is() -> None:
    assert not redrawable(Terminal(tty=True), {"TERM": "dumb"})
    assert not redrawable(Terminal(tty=False), XTERM)
    assert redrawable(Terminal(tty=True), {**XTERM, "NO_COLOR": "1"})


@pytest.mark.skipif(sys.platform != "win32", reason="asks a Windows console")
def test_a_file_that_is_no_console_is_not_redrawn() -> None:
    with open(os.devnull, "w", encoding="utf-8") as null:
        assert not redrawable(null)


@pytest.mark.parametrize(("encoding", "written"), [("utf-8", "✓ … é 日\n"), ("ascii", "+ ... \\xe9 \\u65e5\n")])
def test_text_that_a_stream_cannot_carry_becomes_ascii(encoding: str, written: str) -> None:
    out = Terminal(encoding)
    stream = Stream(out, {})
    stream.lines([f"{stream.glyph(OUTCOMES[Outcome.PASSED])} … é 日"])
    assert out.getvalue() == written


def test_letters_that_a_narrow_encoding_does_carry_stay() -> None:
    out = Terminal("cp1252")
    Stream(out, {}).lines(["é 日 …"])
    assert out.getvalue() == "é \\u65e5 ...\n"


def test_a_stream_that_is_no_terminal_has_a_usual_size() -> None:
    assert Stream(Terminal(), {}).size() == (80, 24)
