"""Plain text, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.events import TreeChanged, Watching
from ftui.model import Outcome
from ftui.report.stream import Stream
from ftui.report.text import Text
from tests.report.stream_of_events import (
    EVERY_OUTCOME,
    Terminal,
    begun,
    ended,
    feed,
    finished,
    printed,
    started,
)

if TYPE_CHECKING:
    from ftui.events import Event, WatchStatus

GOLDEN = """\
! problem    plugin x: raised ValueError: upgrade it
± changed    black               2 files: a.py, b.py
✓ passed     black       200 ms  miss  no cache yet
✗ failed     ruff         12 ms  miss  no cache yet
  src/app.py:41:9: error F821 Undefined name `x`
  src/app.py: warning Missing docstring
↻ retrying   mypy        500 ms  no network; again in 1.5 s
✗ failed     mypy         1.2 s  miss  no cache yet; 2 attempts
  first
  second
! broken     pytest      500 ms  no tests were collected: name some; miss  no cache yet
- skipped    docs                blocked by ruff (failed)
○ cancelled  npm:lint

✗ failed  6 checks: 1 passed, 2 failed, 1 broken, 1 cancelled, 1 skipped
  hit 0 · policy-rerun 0 · miss 4 · efficiency 0%
  wall 3.4 s · busy 1.9 s · parallel 0.6x · peak 2 · saved 0 ms
"""


def text(*events: Event, encoding: str = "utf-8", tty: bool = False) -> str:
    out = Terminal(encoding, tty=tty)
    front = Text(Stream(out, {"TERM": "xterm"}))
    feed(front, events)
    front.close()
    return out.getvalue()


def test_a_run_with_every_outcome_reads_like_this() -> None:
    assert text(*EVERY_OUTCOME) == GOLDEN


def test_a_stream_that_carries_ascii_only_gets_the_same_words() -> None:
    shown = text(*EVERY_OUTCOME, encoding="ascii")
    assert shown == GOLDEN.translate(str.maketrans("✓✗±↻○·", "+x*~o|"))


@pytest.mark.parametrize("tty", [True, False])
def test_colours_of_a_tool_stay_on_a_terminal_only(tty: bool) -> None:
    assert ("\x1b[31msecond\x1b[0m" in text(*EVERY_OUTCOME, tty=tty)) is tty


def test_a_line_is_out_as_soon_as_its_check_has_finished() -> None:
    out = Terminal()
    feed(Text(Stream(out, {})), [begun("a", "b"), started("a"), finished("a", Outcome.PASSED, 1.0)])
    assert out.getvalue() == "✓ passed     a     1.0 s  miss  no cache yet\n"


def test_several_runs_follow_one_another_in_one_stream() -> None:
    once = (started("a"), finished("a", Outcome.PASSED, 1.0), ended())
    first = text(begun("a"), *once)
    assert text(begun("a"), *once, begun("a", run_id="r2"), *once) == first * 2


def test_an_interrupted_run_says_so_and_is_not_green() -> None:
    last = text(begun("a"), started("a"), finished("a", Outcome.PASSED, 1.0), ended(interrupted=True))
    assert "○ cancelled  1 check: 1 passed; interrupted\n" in last


def test_edits_of_the_user_are_no_news_and_many_files_are_counted() -> None:
    paths = tuple(f"{i}.py" for i in range(7))
    mine = TreeChanged(run_id="r1", time_s=1.0, paths=paths)
    by_check = TreeChanged(run_id="r1", time_s=1.0, paths=paths, caused_by="a")
    assert text(begun("a"), mine) == ""
    assert text(begun("a"), by_check).endswith("7 files: 0.py, 1.py, 2.py, 3.py, 4.py, …\n")


def test_names_and_messages_cannot_draw_on_the_terminal() -> None:
    name = "a\x1b]0;owned\x07\nb"
    shown = text(
        begun(name),
        started(name),
        printed(name, "x\x1b[2J\x1b]0;owned\x07y\n"),
        finished(name, Outcome.FAILED, 1.0, reason="\x1b[2J"),
    )
    assert "\x1b" not in shown
    assert shown.splitlines()[1:] == ["  xy"]


def watching(status: WatchStatus = "watching", reason: str = "", at: float = 0.0) -> Watching:
    return Watching(
        run_id="r1", time_s=at, status=status, reason=reason, profile="dev", profiles=("dev",), workers=2, branch="main"
    )


def test_a_watch_says_how_it_stands_once_and_what_made_each_run_begin() -> None:
    second = replace(begun("ruff", "mypy"), number=2, because="a.py changed")
    assert text(
        watching(),
        watching(at=1.0),
        begun("ruff", "mypy"),
        finished("mypy", Outcome.FAILED, took=1.0),
        finished("ruff", Outcome.PASSED, took=0.01),
        ended(),
        watching("held", "a rebase is under way"),
        TreeChanged(run_id="r1", time_s=5.0, paths=("a.py", "n.txt"), affects=("ruff",), uncovered=("n.txt",)),
        second,
        finished("ruff", Outcome.PASSED, took=0.02),
        ended(),
    ).splitlines() == [
        "watching, profile dev",
        "✗ failed     mypy     1.0 s  miss  no cache yet",
        "✓ passed     ruff     10 ms  miss  no cache yet",
        "",
        "✗ failed  2 checks: 1 passed, 1 failed",
        "  hit 0 · policy-rerun 0 · miss 2 · efficiency 0%",
        "  wall 0 ms · busy 1.0 s · peak 0 · saved 0 ms",
        "held, profile dev: a rebase is under way",
        "no check reads 1 file: n.txt",
        "",
        "run 2: a.py changed",
        "✓ passed     ruff     20 ms  miss  no cache yet",
        "",
        "✗ failed  1 check: 1 passed; still failed: mypy",
        "  hit 0 · policy-rerun 0 · miss 1 · efficiency 0%",
        "  wall 0 ms · busy 20 ms · peak 0 · saved 0 ms",
    ]


def test_a_run_over_nothing_says_where_to_look() -> None:
    assert text(begun(), ended()) == (
        "there is nothing to check in profile dev: `ftui list` says what was looked for\n"
    )
