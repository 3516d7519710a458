from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.cache.portable import Root

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX paths")
HERE, THERE = Root("/srv/app"), Root("/home/ana/clone")


@posix
@pytest.mark.parametrize(
    ("printed", "replayed"),
    [
        ("/srv/app/x.py:1", "/home/ana/clone/x.py:1"),
        ("in /srv/app.", "in /home/ana/clone."),
        ("\x1b[36m/srv/app/x.py\x1b[0m", "\x1b[36m/home/ana/clone/x.py\x1b[0m"),
        ('{"a": "\\n/srv/app/x"}', '{"a": "\\n/home/ana/clone/x"}'),
        ("file:///srv/app/x", "file:///home/ana/clone/x"),
        ("/srv/app2/x", "/srv/app2/x"),
        ("/srv/app.bak/x", "/srv/app.bak/x"),
        ("/mnt/srv/app/x", "/mnt/srv/app/x"),
        ("no path", "no path"),
    ],
)
def test_the_root_is_replaced_where_it_is_a_path_and_nowhere_else(printed: str, replayed: str) -> None:
    stored = HERE.take_out_text(printed)
    assert THERE.put_in_text(stored) == replayed
    assert HERE.put_in_text(stored) == printed


@posix
@pytest.mark.parametrize("escape", [lambda p: json.dumps(p), lambda p: json.dumps(p, ensure_ascii=False)])
def test_escaped_forms_come_back_escaped_for_the_new_root(escape: object) -> None:
    assert callable(escape)
    here, there = '/srv/é "x"', '/home/ä "y" b'
    stored = Root(here).take_out_text(f"see {escape(here + '/f')}")
    assert here not in stored
    assert Root(there).put_in_text(stored) == f"see {escape(there + '/f')}"


@posix
def test_quoted_urls_come_back_quoted() -> None:
    stored = Root("/srv/my app").take_out_text("file:///srv/my%20app/x")
    assert Root("/a b").put_in_text(stored) == "file:///a%20b/x"


@posix
def test_the_resolved_form_of_a_linked_root_is_known(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    stored = Root(str(tmp_path / "link")).take_out_text(f"{tmp_path}/real/x {tmp_path}/link/y")
    assert str(tmp_path) not in stored
    assert THERE.put_in_text(stored) == "/home/ana/clone/x /home/ana/clone/y"


pieces = st.sampled_from([b"/srv/app", b"/x", b"\0", b"\0R0", b"R0", b"/srv/app2", b" ", b"\n", b"\xff"])


@given(st.lists(pieces | st.binary(max_size=4), max_size=12).map(b"".join))
def test_any_bytes_come_back_for_the_same_root(data: bytes) -> None:
    assert HERE.put_in(HERE.take_out(data)) == data


@given(st.text(max_size=20))
def test_any_text_comes_back(text: str) -> None:
    assert HERE.put_in_text(HERE.take_out_text(text + "/srv/app")) == text + "/srv/app"


def test_half_a_character_does_no_harm() -> None:
    assert HERE.take_out_text("\ud800") == "?"
