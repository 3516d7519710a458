"""What the screen over a live watch costs: `ftui` itself, on a terminal, over a real tree.

python tests/bench/live_screen.py [ROUNDS] [SECONDS]

Its first picture beside that of a blank Textual application, how soon keys are answered while a check floods, and the
time that it takes while nothing happens.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.screen import BLANK, Terminal

FTUI = "from ftui.cli import main; raise SystemExit(main())"
FLOOD = """
import sys, time
lines = "".join(f"\\x1b[32mpassed\\x1b[0m tests/test_{n}.py::test_of_something in 0.01 s\\n" for n in range(1000))
due = time.monotonic()
while True:
    sys.stdout.write(lines)
    sys.stdout.flush()
    due += 0.01
    time.sleep(max(0.0, due - time.monotonic()))
"""
"""100,000 lines a second."""
SETTLED = 5.0
"""Seconds after which what follows the first run is over."""


def project(folder: Path, checks: int, extra: str = "") -> Path:
    """A repository with checks that take no time."""
    root = Path(tempfile.mkdtemp(dir=folder))
    names = [f'[checks.check{number}]\ncommand = "true"\ninputs = ["src/**"]\n' for number in range(checks)]
    (root / "ftui.toml").write_text("".join(names) + extra)
    (root / "src").mkdir()
    for number in range(1000):
        (root / "src" / f"{number}.txt").write_text(str(number))
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    return root


def watch(root: Path) -> Terminal:
    """`ftui` on a terminal, watching a tree."""
    return Terminal(f"import os, sys; os.chdir({str(root)!r}); sys.argv = ['ftui']; {FTUI}")


def first_pictures(root: Path, rounds: int) -> None:
    """Takes them in turns, so that whatever else the machine does meets all alike."""
    blank = "blank Textual, one table"
    what = {blank: b"check19", "ftui, first picture": b"quit", "ftui, 20 checks in it": b"check5"}
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in what}
    for _ in range(rounds):
        for name, shown in what.items():
            terminal = Terminal(BLANK) if name == blank else watch(root)
            samples[name].append(terminal.until(shown))
            terminal.end()
    medians = {
        name: [1000 * statistics.median(column) for column in zip(*each, strict=True)] for name, each in samples.items()
    }
    print(f"{'ms':<26} {'median':>7} {'processor':>10} {'ratio':>6} {'ratio':>6}")
    for name, (clock, processor) in medians.items():
        ratios = [mine / theirs for mine, theirs in zip(medians[name], medians[blank], strict=True)]
        print(f"{name:<26} {clock:7.0f} {processor:10.0f} {ratios[0]:6.2f} {ratios[1]:6.2f}")


def answers(root: Path, presses: int) -> list[float]:
    """Milliseconds until another pane is there, each time that its key is pressed."""
    terminal = watch(root)
    terminal.until(b"test_of_something")
    terminal.let_pass(SETTLED)
    taken = []
    for number in range(presses):
        key, shown = ((b"t", b"slot"), (b"O", b"test_of_something"))[number % 2]
        terminal.let_pass(0.1)
        begun = time.perf_counter()
        terminal.type(key)
        terminal.until(shown)
        taken.append(1000 * (time.perf_counter() - begun))
    terminal.end()
    return taken


def idle(root: Path, seconds: float) -> float:
    """Share of a processor that a watch takes while nothing happens."""
    terminal = watch(root)
    terminal.until(b"check5")
    terminal.let_pass(SETTLED)
    used = terminal.let_pass(seconds)
    terminal.end()
    return used


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["HOME"] = str(folder / "home")
        few, many = project(folder, 20), project(folder, 200)
        first_pictures(few, rounds)
        print(f"\n{'a key is answered in, ms':<26} {'median':>7} {'p95':>7} {'max':>7}")
        for name, code in (
            ("idle", FLOOD.replace("while True", "for _ in range(5)")),
            ("100,000 lines a second", FLOOD),
        ):
            flood = f"[checks.flood]\ncommand = {json.dumps([sys.executable, '-c', code])}\n"
            taken = sorted(answers(project(folder, 0, flood), 20 * rounds))
            p95 = taken[int(0.95 * len(taken))]
            print(f"{name:<26} {statistics.median(taken):7.1f} {p95:7.1f} {taken[-1]:7.1f}")
        with ThreadPoolExecutor() as threads:
            shares = list(threads.map(idle, (few, many), (seconds, seconds)))
        for checks, used in zip((20, 200), shares, strict=True):
            print(f"{checks} checks, idle for {seconds:.0f} s: {used:.2%} of a processor")


if __name__ == "__main__":
    main()
