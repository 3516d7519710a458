"""Ways to run one check, held against each other: measured in turn, so that what else the machine does meets all."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.memory import Folders
from ftui.model import Bucket, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ftui.events import Event
    from ftui.model import Check

ROUNDS = 5
"""Runs of each way. That all of one are quicker than all of another by chance alone, then happens once in 252 times."""
LEAST_GAIN = 0.05
"""Share of the time that another way has to save to be worth a change."""


class Way(Struct, frozen=True):
    """One way to run the check."""

    name: str
    """For people: `2 workers, loadfile`."""
    check: Check


class Tried(Struct, frozen=True):
    """What came of trying one way."""

    way: Way
    seconds: tuple[float, ...]
    """Of each run that counts."""
    refused: str = ""
    """Why it is out of the question: the check does not pass that way."""

    @property
    def median(self) -> float | None:
        """Seconds, in the middle; None without a run that counts."""
        return median(self.seconds) if self.seconds else None


async def tried(
    ways: Sequence[Way],
    root: Path,
    environ: Mapping[str, str],
    *,
    rounds: int = ROUNDS,
    on_run: Callable[[Way, float], None] = lambda way, seconds: None,
) -> list[Tried]:
    """Runs a check in several ways, in turn, forwards and backwards.

    Nothing is looked up or stored. The first way is run once more before, which does not count: it fills the caches of
    the disk for all. A way that does not pass is not tried again, and where the first one does not, nothing is.
    Cancelling ends what runs and is raised; nothing of it counts.

    Args:
        ways: the one that is in force first.
        root: the project's root.
        environ: what the environment of the check is made from.
        rounds: runs of each way.
        on_run: told the seconds of each run that counts.
    """
    executor = Executor(root, Emitter(_unheard), environ)
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    refused: dict[str, str] = {}

    async def run(way: Way) -> float | None:
        """Seconds; None where it did not pass."""
        done = await executor.execute(way.check, bucket=Bucket.MISS, reason="", queued_s=0.0, folders=Folders())
        result = done.result
        if result.outcome is Outcome.CANCELLED:
            raise asyncio.CancelledError
        if result.outcome is not Outcome.PASSED:
            first = result.findings[0].message.splitlines()[0] if result.findings else ""
            refused[way.name] = f"{result.outcome}: {result.broken_because or first}".rstrip(": ")
        return result.duration_s if result.outcome is Outcome.PASSED else None

    await run(ways[0])
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            if way.name in refused or ways[0].name in refused:
                continue
            took = await run(way)
            if took is not None:
                seconds[way.name].append(took)
                on_run(way, took)
    return [Tried(way, tuple(seconds[way.name]), refused.get(way.name, "")) for way in ways]


def better(results: Sequence[Tried]) -> Tried:
    """The quickest way, if it is quicker than the first one beyond the noise; otherwise the first one.

    Beyond the noise means that each of its runs was quicker than each of the first way's, and its median by more than
    `LEAST_GAIN`. Of two that are not told apart by their runs, the one that stands before the other is taken.

    Args:
        results: of `tried`, in the order in which a tie is broken.
    """
    first = best = results[0]
    for other in results[1:]:
        if _beats(other, first, LEAST_GAIN) and (best is first or _beats(other, best, 0.0)):
            best = other
    return best


def _beats(one: Tried, other: Tried, least: float) -> bool:
    if one.refused or other.refused or len(one.seconds) < 3 or len(one.seconds) != len(other.seconds):
        return False
    return max(one.seconds) < min(other.seconds) and median(one.seconds) < (1 - least) * median(other.seconds)


def _unheard(event: Event) -> None:
    """Nobody is told what runs only to be measured."""
