"""What the history costs: in the event loop, which must not be held up, and in the thread that keeps it.

- The event loop: seconds that a `Recorder` takes of it for each result, all events of the check included.
- The thread: seconds from the end of a run until it is kept, for each result; it runs beside the loop, in whose
  interpreter it is, so the longest time that the loop was late while it did is measured as well.
- Reading: a run's expectations, from a history that is full of runs.

Run: python -m tests.bench.history [--results 50] [--runs 40] [--findings 20]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

from msgspec.structs import replace

from ftui.events import CheckFinished, CheckOutput, CheckStarted, Event, RunFinished, RunStarted
from ftui.history.expect import Expectations
from ftui.history.keeping import Keeper
from ftui.history.recorder import Recorder
from ftui.model import Finding, Outcome
from tests.bench.compare import table, verdict
from tests.history.made import check_result, events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.history.keeping import Finished

MOST_PER_RESULT_S = 0.002
OUTPUTS = 20
"""Pieces of output of each check."""
TICK_S = 0.001


def stream(results: int, findings: int, number: int) -> list[Event]:
    """The events of a run in which every check prints, fails and has findings."""
    found = tuple(Finding(f"something is wrong: {n}", f"src/m{n}.py", n, 1, rule="X1") for n in range(findings))
    names = [f"check-{each:03}" for each in range(results)]
    checks = [check_result(name, 1.0, outcome=Outcome.FAILED, findings=found) for name in names]
    began, ended = events(*checks, run_id=f"run-{number}", at=1_800_000_000.0 + number)
    made: list[Event] = [began]
    for check in checks:
        made.append(CheckStarted(run_id=began.run_id, time_s=0.0, check_id=check.id, argv=check.argv))
        made += [
            CheckOutput(run_id=began.run_id, time_s=n / 100, check_id=check.id, stream="stdout", text="x" * 1000)
            for n in range(OUTPUTS)
        ]
        made.append(CheckFinished.of(check, run_id=began.run_id, time_s=1.0))
    return [*made, replace(ended, time_s=2.0)]


async def lateness(late: list[float]) -> None:
    """Notes by how much each tick of the loop is late."""
    while True:
        due = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        late.append(time.perf_counter() - due)


async def measure(root: Path, results: int, runs: int, findings: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds in the loop for each result, seconds of the thread for each result, and the lateness of the loop."""
    kept: list[float] = []

    class Timed(Keeper):
        def keep(self, began: RunStarted, ended: RunFinished, results: Sequence[Finished]) -> None:
            start = time.perf_counter()
            super().keep(began, ended, results)
            kept.append((time.perf_counter() - start) / len(results))

    keeper = Timed(str(root), print, Expectations(str(root)), {"A_TOKEN": "not-in-any-text"})
    recorder = Recorder(keeper, print)
    in_loop: list[float] = []
    late: list[float] = []
    ticking = asyncio.create_task(lateness(late))
    for number in range(runs):
        made = stream(results, findings, number)
        await asyncio.sleep(TICK_S)
        start = time.perf_counter()
        for event in made:
            recorder.write(event)
        in_loop.append((time.perf_counter() - start) / results)
        while len(kept) <= number:  # noqa: ASYNC110 - the loop goes on, as it does in a watch
            await asyncio.sleep(TICK_S)
    ticking.cancel()
    await recorder.finish()
    return in_loop, kept, late


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=50)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--findings", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history" / "bench" / "history-1.sqlite"
        with (
            patch("ftui.history.keeping.history_file", lambda repository: str(path)),
            patch("ftui.history.keeping.histories_folder", lambda: str(path.parent.parent)),
        ):
            in_loop, kept, late = asyncio.run(measure(Path(folder), options.results, options.runs, options.findings))
            keeper = Keeper(folder, print, Expectations(folder))
            start = time.perf_counter()
            keeper.begin()
            read = time.perf_counter() - start
            keeper.close()
        size = path.stat().st_size
    count = options.results * options.runs
    shape = f"{options.runs} runs of {options.results} results with {options.findings} findings"
    rows = [
        ("event loop, for each result", us(median(in_loop)), us(max(in_loop))),
        ("thread, for each result", us(median(kept)), us(max(kept))),
        ("loop late meanwhile", us(median(late)), us(max(late))),
        ("opened and read at the start", us(read), ""),
    ]
    table(f"{shape}, {size / count:.0f} bytes for each result", ("microseconds", "median", "most"), rows)
    print(verdict("the event loop's time for each result", max(in_loop) * 1000, MOST_PER_RESULT_S * 1000, " ms"))


def us(seconds: float) -> str:
    """Seconds as microseconds for a table."""
    return f"{seconds * 1e6:,.0f}"


if __name__ == "__main__":
    main()
