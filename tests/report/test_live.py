"""The block of lines on a terminal: always what the state says, never more than the screen holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.events import CheckQueued, PlannedCheck, Problem
from ftui.model import Outcome, Phase
from ftui.report.live import FRAME, Live, most_urgent
from ftui.report.stream import Stream
from ftui.state import Row, State
from tests.report.screen import Screen
from tests.report.stream_of_events import EVERY_OUTCOME, begun, ended, feed, finished, printed, started, takes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ftui.events import Event


class SizedStream(Stream):
    """A stream of a terminal whose size the test sets."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen, {"TERM": "xterm"})
        self.screen = screen

    def size(self) -> tuple[int, int]:
        """That of the screen."""
        return self.screen.columns, self.screen.height


class Show:
    """A live front end on a screen in memory, with a clock that the test moves."""

    def __init__(self, columns: int = 80, height: int = 24) -> None:
        self.screen = Screen(columns, height)
        self.now = 0.0
        self.live = Live(SizedStream(self.screen), clock=lambda: self.now)
        self.state = State()

    def play(self, *events: Event, pause: float = 1.0) -> list[str]:
        """Shows events one by one and returns the lines of the screen."""
        for event in events:
            self.now += pause
            self.live.write(self.state.apply(event), self.state)
        return self.screen.shown()

    def tick(self, now_s: float) -> list[str]:
        """Lets time pass and returns the lines of the screen."""
        self.now += FRAME
        self.live.tick(self.state, now_s)
        return self.screen.shown()


def test_each_check_is_one_line_that_follows_its_state() -> None:
    show = Show()
    assert show.play(begun("ruff", "mypy")) == ["· queued     ruff", "· queued     mypy"]
    assert show.play(started("ruff")) == ["⠋ running    ruff      0 ms", "· queued     mypy"]
    assert show.play(finished("ruff", Outcome.PASSED, 0.012)) == [
        "✓ passed     ruff     12 ms  miss  no cache yet",
        "· queued     mypy",
    ]


def test_time_moves_the_running_ones_and_a_long_silence_is_mentioned() -> None:
    show = Show()
    show.play(begun("a"), started("a"))
    assert show.tick(2.1) == ["⠴ running    a     2.1 s"]
    assert show.tick(45.0) == ["⠋ running    a    45.0 s  no output for 45.0 s"]
    show.play(printed("a", "x", 44.0))
    assert "no output" not in show.tick(46.0)[0]


def test_what_is_expected_of_a_running_check_is_said_and_the_silence_that_is_longer_than_ever() -> None:
    show = Show()
    show.play(begun("a"), started("a", expected=takes(10.0, silence_s=4.0)))
    assert show.tick(2.1) == ["⠴ running    a     2.1 s  takes 10.0 s as a rule, 9.0 s to 11.0 s"]
    assert "  no output for 5.0 s, longer than ever; takes 10.0 s" in show.tick(5.0)[0]


def test_what_runs_again_shows_which_attempt_it_is() -> None:
    show = Show()
    assert show.play(begun("a"), started("a", attempt=2)) == ["⠋ running    a      0 ms  attempt 2"]


def test_pictures_are_paced_and_none_is_drawn_without_a_change() -> None:
    show = Show()
    show.play(begun("a", "b"), started("a"))
    drawn = show.screen.writes
    show.play(CheckQueued(run_id="r1", time_s=0.0, check_id="b", phase=Phase.FAST), started("b"), pause=0.0)
    assert show.screen.writes == drawn
    assert show.tick(0.1)[1].startswith("⠙ running    b")
    drawn = show.screen.writes
    show.live.tick(show.state, 0.2)
    assert show.screen.writes == drawn


def test_a_flood_of_output_draws_nothing() -> None:
    show = Show()
    show.play(begun("a"), started("a"))
    drawn = show.screen.writes
    show.play(*(printed("a", "line\n") for _ in range(1000)))
    assert show.screen.writes == drawn


def test_idle_means_idle() -> None:
    show = Show()
    show.play(begun("a", "b"), finished("a", Outcome.PASSED, 1.0))
    drawn = show.screen.writes
    for second in range(10):
        show.tick(second)
    assert show.screen.writes == drawn


def test_only_the_lines_that_changed_are_sent() -> None:
    show = Show()
    show.play(begun(*(f"check-{i}" for i in range(10))), started("check-3"))
    sent: list[str] = []
    show.screen.write = lambda text: sent.append(text) or 0  # type: ignore[method-assign,func-returns-value]
    show.tick(1.0)
    assert "check-3" in "".join(sent)
    assert "check-4" not in "".join(sent)


def test_the_end_is_the_table_the_findings_and_three_lines() -> None:
    shown = Show(90).play(*EVERY_OUTCOME)
    assert shown == [
        "! problem    plugin x: raised ValueError: upgrade it",
        "✗ failed     ruff         12 ms  miss  no cache yet",
        "✗ failed     mypy         1.2 s  miss  no cache yet; 2 attempts",
        "! broken     pytest      500 ms  no tests were collected: name some; miss  no cache yet",
        "- skipped    docs                blocked by ruff (failed)",
        "○ cancelled  npm:lint",
        "✓ passed     black       200 ms  miss  no cache yet",
        "✗ failed     ruff     12 ms  miss  no cache yet",
        "  src/app.py:41:9: error F821 Undefined name `x`",
        "  src/app.py: warning Missing docstring",
        "✗ failed     mypy     1.2 s  miss  no cache yet; 2 attempts",
        "  first",
        "  second",
        "! broken     pytest    500 ms  no tests were collected: name some; miss  no cache yet",
        "✗ failed  6 checks: 1 passed, 2 failed, 1 broken, 1 cancelled, 1 skipped",
        "  hit 0 · policy-rerun 0 · miss 4 · efficiency 0%",
        "  wall 3.4 s · busy 1.9 s · parallel 0.6x · peak 2 · saved 0 ms",
    ]


@pytest.mark.parametrize("end", [ended(), None])
def test_the_terminal_is_given_back_as_it_was(end: Event | None) -> None:
    show = Show()
    show.play(begun("a"), started("a"))
    assert (show.screen.cursor_shown, show.screen.wraps) == (False, False)
    if end is not None:
        show.play(end)
    show.live.close()
    assert (show.screen.cursor_shown, show.screen.wraps) == (True, True)
    written = show.screen.writes
    show.live.close()
    assert show.screen.writes == written


def test_on_a_narrow_terminal_the_figures_of_the_end_stay_whole() -> None:
    assert Show(40).play(*EVERY_OUTCOME)[-6:] == [
        "✗ failed  6 checks: 1 passed, 2 failed,",
        "  1 broken, 1 cancelled, 1 skipped",
        "  hit 0 · policy-rerun 0 · miss 4",
        "  efficiency 0%",
        "  wall 3.4 s · busy 1.9 s",
        "  parallel 0.6x · peak 2 · saved 0 ms",
    ]


def test_a_second_run_stands_below_the_first() -> None:
    show = Show()
    first = show.play(begun("a"), started("a"), finished("a", Outcome.PASSED, 1.0), ended())
    assert show.play(begun("b"), started("b"))[: len(first)] == first
    assert len(show.screen.shown()) == len(first) + 1


def test_names_cannot_draw_and_wide_ones_do_not_overflow() -> None:
    show = Show(40)
    lines = show.play(begun("日本語" * 10, "a\x1b[2J\nb"), started("日本語" * 10))
    assert len(lines) == 2
    assert lines[1].endswith(r"a\x1b[2J\nb")


def row(name: str, status: str) -> Row:
    made = Row(PlannedCheck(id=name, adapter="a", phase=Phase.FAST))
    if status in ("queued", "running", "retrying"):
        made.status = status  # type: ignore[assignment]
    else:
        made.status = "done"
        made.result = finished(name, Outcome(status), 1.0).result()
    return made


def test_where_not_all_fit_those_that_run_or_went_wrong_are_shown_in_their_order() -> None:
    rows = [row(*pair) for pair in [("a", "passed"), ("b", "failed"), ("c", "queued"), ("d", "running")]]
    assert [r.id for r in most_urgent(rows, 2)] == ["b", "d"]
    assert [r.id for r in most_urgent(rows, 3)] == ["b", "c", "d"]
    assert most_urgent(rows, 0) == []


def test_more_checks_than_lines_are_counted_below() -> None:
    show = Show(60, 6)
    lines = show.play(begun(*(f"c{i}" for i in range(20))), started("c7"), finished("c3", Outcome.FAILED, 1.0))
    assert len(lines) == 5
    assert [line.split()[2] for line in lines[:4]] == ["c0", "c1", "c3", "c7"]
    assert lines[4] == "18 queued · 1 failed · 1 running"


names = st.sampled_from([f"check-{i}" for i in range(12)])
steps = st.lists(
    st.tuples(st.just("start"), names)
    | st.tuples(st.just("pass"), names)
    | st.tuples(st.just("fail"), names)
    | st.tuples(st.just("problem"), names)
    | st.tuples(st.just("tick"), names)
    | st.tuples(st.just("grow"), st.integers(1, 30)),
    max_size=40,
)


@given(steps, st.sampled_from([(80, 24), (40, 12), (20, 4), (1, 1)]))
def test_whatever_happens_the_screen_shows_one_block_and_what_stands_above_it_stays(
    script: list[tuple[str, str | int]], size: tuple[int, int]
) -> None:
    show = Show(*size)
    show.screen.write("$ ftui run\n")
    show.play(begun(*(f"check-{i}" for i in range(12))))
    problems = 0
    for verb, what in script:
        name, at = str(what), show.now
        match verb:
            case "start" if show.state.rows[name].status != "running":
                show.play(started(name, at))
            case "pass":
                show.play(finished(name, Outcome.PASSED, 1.0, at))
            case "fail":
                show.play(finished(name, Outcome.FAILED, 1.0, at))
            case "problem":
                problems += 1
                show.play(Problem(run_id="r1", time_s=at, source="s", message="m"))
            case "grow":
                show.screen.height += int(what)
            case _:
                pass
        show.tick(show.now)
    lines = [line for line in show.screen.shown() if line != "$ ftui run"]
    assert show.screen.shown()[0] == "$ ftui run"
    if size[0] >= 20:
        assert len([line for line in lines if line.startswith("! problem")]) == problems
        assert len(lines) - problems <= min(12, show.screen.height)


STEPS = """
import os, sys
from ftui.report.live import Live
from ftui.report.stream import Stream
from ftui.state import State
from ftui.model import Outcome
from tests.report.stream_of_events import begun, ended, finished, started

now = 0.0
live, state = Live(Stream(sys.stdout), clock=lambda: now), State()
def play(event):
    global now
    now += 1
    live.write(state.apply(event), state)

print("above", flush=True)
names = [f"check-{i:02}" for i in range(int(sys.argv[2]))]
play(begun(*names))
play(started("check-03"))
play(finished("check-01", Outcome.FAILED, 1.0))
for step in open(sys.argv[1]):
    if step != "end\\n":
        play(started(step.strip()))
        continue
    for name in names:
        if name != "check-01":
            play(finished(name, Outcome.PASSED, 1.0))
    play(ended())
    live.close()
"""


class Tmux:
    """A terminal that a real program draws."""

    def __init__(self, folder: Path, columns: int, lines: int, checks: int) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._fifo = folder / "steps"
        os.mkfifo(self._fifo)
        program = [sys.executable, "-c", STEPS, str(self._fifo), str(checks)]
        size = ["-x", str(columns), "-y", str(lines)]
        self._do("new-session", "-d", *size, "-c", str(Path(__file__).parents[2]), *program)
        self._steps = self._fifo.open("w")

    def _do(self, *command: str) -> str:
        return subprocess.run([*self._tmux, *command], check=True, capture_output=True, text=True, timeout=30).stdout

    def step(self, step: str) -> None:
        """Lets the program start a check, or end the run."""
        self._steps.write(f"{step}\n")
        self._steps.flush()

    def resize(self, columns: int, lines: int) -> None:
        """Makes the terminal larger or smaller, and waits until programs in it can see that."""
        self._do("resize-window", "-x", str(columns), "-y", str(lines))
        end = time.monotonic() + 10
        with open(self._do("display-message", "-p", "#{pane_tty}").strip()) as tty:
            while os.get_terminal_size(tty.fileno()) != (columns, lines) and time.monotonic() < end:
                time.sleep(0.01)

    def until(self, shown: Callable[[list[str]], bool], *, scrolled: bool = False) -> list[str]:
        """The lines that are not blank, wrapped ones joined, as soon as they are as expected, or after ten seconds."""
        end = time.monotonic() + 10
        while True:
            printed = self._do("capture-pane", "-p", "-J", *(["-S", "-"] if scrolled else []))
            lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
            if shown(lines) or time.monotonic() > end:
                return lines
            time.sleep(0.02)

    def close(self) -> None:
        """Ends the program and its terminal."""
        self._steps.close()
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True, timeout=30)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[[int, int, int], Tmux]]:
    """Opens terminals of a size with a number of checks."""
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    opened: list[Tmux] = []

    def open_one(columns: int, lines: int, checks: int) -> Tmux:
        opened.append(Tmux(tmp_path, columns, lines, checks))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def says(*words: str) -> Callable[[list[str]], bool]:
    """Whether some line has all of the words."""
    return lambda lines: any(all(word in line for word in words) for line in lines)


@pytest.mark.parametrize(("columns", "height"), [(80, 24), (40, 12)])
def test_a_real_terminal_shows_the_block_in_place(
    tmux: Callable[[int, int, int], Tmux], columns: int, height: int
) -> None:
    terminal = tmux(columns, height, 20)
    fits = height > 20
    shown = terminal.until(says("failed", "check-01"))
    assert shown[:2] == ["above", "· queued     check-00"] if fits else shown[0] == "· queued     check-00"
    assert len(shown) == (21 if fits else height - 1)
    terminal.step("check-05")
    shown = terminal.until(says("running", "check-05"))
    assert [line.split()[2] for line in shown if "running " in line] == ["check-03", "check-05"]
    assert len(shown) == (21 if fits else height - 1)
    terminal.step("end")
    shown = terminal.until(says("wall"), scrolled=True)
    assert shown[0] == "above"
    assert [line.split()[2] for line in shown[1:21]] == [f"check-{i:02}" for i in range(20)]
    assert shown[22] == "✗ failed  20 checks: 19 passed, 1 failed"


@pytest.mark.parametrize("sizes", [((80, 24), (40, 12), (80, 24)), ((40, 12), (80, 24)), ((80, 24), (25, 5))])
def test_a_terminal_that_is_resized_shows_each_check_once(
    tmux: Callable[[int, int, int], Tmux], sizes: tuple[tuple[int, int], ...]
) -> None:
    terminal = tmux(*sizes[0], 10)
    terminal.until(says("failed", "check-01"))
    for number, size in enumerate(sizes[1:], start=4):
        terminal.resize(*size)
        terminal.step(f"check-{number:02}")
        shown = terminal.until(says("running", f"check-{number:02}"))
        listed = [line.split()[2] for line in shown if "check-" in line]
        assert len(listed) == len(set(listed)) == (10 if size[1] > 10 else size[1] - 2)
    assert terminal.until(says("above"), scrolled=True)[0] == "above"


def test_events_of_a_run_that_it_never_saw_begin_are_passed_over() -> None:
    screen = Screen(80, 24)
    feed(Live(SizedStream(screen)), [started("a"), finished("a", Outcome.PASSED, 1.0)])
    assert screen.shown() == []
