"""What a run has to run on, and how busy that is with other things."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.history.records import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_S = 0.1
"""Seconds from which it can be told who had the processor: the kernel counts in hundredths."""
CLOCK_S = 2.0
"""Seconds by which wall-clock time may differ from the time that passed; more, and it was set, or the machine slept."""


class Moment(Struct, frozen=True):
    """A look at the clocks and at the processor's books."""

    wall: float
    """Seconds since 1970."""
    passed: float
    """Monotonic seconds."""
    busy: float | None
    """CPU seconds of all processes of the machine since it started; None where that cannot be told."""
    own: float
    """CPU seconds of this process and of its children that have ended."""
    load: float | None
    on_battery: bool | None


def look() -> Moment:
    """How it is now; takes a fraction of a millisecond on Linux, a few where `psutil` has to be asked."""
    times = os.times()
    return Moment(
        wall=time.time(),
        passed=time.monotonic(),
        busy=_busy(),
        own=times.user + times.system + times.children_user + times.children_system,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        on_battery=_on_battery(),
    )


def between(begin: Moment, end: Moment, checks_cpu_s: float) -> Machine:
    """What a run had to run on.

    Args:
        begin: a look at its beginning.
        end: a look at its end.
        checks_cpu_s: what its checks have used, for systems that do not count it as that of children.
    """
    return Machine(
        name=processor(),
        cores=cores(),
        load=begin.load,
        others=_others(begin, end, checks_cpu_s),
        on_battery=None if end.on_battery is None else bool(begin.on_battery or end.on_battery),
    )


def clock_was_wrong(begin: Moment, end: Moment) -> bool:
    """Whether wall-clock time went otherwise than the time that passed."""
    return abs((end.wall - begin.wall) - (end.passed - begin.passed)) > CLOCK_S


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """System, architecture and kind of processor, as far as that is told without asking another program."""
    machine = os.environ.get("PROCESSOR_ARCHITECTURE", "") if sys.platform == "win32" else os.uname().machine
    model = os.environ.get("PROCESSOR_IDENTIFIER", "") if sys.platform == "win32" else _model()
    return " ".join(word for word in (sys.platform, machine.lower(), model) if word)


def _others(begin: Moment, end: Moment, checks_cpu_s: float) -> float | None:
    passed = end.passed - begin.passed
    if begin.busy is None or end.busy is None or passed < SHORTEST_S:
        return None
    own = max(end.own - begin.own, checks_cpu_s)
    return min(1.0, max(0.0, (end.busy - begin.busy - own) / (passed * (os.cpu_count() or 1))))


def _busy() -> float | None:
    if sys.platform == "linux":
        # user nice system idle iowait irq softirq steal: neither idle nor waiting; stolen time went to others, too.
        words = next(_lines("/proc/stat"), "").split()[1:9]
        if len(words) < 8 or not all(word.isdecimal() for word in words):
            return None
        ticks = [int(word) for word in words]
        return (sum(ticks) - ticks[3] - ticks[4]) / float(os.sysconf("SC_CLK_TCK"))
    import psutil

    found = psutil.cpu_times()
    return float(sum(found) - found.idle)


def _on_battery() -> bool | None:
    if sys.platform == "linux":
        return _discharging("/sys/class/power_supply")
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return None if battery is None or battery.power_plugged is None else not battery.power_plugged


def _discharging(folder: str) -> bool | None:
    """Whether a battery of the machine itself is what it runs on; mice and keyboards have some as well."""
    states: list[str] = []
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for name in names:
        kind, scope, status = (
            next(_lines(os.path.join(folder, name, file)), "") for file in ("type", "scope", "status")
        )
        if kind == "Battery" and scope != "Device":
            states.append(status)
    return "Discharging" in states if states else None


def _model() -> str:
    if sys.platform != "linux":
        return ""
    for line in _lines("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model", "CPU part"):
            return value.strip()
    return ""


def _lines(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                yield line.rstrip("\n")
    except OSError:
        return
