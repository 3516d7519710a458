"""How a project stands now, and what makes a change worth it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ftui.tuning.whatif import Estimate, WhatIf

if TYPE_CHECKING:
    from ftui.engine.schedule import Job
    from ftui.model import Check
    from ftui.tuning.advice import Confidence
    from ftui.tuning.evidence import Evidence
    from ftui.tuning.simulate import Simulated
    from ftui.tuning.whatif import Setting

LEAST_SHARE = 0.1
"""Of the wall, that a change has to save: about what a prediction may be off, see tests/bench/whatif.py."""
LEAST_S = 0.05
"""Seconds that a change has to save: nobody feels less."""
MANY_RUNS = 10


class Situation:
    """The evidence with what it says of the present setting; for checks of which enough is known."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.setting: Setting = evidence.setting
        self.what_if = WhatIf.of_runs(evidence.jobs, evidence.runs, cores=evidence.cores)
        self.checks: dict[str, Check] = {check.id: check for check in evidence.checks}

    @cached_property
    def wall(self) -> Estimate:
        """Seconds of a run in which every check runs."""
        return self.what_if.wall(self.setting)

    @cached_property
    def typical(self) -> Simulated:
        """Such a run."""
        return self.what_if.typical(self.setting)

    def job(self, check_id: str) -> Job:
        """A check as the schedule sees it."""
        return next(job for job in self.what_if.jobs if job.id == check_id)

    def alone_s(self, check_id: str) -> float:
        """Seconds that a check usually takes while nothing holds it back."""
        return self.what_if.usual(check_id).alone_s

    def saves(self, other: WhatIf, setting: Setting | None = None, share: float = 1.0) -> Estimate:
        """Seconds that a run takes less with other jobs, or another setting.

        Args:
            other: the same checks as they would be.
            setting: the present one by default.
            share: of the runs that it saves anything of.
        """
        saved = self.what_if.saving(self.setting, other, setting or self.setting)
        return Estimate(saved.middle_s * share, saved.low_s * share, saved.high_s * share)

    def hopeful(self, other: WhatIf) -> bool:
        """Whether a typical run with other jobs takes less by at least half of what makes a change worth it.

        One simulation says so; drawing many of them for each of many changes would take seconds.
        """
        return self.typical.wall_s - other.typical(self.setting).wall_s >= 0.5 * self._least_s

    @property
    def _least_s(self) -> float:
        return max(LEAST_S, LEAST_SHARE * self.wall.middle_s)

    def worth(self, saves: Estimate) -> bool:
        """Whether a saving is above the noise: of the records, and of what a simulation can tell."""
        return saves.low_s > 0 and saves.middle_s >= self._least_s

    def confidence(self, saves: Estimate, *, assumed: bool = False) -> Confidence:
        """How sure a saving is.

        Args:
            saves: the saving.
            assumed: whether it rests on more than what was measured.
        """
        if assumed or self.evidence.under_load:
            return "low"
        known = min(map(self.evidence.known, self.checks))
        far = saves.low_s >= self._least_s
        return "high" if far and known >= MANY_RUNS else "medium"
