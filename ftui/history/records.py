"""What is kept of a run and of each of its results. Data only."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ftui.model import Bucket, Outcome, Phase, RunSummary, Severity, Totals

Mark = Literal["clock", "battery", "load"]
"""Why the durations of a run are not to be mixed with those of others: the wall clock was wrong, or was set, or the
machine slept meanwhile; it ran on battery; other processes took much of the machine."""

LOADED = 0.25
"""The share of the machine's processor time that others take from which a run counts as one under load."""


class Machine(Struct, frozen=True, kw_only=True):
    """What a run had to run on, and how that was while it ran."""

    name: str
    """System, architecture and processor: `linux x86_64 AMD EPYC 7B13`. Not the host's name."""
    cores: int
    """That this process may use."""
    load: float | None = None
    """Processes that were ready to run, the average of the minute before it began; None where it is not told."""
    others: float | None = None
    """The share of the machine's processor time that went to processes that were not the run's, 0 to 1; None where
    the run was too short to tell."""
    on_battery: bool | None = None
    """Whether that was so at its beginning or its end; None where there is no battery."""


class QuickRuns(Struct, frozen=True, kw_only=True):
    """Runs that found all in the cache before anything was opened: they are counted, and not kept one by one."""

    runs: int = 0
    hits: int = 0
    saved_s: float = 0.0
    """The recorded durations of the hits."""


class RunRecord(Struct, frozen=True, kw_only=True):
    """A run, with its figures as they were shown."""

    summary: RunSummary
    totals: Totals
    started_at: float
    """Wall-clock time, seconds since 1970; for people, not for the order: see `number`."""
    took_s: float | None = None
    """Seconds from its beginning to its verdict; the look at the tree and the cache is in it, the start of the command
    is not. None where that was not kept."""
    forced: bool = False
    """Whether it was to run everything, whatever is stored."""
    because: str = ""
    """What made it begin, where that is not the command itself."""
    interrupted: bool = False
    machine: Machine
    wrong_clock: bool = False
    """Whether `started_at` cannot be right, or wall-clock time went otherwise than the time that passed."""
    commit: str | None = None
    """HEAD when it began; None outside git, and before the first commit."""
    branch: str | None = None
    """None where HEAD is on none."""
    version: str = ""
    """Of ftui."""
    python: str = ""
    quick: QuickRuns = QuickRuns()
    """Those since the run before it, in the same tree."""
    number: int = 0
    """Its place in the order in which runs were kept, from 1; given when it is."""

    @property
    def id(self) -> str:
        """Of the run: that of its events."""
        return self.summary.id

    @property
    def ended_at(self) -> float:
        """Wall-clock time when it was over; runs are kept in this order, also those of several clones at a time."""
        return self.started_at + (self.took_s or 0.0)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Why its durations are not to be mixed with others; empty where nothing speaks against it."""
        marks: list[Mark] = []
        if self.wrong_clock:
            marks.append("clock")
        if self.machine.on_battery:
            marks.append("battery")
        if (self.machine.others or 0.0) >= LOADED:
            marks.append("load")
        return tuple(marks)


class ResultRecord(Struct, frozen=True, kw_only=True):
    """The result of a check in a run: fields with the names of `CheckResult` mean the same.

    The moments (`queued_s`, `started_s`, `first_output_s`, `ended_s`) are seconds since the run began.
    """

    check: str
    """Its id."""
    adapter: str
    phase: Phase
    outcome: Outcome
    bucket: Bucket | None = None
    reason: str = ""
    command: str = ""
    """What differs where the command does: the start of a digest. The command itself may hold a secret."""
    tool: str | None = None
    """Name and version of what it ran, where known: `mypy 1.18.2`."""
    exit_code: int | None = None
    duration_s: float | None = None
    """Seconds; for a hit, those of the run that it replays."""
    cpu_s: float | None = None
    peak_rss_bytes: int | None = None
    attempts: int = 0
    """How often its process was started; 0 for a hit, and where it did not run."""
    queued_s: float | None = None
    started_s: float | None = None
    first_output_s: float | None = None
    ended_s: float | None = None
    silence_s: float | None = None
    """The longest time that it ran without printing anything."""
    changed_inputs: int | None = None
    key: str | None = None
    tree: str | None = None
    recorded_at: float | None = None
    skipped_because: str | None = None
    broken_because: str | None = None
    findings: int = 0
    errors: int = 0
    """Those of the findings that are errors."""
    weight: int = 1
    requires: tuple[str, ...] = ()
    budget: float | None = None

    @property
    def fresh(self) -> bool:
        """Whether it really ran and came to a verdict at the first attempt: its duration is one of its command."""
        return self.attempts == 1 and self.outcome in (Outcome.PASSED, Outcome.FAILED) and self.duration_s is not None


class Sample(Struct, frozen=True):
    """A result with the run that it belongs to."""

    run: RunRecord
    result: ResultRecord


class FindingRecord(Struct, frozen=True, kw_only=True):
    """A finding over time. The same message of the same rule in the same file is the same one, wherever it moves."""

    check: str
    path: str | None
    rule: str | None
    message: str
    severity: Severity
    line: int | None
    """Where it was last."""
    first: int
    """`number` of the run that found it first."""
    last: int
    """`number` of the run that found it last."""
    times: int
    """Runs that found it."""
    present: bool
    """Whether the last verdict of its check had it."""
