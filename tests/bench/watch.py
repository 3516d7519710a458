"""From a save to the start of a check, and what watching costs while nothing happens.

- latency: 20 saves by rename and 20 in place, in trees of 2,138 and 6,890 files. Each watcher has a tree of its own;
  they take turns save by save. Beside `ftui --no-ui` are a bare loop over inotify, which is the floor, and whichever of
  entr, watchexec and pytest-watcher (`ptw`, which hears nothing with watchdog 7) is installed.
  Every watcher starts the same command, a shell that notes the time, so its own start is in each figure.
- finding: from a save that breaks a file to ruff's finding on the event stream.
- idle: processor seconds of a minute in which nothing happens, in trees of 6,890 and 50,021 files, with the same
  settings.
- cycles: memory, file descriptors and threads over 1,000 edits.

Linux only. Run: python -m tests.bench.watch [--saves 20] [--idle 60] [--cycles 1000] [--only PART]
"""

from __future__ import annotations

import argparse
import ctypes
import json
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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct, field

from tests.bench.compare import mib, ms, table, verdict
from tests.bench.installed import REPOSITORY
from tests.bench.trees import commit, make_tree

M, L, XL = 2_138, 6_890, 50_021
GAP_S = 0.6
"""Seconds from a save's check to the next save: more than any of them waits to see whether more changes come."""
DEADLINE_S = 10.0
MOST_MEDIAN_S, MOST_P95_S, MOST_FINDING_S, MOST_IDLE_S, MOST_GROWTH = 0.050, 0.090, 0.250, 0.3, 2 * 1024 * 1024
"""What ftui is held to: beyond the floor at the median and at p95, to a finding, processor seconds in an idle minute,
and bytes by which it may grow."""
WARM_UP = 100
"""Edits after which growth is measured."""
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
    own = (sys.executable, "-m", "tests.bench.watch", "--serve", str(root), str(stamp))
    found: dict[str, Sequence[str]] = {"inotify loop": own, "ftui": ftui(root)}
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


def ftui(root: Path) -> Sequence[str]:
    """The command line of the watch, in plain events."""
    return (sys.executable, "-m", "ftui", "--no-ui", "--format", "ndjson", "--root", str(root))


def configure(root: Path, **commands: Sequence[str]) -> None:
    """Leaves a tree with these checks only; each reads the Python files of the tree."""
    lines = ["[checks.ruff]", f"enabled = {json.dumps('ruff' in commands)}"]
    for name, argv in commands.items():
        if argv:
            lines += [f"[checks.{name}]", f"command = {json.dumps(argv)}", 'inputs = ["**/*.py"]', 'env = ["STAMPS"]']
    (root / "ftui.toml").write_text("\n".join(lines))


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
        configure(root, stamp=(str(stamp),))
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


class Stream:
    """The watch over a tree, and its events.

    Args:
        root: of the tree.
    """

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            ftui(root), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
        )
        self.until(lambda event: event["type"] == "run_finished")
        # An edit that is answered shows that it listens.
        (root / "pkg0000/sub00/module_000000.py").write_text(f"NUMBER = {time.time_ns()}\n")
        self.until(lambda event: event["type"] == "run_finished")

    def until(self, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """The next event that is wanted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: Mapping[str, Any] = json.loads(line)
            if wanted(event):
                return event
        raise SystemExit("ftui has ended")

    def close(self) -> None:
        """Ends the watch."""
        self.process.terminate()
        self.process.communicate()


def finding(folder: Path, count: int, saves: int) -> None:
    """Prints how long it takes from a save to a finding on the stream."""
    root = folder / "tree"
    root.mkdir()
    make_tree(root, count)
    configure(root, ruff=())
    commit(root)
    stream = Stream(root)
    seconds = []
    try:
        modules = sorted(root.rglob("module_*.py"))
        dice = random.Random(count)
        for _ in range(saves):
            module = dice.choice(modules)
            was = module.read_text()
            for text in (f"{was}print(undefined_{time.time_ns()})\n", was):
                time.sleep(GAP_S)
                begin = time.monotonic()
                module.write_text(text)
                event = stream.until(lambda event: event["type"] == "check_finished" and event["check_id"] == "ruff")
                if text is not was:
                    assert event["findings"], event
                    seconds.append(time.monotonic() - begin)
    finally:
        stream.close()
    print(f"From a save to ruff's finding, {count:,} files: median {ms(statistics.median(seconds))} ms, ", end="")
    print(verdict("p95", p95(seconds) * 1000, MOST_FINDING_S * 1000, " ms"))


def cycles(folder: Path, count: int, edits: int) -> None:
    """Prints what the watch holds at the beginning and at the end of many edits."""
    root = folder / "tree"
    root.mkdir()
    make_tree(root, count)
    configure(root, true=("true",))
    commit(root)
    stream = Stream(root)
    held = []
    try:
        leader = psutil.Process(stream.process.pid)
        module = root / "pkg0000/sub00/module_000001.py"
        for number in range(edits):
            if number in (WARM_UP, edits - 1):
                held.append((leader.memory_info().rss, leader.num_fds(), leader.num_threads()))
            module.write_text(f"NUMBER = {number}\n")
            stream.until(lambda event: event["type"] == "run_finished")
    finally:
        stream.close()
    header = ("", "MiB", "file descriptors", "threads")
    rows = [
        (f"after {when:,} edits", mib(rss), str(fds), str(threads))
        for when, (rss, fds, threads) in zip((WARM_UP, edits), held, strict=True)
    ]
    table(f"What the watch holds, {count:,} files", header, rows)
    print(verdict("growth", (held[1][0] - held[0][0]) / 1024**2, MOST_GROWTH / 1024**2, " MiB"))


def main() -> None:
    """Runs the benchmarks, or the bare loop in them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--saves", type=int, default=20, help="of each kind [%(default)s]")
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS", help="[%(default)s]")
    parser.add_argument("--cycles", type=int, default=1000, metavar="EDITS", help="[%(default)s]")
    parser.add_argument("--only", choices=("latency", "finding", "idle", "cycles"))
    parser.add_argument("--serve", nargs=2, metavar=("ROOT", "COMMAND"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_inotify(Path(options.serve[0]), options.serve[1])
        return
    parts: dict[str, tuple[Callable[[Path, int], None], tuple[int, ...]]] = {
        "latency": (lambda folder, count: latency(folder, count, options.saves), (M, L)),
        "finding": (lambda folder, count: finding(folder, count, options.saves), (M, L)),
        "idle": (lambda folder, count: idle(folder, count, options.idle), (L, XL)),
        "cycles": (lambda folder, count: cycles(folder, count, options.cycles), (M,)),
    }
    for name in parts if options.only is None else (options.only,):
        measure, counts = parts[name]
        for count in counts:
            with tempfile.TemporaryDirectory() as folder:
                measure(Path(folder), count)


if __name__ == "__main__":
    main()
