"""What a check costs: CPU seconds and the peak of its memory, of its whole process tree.

CPU comes from the kernel's own books (wait4(2)). Memory needs two sources:

- `ru_maxrss` is the true peak of the largest single process, however short it lived, but on Linux it starts at the
  size of the process that it was forked from: exec keeps the old high-water mark (`exec_mmap` in fs/exec.c). For a
  check that is ftui itself, so a mark that is no higher than ftui's own says nothing. macOS starts afresh.
- Samples of the tree see all its processes at once, but nothing shorter than the first sample.

Pages that processes share are counted for each of them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ftui.engine.family import read

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle

    from ftui.engine.family import Family

FIRST_S, LONGEST_S = 0.05, 0.5
"""When a check is first sampled, and the longest time between two samples; the time doubles from one to the next."""

_TOGETHER_S = 0.05
"""Samples that are due within this time are taken in one turn, so that many checks wake ftui no oftener than one."""

_LARGEST_TREE = 256
"""Processes that one sample looks at, which bounds its cost to a few milliseconds."""


_own_peak = 0

_CPUS = os.cpu_count() or 1
_BLUR = os.sysconf("SC_PAGE_SIZE") * 3 * _CPUS * max(32, 2 * _CPUS) if sys.platform == "linux" else 0
"""Bytes by which two looks at one mark may differ: since Linux 6.2 each processor may hold back some pages from each of
the three counts that make it up, `percpu_counter_batch` of them at most (lib/percpu_counter.c)."""


class Meter:
    """The memory of one check, as far as samples have shown it."""

    def __init__(self, family: Family, now: float) -> None:
        self._family = family
        self._every = FIRST_S
        self.due = now + FIRST_S
        self.peak = 0
        """Bytes; 0 when it was too short to be sampled."""

    def sample(self, now: float) -> None:
        """Looks at the tree once, and sets when to look next."""
        sizes = [_memory(pid) for pid in self._family.members(_LARGEST_TREE)]
        # The high-water mark of one process may lie between two samples.
        self.peak = max(self.peak, sum(size for size, _ in sizes), *(mark for _, mark in sizes))
        self._every = min(self._every * 2, LONGEST_S)
        self.due = now + self._every


class Sampler:
    """Samples all running checks by one timer, which exists only while there are some."""

    def __init__(self) -> None:
        self._meters: set[Meter] = set()
        self._timer: TimerHandle | None = None

    def add(self, family: Family, loop: AbstractEventLoop) -> Meter:
        """Starts sampling a check, in `loop`."""
        meter = Meter(family, loop.time())
        self._meters.add(meter)
        self._wake_at(meter.due, loop)
        return meter

    def remove(self, meter: Meter) -> None:
        """Ends sampling a check."""
        self._meters.discard(meter)
        if not self._meters and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake_at(self, due: float, loop: AbstractEventLoop) -> None:
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._tick, loop)

    def _tick(self, loop: AbstractEventLoop) -> None:
        self._timer = None
        for meter in self._meters:
            if meter.due <= loop.time() + _TOGETHER_S:
                meter.sample(loop.time())
        self._wake_at(min(meter.due for meter in self._meters), loop)


sampler = Sampler()
"""Shared by all checks of this process."""


def peak_memory(max_rss: int, sampled: int) -> int | None:
    """The peak of a check's memory, in bytes, or None when nothing true is known.

    Args:
        max_rss: `ru_maxrss` of its process.
        sampled: what samples have shown, in bytes.
    """
    global _own_peak
    if sys.platform != "linux":
        return max(max_rss, sampled) or None
    if max_rss * 1024 > _own_peak + _BLUR:
        # Ours only rises, so it needs a look only when it might have risen.
        _own_peak = _memory(os.getpid())[1]
    return max(max_rss * 1024 if max_rss * 1024 > _own_peak + _BLUR else 0, sampled) or None


def _memory(pid: int) -> tuple[int, int]:
    """Resident size and its high-water mark in bytes; zeros when the process is gone."""
    if sys.platform == "linux":
        status = read(f"/proc/{pid}/status")
        return _field(status, b"VmRSS:"), _field(status, b"VmHWM:")
    import psutil

    try:
        size = int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        size = 0
    return size, size


def _field(status: bytes, name: bytes) -> int:
    start = status.find(name)
    return int(status[start + len(name) : status.index(b"kB", start)]) * 1024 if start >= 0 else 0
