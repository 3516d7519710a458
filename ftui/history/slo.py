"""Budgets as service level objectives: what runs took, held against what they may take. Data in, data out."""

from __future__ import annotations

from collections import Counter
from statistics import median, quantiles
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from ftui.history.change import changes
from ftui.history.comparable import size_of
from ftui.history.records import RunRecord
from ftui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from ftui.history.change import Change
    from ftui.history.records import ResultRecord, Sample

LEAST = 10
"""Runs that it takes to judge a budget."""
MOST = 20
"""Runs that it is judged on, the last ones."""

Kind = Literal["check", "profile", "efficiency"]
State = Literal["met", "broken", "too-few", "no-budget"]

_MARKS = {"clock": "while the clock was wrong", "load": "under load", "battery": "on battery"}


class LeftOut(Struct, frozen=True):
    """Runs that are not judged."""

    because: str
    """`under load`."""
    runs: int


class Since(Struct, frozen=True, kw_only=True):
    """A change of the median that is beyond its noise."""

    before: float
    """The median until then."""
    after: float
    """The median from then on."""
    run: str
    """Id of the first run after it."""
    commit: str | None
    """HEAD of that run."""
    branch: str | None
    on_top: bool
    """Whether the run before it had the same HEAD: then it is work on top of that commit, not the commit."""


class Objective(Struct, frozen=True, kw_only=True):
    """A budget and what came of it; figures are seconds, or for `efficiency` shares from 0 to 1."""

    kind: Kind
    name: str
    """Of the check or of the profile."""
    budget: float | None
    """The most that the median may be, for `efficiency` the least; None for a check without one."""
    state: State
    runs: int
    """That are judged: the last comparable ones that came to the same end."""
    p50: float | None = None
    """The median; None where there are too few."""
    p95: float | None = None
    """One run in twenty took longer, for `efficiency`: had less."""
    outcome: Outcome | None = None
    """What all of them came to."""
    exit_code: int | None = None
    trend: tuple[float, ...] = ()
    """The figures that are judged, the latest last."""
    left_out: tuple[LeftOut, ...] = ()
    worse: Since | None = None
    """The last change of the median, where that was one for the worse."""
    broke: Since | None = None
    """The change that took the median past the budget; None where it is not broken, always was, or that cannot be
    told."""


class Here(Struct, frozen=True):
    """The machine that budgets are judged on: runs of others are not comparable."""

    name: str
    cores: int


class Point(Struct, frozen=True, kw_only=True):
    """A figure of one run, the higher the worse."""

    value: float
    run: RunRecord
    left_out: str = ""
    """Why it does not count."""
    size: int | None = None
    outcome: Outcome
    exit_code: int | None = None

    @property
    def end(self) -> tuple[Hashable, ...]:
        """What runs have to agree in."""
        return self.size, self.outcome, self.exit_code


def of_check(check: str, command: str, budget: float | None, samples: Iterable[Sample], here: Here) -> Objective:
    """The objective of a check.

    Args:
        check: its id.
        command: that it has now, as `ResultRecord.command`.
        budget: seconds.
        samples: fresh ones, the latest first.
        here: where it is judged.
    """
    points = [
        Point(
            value=result.duration_s or 0.0,
            run=run,
            left_out=_not_comparable(run, here) or ("of another command" if result.command != command else ""),
            size=size_of(result.changed_inputs),
            outcome=result.outcome,
            exit_code=result.exit_code,
        )
        for run, result in ((sample.run, sample.result) for sample in samples)
        if result.fresh
    ]
    return _judged("check", check, budget, points)


def of_profile(
    profile: str, budget: float | None, efficiency: float, runs: Iterable[RunRecord], here: Here
) -> list[Objective]:
    """The objectives of a profile: the time of a warm run, and its structural efficiency.

    Args:
        profile: its name.
        budget: seconds from the beginning of a warm run to its verdict; None where there is none.
        efficiency: the least share of results that are hits or policy reruns.
        runs: warm ones, the latest first; see `warm`.
        here: where it is judged.
    """
    times: list[Point] = []
    shares: list[Point] = []
    for run in runs:
        outcome, share = run.summary.outcome, run.totals.structural_efficiency
        lost = "" if outcome in (Outcome.PASSED, Outcome.FAILED) else "without a verdict"
        if run.took_s is not None:
            because = lost or _not_comparable(run, here)
            times.append(Point(value=run.took_s, run=run, left_out=because, outcome=outcome))
        if share is not None:
            shares.append(Point(value=1.0 - share, run=run, left_out=lost, outcome=outcome))
    objectives = [] if budget is None else [_judged("profile", profile, budget, times)]
    return [*objectives, _turned(_judged("efficiency", profile, 1.0 - efficiency, shares), efficiency)]


def warm(run: RunRecord, results: Sequence[ResultRecord], checks: Mapping[str, bool]) -> bool:
    """Whether a command ran all of a profile, as it should, and nothing that its checks read had changed since they
    last had a result.

    Args:
        run: any one.
        results: all of its results.
        checks: by id those of the profile, and whether a run may do without each because it tells a part of another.
    """
    if run.because or run.forced or run.interrupted:
        return False
    by_id = {result.check: result for result in results}
    for check, dispensable in checks.items():
        result = by_id.get(check)
        if result is None or (result.bucket is None and not dispensable):
            return False
    # What is not cached has no key, and nobody knows whether its inputs have changed.
    return all(result.changed_inputs == 0 or (result.changed_inputs, result.key) == (None, None) for result in results)


def _not_comparable(run: RunRecord, here: Here) -> str:
    if run.marks:
        return _MARKS[run.marks[0]]
    if run.machine.name != here.name:
        return "on another machine"
    return "" if run.machine.cores == here.cores else "with other cores"


def _judged(kind: Kind, name: str, budget: float | None, points: Sequence[Point]) -> Objective:
    alike, left_out = _alike(points)
    values = [point.value for point in alike[:MOST]]
    if len(values) < LEAST:
        state: State = "no-budget" if budget is None else "too-few"
        return Objective(kind=kind, name=name, budget=budget, state=state, runs=len(values), left_out=left_out)
    p50 = median(values)
    broken = budget is not None and p50 > budget
    series = alike[::-1]
    shifts = changes([point.value for point in series])
    last = shifts[-1] if shifts else None
    broke = _where_it_broke(shifts, budget) if broken and budget is not None else None
    return Objective(
        kind=kind,
        name=name,
        budget=budget,
        state="no-budget" if budget is None else "broken" if broken else "met",
        runs=len(values),
        p50=p50,
        p95=quantiles(values, n=20, method="inclusive")[-1],
        outcome=alike[0].outcome,
        exit_code=alike[0].exit_code,
        trend=tuple(reversed(values)),
        left_out=left_out,
        worse=_since(last, series) if last is not None and last.after > last.before else None,
        broke=_since(broke, series) if broke is not None else None,
    )


def _alike(points: Sequence[Point]) -> tuple[list[Point], tuple[LeftOut, ...]]:
    """The points that agree in their end with most of the last ones, and why others are not among them."""
    left_out = Counter(point.left_out for point in points if point.left_out)
    kept = [point for point in points if not point.left_out]
    # Most of the last ones: a few that failed at once must not make a slow check look quick.
    end = Counter(point.end for point in kept[: 2 * MOST]).most_common(1)[0][0] if kept else ()
    alike: list[Point] = []
    for point in kept:
        if point.end == end:
            alike.append(point)
        else:
            left_out["that ended otherwise" if point.size == end[0] else "for changes of another size"] += 1
    return alike, tuple(LeftOut(because, runs) for because, runs in left_out.most_common())


def _where_it_broke(shifts: Sequence[Change], budget: float) -> Change | None:
    """The change from which on the median has been above the budget."""
    for shift in reversed(shifts):
        if shift.after <= budget:
            return None
        if shift.before <= budget:
            return shift
    return None


def _since(shift: Change, series: Sequence[Point]) -> Since:
    first, before = series[shift.place].run, series[shift.place - 1].run
    return Since(
        before=shift.before,
        after=shift.after,
        run=first.id,
        commit=first.commit,
        branch=first.branch,
        on_top=first.commit is not None and first.commit == before.commit,
    )


def _turned(objective: Objective, budget: float) -> Objective:
    """An objective over what is lacking as one over what is there."""

    def share(lacking: float | None) -> float | None:
        return None if lacking is None else 1.0 - lacking

    def since(change: Since | None) -> Since | None:
        return None if change is None else replace(change, before=1.0 - change.before, after=1.0 - change.after)

    return replace(
        objective,
        budget=budget,
        p50=share(objective.p50),
        p95=share(objective.p95),
        trend=tuple(1.0 - lacking for lacking in objective.trend),
        worse=since(objective.worse),
        broke=since(objective.broke),
    )
