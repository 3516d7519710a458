"""A run in the Trace Event Format, which Perfetto and chrome://tracing show.

The format: "Trace Event Format", Google, 2016. Times are microseconds; an event with `ph` X has a duration, one with i
is a moment, and M names a process or a thread. Here a thread is a lane of checks that ran one after the other.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct, UnsetType

from ftui.model import Bucket
from ftui.report.encoding import encode
from ftui.report.safe import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ftui.history.overview import RunOverview
    from ftui.history.records import ResultRecord

PROCESS = 1
"""The only process of a trace."""
_REPLAYED = 0
"""The thread of what did not run."""


class TraceEvent(Struct, frozen=True, kw_only=True):
    """One event of a trace."""

    name: str
    ph: Literal["X", "i", "M"]
    pid: int = PROCESS
    tid: int
    ts: float = 0.0
    """Microseconds since the run began."""
    dur: float | UnsetType = UNSET
    """Microseconds."""
    cat: str | UnsetType = UNSET
    s: Literal["t"] | UnsetType = UNSET
    """The scope of a moment: its thread."""
    args: dict[str, object]


class Trace(Struct, frozen=True, kw_only=True):
    """The whole file."""

    traceEvents: tuple[TraceEvent, ...]
    displayTimeUnit: Literal["ms"] = "ms"
    otherData: dict[str, object]


def trace(run: RunOverview) -> bytes:
    """A run as the content of a trace file: a bar for each check that ran, a mark for each first output and hit."""
    record = run.record
    ran = [result for result in run.results if result.started_s is not None and result.ended_s is not None]
    other = [result for result in run.results if result.bucket is Bucket.HIT]
    lanes = dict(_lanes(ran))
    names = {_REPLAYED: "from the cache"} | {lane: f"lane {lane}" for lane in sorted(set(lanes.values()))}
    events = [
        _named("process_name", 0, f"ftui run {one_line(record.id)}"),
        *(_named("thread_name", lane, name) for lane, name in names.items()),
        *(event for place, result in enumerate(ran) for event in _of(result, lanes[place])),
        *(_moment(result, result.queued_s or 0.0, _REPLAYED, f"{one_line(result.check)} replayed") for result in other),
    ]
    about: dict[str, object] = {
        "run": record.summary, "totals": record.totals, "started_at": record.started_at, "commit": record.commit,
        "marks": record.marks, "machine": record.machine,
    }  # fmt: skip
    return encode(Trace(traceEvents=tuple(events), otherData=about))


def _lanes(results: Iterable[ResultRecord]) -> Iterator[tuple[int, int]]:
    """The place of each result, and the lane that it is drawn in: the first one that is free."""
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    used = 0
    for place, result in sorted(enumerate(results), key=lambda pair: pair[1].started_s or 0.0):
        while taken and taken[0][0] <= (result.started_s or 0.0):
            heappush(free, heappop(taken)[1])
        if free:
            lane = heappop(free)
        else:
            lane = used = used + 1
        heappush(taken, (result.ended_s or 0.0, lane))
        yield place, lane


def _of(result: ResultRecord, lane: int) -> Iterator[TraceEvent]:
    started, ended = result.started_s or 0.0, result.ended_s or 0.0
    yield TraceEvent(
        name=one_line(result.check),
        ph="X",
        tid=lane,
        ts=started * 1e6,
        dur=max(0.0, ended - started) * 1e6,
        cat=result.phase.value,
        args=_about(result),
    )
    if result.first_output_s is not None:
        yield _moment(result, result.first_output_s, lane, "first output")


def _moment(result: ResultRecord, at: float, lane: int, name: str) -> TraceEvent:
    return TraceEvent(name=name, ph="i", tid=lane, ts=at * 1e6, cat=result.phase.value, s="t", args=_about(result))


def _about(result: ResultRecord) -> dict[str, object]:
    return {
        "outcome": result.outcome.value, "bucket": result.bucket, "reason": result.reason, "tool": result.tool,
        "duration_s": result.duration_s, "cpu_s": result.cpu_s, "peak_rss_bytes": result.peak_rss_bytes,
        "queued_s": result.queued_s, "attempts": result.attempts, "findings": result.findings,
    }  # fmt: skip


def _named(what: str, lane: int, name: str) -> TraceEvent:
    return TraceEvent(name=what, ph="M", tid=lane, args={"name": name})
