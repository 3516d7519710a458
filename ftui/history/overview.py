"""A history at a glance: what every way to show it is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.history.comparable import Terms, comparable, sound
from ftui.history.expect import expectation
from ftui.history.records import FindingRecord, ResultRecord, RunRecord, Sample
from ftui.history.spread import median
from ftui.model import Bucket, Expectation, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.history.store import History

SAMPLES_OF_ONE = 200
"""Results of each check that its figures are made from."""


class RunOverview(Struct, frozen=True):
    """A run with its results, in the order in which they came."""

    record: RunRecord
    results: tuple[ResultRecord, ...]


class CheckOverview(Struct, frozen=True, kw_only=True):
    """The figures of a check, over the last results of it."""

    check: str
    results: int
    passed: int
    failed: int
    broken: int
    hits: int
    """Results that were replayed."""
    fresh: int
    """Results that it really ran for, and came to a verdict."""
    comparable: int
    """Of these, those that are comparable with the last sound one."""
    expected: Expectation | None
    """What it takes as a rule, from the last of these; None where they are too few."""
    last_s: float | None
    """Seconds that it took when it was last really run."""
    cpu_share: float | None
    """CPU seconds per second, the middle of the comparable ones: near 0 for one that waits, 1 for one busy core."""
    peak_rss_bytes: int | None
    """The largest of the comparable ones."""
    trend: tuple[float, ...]
    """Seconds that the comparable ones took, the latest last."""


class Overview(Struct, frozen=True, kw_only=True):
    """What there is to tell of a repository."""

    runs: tuple[RunOverview, ...]
    """The latest first."""
    checks: tuple[CheckOverview, ...]
    findings: tuple[FindingRecord, ...]


def overview(history: History, runs: Sequence[RunRecord], checks: Sequence[str] = ()) -> Overview:
    """The overview of some runs; the figures of checks are those of all runs.

    Args:
        history: that they are from.
        runs: the latest first.
        checks: ids of those that it is about; none for all.
    """
    found = [RunOverview(run, tuple(history.results_of(run))) for run in runs]
    if checks:
        kept = (RunOverview(run.record, tuple(r for r in run.results if r.check in checks)) for run in found)
        found = [run for run in kept if run.results]
    names = checks or history.checks()
    return Overview(
        runs=tuple(found),
        checks=tuple(check_overview(name, history.samples(name, limit=SAMPLES_OF_ONE)) for name in names),
        findings=tuple(each for name in names for each in history.findings(name)),
    )


def check_overview(check: str, samples: Sequence[Sample]) -> CheckOverview:
    """The figures of a check.

    Args:
        check: its id.
        samples: results of it, the latest first.
    """
    results = [sample.result for sample in samples]
    outcomes = [result.outcome for result in results]
    fresh = [result for result in results if result.fresh]
    last = next(filter(sound, samples), None)
    alike = comparable(samples, Terms.of(last)) if last is not None else []
    took = [(each.result.duration_s or 0.0, each.result.cpu_s) for each in alike]
    shares = [cpu_s / seconds for seconds, cpu_s in took if cpu_s is not None and seconds > 0]
    peaks = [each.result.peak_rss_bytes for each in alike if each.result.peak_rss_bytes is not None]
    return CheckOverview(
        check=check,
        results=len(results),
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
        broken=outcomes.count(Outcome.BROKEN),
        hits=sum(result.bucket is Bucket.HIT for result in results),
        fresh=len(fresh),
        comparable=len(alike),
        expected=expectation(alike),
        last_s=fresh[0].duration_s if fresh else None,
        cpu_share=median(shares) if shares else None,
        peak_rss_bytes=max(peaks, default=None),
        trend=tuple(seconds for seconds, _ in reversed(took)),
    )
