"""How pytest-xdist spreads the tests of a project over processes, and how many that takes.

Whether workers win depends on the suite and on the machine: on a small one, starting them costs more than they save. So
nothing is spread that the user has not asked for; with `workers = "auto"` what was measured here decides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.model import Dist

if TYPE_CHECKING:
    from ftui.hookspecs import Project

MEASURED = "workers.json"
"""What was measured, in the folder that the adapter of pytest keeps for a tree."""

_NUMBER = re.compile(r"(?:-n=?|--numprocesses=?)(?P<inline>.*)")
_MOST = re.compile(r"--maxprocesses=?(?P<inline>.*)")


class Measured(Struct, frozen=True, kw_only=True):
    """The quickest way to run the tests of a tree, as it was measured."""

    workers: int
    """0 for none: the tests run in one process."""
    dist: Dist | None = None
    """How the tests are spread over them."""
    cores: int
    """Of the machine then; on another one the measurement says nothing."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def words(project: Project, before: Sequence[str]) -> tuple[str, ...]:
    """The arguments that the settings of the check `pytest` ask for.

    Args:
        project: the project.
        before: those that pytest takes before them.
    """
    settings = project.options("pytest")
    workers, dist = settings.workers, settings.dist
    if workers == "auto":
        found = measured(project)
        if found is None:
            return ()
        workers, dist = found.workers, dist or found.dist
    if not workers:
        # Without pytest-xdist there is no such option, and nothing to take back.
        return ("-n", "0") if workers is not None and slots(before, os.environ) > 1 else ()
    return ("-n", str(workers), *(("--dist", dist) if dist else ()))


def measured(project: Project) -> Measured | None:
    """What was measured in this tree on this machine; None where nothing was."""
    text = project.kept("pytest", MEASURED)
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=Measured)
    except msgspec.DecodeError:
        return None
    return found if found.cores == cores() and found.workers >= 0 else None


def slots(arguments: Iterable[str], environ: Mapping[str, str]) -> int:
    """The worker slots that a pytest with these arguments takes: one for each process that runs tests.

    Args:
        arguments: all of them, in order: where a number is given twice, the last counts.
        environ: has the number that `auto` means, where the user has set one.
    """
    number, most = "0", ""
    rest = iter(arguments)
    for word in rest:
        for pattern in (_NUMBER, _MOST):
            found = pattern.fullmatch(word)
            if found is None:
                continue
            value = found["inline"] or next(rest, "")
            number, most = (value, most) if pattern is _NUMBER else (number, value)
    if number in ("auto", "logical"):
        number = environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "") or str(cores())
    count = int(number) if number.isdecimal() else 1
    return max(1, min(count, int(most)) if most.isdecimal() and int(most) else count)
