"""The screen over a live watch, in a real terminal: what each key does, and what a user is shown."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.small_projects import JUDGES, Gate, check, lint, project
from tests.cli.terminal import FTUI
from tests.conftest import write

if TYPE_CHECKING:
    from tests.cli.conftest import Ftui, MakeTerminal
    from tests.conftest import MakeTree

FORMAT_OFF = "[checks.ruff-format]\nenabled = false\n"
TOOLS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""Where the tools of these tests' own environment are found."""

needs_ruff = pytest.mark.skipif(shutil.which("ruff", path=TOOLS) is None, reason="there is no ruff here")


@pytest.fixture
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """A closed gate outside of the project."""
    return Gate(tmp_path_factory.mktemp("gate"))


def test_an_edit_makes_a_verdict_stale_and_then_another_one(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    gated = check("first", gate.code)
    root = project(tree, f"workers = 1\n{gated}{lint()}")
    gate.open()
    screen = terminal(root)
    screen.start()
    screen.line("lint", "✓", "passed", "miss")
    screen.line("ftui", "project", "main", "profile dev", "● watching", "run 1")
    screen.line("hit 0", "miss 2")

    gate.close()
    write(root, {"src.txt": "fine\nfine\nthis is bad\n"})
    screen.line("first", "running")
    screen.line("lint", "queued", "stale")
    gate.open()
    screen.line("lint", "✗", "failed")
    screen.wait_for("src.txt:3:5: error: line 3 is bad")

    write(root, {"src.txt": "fine\n"})
    screen.line("lint", "✓", "passed", "hit")
    screen.keys("q")
    text = screen.ended(0)
    assert "✓ passed  2 checks: 2 passed" in text
    assert "hit 2 · policy-rerun 0 · miss 0" in text
    assert "  wall " in text


def test_while_paused_an_edit_makes_stale_and_runs_nothing(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    gate.open()
    root = project(tree, check("lint", gate.code + JUDGES))
    screen = terminal(root)
    screen.start()
    screen.line("lint", "passed")
    screen.keys("p")
    screen.line("‖ paused", "p resumes")
    write(root, {"src.txt": "this is bad\n"})
    screen.line("lint", "passed", "stale")
    screen.line("lint passed, stale: src.txt changed since")
    screen.line("‖ paused, 1 check stale: p resumes")
    screen.keys("p")
    screen.line("lint", "failed")
    assert gate.came == 2
    screen.keys("q")
    screen.ended(0)


def test_keys_run_checks_again_with_and_without_the_cache(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    gate.open()
    good = check("good", gate.code)
    root = project(tree, good + lint(), **{"src.txt": "bad\n"})
    screen = terminal(root)
    screen.start()
    screen.line("good", "passed", "miss")
    screen.line("lint", "failed", "miss")
    screen.keys("f")
    screen.line("lint", "failed", "policy-rerun")
    screen.line("good", "passed", "miss")
    screen.keys("g", "r")
    screen.line("good", "passed", "hit")
    assert gate.came == 1
    screen.keys("R")
    screen.line("good", "passed", "policy-rerun")
    assert gate.came == 2
    screen.keys("a")
    screen.line("good", "passed", "hit")
    screen.keys("q")
    assert "still" not in screen.ended(0)


def test_a_check_that_is_cancelled_is_not_green(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    screen = terminal(project(tree, check("long", gate.code)))
    screen.start()
    screen.line("long", "running")
    screen.keys("x")
    screen.line("long", "○ ", "cancelled")
    screen.keys("q")
    text = screen.ended(0)
    assert "1 cancelled" in text
    assert "✓" not in text


def test_numbers_choose_profiles_and_signs_change_the_workers(
    tree: MakeTree, terminal: MakeTerminal, gate: Gate
) -> None:
    two = "".join(check(name, gate.code) for name in ("one", "two"))
    profiles = '[profiles]\nonly = ["one"]\nboth = ["one", "two"]\n'
    screen = terminal(project(tree, f'workers = 1\nprofile = "only"\n{profiles}{two}'))
    screen.start()
    screen.line("one", "running")
    assert "profile only" in screen.text()
    screen.keys("g", "5")
    screen.line("profile both")
    screen.line("two", "queued")
    screen.keys("+")
    screen.line("one", "running")
    screen.line("two", "running")
    gate.open()
    screen.line("two", "passed")
    screen.keys("-")
    screen.line("1 worker ")
    screen.keys("4")
    screen.wait_for(lambda text: "profile only" in text and "two" not in text)
    screen.keys("q")
    screen.ended(0)


def test_every_pane_is_a_key_away(tree: MakeTree, terminal: MakeTerminal) -> None:
    chatty = "for n in range(200): print(f'line {n}' if n != 120 else 'error: line 120 is odd')\nraise SystemExit(1)"
    screen = terminal(project(tree, check("chatty", chatty)))
    screen.start()
    screen.line("chatty", "failed")
    screen.wait_for("line 199")
    screen.keys("w")
    screen.wait_for("it has no result for this tree yet")
    screen.keys("t")
    screen.line("slot", "used")
    screen.keys("O")
    screen.wait_for("line 199")
    screen.keys("o")
    screen.wait_for(lambda text: "line 120 is odd" in text and "line 119" not in text)
    screen.keys("o", "/", "1", "1", "7", "Enter")
    screen.wait_for(lambda text: "line 117" in text and "1/1" in text)
    screen.keys("Escape")
    screen.wait_for(lambda text: "1/1" not in text)
    screen.keys("z")
    screen.wait_for(lambda text: "CHECK " not in text)
    screen.keys("z", "?")
    screen.line("next finding, across checks")
    screen.line("esc closes")
    screen.keys("Escape")
    screen.wait_for("CHECK ")
    screen.keys("C-p")
    screen.wait_for("Search")
    screen.tmux("send-keys", "-t", "a", "-l", "timeline")
    screen.line("Timeline of the run")
    screen.keys("Enter")
    screen.line("slot", "used")
    screen.keys("q")
    screen.ended(0)


def test_quitting_asks_while_a_check_writes_files(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    screen = terminal(project(tree, check("format", gate.code, phase="mutating")))
    screen.start()
    screen.line("format", "running")
    screen.keys("q")
    screen.line("format is writing files of the tree")
    screen.keys("Escape")
    screen.wait_for(lambda text: "is writing" not in text)
    screen.keys("q")
    screen.line("q quit anyway")
    screen.keys("q")
    assert "1 cancelled" in screen.ended(0)


def test_with_nothing_configured_it_says_what_it_looked_for(tree: MakeTree, terminal: MakeTerminal) -> None:
    root = tree({"notes.txt": "\n"}, git=True)
    screen = terminal(root)
    screen.start()
    screen.line("Nothing to check")
    screen.line("ftui init")
    screen.line("pytest ")
    write(root, {"ftui.toml": lint(), "src.txt": "bad\n"})
    screen.line("lint", "failed")
    screen.keys("q")
    screen.ended(0)


def test_a_configuration_that_breaks_leaves_the_last_good_one_in_force(tree: MakeTree, terminal: MakeTerminal) -> None:
    root = project(tree, lint())
    screen = terminal(root)
    screen.start()
    screen.line("lint", "passed")
    write(root, {"ftui.toml": lint().replace("inputs", "imputs")})
    screen.line("! invalid config")
    screen.line("! ftui.toml", "imputs")
    write(root, {"src.txt": "bad\n"})
    screen.line("lint", "failed")
    write(root, {"ftui.toml": lint() + check("more", "pass")})
    screen.line("● watching")
    screen.line("more", "passed")
    assert "imputs" not in screen.text()
    screen.keys("q")
    screen.ended(0)


def test_a_tool_that_is_missing_breaks_its_check_alone(tree: MakeTree, terminal: MakeTerminal) -> None:
    missing = '[checks.absent]\ncommand = ["no-such-tool", "--all"]\n'
    screen = terminal(project(tree, missing + lint()))
    screen.start()
    screen.line("lint", "✓", "passed")
    screen.line("absent", "!", "broken")
    screen.line("no-such-tool")
    screen.keys("q")
    screen.ended(0)


@needs_ruff
def test_an_editor_opens_the_finding_and_what_it_writes_is_checked(
    tree: MakeTree, terminal: MakeTerminal, tmp_path: Path
) -> None:
    write(tmp_path, {"bin/vim": f'#!/bin/sh\necho "$@" >{tmp_path}/argv\necho in the editor\nread -r line\n: >a.py\n'})
    (tmp_path / "bin" / "vim").chmod(0o755)
    root = tree({"ftui.toml": FORMAT_OFF, "a.py": "x = 1\nprint(x, missing)\n"}, git=True)
    screen = terminal(root, env={"EDITOR": f"{tmp_path}/bin/vim", "PATH": TOOLS})
    screen.start()
    screen.line("ruff", "✗", "failed")
    screen.line("a.py:2:10: error F821 Undefined name `missing`")
    screen.line("Findings 1")
    screen.keys("n")
    screen.line("F821", "Undefined name")
    screen.keys("e")
    screen.wait_for("in the editor")
    assert (tmp_path / "argv").read_text() == f"+call cursor(2,10) {root}/a.py\n"
    assert screen.modes() == (False, False, True)
    screen.keys("Enter")
    screen.line("ruff", "✓", "passed")
    screen.keys("q")
    screen.ended(0)


def test_without_colour_no_colour_is_written(tree: MakeTree, terminal: MakeTerminal) -> None:
    screen = terminal(project(tree, lint(), **{"src.txt": "bad\n"}), env={"NO_COLOR": "1"})
    screen.start()
    screen.line("lint", "✗", "failed")
    codes = re.findall(r"\x1b\[([0-9;]*)m", screen.tmux("capture-pane", "-p", "-e", "-t", "a"))
    assert codes
    assert not [code for code in codes if re.search(r"(^|;)([349][0-7]|10[0-7]|[34]8)(;|$)", code)]
    screen.keys("q")
    screen.ended(0)


def test_where_there_is_no_screen_there_are_plain_lines(tree: MakeTree, terminal: MakeTerminal) -> None:
    root = project(tree, lint())
    screen = terminal(root)
    screen.start(TERM="dumb")
    screen.line("passed", "lint", "miss")
    assert screen.modes() == (False, False, True)
    screen.keys("C-c")
    screen.ended(130)
    screen.type(f"clear; TERM=dumb {shlex.join(FTUI)} | cat")
    screen.line("passed", "lint", "hit")
    screen.keys("C-c")


def test_three_hundred_checks_have_room(tree: MakeTree, terminal: MakeTerminal) -> None:
    checks = "".join(f'[checks.c{n}]\ncommand = "true"\ninputs = ["src.txt"]\n' for n in range(300))
    screen = terminal(project(tree, checks))
    screen.start()
    screen.line("miss 300")
    screen.keys("g")
    screen.line("c0 ", "passed")
    screen.keys("G")
    screen.line("c299 ", "passed")
    screen.keys("q")
    assert "300 checks: 300 passed" in screen.ended(0)


def test_keys_are_answered_while_a_check_floods(tree: MakeTree, terminal: MakeTerminal, gate: Gate) -> None:
    flood = "for n in range(200000): print(f'\\x1b[31mline\\x1b[0m {n}')\nprint('end', flush=True)\n"
    screen = terminal(project(tree, check("flood", f"{flood}{gate.code}") + lint()))
    screen.start()
    screen.line("flood", "running")
    screen.keys("?")
    screen.line("one up")
    screen.keys("Escape")
    screen.wait_for("end\n")
    screen.keys("Enter", "g")
    screen.wait_for("line 0\n")
    gate.open()
    screen.line("flood", "passed")
    screen.keys("q")
    screen.ended(0)


def test_the_demo_is_on_the_screen(tree: MakeTree, terminal: MakeTerminal) -> None:
    screen = terminal(tree({}))
    screen.start("demo")
    screen.line("pytest", "✗", "failed")
    screen.line("mypy", "✓", "passed")
    screen.keys("n")
    screen.wait_for("test_pricing.py")
    screen.keys("q")
    assert "4 checks: 3 passed, 1 failed" in screen.ended(0)


def test_a_recording_is_played_on_the_screen(ftui: Ftui, tree: MakeTree, terminal: MakeTerminal) -> None:
    root = project(tree, lint(), **{"src.txt": "bad\n"})
    assert ftui("run", "--record", "r.ignored", cwd=root).code == 1
    screen = terminal(root)
    screen.start("replay", "r.ignored")
    screen.line("▶ recording")
    screen.line("lint", "✗", "failed")
    screen.keys("q")
    assert "1 check: 1 failed" in screen.ended(0)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            '[keys]\nrerum = "v"\n',
            "ftui: ftui.toml: keys.rerum: nothing that a key does is called that (did you mean 'rerun'?)",
        ),
        ('theme = "nordd"\n', "ftui: ftui.toml: theme: there is no theme 'nordd' (did you mean 'nord'?)"),
    ],
    ids=["key", "theme"],
)
def test_a_wrong_setting_of_the_screen_is_one_line(
    tree: MakeTree, terminal: MakeTerminal, setting: str, message: str
) -> None:
    screen = terminal(project(tree, setting + lint()), columns=120)
    screen.start()
    assert screen.ended(2).splitlines() == [message]


def test_keys_and_theme_are_the_users(tree: MakeTree, terminal: MakeTerminal) -> None:
    keys = '[keys]\nquit = "Z"\n'
    screen = terminal(project(tree, f'theme = "nord"\n{keys}{lint()}'))
    screen.start()
    screen.line("lint", "passed")
    screen.line("Z quit")
    screen.keys("Z")
    screen.ended(0)
