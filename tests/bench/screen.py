"""What the screen costs: its first picture, beside that of a blank Textual application, and the time in which it idles.

python tests/bench/screen.py [ROUNDS] [SECONDS]

The processor's time is given as well as the clock's: it is what a busy machine leaves alone.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time

BLANK = """\
from textual.app import App
from textual.widgets import DataTable
class Blank(App):
    def compose(self):
        yield DataTable()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("CHECK", "STATE")
        for number in range(20):
            table.add_row(f"check{number}", "passed")
Blank().run()
"""

SCREEN = """\
import asyncio, time
from ftui.events import CheckFinished, CheckOutput, CheckStarted, PlannedCheck, RunFinished, RunStarted
from ftui.model import Bucket, CheckResult, Outcome, Phase
from ftui.tui.app import FtuiApp
from ftui.tui.inbox import Inbox
begun = time.monotonic()
inbox = Inbox()
names = [f"check{{number}}" for number in range({checks})]
plans = tuple(PlannedCheck(id=name, adapter="x", phase=Phase.SLOW) for name in names)
inbox.put(RunStarted(run_id="r", time_s=0.0, root="/project", profile="dev", workers=4, checks=plans, started_at=0.0))
for number, name in enumerate(names):
    inbox.put(CheckStarted(run_id="r", time_s=0.0, check_id=name, argv=("x",)))
    inbox.put(CheckOutput(run_id="r", time_s=0.0, check_id=name, stream="stdout", text="a line\\n" * 50))
    if number >= {running}:
        result = CheckResult(id=name, adapter="x", phase=Phase.SLOW, argv=("x",), outcome=Outcome.PASSED,
                             bucket=Bucket.MISS, duration_s=0.1, attempts=1)
        inbox.put(CheckFinished.of(result, run_id="r", time_s=0.0))
if not {running}:
    inbox.put(RunFinished(run_id="r", time_s=0.0))
asyncio.run(FtuiApp(inbox, None, now=lambda: time.monotonic() - begun).run_async())
"""


class Terminal:
    """A process on a terminal of its own.

    Args:
        code: a Python program.
    """

    def __init__(self, code: str) -> None:
        self._begun = time.perf_counter()
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execv(sys.executable, [sys.executable, "-c", code])
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def cpu(self) -> float:
        """Seconds of the processor so far."""
        with open(f"/proc/{self._pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def until(self, shown: bytes) -> tuple[float, float]:
        """Waits until a text is drawn; seconds since the start, of the clock and of the processor."""
        seen = b""
        while shown not in seen:
            seen += os.read(self._terminal, 65536)
        return time.perf_counter() - self._begun, self.cpu()

    def type(self, keys: bytes) -> None:
        """Presses keys."""
        os.write(self._terminal, keys)

    def let_pass(self, seconds: float) -> float:
        """Lets time pass; the share of the processor that was used meanwhile."""
        begun, before = time.perf_counter(), self.cpu()
        while (left := begun + seconds - time.perf_counter()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                os.read(self._terminal, 65536)
        return (self.cpu() - before) / (time.perf_counter() - begun)

    def end(self) -> None:
        """Ends the process."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


def first_picture(code: str, shown: bytes) -> tuple[float, float]:
    terminal = Terminal(code)
    took = terminal.until(shown)
    terminal.end()
    return took


def share(checks: int, running: int, seconds: float) -> float:
    terminal = Terminal(SCREEN.format(checks=checks, running=running))
    terminal.until(b"check5")
    terminal.let_pass(3)  # the second picture, and what is imported for later
    used = terminal.let_pass(seconds)
    terminal.end()
    return used


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    programs = {"blank Textual, one table": (BLANK, b"check19")}
    for checks in (20, 300):
        programs[f"ftui, {checks} checks"] = (SCREEN.format(checks=checks, running=0), b"check5")
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (code, shown) in programs.items():
            samples[name].append(first_picture(code, shown))
    print(f"{'first picture, ms':<26} {'median':>7} {'min':>7} {'processor':>10}")
    for name, taken in samples.items():
        clock, processor = ([1000 * each for each in column] for column in zip(*taken, strict=True))
        print(f"{name:<26} {statistics.median(clock):7.0f} {min(clock):7.0f} {statistics.median(processor):10.0f}")
    for checks, running in ((20, 0), (200, 0), (20, 4), (300, 12)):
        state = f"{running} running" if running else "idle"
        print(f"{checks} checks, {state}: {share(checks, running, seconds):.2%} of a processor")


if __name__ == "__main__":
    main()
