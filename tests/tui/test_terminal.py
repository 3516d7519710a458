"""The screen on a real terminal: what it leaves behind, and what it outlives."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tui.pictures import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import MakeTree

DEADLINE = 30.0
ROOT = Path(__file__).parents[2]
SHELL = ("env", "-u", "COLUMNS", "-u", "LINES", f"PYTHONPATH={ROOT}", "PS1=$ ", "sh")

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")

SCREEN = """\
import asyncio, os, sys
from pathlib import Path
from ftui.report.recording import replay
from ftui.tui.app import FtuiApp, run
from ftui.tui.inbox import Inbox
from ftui.tui.replay import still
inbox = Inbox()
now = still(replay(Path(sys.argv[1])), inbox, 87.3)
Path(__file__).with_suffix(".pid").write_text(str(os.getpid()))
app = FtuiApp(inbox, None, now=now)
asyncio.run(run(app))
print("ended with run", app.last_run().run.id)
"""


class Tmux:
    """A terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self._command = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]

    def __call__(self, *arguments: str) -> str:
        """Runs a command of tmux and gives back what it prints."""
        argv = [*self._command, *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=DEADLINE).stdout

    def shows(self, text: str) -> str:
        """Waits until a text is on the screen, and gives back all of it."""
        until = time.monotonic() + DEADLINE
        while text not in (seen := self("capture-pane", "-p", "-t", "a")):
            assert time.monotonic() < until, seen
            time.sleep(0.05)  # between two looks
        return seen

    def modes(self) -> str:
        """Whether there is another screen, the mouse is reported, and the cursor is seen."""
        return self("display-message", "-p", "-t", "a", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}").strip()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A terminal with a shell in it."""
    tmux = Tmux(tmp_path)
    tmux("new-session", "-d", "-x", "100", "-y", "30", "-s", "a", *SHELL)
    yield tmux
    tmux("kill-server")


def begin(tmux: Tmux, tmp_path: Path, recording: Path = DATA / "session.ndjson") -> int:
    """Starts the screen, and gives back the id of its process."""
    (tmp_path / "screen.py").write_text(SCREEN)
    tmux("send-keys", "-t", "a", f"clear; {sys.executable} {tmp_path}/screen.py {recording}", "Enter")
    tmux.shows("ruff failed")
    assert tmux.modes() == "1 1 0"
    return int((tmp_path / "screen.pid").read_text())


def test_quitting_leaves_the_terminal_as_it_was(tmux: Tmux, tmp_path: Path) -> None:
    begin(tmux, tmp_path)
    tmux("resize-window", "-t", "a", "-x", "40", "-y", "12")
    tmux.shows("0%")
    tmux("resize-window", "-t", "a", "-x", "120", "-y", "30")
    tmux.shows("saved")
    tmux("send-keys", "-t", "a", "q")
    assert "ruff" not in tmux.shows("ended with run r12")
    assert tmux.modes() == "0 0 1"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV], ids=["killed", "crashed"])
def test_so_does_a_sudden_end(tmux: Tmux, tmp_path: Path, number: signal.Signals) -> None:
    os.kill(begin(tmux, tmp_path), number)
    until = time.monotonic() + DEADLINE
    while tmux.modes() != "0 0 1":
        assert time.monotonic() < until
        time.sleep(0.05)  # between two looks
    tmux("send-keys", "-t", "a", "stty -a | tr ' ' '\\n' | grep -x 'echo\\|icanon'", "Enter")
    tmux.shows("\necho")
    tmux.shows("icanon")


def test_it_outlives_a_terminal_that_has_forgotten_how_to_report_the_mouse(tmp_path: Path) -> None:
    (tmp_path / "screen.py").write_text(SCREEN)
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    ours, theirs = os.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    argv = [sys.executable, str(tmp_path / "screen.py"), str(DATA / "session.ndjson")]
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    with open(ours, "r+b", buffering=0) as terminal:
        for sent, awaited in ((b"", b"basket"), (b"\x1b[M#\xff\xfe", b"?1003h"), (b"?", b"Moving")):
            terminal.write(sent)
            seen = b""
            while awaited not in seen:
                assert select.select([terminal], [], [], DEADLINE)[0], seen
                seen += terminal.read(65536)
        process.kill()
        process.wait()


def test_an_editor_in_the_terminal_takes_the_place_of_the_screen_for_a_while(
    tmux: Tmux, tmp_path: Path, tree: MakeTree
) -> None:
    root = tree({"src/shop/basket.py": "x\n", "src/shop/pricing.py": "x\n"}, name="shop")
    recording = tmp_path / "session.ndjson"
    recording.write_bytes((DATA / "session.ndjson").read_bytes().replace(b"/home/you/shop", os.fsencode(root)))
    editor = tmp_path / "vim"
    editor.write_text('#!/bin/sh\necho "edits $*"\nread -r line\n')
    editor.chmod(0o755)
    tmux("send-keys", "-t", "a", f"export VISUAL={editor}", "Enter")
    begin(tmux, tmp_path, recording)
    tmux("send-keys", "-t", "a", "e")
    seen = tmux.shows("edits ")
    assert f"+call cursor(3,8) {root}/src/shop/basket.py" in seen.replace("\n", "")
    assert tmux.modes() == "0 0 1"
    tmux("send-keys", "-t", "a", "Enter")
    tmux.shows("ruff failed")
    assert tmux.modes() == "1 1 0"


def test_a_lone_escape_is_told_from_the_beginning_of_a_sequence(tmux: Tmux, tmp_path: Path) -> None:
    begin(tmux, tmp_path)
    before = tmux("capture-pane", "-p", "-t", "a")
    tmux("send-keys", "-t", "a", "?")
    tmux.shows("Moving")
    tmux("send-keys", "-t", "a", "Escape")
    until = time.monotonic() + DEADLINE
    while tmux("capture-pane", "-p", "-t", "a") != before:
        assert time.monotonic() < until
        time.sleep(0.05)  # between two looks


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how often threads have waited")
def test_while_nothing_happens_no_thread_of_it_wakes_again_and_again(tmux: Tmux, tmp_path: Path) -> None:
    def waits(process: int) -> int:
        tasks = Path(f"/proc/{process}/task").glob("*/status")
        return sum(int(task.read_text().partition("\nvoluntary_ctxt_switches:")[2].split()[0]) for task in tasks)

    process = begin(tmux, tmp_path)
    until = time.monotonic() + DEADLINE
    woken = 1_000
    while woken > 3:
        assert time.monotonic() < until, f"{woken} times a second"
        before = waits(process)
        time.sleep(1.0)  # what is measured
        woken = waits(process) - before
