"""The bucket of a result, the sentence behind it, and whether the check runs again: decided from data alone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal, TypeAlias

    from ftui.cache.entry import Entry

    Policy: TypeAlias = Literal["never", "on-idle", "always"]
    BucketName: TypeAlias = Literal["hit", "policy-rerun", "miss"]

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


class Decision:
    """What a look-up came to.

    Attributes:
        bucket: a value of `ftui.model.Bucket`.
        reason: the sentence behind it.
        rerun: `never`, `on-idle` (when nothing else waits) or `always` (now).
        shown: the entry whose result is shown at once: of the same key for a hit or a policy rerun, of an older key
            (stale until the check has run) for a miss; None when there is nothing to show.
        audited: whether it would be a hit, and runs to see whether that holds.
        changed_inputs: how many of its inputs are others than those of what is shown; None where that cannot be told.
    """

    __slots__ = ("audited", "bucket", "changed_inputs", "reason", "rerun", "shown")

    def __init__(
        self, bucket: BucketName, reason: str, rerun: Policy, shown: Entry | None, *, audited: bool = False
    ) -> None:
        self.bucket = bucket
        self.reason = reason
        self.rerun = rerun
        self.shown = shown
        self.audited = audited
        self.changed_inputs: int | None = None

    @property
    def replays(self) -> bool:
        """Whether what is shown stands for a run."""
        return self.shown is not None and self.rerun == "never"

    def __repr__(self) -> str:
        return f"Decision({self.bucket!r}, {self.reason!r}, {self.rerun!r})"


def decide(
    stored: Entry | None,
    older: Entry | None = None,
    *,
    now: float,
    changed: str = "",
    force: bool = False,
    ttl: float | None = None,
    on_failure: Policy = "on-idle",
    flaky: bool = False,
    audited: bool = False,
    demoted: bool = False,
) -> Decision:
    """The bucket of a check.

    Args:
        stored: the entry of its key.
        older: its last entry in this tree, under whatever key.
        now: seconds since 1970.
        changed: what differs between the keys of `older` and now, as a sentence.
        force: the user asked for a run whatever is stored.
        ttl: seconds that a result holds, however equal the inputs; for verdicts that depend on the world outside.
        on_failure: when a stored failure, or a pass of a flaky check, runs again.
        flaky: whether the check is known to be flaky in this tree; an entry may say so of itself.
        audited: this hit was drawn for an audit.
        demoted: an audit has found a hit of this check to be wrong.
    """
    if stored is None:
        return _miss(older, changed)
    age = now - stored.created_at
    when = ago(age)
    if force:
        return Decision("policy-rerun", f"run again because you asked for it (result of {when})", "always", stored)
    if demoted:
        return Decision("policy-rerun", "an audit found its cached result wrong, so it always runs", "always", stored)
    # A clock that was put back makes the age negative: how old the result is cannot be told then.
    if ttl is not None and not 0 <= age < ttl:
        return Decision(
            "policy-rerun", f"its result of {when} has outlived its ttl of {duration(ttl)}", "always", stored
        )
    if stored.outcome == "failed":
        return Decision("policy-rerun", f"it failed {when}; policy: {_words(on_failure)}", on_failure, stored)
    if flaky or stored.flaky:
        return Decision("policy-rerun", f"it is flaky, passed {when}; policy: {_words(on_failure)}", on_failure, stored)
    if audited:
        return Decision("policy-rerun", f"audit of its result of {when}", "on-idle", stored, audited=True)
    return Decision("hit", hit_reason(age), "never", stored)


def hit_reason(age: float) -> str:
    """The sentence behind a hit, of a result that was found `age` seconds ago."""
    return f"nothing that it depends on has changed since its run {ago(age)}"


def need_not_run(check: str) -> str:
    """Why a check does not run that would tell a part of `check` sooner, whose result stands."""
    return f"{check} need not run"


def may_store(outcome: str, exit_code: int | None, *, moved: bool, unstable: bool) -> bool:
    """Whether the result of a run may be stored at all.

    Args:
        outcome: a value of `ftui.model.Outcome`.
        exit_code: None when a signal or a deadline ended the process.
        moved: whether its inputs moved while it ran.
        unstable: whether the content of an input could not be told.
    """
    return outcome in ("passed", "failed") and exit_code is not None and not moved and not unstable


def ago(seconds: float) -> str:
    """An age in words, in its largest unit: `3 minutes ago`."""
    return "just now" if seconds < 1 else f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "second"))
    count = int(seconds / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _miss(older: Entry | None, changed: str) -> Decision:
    if older is None:
        return Decision("miss", "it has no result for this tree yet", "always", None)
    return Decision("miss", changed or "what it depends on changed", "always", older)


def _words(policy: Policy) -> str:
    return {"never": "not run again until something changes", "on-idle": "again when idle", "always": "always again"}[
        policy
    ]
