"""What the panes of findings and of the timeline cost with very many findings and checks.

python tests/bench/panes.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.events import Key

from ftui.events import CheckFinished, CheckQueued, CheckStarted, PlannedCheck, RunStarted
from ftui.model import Bucket, CheckResult, Finding, Outcome, Phase
from ftui.state import State
from ftui.tui.finding_history import compared
from ftui.tui.finding_list import following
from ftui.tui.gantt import gantt_of
from ftui.tui.snippet import LARGEST, snippet_of
from ftui.tui.widgets.findings import FindingsView
from ftui.tui.widgets.timeline import TimelineView

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget

FINDINGS = 10_000
CHECKS = 200
WORKERS = 8


class Pane(App[None]):
    """One pane alone."""

    def __init__(self, view: Widget) -> None:
        super().__init__()
        self.view = view
        self.moved = asyncio.Event()

    def on_findings_view_highlighted(self) -> None:
        self.moved.set()

    def compose(self) -> ComposeResult:
        yield self.view


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def report(name: str, values: list[float]) -> None:
    print(f"{name:<58} {statistics.median(values):9.2f} {min(values):9.2f} {max(values):9.2f} ms")


def findings(shift: int) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            message=f"Undefined name `name_{number % 50}`",
            path=f"package/module_{number % 200}.py",
            line=number // 200 * 7 + shift,
            column=5,
            rule="F821",
        )
        for number in range(FINDINGS)
    )


def begun(names: list[str]) -> State:
    state = State()
    plans = tuple(PlannedCheck(id=name, adapter="ruff", phase=Phase.FAST) for name in names)
    state.apply(
        RunStarted(
            run_id="r", time_s=0.0, root="/", profile="dev", workers=WORKERS, checks=plans, started_at=time.time()
        )
    )
    return state


def finish(state: State, name: str, found: tuple[Finding, ...] = (), start_s: float = 0.0, end_s: float = 1.0) -> None:
    result = CheckResult(
        id=name,
        adapter="ruff",
        phase=Phase.FAST,
        argv=("ruff",),
        outcome=Outcome.FAILED,
        bucket=Bucket.MISS,
        findings=found,
        attempts=1,
        duration_s=end_s - start_s,
        queued_s=0.0,
        started_s=start_s,
        ended_s=end_s,
    )
    state.apply(CheckFinished.of(result, run_id="r", time_s=end_s))


async def painted(app: Pane) -> None:
    done = asyncio.Event()
    app.view.call_after_refresh(done.set)
    await done.wait()


async def show_findings(rounds: int) -> None:
    first, again, rerun, keys, nexts = [], [], [], [], []
    for _ in range(rounds):
        view = FindingsView()
        app = Pane(view)
        async with app.run_test(size=(120, 40)) as pilot:
            state = begun(["ruff"])
            finish(state, "ruff", findings(1))
            first.append(milliseconds(lambda: view.show(state, "ruff")))  # noqa: B023
            again.append(milliseconds(lambda: view.show(state, "ruff")))  # noqa: B023
            finish(state, "ruff", findings(2))
            rerun.append(milliseconds(lambda: view.show(state, "ruff")))  # noqa: B023
            nexts.append(milliseconds(lambda: following(state.rows.values(), view.highlighted, 1)))  # noqa: B023
            view.focus()
            await pilot.pause()
            for key in "jjjGkkkg":
                app.moved.clear()
                start = time.perf_counter()
                app.post_message(Key(key, None))
                await app.moved.wait()
                await painted(app)
                keys.append((time.perf_counter() - start) * 1000)
    report(f"{FINDINGS:,} findings, shown for the first time", first)
    report("  shown again, nothing has changed", again)
    report("  shown after a rerun that has moved all of them", rerun)
    report("  from a key to the picture", keys)
    report("  the next finding across checks", nexts)


def compare(rounds: int) -> None:
    alike = [[Finding(message="x", path="a.py", line=3 * line + by) for line in range(FINDINGS)] for by in (0, 1)]
    values = [milliseconds(lambda: compared(alike[0], alike[1][1:])) for _ in range(rounds)]
    report(f"{FINDINGS:,} findings of the same words, compared", values)


def read(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = "x = 1  # a line of a source file\n"
        Path(folder, "a.py").write_text(line * (LARGEST // len(line)))
        values = [milliseconds(lambda: snippet_of(folder, "a.py", LARGEST // len(line), 5)) for _ in range(rounds)]
    report(f"source of the last line of {LARGEST >> 20} MiB (in a thread)", values)


async def show_timeline(rounds: int) -> None:
    names = [f"check-{number}" for number in range(CHECKS)]
    state = begun(names)
    for number, name in enumerate(names):
        start_s = number // WORKERS * 1.0
        state.apply(CheckQueued(run_id="r", time_s=0.0, check_id=name, phase=Phase.FAST))
        state.apply(CheckStarted(run_id="r", time_s=start_s, check_id=name, argv=("x",)))
        if number < CHECKS - WORKERS:
            finish(state, name, start_s=start_s, end_s=start_s + 0.9)
    view = TimelineView()
    app = Pane(view)
    async with app.run_test(size=(120, 40)):
        await painted(app)
        drawn = [milliseconds(lambda at=at: view.show(state, 30 + at / 10)) for at in range(rounds)]  # type: ignore[misc]
    report(f"{CHECKS} checks on {WORKERS} slots, drawn while the last of them run", drawn)
    report("  slots and critical path alone", [milliseconds(lambda: gantt_of(state, 30.0)) for _ in range(rounds)])


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{'':<58} {'median':>9} {'min':>9} {'max':>9}")
    asyncio.run(show_findings(rounds))
    compare(rounds)
    read(rounds)
    asyncio.run(show_timeline(rounds))


if __name__ == "__main__":
    main()
