r"""What a tool prints, made harmless for a terminal: colours stay, every other escape goes.

A raw OSC sequence from a tool's output would reach the user's terminal through every widget, so nothing leaves this
module but printable text, newlines, tabs and well-formed colour codes (SGR: `ESC [ 31 m`). The grammar follows
ECMA-48 with two departures that keep output readable:

- A control string (OSC, DCS, APC, PM, SOS) ends with its line at the latest: a stray introducer must not hide
  everything that a tool says after it.
- Carriage returns end a line, so that a progress bar leaves one line for each rewrite, and `\r\n` is one newline.
  A backspace is dropped alone: what it would have struck over stays.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

LONGEST_COLOUR = 64
"""Parameter characters of a colour code; a longer one is no colour code that anybody means."""

_COLOUR = re.compile(rf"\x1b\[[0-9;:]{{0,{LONGEST_COLOUR}}}m")

# A sequence ends without its final byte where a character follows that cannot belong to it, as a terminal would do.
_ESCAPE = re.compile(
    rf"\x1b(?!\[[0-9;:]{{0,{LONGEST_COLOUR}}}m)"
    r"(?:\[[ -?]*[@-~]?"  # CSI
    r"|[\]PX^_][^\x07\x18\x1a\x1b\x9c\r\n]*[\x07\x18\x1a\x9c]?"  # OSC, DCS, SOS, PM, APC; ESC \ is dropped on its own
    r"|[ -/]+[0-~]?"  # character sets and the like
    r"|[0-~])?"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[ -?]*|[\]PX^_][^\x07\x18\x1a\x9c\r\n]*|[ -/]+)?\Z")
_UNFINISHED_COLOUR = re.compile(rf"\x1b\[[0-9;:]{{0,{LONGEST_COLOUR}}}\Z")

# C0 but for tab, newline, return and escape; DEL; C1; the marks that reverse the order of what is read (bidi).
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_CONTROL_BYTES = bytes(byte for byte in range(32) if byte not in b"\t\n\r\x1b") + b"\x7f"
_RETURN = re.compile(r"\r+\n?")


class Sanitizer:
    """Turns the bytes of one stream into harmless text, piece by piece.

    Where the stream is cut makes no difference to the text, and what is held between two pieces is bounded whatever
    they contain.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._after_return = False

    def feed(self, data: bytes) -> str:
        """The text that `data` adds, in which bytes that are not UTF-8 are U+FFFD."""
        # Nearly all output is plain ASCII, and this test of it costs a seventh of the search that it saves.
        plain = data.isascii() and len(data.translate(None, _CONTROL_BYTES)) == len(data)
        return self._clean(self._decoder.decode(data), plain=plain)

    def finish(self) -> str:
        """The text that only the end of the stream can add; an escape that it cuts short is dropped."""
        text = self._clean(self._decoder.decode(b"", True), plain=False)
        self._pending = ""
        return text

    def _clean(self, text: str, *, plain: bool) -> str:
        if self._pending or "\x1b" in text:
            text = _ESCAPE.sub("", self._hold_back(self._pending + text))
        if not plain:
            text = _CONTROL.sub("", text)
        if self._after_return or "\r" in text:
            text = self._end_lines(text)
        return text

    def _hold_back(self, text: str) -> str:
        """Keeps an unfinished sequence for the next piece, as the shortest one that goes on in the same way."""
        start = text.rfind("\x1b")
        unfinished = _UNFINISHED.match(text, start) if start >= 0 else None
        if unfinished is None:
            self._pending = ""
            return text
        sequence = unfinished[0]
        if len(sequence) == 1 or _UNFINISHED_COLOUR.match(sequence):
            self._pending = sequence
        elif sequence[1] == "[":
            self._pending = "\x1b[?"
        else:
            self._pending = sequence[:2]
        return text[:start]

    def _end_lines(self, text: str) -> str:
        if self._after_return:
            # The newline for it is out already; returns and a newline that follow belong to the same line end.
            text = "\r" + text
        ended = _RETURN.sub("\n", text)
        if self._after_return:
            ended = ended[1:]
        self._after_return = text.endswith("\r")
        return ended


def strip(text: str) -> str:
    """Sanitised text without its colours, for parsers."""
    return _COLOUR.sub("", text) if "\x1b" in text else text
