"""The screen in a real terminal: what it outlives, and what it leaves behind however it ends."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.small_projects import Gate, check, lint, project
from tests.cli.terminal import wait_for
from tests.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import MakeTerminal
    from tests.cli.terminal import Terminal
    from tests.conftest import MakeTree

BREAKS = """
from ftui.tui.widgets.totals import Totals
def render(self):
    raise ZeroDivisionError("a pane is broken\\nin two lines")
Totals.render = render
"""
"""A part of the screen that fails as soon as it is drawn."""


@pytest.fixture
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """A closed gate outside of the project."""
    return Gate(tmp_path_factory.mktemp("gate"))


def at_the_gate(screen: Terminal, gate: Gate) -> list[psutil.Process]:
    """Starts ftui and waits for a check to run; gives back ftui's process, and all below it."""
    screen.start()
    screen.line("long", "running")
    wait_for(lambda: gate.came == 1)
    ftui = psutil.Process(screen.ftui())
    return [ftui, *ftui.children(recursive=True)]


def are_gone(processes: list[psutil.Process]) -> None:
    """Waits until none of these processes is there any more."""
    wait_for(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes))


@pytest.mark.parametrize(
    ("how", "code"),
    [("q", 0), ("C-c", 0), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["q", "ctrl+c", "SIGINT", "SIGTERM", "SIGHUP"],
)
def test_however_it_is_ended_the_terminal_is_as_before_and_nothing_runs_on(
    tree: MakeTree, terminal: MakeTerminal, gate: Gate, how: str | signal.Signals, code: int
) -> None:
    screen = terminal(project(tree, check("long", gate.code)))
    processes = at_the_gate(screen, gate)
    if isinstance(how, str):
        screen.keys(how)
    else:
        screen.signal(how)
    assert "○ cancelled  1 check: 1 cancelled; interrupted\n" in screen.ended(code)
    are_gone(processes)


def test_nothing_is_left_of_it_when_its_terminal_is_closed(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    screen = terminal(project(tree, check("long", gate.code)))
    processes = at_the_gate(screen, gate)
    assert len(processes) > 2
    screen.tmux("kill-pane", "-t", "a")
    are_gone(processes)


def test_a_failure_of_the_screen_itself_is_one_line(
    tree: MakeTree, terminal: MakeTerminal, gate: Gate, tmp_path: Path
) -> None:
    write(tmp_path, {"broken/sitecustomize.py": BREAKS})
    screen = terminal(project(tree, check("long", gate.code)), columns=120, env={"PYTHONPATH": f"{tmp_path}/broken"})
    screen.start()
    text = screen.ended(3)
    assert "Traceback" not in text
    (line,) = [line for line in text.splitlines() if line.startswith("ftui: ")]
    assert "ZeroDivisionError: a pane is broken in two lines; run it again with --debug" in line


def test_a_check_that_is_killed_is_broken_and_the_screen_goes_on(
    tree: MakeTree, terminal: MakeTerminal, gate: Gate
) -> None:
    root = project(tree, check("long", gate.code) + lint())
    screen = terminal(root)
    _, *below = at_the_gate(screen, gate)
    (running,) = [each for each in below if gate.code in each.cmdline()]
    running.kill()
    screen.line("long", "!", "broken")
    write(root, {"src.txt": "bad\n"})
    screen.line("lint", "✗", "failed")
    gate.open()
    screen.line("long", "✓", "passed")
    screen.keys("q")
    screen.ended(0)


def test_the_terminal_is_given_back_even_when_it_is_killed(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    screen = terminal(project(tree, check("long", gate.code)))
    _, *below = at_the_gate(screen, gate)
    screen.signal(signal.SIGKILL)
    screen.is_restored()
    gate.open()
    are_gone(below)


def test_a_terminal_may_be_left_and_come_back_to(tree: MakeTree, terminal: MakeTerminal) -> None:
    root = project(tree, lint())
    screen = terminal(root)
    with screen.attached(columns=100, lines=31):
        screen.start()
        screen.line("lint", "passed")
    write(root, {"src.txt": "bad\n"})
    with screen.attached(columns=120, lines=41):
        screen.line("lint", "failed")
        wait_for(lambda: max(map(len, screen.text().splitlines())) > 100, screen.text)
        screen.keys("?")
        screen.line("esc closes")
        screen.keys("Escape")
        screen.wait_for(lambda text: "esc closes" not in text)
        screen.keys("q")
        screen.ended(0)


def test_it_outlives_a_storm_of_sizes(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    root = project(tree, check("long", gate.code) + lint())
    screen = terminal(root)
    at_the_gate(screen, gate)
    sizes = random.Random(1)
    for _ in range(20):
        screen.resize(sizes.randint(30, 200), sizes.randint(8, 60))
    gate.open()
    write(root, {"src.txt": "bad\n"})
    screen.resize(30, 8)
    screen.line("lint", "failed")
    screen.resize(20, 5)
    screen.wait_for("ftui needs a")
    screen.resize(80, 24)
    screen.line("ftui", "profile dev", "● watching")
    screen.line("lint", "failed")
    screen.line("q quit")
    screen.keys("q")
    screen.ended(0)


def test_it_may_be_stopped_and_continued(tree: MakeTree, terminal: MakeTerminal) -> None:
    root = project(tree, lint())
    screen = terminal(root)
    screen.start()
    screen.line("lint", "passed")
    screen.keys("C-z")
    screen.wait_for("Stopped")
    screen.is_restored()
    write(root, {"src.txt": "bad\n"})
    screen.type("clear; fg; echo code=$?")
    screen.line("lint", "failed")
    assert screen.modes() == (True, True, False)
    screen.keys("q")
    screen.wait_for("code=0")
    screen.is_restored()


def test_what_is_found_out_after_the_first_picture_ends_it_with_one_line(
    tree: MakeTree, terminal: MakeTerminal
) -> None:
    screen = terminal(project(tree, lint() + "[checks.lintt]\ntimeout = 3\n"))
    screen.start()
    text = screen.ended(2)
    assert "lintt" in text
    assert "did you mean 'lint'" in text
    assert "Traceback" not in text
