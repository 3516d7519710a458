from __future__ import annotations

import re
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.ansi import LONGEST_COLOUR, Sanitizer, strip

COLOUR = re.compile(rf"\x1b\[[0-9;:]{{0,{LONGEST_COLOUR}}}m")

FRAGMENTS = st.one_of(
    st.binary(max_size=6),
    st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"\x1b", b"[", b"]", b"m", b"31", b";", b"\r", b"\n", b"\x07", b"\x1b\\", b"?", b" ", b"P", b"\x9c"]
    ),
    st.sampled_from(
        [b"\x1b[31m", b"\x1b]8;;http://x\x07", b"\x1b[2K", b"\x1b(B", b"\xc2\x9c", "\u202e".encode(), b"1" * 70]
    ),
)
STREAMS = st.lists(FRAGMENTS, max_size=30).map(b"".join)


def sanitised(*pieces: bytes) -> str:
    sanitizer = Sanitizer()
    return "".join([*map(sanitizer.feed, pieces), sanitizer.finish()])


@given(STREAMS, st.data())
def test_where_the_stream_is_cut_makes_no_difference(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert sanitised(*pieces) == sanitised(stream)


@given(STREAMS)
def test_nothing_but_text_and_colours_comes_out(stream: bytes) -> None:
    text = sanitised(stream)
    assert "\x1b" not in COLOUR.sub("", text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", COLOUR.sub("", text))


@given(STREAMS)
def test_sanitising_twice_is_sanitising_once(stream: bytes) -> None:
    once = sanitised(stream)
    assert sanitised(once.encode()) == once


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("\n\téß→🙂")))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert sanitised(text.encode()) == text


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (b"\x1b[38;2;1;2;3mx\x1b[m", "\x1b[38;2;1;2;3mx\x1b[m"),
        (b"\x1b[4:3mx", "\x1b[4:3mx"),
        (b"\x1b[" + b"1" * 65 + b"mx", "x"),
        (b"\x1b[?25lx\x1b[2K\x1b[1A\x1b[10;20H", "x"),
        (b"\x1b[>4;2mx", "x"),
        (b"\x1b]0;title\x07x", "x"),
        (b"\x1b]52;c;aGk=\x1b\\x", "x"),
        (b"\x1b]8;;http://example\x1b\\link\x1b]8;;\x1b\\ after", "link after"),
        (b"\x1bPq#0\x1b\\x\x1b_app\x1b\\y\x1b^pm\x1b\\z\x1bXsos\x1b\\!", "xyz!"),
        (b"\x1b(Bx\x1b)0y\x1b#8z\x1bc!\x1b7", "xyz!"),
        (b"\x1b\x1b[1mx", "\x1b[1mx"),
        (b"\x1b[3\x001mx", "1mx"),
        (b"\x1b[31", ""),
        (b"a\x00b\x07c\x0bd\x7fe", "abcde"),
        ("a\u009b31mb\u0085c".encode(), "a31mbc"),
        ("a\u202eb\u2066c\u2069".encode(), "abc"),
        (b"_\bx", "_x"),
        (b"\xff\xfe ok \xe2\x82", "\ufffd\ufffd ok \ufffd"),
    ],
)
def test_only_colour_codes_survive(stream: bytes, text: str) -> None:
    assert sanitised(stream) == text


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"10%\r20%\r\n", "10%\n20%\n"),
        (b"a\r\r\nb", "a\nb"),
        (b"a\r\x1b[2K\nb", "a\nb"),
        (b"a\n\rb", "a\n\nb"),
        (b"a\r", "a\n"),
    ],
)
def test_carriage_returns_end_a_line_once(stream: bytes, text: str) -> None:
    assert sanitised(stream) == text


def test_an_unterminated_control_string_hides_no_more_than_its_line() -> None:
    assert sanitised(b"before\x1b]0;never ends\nE501 line too long\n") == "before\nE501 line too long\n"


def test_a_piece_of_text_is_handed_on_at_once() -> None:
    sanitizer = Sanitizer()
    assert sanitizer.feed(b"10%\r") == "10%\n"
    assert sanitizer.feed(b"password: \x1b[3") == "password: "
    assert sanitizer.feed(b"1mx") == "\x1b[31mx"


@pytest.mark.parametrize("start", [b"\x1b]52;c;", b"\x1b[", b"\x1b[?", b"\x1b "])
def test_an_endless_escape_is_not_collected(start: bytes) -> None:
    sanitizer = Sanitizer()
    filler = b" " * 65536 if start == b"\x1b " else b"1" * 65536
    sanitizer.feed(start)
    tracemalloc.start()
    try:
        for _ in range(64):
            assert sanitizer.feed(filler) == ""
        assert tracemalloc.get_traced_memory()[0] < 65536
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "line", [b"src/a.py:1:1: E501 long\n", b"\x1b[31mred\x1b[0m text\n", "“é” → ok\n".encode(), b"\x1b]" * 12]
)
def test_the_cost_grows_with_the_length_alone(line: bytes) -> None:
    def seconds(pieces: int) -> float:
        sanitizer, piece = Sanitizer(), (line * 65536)[:65536]
        start = time.process_time()
        for _ in range(pieces):
            sanitizer.feed(piece)
        return time.process_time() - start

    # Ten times the length costs ten times as much, where it would be a hundred times if all that came before counted.
    assert min(seconds(40) for _ in range(3)) < 40 * min(seconds(4) for _ in range(3))


def test_strip_leaves_plain_text() -> None:
    assert strip("\x1b[1;31mred\x1b[0m and plain") == "red and plain"
    assert strip("plain") == "plain"
