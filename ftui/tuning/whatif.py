"""What a run would take under another setting: recorded work drawn again and again, each time through a simulation."""

from __future__ import annotations

import random
from statistics import median, quantiles
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.engine.jobs import longest_first
from ftui.tuning.machine import works_of
from ftui.tuning.simulate import simulate
from ftui.tuning.timing import overhead_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from ftui.engine.schedule import Job
    from ftui.tuning.machine import Work
    from ftui.tuning.simulate import Simulated
    from ftui.tuning.timing import Overhead, PastRun

DRAWS = 60
"""How often a run is put together from recorded work."""


class Setting(Struct, frozen=True, kw_only=True):
    """What decides on how the same checks are run."""

    workers: int
    fail_fast: bool = False
    longest_first: bool = True
    """Whether those that take longest start first inside a phase; otherwise in the order of the project."""


class Estimate(Struct, frozen=True):
    """Seconds with an error bar: the middle, and what nine of ten draws stay above and below."""

    middle_s: float
    low_s: float
    high_s: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """The estimate that draws come to."""
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        tenths = quantiles(values, n=10, method="inclusive")
        return cls(median(values), tenths[0], tenths[-1])


class WhatIf:
    """Answers for one set of checks, all of which really run.

    The same draws are used for every setting, so that two of them differ by what they change and not by luck.

    Args:
        jobs: the checks in the order of the project, as `ftui.engine.jobs.jobs_of` makes them.
        works: the recorded work of each of them by id, at least one.
        cores: of the machine.
        overhead: what ftui itself lets pass.
    """

    def __init__(
        self, jobs: Sequence[Job], works: Mapping[str, Sequence[Work]], *, cores: int, overhead: Overhead
    ) -> None:
        self.jobs = tuple(jobs)
        self.works = {job.id: tuple(works[job.id]) for job in jobs}
        self.cores = cores
        self.overhead = overhead
        self._walls: dict[Setting, tuple[float, ...]] = {}

    @classmethod
    def of_runs(cls, jobs: Sequence[Job], runs: Sequence[PastRun], *, cores: int) -> WhatIf:
        """Answers from recorded runs, for those of the checks that ran in any of them."""
        weights = {job.id: job.weight for job in jobs}
        works: dict[str, list[Work]] = {}
        for run in runs:
            for check_id, work in works_of(run, weights, cores).items():
                works.setdefault(check_id, []).append(work)
        known = [_only_requiring(job, works) for job in jobs if job.id in works]
        return cls(known, works, cores=cores, overhead=overhead_of(runs))

    def walls(self, setting: Setting) -> tuple[float, ...]:
        """Seconds that a run takes, for each draw."""
        if setting not in self._walls:
            drawn = {check_id: self._drawn(check_id) for check_id in self.works}
            draws = [{check_id: works[number] for check_id, works in drawn.items()} for number in range(DRAWS)]
            self._walls[setting] = tuple(self._simulated(setting, works).wall_s for works in draws)
        return self._walls[setting]

    def wall(self, setting: Setting) -> Estimate:
        """Seconds that a run takes."""
        return Estimate.of(self.walls(setting))

    def typical(self, setting: Setting) -> Simulated:
        """The run in which every check asks for what it usually asks for."""
        return self._simulated(setting, {check_id: _usual(works) for check_id, works in self.works.items()})

    def curve(self, setting: Setting) -> dict[int, Estimate]:
        """The wall over the number of workers, from 1 to twice the cores."""
        most = min(2 * self.cores, sum(job.weight for job in self.jobs))
        found = {workers: self.wall(replace(setting, workers=workers)) for workers in range(1, max(1, most) + 1)}
        # More than all checks can use change nothing.
        return found | {more: found[most] for more in range(most + 1, 2 * self.cores + 1)}

    def saving(self, setting: Setting, other: WhatIf, other_setting: Setting) -> Estimate:
        """Seconds that another setting, or other jobs, take less."""
        pairs = zip(self.walls(setting), other.walls(other_setting), strict=True)
        return Estimate.of([mine - theirs for mine, theirs in pairs])

    def without(self, check_id: str) -> WhatIf:
        """The same without a check, and without the requirements of it."""
        kept = self.works.keys() - {check_id}
        jobs = [_only_requiring(job, kept) for job in self.jobs if job.id in kept]
        return WhatIf(jobs, self.works, cores=self.cores, overhead=self.overhead)

    def changed(self, job: Job, works: Iterable[Work] | None = None) -> WhatIf:
        """The same with another job in the place of that of its id, and with other work where that is given."""
        jobs = [job if each.id == job.id else each for each in self.jobs]
        known = self.works if works is None else {**self.works, job.id: tuple(works)}
        return WhatIf(jobs, known, cores=self.cores, overhead=self.overhead)

    def added(self, job: Job, works: Iterable[Work]) -> WhatIf:
        """The same with one job more."""
        known = {**self.works, job.id: tuple(works)}
        return WhatIf((*self.jobs, job), known, cores=self.cores, overhead=self.overhead)

    def busiest(self, doubt: float = 1.0) -> WhatIf:
        """The same where every check computes as much of its time as it ever did, and was held back for the rest.

        Whoever else used the machine while the runs were recorded makes checks look as if they waited.

        Args:
            doubt: CPU seconds per second from which on a check is taken for one that does nothing but compute.
        """
        works: dict[str, Sequence[Work]] = {}
        for check_id, known in self.works.items():
            most = max(work.demand for work in known)
            most = max(most, 1.0) if most >= doubt else most
            works[check_id] = [
                replace(work, alone_s=min(work.alone_s, work.cpu_s / most)) if most > 0 else work for work in known
            ]
        return WhatIf(self.jobs, works, cores=self.cores, overhead=self.overhead)

    def usual(self, check_id: str) -> Work:
        """The work of a check that takes as long as half of its runs do not."""
        return _usual(self.works[check_id])

    def _drawn(self, check_id: str) -> list[Work]:
        dice = random.Random(check_id)
        works = self.works[check_id]
        return [works[int(dice.random() * len(works))] for _ in range(DRAWS)]

    def _simulated(self, setting: Setting, works: Mapping[str, Work]) -> Simulated:
        jobs = self.jobs
        if setting.longest_first:
            by_id = {job.id: job for job in jobs}
            takes = {check_id: _usual(works).alone_s for check_id, works in self.works.items()}
            jobs = tuple(by_id[check_id] for check_id in longest_first(list(by_id), takes.get))
        return simulate(
            jobs,
            works,
            workers=setting.workers,
            cores=self.cores,
            overhead=self.overhead,
            fail_fast=setting.fail_fast,
        )


def _only_requiring(job: Job, known: Container[str]) -> Job:
    requires, after = (tuple(each for each in ids if each in known) for ids in (job.requires, job.after))
    return replace(job, requires=requires, after=after)


def _usual(works: Sequence[Work]) -> Work:
    """The one that takes as long as half of them do not."""
    return sorted(works, key=lambda work: work.alone_s)[len(works) // 2]
