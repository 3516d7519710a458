"""Everything that can happen in a run, as one tagged union of frozen structs.

The engine calls `emit(event)` synchronously in its event loop, so the order is fixed. `time_s` is monotonic: seconds
since the engine was built. The same structs, encoded as JSON one a line, are the `ndjson` format and the recordings.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict

from ftui.model import Bucket, CheckResult, Expectation, Outcome, Phase, RunSummary, Totals, Unused

WatchStatus = Literal["watching", "paused", "held", "invalid"]
"""`held`: git is at work in the tree, or the tree is gone. `invalid`: the configuration cannot be used, and the last
good one is in force."""

SCHEMA_VERSION = 1
"""Of the JSON report and of the event stream; goes up when a field changes its meaning or goes away."""


class PlannedCheck(Struct, frozen=True, kw_only=True):
    """A check that a run is going to decide on."""

    id: str
    adapter: str
    phase: Phase
    requires: tuple[str, ...] = ()
    weight: int = 1
    budget: float | None = None
    """Seconds."""
    expected: Expectation | None = None
    """What it takes as a rule, for a change of the size of the last one."""
    ahead_of: str | None = None
    """The check of which it tells a part sooner, and whose verdict takes the place of its own."""


class RunStarted(Struct, frozen=True, kw_only=True, tag_field="type", tag="run_started"):
    """A run begins; every check that it may report on is named here.

    While a tree is watched these are all checks of the profile: those that the run leaves alone keep the result that
    they have.
    """

    run_id: str
    time_s: float
    root: str
    profile: str
    workers: int
    checks: tuple[PlannedCheck, ...]
    started_at: float
    """Wall-clock time, seconds since 1970, for people only."""
    number: int = 1
    """Of the run, from 1, since ftui was started."""
    because: str = ""
    """What made it begin, where that is not the command itself: `src/app.py changed`, `asked for`."""
    schema_version: int = SCHEMA_VERSION


class CheckQueued(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_queued"):
    """A check waits for its phase, its prerequisites and a worker slot."""

    run_id: str
    time_s: float
    check_id: str
    phase: Phase


class CheckRecalled(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_recalled"):
    """An earlier result of a check that is about to run again: shown as old until the new one is there."""

    run_id: str
    time_s: float
    check_id: str
    outcome: Outcome
    bucket: Bucket
    """`policy-rerun` where nothing has changed since, `stale` where something has."""
    reason: str
    recorded_at: float
    """When it was found, seconds since 1970."""
    duration_s: float | None = None
    """Seconds that it took then."""


class CheckStarted(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_started"):
    """A check's process is being started; once for each attempt."""

    run_id: str
    time_s: float
    check_id: str
    argv: tuple[str, ...]
    attempt: int = 1
    expected: Expectation | None = None
    """What it takes as a rule, for a change of this size."""


class CheckOutput(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_output"):
    """A piece of what a check prints, sanitised: colours are kept, every other escape is gone."""

    run_id: str
    time_s: float
    check_id: str
    stream: Literal["stdout", "stderr"]
    text: str


class CheckRetried(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_retried"):
    """An attempt ended in an infrastructure failure; the check waits and is started again."""

    run_id: str
    time_s: float
    check_id: str
    reason: str
    duration_s: float
    """Seconds that the attempt ran."""
    delay_s: float
    """Seconds until the next attempt."""


class CheckFinished(CheckResult, frozen=True, kw_only=True, tag_field="type", tag="check_finished"):
    """A check has its result: the fields of a `CheckResult`, flat."""

    run_id: str
    time_s: float
    check_id: str

    @classmethod
    def of(cls, result: CheckResult, *, run_id: str, time_s: float) -> CheckFinished:
        """The event that reports `result`."""
        fields = {name: getattr(result, name) for name in CheckResult.__struct_fields__}
        return cls(**fields, run_id=run_id, time_s=time_s, check_id=result.id)

    def result(self) -> CheckResult:
        """The result alone, without the event's own fields."""
        fields = asdict(self)
        return CheckResult(**{name: fields[name] for name in CheckResult.__struct_fields__})


class TreeChanged(Struct, frozen=True, kw_only=True, tag_field="type", tag="tree_changed"):
    """Files of the tree are not what they were."""

    run_id: str
    time_s: float
    paths: tuple[str, ...]
    """Posix, relative to the root, sorted."""
    caused_by: str | None = None
    """Id of the check that wrote them, where that is known."""
    affects: tuple[str, ...] = ()
    """Ids of the checks whose verdicts are not about the tree any more, from this event on."""
    uncovered: tuple[str, ...] = ()
    """Of the paths, those that no check reads."""
    tree: str | None = None
    """What the tree is called from here on, see `CheckResult.tree`."""


class CheckPaused(Struct, frozen=True, kw_only=True, tag_field="type", tag="check_paused"):
    """A check will not be started by changes any more, until one that it did not make itself, or until it is asked for.

    Whatever result it has is not about the tree.
    """

    run_id: str
    time_s: float
    check_id: str
    reason: str
    """Why, and what to do about it."""


class Watching(Struct, frozen=True, kw_only=True, tag_field="type", tag="watching"):
    """How the watch stands, whenever something of it changes."""

    run_id: str
    time_s: float
    status: WatchStatus
    reason: str = ""
    """Why it is not `watching`: `a rebase is under way`."""
    profile: str
    profiles: tuple[str, ...]
    """All that there are, in the order in which they are chosen by number."""
    workers: int
    branch: str | None = None
    """What HEAD is on; the short id of the commit where that is no branch; None outside git."""
    dirty: bool | None = None
    """Whether the work tree differs from HEAD; None where that is not known."""
    unused: tuple[Unused, ...] = ()
    """The checks that adapters know and do not offer here."""


class Problem(Struct, frozen=True, kw_only=True, tag_field="type", tag="problem"):
    """Something went wrong beside the checks; the run goes on."""

    run_id: str
    time_s: float
    source: str
    """Who is at fault: `plugin bandit`, `watcher`, `adapter mypy`."""
    message: str
    """One line: what happened, to what, what to do."""


class RunFinished(Struct, frozen=True, kw_only=True, tag_field="type", tag="run_finished"):
    """Every check of the run has its result.

    The engine leaves `run` and `totals` empty: `State` computes them, and an encoder puts them in.
    """

    run_id: str
    time_s: float
    interrupted: bool = False
    """Whether a signal or `stop()` cut it short."""
    run: RunSummary | None = None
    totals: Totals | None = None


Event: TypeAlias = (
    RunStarted
    | CheckQueued
    | CheckRecalled
    | CheckStarted
    | CheckOutput
    | CheckRetried
    | CheckFinished
    | TreeChanged
    | CheckPaused
    | Watching
    | Problem
    | RunFinished
)

__all__ = [
    "SCHEMA_VERSION",
    "CheckFinished",
    "CheckOutput",
    "CheckPaused",
    "CheckQueued",
    "CheckRecalled",
    "CheckRetried",
    "CheckStarted",
    "Event",
    "PlannedCheck",
    "Problem",
    "RunFinished",
    "RunStarted",
    "TreeChanged",
    "WatchStatus",
    "Watching",
]
