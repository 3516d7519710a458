"""A terminal of one's own: tmux with a shell in it, driven by keys and read as text."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

DEADLINE: Final = 30.0
"""Seconds after which what was waited for is not going to happen."""
BETWEEN_LOOKS: Final = 0.05
"""Seconds between two looks."""
PROMPT: Final = "ready>"
FTUI: Final = (sys.executable, "-m", "ftui")


def wait_for(condition: Callable[[], bool], what: Callable[[], str] = str) -> None:
    """Looks until a condition holds; fails with what there is to say where it does not in time."""
    until = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < until, what()
        time.sleep(BETWEEN_LOOKS)


_END_OF_COMMAND = re.compile(r"\s*".join(map(re.escape, "echo code=$?")) + "\n")
"""Wherever the terminal has broken the line: how long it is depends on where Python is installed."""


class Terminal:
    """A shell in a tmux server that nobody else uses.

    Args:
        folder: where the server's socket is, and what the harness writes down.
        cwd: where the shell begins.
        environ: all that the shell has in its environment, beside what makes it an interactive one.
        columns: of the window.
        lines: of the window.
    """

    def __init__(
        self, folder: Path, cwd: Path, environ: Mapping[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._before = folder / "before"
        shell = {**environ, "PS1": f"{PROMPT} ", "TERM": environ.get("TERM", "screen-256color")}
        words = ["env", "-i", *(f"{name}={value}" for name, value in shell.items()), "sh"]
        size = ["-x", str(columns), "-y", str(lines)]
        self.tmux("new-session", "-d", "-s", "a", *size, "-c", str(cwd), *words)
        self.tmux("set-option", "-g", "remain-on-exit", "on")
        self.wait_for(PROMPT)

    def tmux(self, *arguments: str) -> str:
        """Runs a command of tmux, and gives back what it prints."""
        argv = [*self._tmux, *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=DEADLINE).stdout

    def close(self) -> None:
        """Ends the server, and with it all that runs in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True, timeout=DEADLINE)

    # The shell

    def type(self, line: str) -> None:
        """Types a line and enters it."""
        self.tmux("send-keys", "-t", "a", "-l", line)
        self.keys("Enter")

    def start(self, *arguments: str, **environ: str) -> None:
        """Starts ftui at the prompt; what it leaves, and its exit code, stand below when it has ended."""
        self._before.unlink(missing_ok=True)
        self.type(f"clear; stty -g >{self._before}")
        wait_for(self._before.exists, self.text)
        self.wait_for(lambda text: text.strip() == PROMPT)
        words = ["env", *(f"{name}={value}" for name, value in environ.items())] if environ else []
        self.type(f"{shlex.join([*words, *FTUI, *arguments])}; echo code=$?")

    def ended(self, code: int) -> str:
        """Waits until ftui has ended with an exit code, and gives back what it has left below the line that began it.

        The terminal is held to be as it was.
        """
        text = self.wait_for(re.compile(r"code=\d").search)
        assert f"code={code}\n" in text
        self.is_restored()
        return _END_OF_COMMAND.split(text, maxsplit=1)[1].partition("code=")[0]

    def is_restored(self) -> None:
        """Holds the terminal to be as ftui found it: settings, screen, mouse, cursor, echo."""
        wait_for(lambda: self.modes() == (False, False, True), lambda: f"{self.modes()}\n{self.text()}")
        self.type(f"stty -g | cmp - {self._before} && echo as be''fore")
        self.wait_for("as before")
        assert "as be''fore" in self.text().replace("\n", "")  # what is typed is echoed

    # The screen

    def keys(self, *keys: str) -> None:
        """Presses keys, by the names that tmux has for them."""
        self.tmux("send-keys", "-t", "a", *keys)

    def text(self) -> str:
        """What is on the screen."""
        return self.tmux("capture-pane", "-p", "-t", "a")

    def wait_for(self, condition: str | Callable[[str], object]) -> str:
        """Waits until a text is on the screen, or it is as asked for; gives back all of it."""
        seen = ""

        def holds() -> bool:
            nonlocal seen
            seen = self.text()
            return condition in seen if isinstance(condition, str) else bool(condition(seen))

        wait_for(holds, lambda: seen)
        return seen

    def line(self, *words: str) -> str:
        """Waits for a line that holds all these words, and gives it back."""

        def found(text: str) -> list[str]:
            return [line for line in text.splitlines() if all(word in line for word in words)]

        return found(self.wait_for(lambda text: bool(found(text))))[0]

    def modes(self) -> tuple[bool, bool, bool]:
        """Whether there is another screen, the mouse is reported, and the cursor is seen."""
        flags = self.tmux("display-message", "-p", "-t", "a", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}")
        other, mouse, cursor = (flag == "1" for flag in flags.strip())
        return other, mouse, cursor

    def resize(self, columns: int, lines: int) -> None:
        """Makes the window another size."""
        self.tmux("resize-window", "-t", "a", "-x", str(columns), "-y", str(lines))

    @contextmanager
    def attached(self, columns: int, lines: int) -> Iterator[None]:
        """Has somebody look at it through a terminal of this size; the lowest line is tmux's own."""
        ours, theirs = os.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environ = {**os.environ, "TERM": "xterm-256color"}
        argv = [*self._tmux, "attach-session", "-t", "a"]
        client = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
        os.close(theirs)
        wait_for(lambda: bool(self.tmux("list-clients")))
        yield
        os.close(ours)
        client.wait(timeout=DEADLINE)

    # The processes

    def ftui(self) -> int:
        """The id of the process in the foreground of the terminal's shell."""
        shell = psutil.Process(int(self.tmux("display-message", "-p", "-t", "a", "#{pane_pid}")))
        (child,) = (each for each in shell.children() if "ftui" in each.cmdline())
        return child.pid

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to ftui."""
        os.kill(self.ftui(), number)
