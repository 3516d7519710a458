"""When the checks of a run held which worker slots, and which of them the run had to wait for. Pure: no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.model import Bucket, Phase
from ftui.report.looks import OUTCOMES, Look, look_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftui.state import Row, State


class Span(Struct, frozen=True, kw_only=True):
    """The time that one check ran, in seconds on the clock of the events."""

    check: str
    phase: Phase
    start_s: float
    end_s: float
    """For a check that runs: now."""
    look: Look
    weight: int = 1
    """Worker slots that it takes, no more than there are."""
    requires: tuple[str, ...] = ()
    bucket: Bucket | None = None
    """None where it was cancelled, or where it runs and nothing is known of an earlier result."""
    waited_s: float | None = None
    """Seconds from when it was queued until it started; None while it runs."""

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return self.end_s - self.start_s


class Bar(Struct, frozen=True):
    """A span with the worker slots that it is drawn in, numbered from 0."""

    span: Span
    slots: tuple[int, ...]


class Hit(Struct, frozen=True):
    """A verdict that was replayed, and when it was asked for."""

    check: str
    at_s: float
    look: Look


class Gantt(Struct, frozen=True, kw_only=True):
    """A run over time."""

    bars: tuple[Bar, ...] = ()
    """In the order in which they started."""
    hits: tuple[Hit, ...] = ()
    critical: tuple[Span, ...] = ()
    """The critical path, in the order of time."""
    workers: int = 1
    """Worker slots that there are; never fewer than were used."""
    start_s: float = 0.0
    end_s: float = 0.0

    @property
    def slots(self) -> int:
        """The worker slots that were used."""
        return max((max(bar.slots) + 1 for bar in self.bars), default=0)

    @property
    def wall_s(self) -> float:
        """Seconds from the first start to the last end."""
        return self.end_s - self.start_s

    @property
    def idle(self) -> float | None:
        """The share of the slots' time in which nothing ran, from 0 to 1; None where nothing ran."""
        if self.wall_s <= 0:
            return None
        taken = sum(len(bar.slots) * bar.span.seconds for bar in self.bars)
        return max(0.0, 1 - taken / (self.workers * self.wall_s))


def gantt_of(state: State, now_s: float) -> Gantt:
    """The current run, or the last one.

    Args:
        state: as the events left it.
        now_s: on the clock of the events; the end, so far, of what runs.
    """
    rows = state.rows.values()
    spans = [span for row in rows if (span := _span(row, max(1, state.workers), now_s)) is not None]
    bars = placed(spans)
    start_s = min((span.start_s for span in spans), default=0.0)
    return Gantt(
        bars=bars,
        hits=tuple(hit for row in rows if (hit := _hit(row, start_s)) is not None),
        critical=critical_path(bars),
        workers=max([1, state.workers, *(max(bar.slots) + 1 for bar in bars)]),
        start_s=start_s,
        end_s=max((span.end_s for span in spans), default=0.0),
    )


def _span(row: Row, workers: int, now_s: float) -> Span | None:
    """When a check ran in this run; None where it did not."""
    result, recalled = row.result, row.recalled
    bucket, waited_s = (recalled.bucket if recalled is not None else None), None
    if row.status in ("running", "retrying"):
        # A check that waits for its next attempt keeps its slots.
        start_s, end_s = row.started_s, now_s
    elif row.status == "done" and row.decided_on and result is not None and result.attempts:
        start_s, end_s, bucket = result.started_s, result.ended_s or now_s, result.bucket
        if start_s is not None and result.queued_s is not None:
            waited_s = max(0.0, start_s - result.queued_s)
    else:
        return None
    if start_s is None:
        return None
    return Span(
        check=row.id,
        phase=row.phase,
        start_s=start_s,
        end_s=max(start_s, end_s),
        look=look_of(row),
        weight=max(1, min(row.weight, workers)),
        requires=row.requires,
        bucket=bucket,
        waited_s=waited_s,
    )


def _hit(row: Row, start_s: float) -> Hit | None:
    result = row.result
    if not row.decided_on or row.status != "done" or result is None or result.bucket is not Bucket.HIT:
        return None
    return Hit(row.id, start_s if result.queued_s is None else result.queued_s, OUTCOMES[result.outcome])


def placed(spans: Iterable[Span]) -> tuple[Bar, ...]:
    """Gives each span the lowest slots that are free when it starts, as many as it weighs.

    So no more slots are used than were taken at the busiest moment.
    """
    free_from: list[float] = []
    bars = []
    for span in sorted(spans, key=lambda span: (span.start_s, span.end_s)):
        free = [slot for slot, since_s in enumerate(free_from) if since_s <= span.start_s][: span.weight]
        new = range(len(free_from), len(free_from) + span.weight - len(free))
        free_from += [0.0] * len(new)
        slots = (*free, *new)
        for slot in slots:
            free_from[slot] = span.end_s
        bars.append(Bar(span, slots))
    return tuple(bars)


def critical_path(bars: Sequence[Bar]) -> tuple[Span, ...]:
    """The chain of checks that the end of the run hung on, in the order of time.

    It goes back from the check that ended last. Before each stands, of what it may have waited for, that which ended
    last before it started.
    """
    path: dict[str, Span] = {}
    bar = max(bars, key=lambda bar: bar.span.end_s, default=None)
    while bar is not None:
        path[bar.span.check] = bar.span
        before = (other for other in bars if other.span.check not in path and _may_wait_for(bar, other))
        bar = max(before, key=lambda other: other.span.end_s, default=None)
    return tuple(reversed(path.values()))


def _may_wait_for(bar: Bar, other: Bar) -> bool:
    """Whether the end of `other` can be what let `bar` start: it is required, held the slot, the phase or the files."""
    span, before = bar.span, other.span
    if before.end_s > span.start_s:
        return False
    return (
        before.check in span.requires
        or not set(bar.slots).isdisjoint(other.slots)
        or before.phase.rank < span.phase.rank
        or before.phase is span.phase is Phase.MUTATING
    )
