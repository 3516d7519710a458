"""Figures in words, the same in every front end."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # not from typing: a run that finds all in the cache has no use for that
    from ftui.model import Expectation, RunSummary, Totals


def duration(seconds: float) -> str:
    """Seconds as people read them: `12 ms`, `2.1 s`, `1 m 05 s`, `1 h 02 m`."""
    if round(seconds * 1000) < 1000:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


def size(bytes_: int) -> str:
    """Bytes as people read them: `0 B`, `12 KiB`, `4.1 MiB`."""
    value, units = float(bytes_), ["B", "KiB", "MiB", "GiB"]
    while round(value) >= 1024 and len(units) > 1:
        value /= 1024
        del units[0]
    return f"{value:,.1f} {units[0]}" if units[0] in ("MiB", "GiB") else f"{value:.0f} {units[0]}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 finding`, `2,000 findings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def expected(takes: Expectation) -> str:
    """What a check takes as a rule: `takes 3.0 s as a rule, 2.8 s to 3.5 s`."""
    return f"takes {duration(takes.median_s)} as a rule, {duration(takes.low_s)} to {duration(takes.high_s)}"


def silence(seconds: float, takes: Expectation | None) -> str:
    """How long a check has printed nothing, and whether that is longer than ever, where that is known."""
    ever = ", longer than ever" if takes is not None and takes.silence_s is not None else ""
    return f"no output for {duration(seconds)}{ever}"


def outcomes(totals: Totals) -> str:
    """How many checks came to which end: `4 checks: 3 passed, 1 failed`."""
    ends = ("passed", "failed", "broken", "cancelled", "skipped")
    parts = [f"{number} {end}" for end in ends if (number := getattr(totals, end))]
    return f"{counted(totals.checks, 'check')}: {', '.join(parts)}" if parts else counted(totals.checks, "check")


def buckets(totals: Totals) -> str:
    """Why the results are what they are: `hit 0 · policy-rerun 0 · miss 4 · efficiency 0%`."""
    parts = [f"hit {totals.hit}", f"policy-rerun {totals.policy_rerun}", f"miss {totals.miss}"]
    if totals.structural_efficiency is not None:
        parts.append(f"efficiency {totals.structural_efficiency:.0%}")
    return " · ".join(parts)


def times(run: RunSummary, totals: Totals) -> str:
    """What the run cost: `wall 3.2 s · busy 7.1 s · parallel 2.2x · peak 3 · saved 0 ms`."""
    parts = [f"wall {duration(run.wall_s)}", f"busy {duration(run.busy_s)}"]
    if run.parallelization_factor is not None:
        parts.append(f"parallel {run.parallelization_factor:.1f}x")
    parts += [f"peak {run.peak_concurrency}", f"saved {duration(totals.time_saved_s)}"]
    return " · ".join(parts)
