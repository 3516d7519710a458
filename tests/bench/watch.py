"""From a save to the start of a check, and what watching costs while nothing happens.

- 20 saves by rename and 20 in place, in trees of 2,138 and 6,890 files. Each watcher has a tree of its own; they take
  turns save by save. ftui's watcher is followed by a sweep of the whole tree, or stands alone; beside it are a bare
  loop over inotify, which is the floor, and whichever of entr, watchexec and pytest-watcher (`ptw`, which
  hears nothing with watchdog 7) is installed.
  Every watcher starts the same command, a shell that notes the time, so its own start is in each figure.
- Processor seconds of a minute in which nothing happens, in trees of 6,890 and 50,021 files, with the same settings.

Linux only. Run: python -m tests.bench.watch [--saves 20] [--idle 60] [--only latency|idle]
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import random
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from msgspec import Struct, field

from ftui.cache.index import Snapshot, changed_paths, sweep
from ftui.engine.hints import GIT
from ftui.engine.watch import Watcher
from ftui.tree import list_files
from tests.bench.compare import mib, ms, table, verdict
from tests.bench.installed import REPOSITORY
from tests.bench.trees import commit, make_tree

M, L, XL = 2_138, 6_890, 50_021
GAP_S = 0.6
"""Seconds from a save's check to the next save: more than any of them waits to see whether more changes come."""
DEADLINE_S = 10.0
MOST_MEDIAN_S, MOST_P95_S, MOST_IDLE_S = 0.050, 0.090, 0.3
"""What ftui is held to: beyond the floor at the median and at p95, and processor seconds in an idle minute."""
STAMP = '#!/bin/sh\ndate +%s%N >> "$STAMPS"\n'


# The watchers of this file, each in a process of its own


def serve_inotify(root: Path, command: str) -> None:
    """Runs a command for each batch of changes, with nothing between it and the kernel."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_CLOEXEC)
    written_or_moved_to = 0x8 | 0x80
    for folder, below, _ in os.walk(root):
        below[:] = [name for name in below if name != ".git"]
        libc.inotify_add_watch(descriptor, os.fsencode(folder), written_or_moved_to)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    header = struct.Struct("iIII")
    while True:
        poll.poll()
        events, at, hit = os.read(descriptor, 1 << 16), 0, False
        while at < len(events):
            length = header.unpack_from(events, at)[3]
            hit = hit or events[at + 16 : at + 16 + length].rstrip(b"\0").endswith(b".py")
            at += 16 + length
        if hit:
            subprocess.run((command,), check=False)


async def serve_ftui(root: Path, command: str, *, sweeping: bool) -> None:
    """Runs a command at each hint or, where `sweeping` is set, whenever the sweep that follows it finds a change."""
    files: Sequence[str] = ()
    snapshot = Snapshot()
    async with Watcher(root, lambda source, message: print(source, message, file=sys.stderr)) as watcher:
        relist, first = True, True
        while True:
            if relist:
                files = (await asyncio.to_thread(list_files, root)).files
            before, checks = snapshot, None
            if not sweeping and not first:
                checks = await asyncio.create_subprocess_exec(command)
            snapshot = await asyncio.to_thread(sweep, str(root), list(files), before)
            if sweeping and changed_paths(before, snapshot) and not first:
                checks = await asyncio.create_subprocess_exec(command)
            await watcher.looked(snapshot)
            if checks is not None:
                await checks.wait()
            hints = await watcher.changes()
            relist, first = hints.relist or GIT in hints.paths, False


# Contenders


class Contender(Struct, kw_only=True):
    """A watcher that runs, and what was measured of it."""

    name: str
    root: Path
    stamps: Path
    process: subprocess.Popen[bytes]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"rename": [], "in place": []})
    """From the save to the start of its check, by the way of saving."""
    extra: int = 0
    """Further runs after one save."""
    missed: int = 0

    def runs(self) -> list[int]:
        """When its checks started, nanoseconds since 1970."""
        return [int(line) for line in self.stamps.read_text().split()]

    def wait_for_run(self, before: int) -> bool:
        """Whether a check starts within the deadline, beyond those that were there before."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if len(self.runs()) > before:
                return True
            time.sleep(0.002)
        return False

    def save(self, path: Path, how: str) -> None:
        """Saves a file once and takes the time."""
        text = path.read_text() + f"# {time.time_ns()}\n"
        before = len(self.runs())
        if how == "rename":
            draft = path.with_name(f".{path.name}.draft")
            draft.write_text(text)
            begin = time.time_ns()
            draft.replace(path)
        else:
            begin = time.time_ns()
            path.write_text(text)
        if self.wait_for_run(before):
            time.sleep(GAP_S)
            runs = self.runs()
            self.seconds[how].append((runs[before] - begin) / 1e9)
            self.extra += len(runs) - before - 1
        else:
            self.missed += 1


def commands(root: Path, stamp: Path) -> dict[str, Sequence[str]]:
    """The command lines of those that are installed."""
    own = (sys.executable, "-m", "tests.bench.watch", "--root", str(root), "--command", str(stamp), "--serve")
    found: dict[str, Sequence[str]] = {"inotify loop": (*own, "inotify"), "ftui": (*own, "ftui")}
    found["ftui, no sweep"] = (*own, "hint")
    if entr := shutil.which("entr"):
        found["entr"] = (
            "sh",
            "-c",
            f'git -C "$1" ls-files | sed "s|^|$1/|" | {entr} -n "$2"',
            "sh",
            str(root),
            str(stamp),
        )
    if watchexec := shutil.which("watchexec"):
        found["watchexec"] = (watchexec, "-q", "-w", str(root), "-e", "py", "--", str(stamp))
    if watcher := shutil.which("ptw"):
        found["pytest-watcher"] = (watcher, str(root), "--runner", str(stamp))
    return found


def start(folder: Path, count: int, names: Sequence[str] | None = None) -> list[Contender]:
    """Starts every watcher over a tree of its own, and waits until each has answered a save.

    The first two are the floor and ftui."""
    stamp = folder / "stamp"
    stamp.write_text(STAMP)
    stamp.chmod(0o755)
    contenders = []
    for name in commands(folder, stamp) if names is None else names:
        root = folder / name.replace(" ", "-") / "tree"
        root.mkdir(parents=True)
        make_tree(root, count)
        commit(root)
        stamps = root.with_name("stamps")
        stamps.touch()
        process = subprocess.Popen(
            commands(root, stamp)[name],
            cwd=REPOSITORY,
            env={**os.environ, "STAMPS": str(stamps)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(root.with_name("stderr")).open("wb"),
            start_new_session=True,
        )
        contenders.append(Contender(name=name, root=root, stamps=stamps, process=process))
    return [contender for contender in contenders if reacts(contender)]


def reacts(contender: Contender) -> bool:
    """Whether a watcher answers a save; one that does not is ended."""
    probe = contender.root / "pkg0000/sub00/module_000000.py"
    for _ in range(20):
        before = len(contender.runs())
        probe.write_text(f"NUMBER = {time.time_ns()}\n")
        time.sleep(1.0)
        if len(contender.runs()) > before:
            return True
    stop([contender])
    print(f"{contender.name} does not react: {contender.root.with_name('stderr').read_text()[-300:].strip()}")
    return False


def stop(contenders: Sequence[Contender]) -> None:
    """Ends the watchers with what they have started."""
    for contender in contenders:
        for process in psutil.Process(contender.process.pid).children(recursive=True):
            process.kill()
        contender.process.kill()
        contender.process.wait()


# Measurements


def latency(folder: Path, count: int, saves: int) -> None:
    """Prints how long it takes from a save to the start of the check."""
    contenders = start(folder, count)
    dice = random.Random(count)
    try:
        modules = sorted(path.relative_to(contenders[0].root) for path in contenders[0].root.rglob("module_*.py"))
        for _ in range(saves):
            for how in ("rename", "in place"):
                module = dice.choice(modules)
                for contender in contenders:
                    contender.save(contender.root / module, how)
    finally:
        stop(contenders)
    floor = contenders[0]
    rows = [
        (
            contender.name,
            *(ms(figure(contender.seconds[how])) for how in floor.seconds for figure in (statistics.median, p95)),
            str(contender.extra),
            str(contender.missed),
        )
        for contender in contenders
    ]
    header = ("", "rename", "p95", "in place", "p95", "extra runs", "missed")
    table(f"From a save to the start of its check, {count:,} files, ms (load {os.getloadavg()[0]:.1f})", header, rows)
    for how in floor.seconds:
        ours, least = contenders[1].seconds[how], floor.seconds[how]
        more = statistics.median(ours) - statistics.median(least)
        print(verdict(f"{how}, median beyond the floor", more * 1000, MOST_MEDIAN_S * 1000, " ms"))
        print(verdict(f"{how}, p95 beyond the floor", (p95(ours) - p95(least)) * 1000, MOST_P95_S * 1000, " ms"))


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, the value itself that stands there."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


class Use(Struct, frozen=True):
    """What a family of processes has used so far."""

    cpu_s: float
    wakeups: int
    rss: int
    watches: int


def use(process: subprocess.Popen[bytes]) -> Use:
    """What a watcher and its descendants, those that have ended included, have used."""
    cpu_s, wakeups, rss, watches = 0.0, 0, 0, 0
    leader = psutil.Process(process.pid)
    for member in (leader, *leader.children(recursive=True)):
        times = member.cpu_times()
        cpu_s += times.user + times.system + times.children_user + times.children_system
        wakeups += sum(
            int(line.split()[1])
            for status in Path(f"/proc/{member.pid}/task").glob("*/status")
            for line in status.read_text().splitlines()
            if line.startswith("voluntary")
        )
        rss += member.memory_info().rss
        watches += sum(
            info.read_text().count("inotify wd:")
            for info in Path(f"/proc/{member.pid}/fdinfo").iterdir()
            if info.exists()
        )
    return Use(cpu_s, wakeups, rss, watches)


def idle(folder: Path, count: int, seconds: float) -> None:
    """Prints what each watcher uses while nothing happens."""
    contenders = start(folder, count, ("inotify loop", "ftui"))
    try:
        time.sleep(5.0)
        before = [use(contender.process) for contender in contenders]
        time.sleep(seconds)
        after = [use(contender.process) for contender in contenders]
    finally:
        stop(contenders)
    minute = 60 / seconds
    rows = [
        (
            contender.name,
            f"{(last.cpu_s - first.cpu_s) * minute:.2f}",
            f"{(last.wakeups - first.wakeups) / seconds:.1f}",
            mib(last.rss),
            f"{last.watches:,}",
        )
        for contender, first, last in zip(contenders, before, after, strict=True)
    ]
    header = ("", "CPU s a minute", "wake-ups a second", "MiB", "watches")
    table(f"Idle for {seconds:.0f} s, {count:,} files (load {os.getloadavg()[0]:.1f})", header, rows)
    print(verdict("ftui, CPU seconds a minute", (after[1].cpu_s - before[1].cpu_s) * minute, MOST_IDLE_S, " s"))


def main() -> None:
    """Runs the benchmarks, or one of the watchers in them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--saves", type=int, default=20, help="of each kind [%(default)s]")
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS", help="[%(default)s]")
    parser.add_argument("--only", choices=("latency", "idle"))
    parser.add_argument("--serve", choices=("inotify", "hint", "ftui"), help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--command", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve == "inotify":
        serve_inotify(options.root, options.command)
    elif options.serve is not None:
        asyncio.run(serve_ftui(options.root, options.command, sweeping=options.serve == "ftui"))
    else:
        for part, counts in (("latency", (M, L)), ("idle", (L, XL))):
            for count in counts if options.only in (None, part) else ():
                with tempfile.TemporaryDirectory() as folder:
                    if part == "latency":
                        latency(Path(folder), count, options.saves)
                    else:
                        idle(Path(folder), count, options.idle)


if __name__ == "__main__":
    main()
