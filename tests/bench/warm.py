"""What a run costs when nothing has changed, beside the start of Python and beside other runners.

Four checks over all Python files of a tree (ruff's linter and formatter, and two that do nothing), set up alike for
ftui, turbo, ninja, doit and prek, whichever is installed. Every check leaves a line in a file when it runs, which shows
that the warm runs ran none. With `--cold`: what the first run costs with an empty cache, against a run without one.

Run: python -m tests.bench.warm [--cold] [--files 200 2000 7000 50000] [--rounds 11] [--turbo PATH] [--ftui PATH]
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench import installed
from tests.bench.compare import Contender, caution, mib, ms, rounds, run_once, table, verdict
from tests.bench.peers import DOIT, IGNORED, NINJA, PREK, QUIET, TURBO, write_ftui
from tests.bench.trees import commit, make_tree

PATTERN = "**/*.py"
PYTHON = "python -c pass"
MOST_TIMES_PYTHON = {200: 3.5}
MOST_TIMES_TURBO = {2_000: 0.6, 7_000: 0.6, 50_000: 0.4}
MOST_MEMORY_MB = 60
COLD_SHARE, COLD_S = 0.05, 0.03
"""What an empty cache may add to a run: the larger one counts."""

SETTLED_S = 2.1
"""Files younger than this are read again, since on coarse file systems a time may stand for two contents."""


class Bench:
    """A tree with four checks for every runner, and the file in which the checks leave their lines.

    Args:
        folder: an empty one of its own.
        count: files of the tree.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self.tree = folder / "tree"
        self._log = folder / "ran"
        self.env = dict(QUIET)
        for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
            self.env[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        files = make_tree(self.tree, count)
        self.checks = self._scripts()
        for peer in (NINJA, DOIT, PREK, TURBO):
            peer.configure(self.tree, self.checks, files)
        write_ftui(self.tree, self.checks, [PATTERN])
        write_ftui(self.tree, self.checks, [PATTERN], "uncached.toml", "cache = false")
        (self.tree / ".gitignore").write_text(IGNORED)
        commit(self.tree)
        time.sleep(SETTLED_S)

    def _scripts(self) -> dict[str, tuple[str]]:
        """Writes one script for each check; the names are none that ftui's npm adapter would look for."""
        ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if ruff is None:
            raise SystemExit("ruff is not installed: pip install ruff")
        commands = {
            "bench-lint": (ruff, "check", "--isolated", "--exit-zero", "-q", "."),
            "bench-fmt": (ruff, "format", "--isolated", "--check", "-q", "--exclude", "dodo.py", "."),
            "bench-one": ("true",),
            "bench-two": ("true",),
        }
        scripts = self.tree / ".bench"
        scripts.mkdir()
        for name, argv in commands.items():
            script = scripts / name
            script.write_text(f"#!/bin/sh\necho {name} >>{shlex.quote(str(self._log))}\nexec {shlex.join(argv)}\n")
            script.chmod(0o755)
        return {name: (f".bench/{name}",) for name in commands}

    def spawned(self) -> int:
        """How many checks have run since this was last asked."""
        lines = self._log.read_bytes().count(b"\n") if self._log.exists() else 0
        self._log.write_bytes(b"")
        return lines

    def forget(self) -> None:
        """Empties the caches of ftui and of the tools."""
        shutil.rmtree(Path(self.env["XDG_CACHE_HOME"]) / "ftui", ignore_errors=True)
        shutil.rmtree(self.tree / ".ruff_cache", ignore_errors=True)

    def contender(self, name: str, *argv: str) -> Contender:
        """A command that runs in the tree."""
        return Contender(name=name, argv=argv, cwd=self.tree, env=self.env)


def warm(bench: Bench, ftui: Path, executables: Mapping[str, str], count: int, number_of_rounds: int) -> None:
    """Prints what a run costs in which everything is up to date."""
    contenders = [
        bench.contender(PYTHON, str(installed.interpreter(ftui)), "-c", "pass"),
        bench.contender("ftui", str(ftui), "run", "--no-ui"),
    ]
    peers = [peer for peer in (TURBO, NINJA, DOIT, PREK) if peer.name in executables]
    contenders += [bench.contender(p.name, *p.command(executables[p.name], bench.checks, 0)) for p in peers]
    for contender in contenders * 2:
        run_once(contender)
    bench.spawned()
    spawned = dict.fromkeys((contender.name for contender in contenders), 0)
    for contender in rounds(contenders, number_of_rounds, warm_up=0):
        spawned[contender.name] += bench.spawned()
    walls = {contender.name: contender.wall() for contender in contenders}
    rows = []
    for contender in contenders:
        all_walls = contender.walls()
        figures = [ms(contender.wall()), ms(min(all_walls)), ms(max(all_walls))]
        times = [f"{contender.wall() / walls[floor]:.2f}" if floor in walls else "-" for floor in (PYTHON, TURBO.name)]
        proof = "-" if contender.name == PYTHON else str(spawned[contender.name])
        rows.append((contender.name, *figures, *times, mib(contender.peak()), proof, str(contender.disturbed())))
    table(
        f"{count:,} files, nothing changed, {number_of_rounds} rounds; ms",
        ("", "median", "min", "max", "x python", "x turbo", "peak MiB", "checks that ran", "disturbed"),
        rows,
    )
    caution(contenders)
    judge(count, walls, contenders[1], spawned["ftui"])


def judge(count: int, walls: Mapping[str, float], ftui: Contender, spawned: int) -> None:
    """Prints the figures that ftui is held to."""
    if spawned:
        print(f"MISSED: ftui ran {spawned} checks, so its times are not those of a warm run")
    for floor, limits in ((PYTHON, MOST_TIMES_PYTHON), (TURBO.name, MOST_TIMES_TURBO)):
        if count in limits and floor in walls:
            print(verdict(f"ftui in times of {floor}", ftui.wall() / walls[floor], limits[count]))
    peak = ftui.peak()
    if peak is not None:
        print(verdict("memory of ftui", peak / 1e6, MOST_MEMORY_MB, " MB"))


def cold(bench: Bench, ftui: Path, count: int, number_of_rounds: int) -> None:
    """Prints what filling the cache adds to a run."""
    empty = bench.contender("empty cache", str(ftui), "run", "--no-ui")
    off = bench.contender("cache off", str(ftui), "run", "--no-ui", "--config", "uncached.toml")
    for contender in (empty, off):
        contender.prepare = bench.forget
    for contender in rounds((empty, off), number_of_rounds):
        if bench.spawned() < len(bench.checks):
            raise SystemExit(f"{contender.name}: not every check ran, so this was no first run")
    rows = [(c.name, ms(c.wall()), ms(min(c.walls())), ms(max(c.walls())), str(c.disturbed())) for c in (empty, off)]
    table(
        f"{count:,} files, first run, {number_of_rounds} rounds; ms",
        ("", "median", "min", "max", "disturbed"),
        rows,
    )
    caution((empty, off))
    more, most = empty.wall() - off.wall(), max(COLD_S, COLD_SHARE * off.wall())
    print(verdict("an empty cache costs more", more * 1000, most * 1000, " ms"), f"({more / off.wall():+.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cold", action="store_true", help="the first run in place of the warm one")
    parser.add_argument("--files", type=int, nargs="+", default=[200, 2_000, 7_000, 50_000])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--turbo", metavar="PATH", help="an executable that is not on PATH")
    installed.add_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ftui = installed.script(options.ftui, folder)
        given = {TURBO.name: options.turbo}
        executables = {
            peer.name: found
            for peer in (() if options.cold else (TURBO, NINJA, DOIT, PREK))
            if (found := peer.find(given.get(peer.name))) is not None
        }
        for count in options.files:
            bench = Bench(folder / str(count), count)
            if options.cold:
                cold(bench, ftui, count, options.rounds)
            else:
                warm(bench, ftui, executables, count, options.rounds)
            shutil.rmtree(folder / str(count))


if __name__ == "__main__":
    main()
