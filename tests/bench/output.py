"""What the output pane costs: lines taken in, memory, search, and how soon a key is answered during a flood.

python tests/bench/output.py [ROUNDS]

What keeps only the processor busy is measured in processor time, as others may want the machine, too; what a user waits
for is measured by the clock.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from typing import TYPE_CHECKING

import psutil
from textual.app import App
from textual.events import Key

from ftui.tui.lines import Lines
from ftui.tui.rows import Rows
from ftui.tui.scan import Scan, errors, literal
from ftui.tui.widgets.output import OutputView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult

STEP_S = 0.05
"""Seconds between two drains of an inbox, as in the screen."""

FLOOD = 100_000
"""Lines a second."""


def ansi(count: int) -> str:
    """Lines with colours, one in a hundred of which is an error."""
    return "".join(
        f"\x1b[32m{number:07d}\x1b[0m building package_{number % 977}/module.py \x1b[1;34m"
        f"{'error' if number % 100 == 0 else 'ok'}\x1b[0m in {number % 37} ms, nothing more to say\n"
        for number in range(count)
    )


def other(count: int) -> str:
    """Lines with signs that are not ASCII."""
    return "".join(
        f"{number:07d} ✓ bygd 漢字 package_{number % 977}: klar på {number % 37} ms\n" for number in range(count)
    )


def pieces(text: str, size: int = 64 * 1024) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def filled(text: str) -> Lines:
    lines = Lines()
    for piece in pieces(text):
        lines.append(piece)
    return lines


def longest_step(scan: Scan) -> float:
    """Milliseconds that the longest step of a whole scan keeps the processor busy."""
    longest = 0.0
    unfinished = True
    while unfinished:
        start = time.process_time()
        unfinished = scan.step()
        longest = max(longest, time.process_time() - start)
    return longest * 1000


class Flooded(App[None]):
    """The pane alone."""

    def __init__(self) -> None:
        super().__init__()
        self.view = OutputView()

    def compose(self) -> ComposeResult:
        yield self.view


async def shown(text: str) -> float:
    """Seconds until a text that comes in pieces is on the screen."""
    app = Flooded()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        start = time.perf_counter()
        for piece in pieces(text):
            app.view.append(piece)
        await painted(app)
        return time.perf_counter() - start


async def painted(app: Flooded) -> None:
    done = asyncio.Event()
    app.view.call_after_refresh(done.set)
    await done.wait()


async def flooded(seconds: float, query: str, *, wrap: bool) -> tuple[list[float], int, float]:
    """Milliseconds from each of many keys to the picture that answers it, during a flood; the lines that came; and the
    part of a processor that it took."""
    app = Flooded()
    view = app.view
    batch = ansi(int(FLOOD * STEP_S))
    latencies: list[float] = []
    async with app.run_test(size=(120, 40)) as pilot:
        view.focus()
        view.wrap = wrap
        view.append(batch)
        view.search(query)
        await pilot.pause()

        async def pour() -> None:
            start = time.perf_counter()
            for step in range(int(seconds / STEP_S)):
                view.append(batch)
                await asyncio.sleep(max(0, start + (step + 1) * STEP_S - time.perf_counter()))

        answered = asyncio.Event()
        view.watch(view, "following", answered.set, init=False)
        clock, busy = time.perf_counter(), time.process_time()
        flooding = asyncio.create_task(pour())
        while not flooding.done():
            await asyncio.sleep(0.0371)
            answered.clear()
            # Away from the end and back to it, in turns.
            app.post_message(Key("k" if view.following else "G", None))
            before = time.perf_counter()
            await answered.wait()
            await painted(app)
            latencies.append((time.perf_counter() - before) * 1000)
        share = (time.process_time() - busy) / (time.perf_counter() - clock)
        return latencies, view.document.lines.end, share


async def searched(text: str, times: int, ask: Callable[[OutputView], None]) -> tuple[float, float]:
    """Milliseconds until the pane has looked through the text so many times over, and the most processor time between
    two turns of the loop meanwhile."""
    app = Flooded()
    view = app.view
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(times):
            view.append(text)
            await pilot.pause()
        start = time.perf_counter()
        last = time.process_time()
        longest = 0.0
        ask(view)
        looking = asyncio.ensure_future(app.workers.wait_for_complete())
        while not looking.done():
            await asyncio.sleep(0)
            now = time.process_time()
            longest, last = max(longest, now - last), now
        return (time.perf_counter() - start) * 1000, longest * 1000


def report(name: str, values: list[float], unit: str) -> None:
    print(f"{name:<58} {statistics.median(values):9.1f} {min(values):9.1f} {max(values):9.1f} {unit}")


def take_in(rounds: int) -> None:
    for name, text in (("100,000 lines with colours", ansi(100_000)), ("100,000 lines not in ASCII", other(100_000))):
        taken, on_screen = [], []
        for _ in range(rounds):
            start = time.process_time()
            filled(text)
            taken.append((time.process_time() - start) * 1000)
            on_screen.append(asyncio.run(shown(text)) * 1000)
        report(f"{name}, taken in", taken, "ms busy")
        report(f"{name}, on the screen", on_screen, "ms")


def million() -> Lines:
    """A million lines, whose memory is reported."""
    part = ansi(10_000)
    gc.collect()
    before = psutil.Process().memory_info().rss
    lines = Lines()
    for _ in range(100):
        for piece in pieces(part):
            lines.append(piece)
    gc.collect()
    taken_mb = (psutil.Process().memory_info().rss - before) / 1e6
    report(f"{lines.end:,} lines, {100 * len(part) / 1e6:.0f} MB, {len(lines.left_out)} left out", [taken_mb], "MB")
    return lines


def search(lines: Lines, rounds: int) -> None:
    made: dict[str, Callable[[], Scan]] = {
        "search, 1 line in 100": lambda: Scan(lines, literal("error")),
        "search, capital letters, none": lambda: Scan(lines, literal("ERROR")),
        "search, all lines": lambda: Scan(lines, literal("building")),
        "only errors": lambda: errors(lines),
    }
    for name, make in made.items():
        whole, longest = [], []
        for _ in range(rounds):
            scan = make()
            start = time.process_time()
            longest.append(longest_step(scan))
            whole.append((time.process_time() - start) * 1000)
        report(f"  {name}", whole, "ms busy")
        report(f"  {name}: longest step", longest, "ms busy")
    folded = []
    for _ in range(rounds):
        start = time.process_time()
        Rows(lines, 79)
        folded.append((time.process_time() - start) * 1000)
    report("  folded anew", folded, "ms busy")


def search_on_screen(rounds: int) -> None:
    text = ansi(10_000)
    asks: dict[str, Callable[[OutputView], None]] = {
        "search": lambda view: view.search("error"),
        "only errors": lambda view: setattr(view, "errors_only", True),
    }
    for name, ask in asks.items():
        whole, longest = zip(*(asyncio.run(searched(text, 100, ask)) for _ in range(rounds)), strict=True)
        report(f"1,000,000 lines on the screen, {name}", list(whole), "ms")
        report("  longest turn of the loop", list(longest), "ms busy")


def flood() -> None:
    for name, query, wrap in (("", "", False), (", searching", "error", False), (", folded", "", True)):
        latencies, came, share = asyncio.run(flooded(6.0, query, wrap=wrap))
        report(f"key to picture while {FLOOD:,} lines/s come{name}", latencies, "ms")
        p95 = sorted(latencies)[int(len(latencies) * 0.95)]
        print(
            f"{f'  p95 of {len(latencies)} keys, {came:,} lines, {share:.0%} busy':<58} {p95:9.1f} {'':>9} {'':>9} ms"
        )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'':<58} {'median':>9} {'min':>9} {'max':>9}")
    lines = million()
    search(lines, rounds)
    take_in(rounds)
    search_on_screen(rounds)
    flood()


if __name__ == "__main__":
    main()
