"""Things that could be tuned, made by hand for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.tuning.advice import Advice, Change, Flake, Lacking, Point, Trend, Tuned, Tuning
from ftui.tuning.simulate import Span
from ftui.tuning.whatif import Estimate, Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKERS = Advice(
    kind="workers",
    title="4 workers instead of 2",
    because="3 of 4 checks wait more than they compute: there is room for more than the cores",
    saves=Estimate(1.1, 0.9, 1.3),
    confidence="high",
    changes=(Change(("workers",), 4),),
)
PHASE = Advice(
    kind="phase",
    title="pytest in the phase fast instead of slow",
    because="slots are idle at the end of the phase fast",
    saves=Estimate(0.6, 0.4, 0.7),
    confidence="medium",
    changes=(Change(("checks", "pytest", "phase"), "fast"),),
    beware="pytest joins the profile fast, which then takes 3.1 s at least",
)
TUNING = Tuning(
    profile="dev",
    setting=Setting(workers=2),
    cores=2,
    runs=24,
    under_load=False,
    lacking=(),
    trends=(
        Trend(check="ruff", durations=(0.12, 0.11, 0.13, 0.12, 0.12), budget=0.2, cpu_share=0.92),
        Trend(check="mypy", durations=(2.1, 2.0, 3.4, 2.2, 3.6, 3.9), budget=3.0, cpu_share=0.99),
        Trend(check="pytest", durations=(3.1, 3.2, 3.0, 3.1, 3.1), budget=None, cpu_share=0.51),
        Trend(check="deploy-check", durations=(1.1, 1.2, 1.0), budget=None, cpu_share=0.04),
    ),
    wall=Estimate(4.4, 4.1, 5.0),
    measured=Estimate(4.5, 4.2, 4.9),
    curve=(
        Point(1, Estimate(8.2, 7.9, 8.8)),
        Point(2, Estimate(4.4, 4.1, 5.0)),
        Point(3, Estimate(3.5, 3.3, 4.0)),
        Point(4, Estimate(3.3, 3.1, 3.9)),
    ),
    critical_path=(Span("ruff", 0.0, 0.12, 1), Span("mypy", 0.12, 4.4, 1, "ruff")),
    idle={"mypy": 1.3},
    advice=(WORKERS, PHASE),
)
TUNED = Tuned(TUNING, (Flake("pytest", "passed", "failed", 1_699_990_000.0),), "")
LACKING = Tuned(
    Tuning(
        profile="dev",
        setting=Setting(workers=2),
        cores=2,
        runs=2,
        under_load=False,
        lacking=(Lacking("mypy", 2, 5), Lacking("pytest", 0, 5)),
        trends=(Trend(check="mypy", durations=(2.1, 2.0), budget=None, cpu_share=0.99),),
    ),
    (),
    "",
)


class Known:
    """Answers with what is known, and notes what is applied."""

    def __init__(self, answer: Tuned | Exception = TUNED, error: Exception | None = None) -> None:
        self.answer = answer
        self.error = error
        self.asked: list[tuple[str, int]] = []
        self.applied: list[Advice] = []

    async def tuned(self, profile: str, workers: int) -> Tuned:
        """What was given."""
        self.asked.append((profile, workers))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def deep_look(self, check_id: str) -> Sequence[str]:
        """One line."""
        if self.error is not None:
            raise self.error
        return [f"{check_id}: 3.2 s under a close look", "  2.1 s  tests/test_a.py::test_b"]

    async def apply(self, advice: Advice) -> Sequence[str]:
        """Notes it."""
        if self.error is not None:
            raise self.error
        self.applied.append(advice)
        return ["wrote to ftui.toml:", "    workers = 4"]
