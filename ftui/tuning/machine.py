"""How checks share the cores of a machine: what slows them down beside each other, and what they would take alone."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftui.model import Outcome
    from ftui.tuning.timing import PastRun, Timing

SATURATED = 0.85
"""Of the cores, from where on they count as all in use: a sample of load is never quite full."""
LEVEL = 0.75
"""Of the largest use of a core by one thread: who has as much as that beside others was held back as they were."""
BUSY_BESIDE_OTHERS = 0.35
"""Of a core, from where on a check counts as one that computes where processes beside the run hold it back."""
WHOLE_CORE = 0.93
"""Of a core, from where on a thread was held back by nothing."""


class Work(Struct, frozen=True, kw_only=True):
    """What one run of a check asks of the machine, whatever else runs."""

    alone_s: float
    """Seconds that it takes while nothing holds it back."""
    cpu_s: float
    threads: int = 1
    """As many cores as it can use at once."""
    boot_s: float = 0.0
    """Of `alone_s`, what goes by before its first output."""
    outcome: Outcome

    @property
    def demand(self) -> float:
        """Cores that it uses while nothing holds it back, on the average of its life."""
        return min(float(self.threads), self.cpu_s / self.alone_s) if self.alone_s > 0 else 0.0


def speeds(running: Mapping[str, Work], cores: int) -> dict[str, float]:
    """How fast each of the checks gets on beside the others, from 0 to 1.

    Cores are shared as a fair scheduler shares them: who asks for less than a fair share per thread gets all of it, the
    others get the same each (max-min fairness; Bertsekas and Gallager, Data Networks, 1992, section 6.5.2). So checks
    that wait cost next to nothing, and those that compute slow each other down as soon as there are more than cores.
    """
    demands = {check_id: work.demand for check_id, work in running.items()}
    if sum(demands.values()) <= cores:
        return dict.fromkeys(running, 1.0)
    left = float(cores)
    threads = sum(work.threads for work in running.values())
    found: dict[str, float] = {}
    for check_id, work in sorted(running.items(), key=lambda item: demands[item[0]] / item[1].threads):
        demand, fair = demands[check_id], left * work.threads / threads
        found[check_id] = min(1.0, fair / demand) if demand > 0 else 1.0
        left -= min(demand, fair)
        threads -= work.threads
    return found


def works_of(run: PastRun, weights: Mapping[str, int], cores: int) -> dict[str, Work]:
    """What the checks of a recorded run asked for, with the time taken out that others took from them.

    While the cores were all in use, a check that had as much of them as any other was held back, and would have kept
    a core busy for each of its threads; at any other time it took what it took. A check whose CPU time is not known
    counts as one that computes, so that nothing is promised for it.

    Args:
        run: as recorded.
        weights: worker slots by check id: a check uses as many cores, or as many as it was seen to use.
        cores: of the machine.
    """
    threads = {each.check: _threads(each, weights.get(each.check, 1)) for each in run.timings}
    return {each.check: _work(each, run, threads, cores) for each in run.timings}


def _threads(timing: Timing, weight: int) -> int:
    share = 1.0 if timing.cpu_share is None else timing.cpu_share
    return max(1, weight, math.ceil(share - 0.2))


def _work(timing: Timing, run: PastRun, threads: Mapping[str, int], cores: int) -> Work:
    timings = run.timings
    own = threads[timing.check]
    share = min(_share(timing), float(own))
    alone = 0.0
    edges = {timing.started_s, timing.ended_s}
    edges.update(s for each in timings for s in (each.started_s, each.ended_s) if timing.started_s < s < timing.ended_s)
    for start, end in pairwise(sorted(edges)):
        beside = [each for each in timings if each.started_s < end and each.ended_s > start]
        shares = {each.check: min(_share(each), float(threads[each.check])) for each in beside}
        level = LEVEL * max(share / threads[check] for check, share in shares.items())
        if run.others > 0:
            level = max(level, BUSY_BESIDE_OTHERS)
        contended = len(beside) > 1 or run.others > 0
        saturated = sum(shares.values()) + run.others >= SATURATED * cores
        held_back = contended and saturated and level <= share / own < WHOLE_CORE
        alone += (end - start) * (share / own if held_back else 1.0)
    return Work(
        alone_s=alone,
        cpu_s=share * timing.took_s,
        threads=own,
        boot_s=min(alone, max(0.0, (timing.first_output_s or timing.started_s) - timing.started_s)),
        outcome=timing.outcome,
    )


def _share(timing: Timing) -> float:
    return 1.0 if timing.cpu_share is None else timing.cpu_share
