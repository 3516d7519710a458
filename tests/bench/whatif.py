"""Whether the simulation says what a run really takes.

Real passes of a project are recorded with `ftui run --record`, several at each number of workers. Then

- the wall of each setting is predicted from its own runs less one, and compared with that one;
- the wall of each setting is predicted from the runs of each other one, and the medians are compared.

The project is one of waiting and computing checks in two phases, or with `--root` any other one, all of whose checks
are run without the cache.

Run: python -m tests.bench.whatif [--rounds 7] [--workers 1,2,4] [--root DIR] [--ftui PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import astuple

from ftui.engine.jobs import jobs_of
from ftui.engine.workspace import Workspace
from ftui.report.recording import replay
from ftui.tuning.timing import PastRun, past_runs
from ftui.tuning.whatif import Estimate, Setting, WhatIf
from tests.bench import installed
from tests.bench.compare import TRIES, Contender, run_once, table
from tests.bench.trees import commit

MOST_OFF = 0.15
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Runs: TypeAlias = dict[int, list[PastRun]]
"""By the number of workers."""

COMPUTE = "sum(i * i for i in range({}))"
"""As much work at any speed."""


def wait(seconds: float) -> str:
    """A program that uses next to nothing of a core."""
    return f"import time; time.sleep({seconds})"


def project(folder: Path) -> Path:
    """A repository with checks of every kind."""
    folder.mkdir()
    short, long = COMPUTE.format(2_000_000), COMPUTE.format(6_000_000)
    fast = {"compute-short": short, "wait-short": wait(0.4), "both": f"{short}; {wait(0.3)}"}
    slow = {"compute-a": long, "compute-b": long, "compute-c": short, "wait-long": wait(0.8), "wait-after": wait(0.3)}
    lines = ['profile = "bench"', "[profiles]", f"bench = {json.dumps([*fast, *slow])}"]
    for phase, checks in (("fast", fast), ("slow", slow)):
        for name, code in checks.items():
            lines += [f"[checks.{name}]", f"command = {json.dumps([sys.executable, '-Sc', code])}"]
            lines += [f'phase = "{phase}"', 'inputs = ["*.toml"]']
    lines.append('requires = ["compute-a"]')  # of the last one
    (folder / "ftui.toml").write_text("\n".join(lines) + "\n")
    commit(folder)
    return folder


def recorded(ftui: Path, root: Path, workers: int, folder: Path) -> PastRun:
    """One real pass in which every check runs, the first one that others did not disturb, or else the last of a few."""
    target = folder / "run.ndjson"
    argv = (str(ftui), "run", "--no-ui", "--force", "--workers", str(workers), "--record", str(target))
    environ = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")}
    for _ in range(TRIES):
        if not run_once(Contender(name=f"{workers} workers", argv=argv, cwd=root, env=environ)).disturbed:
            break
        print("others were busy: once more", file=sys.stderr, flush=True)
    else:
        print("too busy a machine to tell, run it again", flush=True)
    (run,) = past_runs(replay(target))
    return run


def compare(root: Path, runs: Runs) -> None:
    """Prints both comparisons and whether the first one holds."""
    workspace = Workspace.open(root)
    jobs = list(jobs_of(workspace.checks, list(workspace.files)))

    def predicted(known: list[PastRun], workers: int) -> Estimate:
        return WhatIf.of_runs(jobs, known, cores=CORES).wall(Setting(workers=workers))

    own = [
        Compared(workers, one.wall_s, predicted([each for each in known if each is not one], workers))
        for workers, known in runs.items()
        for one in known
    ]
    show("each run from the others of its setting", own)
    within = sum(each.off <= MOST_OFF for each in own)
    print(f"{'holds' if within == len(own) else 'MISSED'}: {within} of {len(own)} runs within {MOST_OFF:.0%}")
    for source, known in runs.items():
        walls = {workers: median(run.wall_s for run in measured) for workers, measured in runs.items()}
        others = [Compared(workers, wall, predicted(known, workers)) for workers, wall in walls.items()]
        show(f"the median of each setting from the runs with workers = {source}", others)


class Compared(Struct, frozen=True):
    """A wall as it was measured and as it was predicted; seconds."""

    workers: int
    measured: float
    predicted: Estimate

    @property
    def off(self) -> float:
        """How far the prediction lies from the measured wall, as a share of that."""
        return abs(self.predicted.middle_s - self.measured) / self.measured


def show(title: str, rows: list[Compared]) -> None:
    """Prints a table of walls."""
    table(
        f"{title}; s",
        ("workers", "measured", "predicted", "low", "high", "off"),
        [
            (str(row.workers), *(f"{s:.3f}" for s in (row.measured, *astuple(row.predicted))), f"{row.off:.1%}")
            for row in rows
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--workers", default="1,2,4", help="numbers with commas between them")
    parser.add_argument("--root", type=Path, help="a project of your own")
    installed.add_option(parser)
    options = parser.parse_args()
    numbers = [int(word) for word in options.workers.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ftui = installed.script(options.ftui, folder)
        root = options.root.resolve() if options.root else project(folder / "project")
        runs: Runs = {number: [] for number in numbers}
        for _ in range(options.rounds):
            for number in numbers:
                runs[number].append(recorded(ftui, root, number, folder))
        compare(root, runs)


if __name__ == "__main__":
    main()
