"""What a check costs beyond its own work, and whether checks really run side by side.

- 200 checks of `true` through `ftui run`, against `xargs -P` and whichever of ninja, doit and prek is installed. What
  one check costs is (the time of 200 - the time of 1) / 199, for ftui as for the others, so a runner's start is left
  out. ftui runs twice: without its cache, which is what the others do, and with an empty one that it fills.
- 8 checks of `sleep 0.5` with 4 workers, as ftui's report tells it and as it looks from outside.

Run: python -m tests.bench.overhead [--rounds 15] [--checks 200] [--ftui PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.bench import installed
from tests.bench.compare import Contender, caution, ms, rounds, table, verdict
from tests.bench.peers import DOIT, NINJA, PREK, Checks, write_ftui
from tests.bench.trees import commit

MOST_TIMES_XARGS = 2.0
SLEEPS, SLEEP_S, SLEEP_WORKERS = 8, 0.5, 4
MOST_WALL_S, LEAST_FACTOR = 1.25, 3.2


def project(folder: Path, checks: Checks) -> Path:
    """A repository with one file and the same checks for every runner."""
    folder.mkdir()
    write_ftui(folder, checks, ["*.toml"])
    write_ftui(folder, checks, ["*.toml"], "uncached.toml", "cache = false")
    for peer in (NINJA, DOIT, PREK):
        peer.configure(folder, checks, [])
    commit(folder)
    return folder


def per_check(ftui: Path, folder: Path, count: int, number_of_rounds: int) -> None:
    """Prints the cost of one check for every runner."""
    workers = os.cpu_count() or 1
    cache = folder / "cache"
    pairs: list[tuple[Contender, Contender]] = []
    runners = {peer: peer.find() for peer in (NINJA, PREK, DOIT)}
    sizes = {size: {f"check-{number:03}": ("true",) for number in range(size)} for size in (count, 1)}
    projects = {size: project(folder / f"project{size}", checks) for size, checks in sizes.items()}

    def pair(name: str, argv: dict[int, Sequence[str]], stdin: dict[int, bytes] | None = None) -> None:
        many, one = (
            Contender(
                name=name,
                argv=argv[size],
                cwd=projects[size],
                env={"XDG_CACHE_HOME": str(cache), "PREK_MAX_CONCURRENCY": str(workers)},
                stdin=(stdin or {}).get(size, b""),
                prepare=lambda: shutil.rmtree(cache / "ftui", ignore_errors=True),
            )
            for size in sizes
        )
        pairs.append((many, one))

    xargs = ("xargs", f"-P{workers}", "-n1", "true")
    pair("xargs", dict.fromkeys(sizes, xargs), {size: b"x\n" * size for size in sizes})
    run = (str(ftui), "run", "--no-ui", "--workers", str(workers))
    pair("ftui", dict.fromkeys(sizes, (*run, "--config", "uncached.toml")))
    pair("ftui, empty cache", dict.fromkeys(sizes, run))
    for peer, found in runners.items():
        if found is not None:
            pair(peer.name, {size: peer.command(found, checks, workers) for size, checks in sizes.items()})
    for _ in rounds([contender for both in pairs for contender in both], number_of_rounds):
        pass
    show_costs(pairs, count, workers)


def show_costs(pairs: Sequence[tuple[Contender, Contender]], count: int, workers: int) -> None:
    """Prints the table: medians of walls, and the cost of one check with the spread of its rounds."""
    floor = cost(*pairs[0], count)
    rows = []
    for many, one in pairs:
        each = [(all_ - start) / (count - 1) for all_, start in zip(many.walls(), one.walls(), strict=True)]
        median = cost(many, one, count)
        figures = [ms(one.wall()), ms(many.wall()), *(f"{s * 1000:.3f}" for s in (median, min(each), max(each)))]
        disturbed = many.disturbed() + one.disturbed()
        rows.append((many.name, *figures, f"{median / floor:.2f}", str(disturbed)))
    number = len(pairs[0][0].samples)
    table(
        f"{count} checks of `true`, {workers} at once, {number} rounds; ms, medians",
        ("", "1 check", f"{count} checks", "per check", "min", "max", "x xargs", "disturbed"),
        rows,
    )
    caution([contender for pair in pairs for contender in pair])
    for pair in pairs[1:3]:
        print(verdict(f"{pair[0].name}: per check, in costs of xargs", cost(*pair, count) / floor, MOST_TIMES_XARGS))


def cost(many: Contender, one: Contender, count: int) -> float:
    """Seconds that one check costs beyond the start of its runner, by the medians."""
    return (many.wall() - one.wall()) / (count - 1)


def side_by_side(ftui: Path, folder: Path, number_of_rounds: int) -> None:
    """Prints how eight sleeping checks share four slots."""
    folder.mkdir()
    write_ftui(folder, {f"sleep-{n}": ("sleep", str(SLEEP_S)) for n in range(SLEEPS)}, ["*.toml"])
    commit(folder)
    rows, walls, factors = [], [], []
    for number in range(1, number_of_rounds + 1):
        shutil.rmtree(folder.parent / "cache", ignore_errors=True)
        outside_s, outside_peak, report = watched(ftui, folder)
        run = report["run"]
        walls.append(run["wall_s"])
        factors.append(run["parallelization_factor"])
        inside = (f"{walls[-1]:.3f}", f"{factors[-1]:.2f}", str(run["peak_concurrency"]))
        rows.append((str(number), *inside, f"{outside_s:.3f}", str(outside_peak)))
    table(
        f"{SLEEPS} checks of `sleep {SLEEP_S}`, {SLEEP_WORKERS} workers",
        ("round", "wall s", "factor", "peak", "whole process s", "sleeps seen at once"),
        rows,
    )
    print(verdict("median wall", statistics.median(walls), MOST_WALL_S, " s"))
    factor = statistics.median(factors)
    print(f"{'holds' if factor >= LEAST_FACTOR else 'MISSED'}: median factor {factor:.2f}, at least {LEAST_FACTOR}")


def watched(ftui: Path, folder: Path) -> tuple[float, int, dict[str, dict[str, float]]]:
    """One run: its wall time in seconds and the most `sleep` seen at once, from outside, and ftui's own report."""
    most = 0
    with tempfile.TemporaryFile() as report:
        start = time.perf_counter()
        process = psutil.Popen(
            (str(ftui), "run", "--format", "json", "--workers", str(SLEEP_WORKERS)),
            cwd=folder,
            env={**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")},
            stdout=report,
        )
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                most = max(most, sum(map(sleeping, process.children())))
            time.sleep(0.02)
        outside_s = time.perf_counter() - start
        report.seek(0)
        return outside_s, most, json.load(report)


def sleeping(process: psutil.Process) -> bool:
    """Whether a process is a `sleep` that has not ended."""
    try:
        return bool(process.name() == "sleep" and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--checks", type=int, default=200)
    installed.add_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ftui = installed.script(options.ftui, folder)
        per_check(ftui, folder, options.checks, options.rounds)
        side_by_side(ftui, folder / "sleeps", 5)


if __name__ == "__main__":
    main()
