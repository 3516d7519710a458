"""Whole commands timed side by side, for the benchmarks of this folder.

Commands take turns (A B C, A B C, …), so that a change in the speed of the machine reaches all of them, and a run
during which other processes took the processor is repeated. Figures are medians; ratios travel, absolute times do not.
"""

from __future__ import annotations

import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil
from msgspec import Struct, field

FOREIGN_S, FOREIGN_SHARE = 0.03, 0.15
"""Processor seconds, and their share of the wall time, that others may take during a run: the larger one counts."""

TRIES = 4
"""How often a disturbed run is repeated before its least disturbed one is taken."""


class Sample(Struct, frozen=True):
    """One run of a command."""

    wall_s: float
    cpu_s: float
    """User and system seconds of it and of the descendants that were waited for."""
    peak_rss_bytes: int | None
    """Of its largest process; None when it was no larger than this benchmark, at whose size every child starts."""
    foreign_s: float
    """Processor seconds that the rest of the system took meanwhile."""

    @property
    def disturbed(self) -> bool:
        """Whether others took so much of the processor that the time says little."""
        return self.foreign_s > max(FOREIGN_S, FOREIGN_SHARE * self.wall_s)


class Contender(Struct, kw_only=True):
    """A command that takes part, and its samples."""

    name: str
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str] = {}
    """Added to the environment."""
    stdin: bytes = b""
    prepare: Callable[[], object] | None = None
    """Called before each run, outside of the time."""
    samples: list[Sample] = field(default_factory=list)

    def wall(self) -> float:
        """The median, in seconds."""
        return statistics.median(sample.wall_s for sample in self.samples)

    def walls(self) -> list[float]:
        """Seconds of all runs, in their order."""
        return [sample.wall_s for sample in self.samples]

    def peak(self) -> int | None:
        """The largest peak of any run, in bytes."""
        return max((sample.peak_rss_bytes or 0 for sample in self.samples), default=0) or None

    def disturbed(self) -> int:
        """How many samples were taken although others were busy."""
        return sum(sample.disturbed for sample in self.samples)


def rounds(contenders: Sequence[Contender], count: int, *, warm_up: int = 1) -> Iterator[Contender]:
    """Lets the contenders take turns, and adds their samples; the first `warm_up` rounds do not count.

    Yields:
        The contender, after each run that counts.

    Raises:
        SystemExit: a command failed.
    """
    for number in range(1 - warm_up, count + 1):
        for contender in contenders:
            sample = _calm(contender)
            if number > 0:
                contender.samples.append(sample)
                yield contender
        _progress(f"round {number} of {count}")
    _progress("")


def run_once(contender: Contender) -> Sample:
    """Runs a command with its output thrown away.

    Raises:
        SystemExit: it failed; a time of it would mean nothing.
    """
    if contender.prepare is not None:
        contender.prepare()
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(contender.stdin)
        stdin.seek(0)
        busy = _busy_s()
        start = time.perf_counter()
        process = subprocess.Popen(
            contender.argv,
            cwd=contender.cwd,
            env={**os.environ, **contender.env},
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        cpu_s = usage.ru_utime + usage.ru_stime
        foreign_s = max(0.0, _busy_s() - busy - cpu_s)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code != 0:
            stderr.seek(0)
            said = stderr.read().decode(errors="replace").strip()[-500:]
            raise SystemExit(f"exit code {code}: {shlex.join(contender.argv)}\nin {contender.cwd}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Sample(wall_s, cpu_s, usage.ru_maxrss * unit if usage.ru_maxrss > own else None, foreign_s)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table: the first column to the left, the figures to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    print(f"\n{title}")
    for row in (header, *rows):
        name, *figures = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([name.strip().ljust(widths[0]), *figures]).rstrip())
    sys.stdout.flush()


def ms(seconds: float) -> str:
    """Seconds as milliseconds for a table."""
    return f"{seconds * 1000:.1f}"


def mib(size: int | None) -> str:
    """Bytes as MiB for a table; `-` where nothing is known."""
    return "-" if size is None else f"{size / 2**20:.0f}"


def verdict(what: str, value: float, limit: float, unit: str = "") -> str:
    """A line that sets a figure against the most that it may be."""
    return f"{'holds' if value <= limit else 'MISSED'}: {what} {value:.2f}{unit}, at most {limit:.2f}{unit}"


def caution(contenders: Sequence[Contender]) -> None:
    """Prints a line where others were busy in most of the runs of a command."""
    restless = [c.name for c in contenders if c.disturbed() * 2 > len(c.samples)]
    if restless:
        print(f"too busy a machine to tell, run it again: {', '.join(restless)}")


def _calm(contender: Contender) -> Sample:
    """The first undisturbed run, or else the least disturbed one."""
    samples: list[Sample] = []
    for _ in range(TRIES):
        samples.append(run_once(contender))
        if not samples[-1].disturbed:
            break
        time.sleep(0.2)
    return min(samples, key=lambda sample: (sample.disturbed, sample.foreign_s))


def _busy_s() -> float:
    """Processor seconds that the whole system has not been idle since it started."""
    times = psutil.cpu_times()
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted as user time too
    return float(sum(times) - guests - times.idle - getattr(times, "iowait", 0.0))


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
