"""The nouns of ftui: checks, findings, outcomes and buckets. Data only; nothing here runs, reads or prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Phase(StrEnum):
    """When in a run a check may start; the phases run in this order."""

    FAST = "fast"
    MUTATING = "mutating"
    SLOW = "slow"

    @property
    def rank(self) -> int:
        """The place in the order of phases, from 0."""
        return ("fast", "mutating", "slow").index(self.value)


class Outcome(StrEnum):
    """What is known about the tree from one check, or from a whole run."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    """No verdict: a crash, a deadline, a missing tool, nothing to judge."""
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """Not run, with the reason in `skipped_because`."""


class Bucket(StrEnum):
    """Why a result is what it is."""

    HIT = "hit"
    POLICY_RERUN = "policy-rerun"
    MISS = "miss"
    STALE = "stale"
    """The inputs have moved on since; shown until the check has run again, never counted."""


class Severity(StrEnum):
    """How much a finding matters to the tool that made it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(Struct, frozen=True):
    """One located message of a tool."""

    message: str
    """What the tool says, in one or more lines, without escape codes."""
    path: str | None = None
    """Posix path relative to the root; absolute for a file outside it; None where the tool names no file."""
    line: int | None = None
    """From 1."""
    column: int | None = None
    """From 1."""
    severity: Severity = Severity.ERROR
    rule: str | None = None
    """The tool's own name for the kind of finding, such as `F821` or a test's id."""


class ProcessResult(Struct, frozen=True, kw_only=True):
    """What a check's process left behind; the argument of `Check.parse`."""

    argv: tuple[str, ...]
    exit_code: int | None
    """None when a signal or a deadline ended it."""
    stdout: str
    """Without escape codes; all output where `Check.split_output` is false. Its middle is left out when it was long."""
    stderr: str
    """Without escape codes; empty where `Check.split_output` is false."""
    truncated: bool
    """Whether the middle of `stdout` or `stderr` was left out, because it passed the memory bound."""
    root: str
    """Absolute path of the project's root."""
    scratch: str
    """Absolute path of the folder that replaced `{scratch}` in the environment; deleted after `parse`."""


def no_findings(result: ProcessResult) -> Iterable[Finding]:
    """The parser of a check whose output is not understood: its exit code alone decides."""
    return ()


def no_note(result: ProcessResult) -> str:
    """The default of `Check.note`: there is nothing to add."""
    return ""


def no_infrastructure_failure(result: ProcessResult) -> str | None:
    """The default of `Check.infrastructure`: no failure is worth a retry."""
    return None


class Spent(Struct, frozen=True):
    """A part of what a tool does, and the time that goes there."""

    what: str
    seconds: float


class DeepLook(Struct, frozen=True):
    """How a tool says where its time goes, when it is asked to."""

    args: tuple[str, ...]
    """Put behind its own arguments; `{scratch}` in one becomes a folder, which is deleted afterwards."""
    read: Callable[[str, str], Iterable[Spent]]
    """Reads it from what the tool printed, and from that folder."""


BuiltinProfile = Literal["fast", "dev", "full"]

FailurePolicy = Literal["never", "on-idle", "always"]
"""When a stored failure of unchanged inputs runs again: not before something changes, when nothing else waits, now."""

ChangePolicy = Literal["restart", "wait"]
"""What becomes of a check whose inputs change while it runs: it begins anew, or ends first and then runs again."""

Dist = Literal["load", "loadscope", "loadfile", "loadgroup", "worksteal"]
"""How pytest-xdist gives tests to its workers."""

Notify = Literal["off", "on", "unfocused"]
"""When a change between green and red is told outside the window; `unfocused`: only while the terminal has not the
focus."""

Trusts = Literal["second-size", "mtime-size", "mtime-mode"]
"""What a tool's own cache takes as proof that a file is as it was: its size with the whole second, or the nanosecond,
of its mtime; or mtime and mode."""


class Check(Struct, frozen=True, kw_only=True):
    """One command that judges the tree: data, and the parser of its output."""

    id: str
    """Unique in a project: `ruff`, `npm:lint`."""
    adapter: str
    """Name of the adapter that made it."""
    argv: tuple[str, ...]
    """The fixed part of the command; never handed to a shell."""
    args: tuple[str, ...] = ()
    """The rest of the command, usually the paths to check; the user's `args` take its place."""
    cwd: str = "."
    """Posix path relative to the root."""
    because: str = ""
    """Why the adapter picked it up, for `ftui list`: `[tool.ruff] in pyproject.toml`."""
    inputs: tuple[str, ...] = ("**",)
    """Patterns, as in .gitignore and relative to the root, of the files that the verdict depends on."""
    config_files: tuple[str, ...] = ()
    """Posix paths relative to the root of the files that configure the tool, also those that do not exist yet.

    `src/` stands for the names of the folders in it, and `../lib/**` for the Python files in a folder beyond the root.
    """
    phase: Phase = Phase.SLOW
    profile: BuiltinProfile | None = None
    """The smallest built-in profile it belongs to; None: `fast` before the slow phase, `dev` in it."""
    writes: tuple[str, ...] = ()
    """Patterns of the files that a mutating check may write; it holds them alone. Empty means its inputs."""
    requires: tuple[str, ...] = ()
    """Ids of checks that must have passed before this one starts."""
    ahead_of: str | None = None
    """Id of a check of which it tells a part sooner: it runs just before that one, and only where that one is going to
    run; what it came to counts for a run until that one has its verdict. Say `cache=False` as well."""
    timeout: float = 600.0
    """Seconds from start until it is ended and `broken`."""
    retries: int = 0
    """How often it is started again after a failure that `infrastructure` names."""
    budget: float | None = None
    """Seconds that it may take before it breaks its service level objective."""
    weight: int = 1
    """Worker slots that it takes."""
    env: tuple[str, ...] = ()
    """What it sees beyond the base environment: `NAME` or a pattern `NAME_*` lets a variable through, `NAME=value`
    sets one. `{scratch}` in a value becomes a folder of its own, deleted when the check has been parsed; `{cache}` one
    that stays with this check of this tree, for the tool's own cache; `{kept}` one that stays with this adapter in this
    tree and is never emptied, for what proves itself when it is read. `{key}` becomes the key of its result, empty
    where that is not cached; `{key:ID}` and `{kept:NAME}` are of a check that it requires, and of another adapter."""
    isolate: tuple[str, ...] = ()
    """Variables whose values name a database or a file: each run sees one of its own, `{base}_{run}_{worker}`."""
    split_output: bool = False
    """Keep stdout apart for `parse` (machine output) and show findings in its place; otherwise both streams are one."""
    passed_codes: tuple[int, ...] = (0,)
    failed_codes: tuple[int, ...] | None = None
    """Exit codes that mean the tree is at fault; None for every code from 1 to 125 that did not pass."""
    failed_codes_with_findings: tuple[int, ...] = ()
    """Exit codes that mean so only when findings came with them; without, the result is `broken`."""
    cache: bool = True
    """Whether a result may be replayed while nothing that it depends on has changed."""
    ttl: float | None = None
    """Seconds that a result holds even then; for verdicts that depend on the world outside."""
    on_failure: FailurePolicy = "on-idle"
    on_change: ChangePolicy = "restart"
    trusts: Trusts | None = None
    """What the tool's own cache, which lies in `{cache}`, goes by. It is emptied where that could make the tool lie."""
    unavailable: str | None = None
    """Set when it cannot run here (tool missing): what is wrong and the command that would mend it. Never green."""
    parse: Callable[[ProcessResult], Iterable[Finding]] = no_findings
    """Turns output into findings; raises `NoVerdict` when the exit code does not stand for a verdict, and
    `NothingToDo` where there was nothing for the check to do."""
    note: Callable[[ProcessResult], str] = no_note
    """What else there is to say of a run, in a sentence; asked after `parse`, where that came to a verdict."""
    infrastructure: Callable[[ProcessResult], str | None] = no_infrastructure_failure
    """Names the infrastructure failure behind a result that is worth a retry, or None."""
    deep_look: DeepLook | None = None
    """How its tool says where its time goes, for `ftui profile`; a Python program without one is profiled as such."""

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command, as a user would run it by hand in `cwd`."""
        return self.argv + self.args

    @property
    def allowed(self) -> tuple[str, ...]:
        """What it sees beyond the base environment: `env`, and the variables that are isolated."""
        return self.isolate + self.env

    @property
    def smallest_profile(self) -> BuiltinProfile:
        """The smallest built-in profile that contains it."""
        if self.profile is not None:
            return self.profile
        return "dev" if self.phase is Phase.SLOW else "fast"


class Unused(Struct, frozen=True, kw_only=True):
    """A check that an adapter knows and does not offer here."""

    id: str
    adapter: str
    because: str
    """What it looked for in vain, for `ftui list`."""


class CheckConfig(Struct, frozen=True, kw_only=True):
    """What the user's configuration says of one check; None where it says nothing."""

    adapter: str | None = None
    enabled: bool = True
    fix: bool = False
    """Let the tool mend what it finds: the check becomes mutating."""
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    inputs: tuple[str, ...] | None = None
    requires: tuple[str, ...] | None = None
    phase: Phase | None = None
    timeout: float | None = None
    retries: int | None = None
    budget: float | None = None
    env: tuple[str, ...] | None = None
    isolate: tuple[str, ...] | None = None
    writes: tuple[str, ...] | None = None
    weight: int | None = None
    workers: int | Literal["auto"] | None = None
    """Processes that a tool spreads its own work over; `auto`: as many as were measured to be quickest here."""
    dist: Dist | None = None
    """How the tests are spread over them."""
    cache: bool | None = None
    ttl: float | None = None
    on_failure: FailurePolicy | None = None
    on_change: ChangePolicy | None = None


class Expectation(Struct, frozen=True, kw_only=True):
    """What a check takes as a rule, from runs of it that are comparable with the one it is said of."""

    samples: int
    """How many runs it comes from."""
    median_s: float
    low_s: float
    """One run in ten took less."""
    high_s: float
    """One run in ten took longer."""
    silence_s: float | None = None
    """The longest that any of them ran without printing anything; None where that is not known."""


class CheckResult(Struct, frozen=True, kw_only=True):
    """The result of one check in one run: the `checks` rows of the JSON report."""

    id: str
    adapter: str
    phase: Phase
    argv: tuple[str, ...]
    outcome: Outcome
    bucket: Bucket | None = None
    """None for a check that was skipped or cancelled before it had a result."""
    reason: str = ""
    """The sentence behind the bucket."""
    exit_code: int | None = None
    """None when it did not run to its end, or was ended by a signal."""
    duration_s: float | None = None
    """Seconds it ran, retries included and the waits between them not; None when it did not run.
    For a hit, the recorded duration of the run that is replayed."""
    cpu_s: float | None = None
    """User and system seconds of its process tree."""
    peak_rss_bytes: int | None = None
    """Largest resident size seen of its process tree; None when it was too short to be measured."""
    skipped_because: str | None = None
    note: str = ""
    """What else its adapter has to say of the run."""
    findings: tuple[Finding, ...] = ()
    broken_because: str | None = None
    """Why there is no verdict, and what to do about it."""
    attempts: int = 0
    """How often its process was started."""
    queued_s: float | None = None
    """The moments of its life, on the clock of the events (`time_s`)."""
    started_s: float | None = None
    first_output_s: float | None = None
    ended_s: float | None = None
    output_truncated: bool = False
    """Whether it printed more than is kept."""
    key: str | None = None
    """The cache key that the verdict stands for; None where it is not cached."""
    recorded_at: float | None = None
    """When the replayed verdict was found, in seconds since 1970; None for a fresh one."""
    tool: str | None = None
    """Name and version of what it runs, where known: `mypy 1.18.2`."""
    changed_inputs: int | None = None
    """How many of the files that it reads are others than for its last result here; None where there is no such result,
    or that cannot be told."""
    tree: str | None = None
    """The tree that the verdict is about: the start of a digest over the paths and contents of all its files."""


class RunSummary(Struct, frozen=True, kw_only=True):
    """The `run` object of the JSON report."""

    id: str
    root: str
    profile: str
    workers: int
    wall_s: float
    """Seconds from the first check's start to the last one's end; 0 when none ran."""
    busy_s: float
    """The sum of the durations of the checks that ran."""
    parallelization_factor: float | None
    """busy / wall over the checks that ran; None when none did."""
    peak_concurrency: int
    """The most checks that ran at one moment."""
    outcome: Outcome


class Totals(Struct, frozen=True, kw_only=True):
    """The `totals` object of the JSON report."""

    checks: int
    hit: int
    policy_rerun: int
    miss: int
    structural_efficiency: float | None
    """(hits + policy reruns) / results with a bucket; None when there are none."""
    time_saved_s: float
    """The recorded durations of the hits."""
    passed: int
    failed: int
    broken: int
    cancelled: int
    skipped: int
