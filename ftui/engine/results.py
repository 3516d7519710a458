"""Results that no process stands behind: replayed ones, and those of checks that could or should not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.engine.memory import findings_of
from ftui.model import Bucket, Check, CheckResult, Outcome
from ftui.tree import display

if TYPE_CHECKING:
    from ftui.cache.entry import Entry
    from ftui.cache.session import Lookup


def replayed(check: Check, found: Lookup, entry: Entry, *, queued_s: float) -> CheckResult:
    """The stored result of an earlier run, with the bucket that the look-up came to.

    Args:
        check: what was looked up.
        found: the look-up; it has a decision.
        entry: the stored result.
        queued_s: when the check was queued, on the clock of the events.
    """
    decision = found.decision
    assert decision is not None
    return CheckResult(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        argv=check.command,
        outcome=Outcome(entry.outcome),
        bucket=Bucket(decision.bucket),
        reason=decision.reason,
        exit_code=entry.exit_code,
        duration_s=entry.duration_s,
        cpu_s=entry.cpu_s,
        peak_rss_bytes=entry.peak_rss_bytes,
        findings=findings_of(entry),
        queued_s=queued_s,
        key=found.key,
        recorded_at=entry.created_at,
        tool=tool_of(found),
        changed_inputs=decision.changed_inputs,
        tree=found.snapshot.name,
    )


def tool_of(found: Lookup) -> str | None:
    """Name and version of what a check runs, where both are known."""
    value = found.manifest.get("tool") if found.manifest is not None else None
    if not isinstance(value, tuple) or not all(value[:2]):
        return None
    return display(" ".join(value[:2]))


def broken(check: Check, because: str) -> CheckResult:
    """The result of a check that could not be started."""
    return CheckResult(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        argv=check.command,
        outcome=Outcome.BROKEN,
        bucket=Bucket.MISS,
        reason="it could not run",
        broken_because=because,
    )


def nothing_to_check(check: Check) -> str:
    """Why a check whose inputs no file matches has no verdict."""
    return f"there is nothing to check: no file matches its inputs ({', '.join(check.inputs)})"


def cancelled(check: Check) -> CheckResult:
    """The result of a check that was cancelled before it was started, or after it had ended."""
    return CheckResult(
        id=check.id, adapter=check.adapter, phase=check.phase, argv=check.command, outcome=Outcome.CANCELLED
    )


def skipped(check: Check, because: str) -> CheckResult:
    """The result of a check that is not run, with the reason."""
    return CheckResult(
        id=check.id,
        adapter=check.adapter,
        phase=check.phase,
        argv=check.command,
        outcome=Outcome.SKIPPED,
        skipped_because=because,
    )
