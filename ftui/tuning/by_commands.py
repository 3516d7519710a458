"""Advice on quicker ways to run the same tool, told from runs of just that command and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.report.figures import counted
from ftui.tuning.advice import Advice, Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.model import Check
    from ftui.tuning.advice import Kind
    from ftui.tuning.situation import Situation

SLOW_WORDS = {
    "ruff": ("--no-cache",),
    "ruff-format": ("--no-cache",),
    "mypy": ("--no-incremental", "--cache-dir=/dev/null", "--cache-dir=nul"),
}
"""Arguments that keep a tool from its own cache, by adapter."""


class Other(Struct, frozen=True):
    """Another way to run a check."""

    kind: Kind
    words: str
    """What is different, for people."""
    change: Change
    command: tuple[str, ...]
    weight: int | None = None
    """Worker slots, where those are others too."""


def others(check: Check, cores: int) -> Iterator[Other]:
    """The ways to run a check that are worth a try.

    dmypy is not among them: a check's descendants are ended with it, so that no daemon outlives it.
    """
    for word in SLOW_WORDS.get(check.adapter, ()):
        if word in check.args:
            yield _with_args(check, tuple(arg for arg in check.args if arg != word), f"without {word}")
    if check.adapter == "pytest":
        if not any(arg.startswith("--import-mode") for arg in check.args):
            yield _with_args(check, (*check.args, "--import-mode=importlib"), "with --import-mode=importlib")
        if not spread(check):
            for number in range(2, cores + 1):
                change = Change(("checks", check.id, "workers"), number)
                command = (*check.argv, "-n", str(number), *check.args)
                yield Other("xdist", f"spread over {number} workers", change, command, number)


def _with_args(check: Check, args: tuple[str, ...], words: str) -> Other:
    return Other("mode", words, Change(("checks", check.id, "args"), args), (*check.argv, *args))


def spread(check: Check) -> bool:
    """Whether tests are spread over processes already."""
    words = [*check.argv, *check.args]
    return any(word.startswith(("-n", "--numprocesses", "--dist")) for word in words)


def untried(check: Check) -> str | None:
    """What keeps a check from being as quick as it could be, where nothing says what that would save."""
    words = [word for word in SLOW_WORDS.get(check.adapter, ()) if word in check.args]
    if not words:
        return None
    return (
        f"{words[0]} keeps {check.id} from its own cache: try it without, and after some runs this says what it saves"
    )


def measured(now: Situation) -> Iterator[Advice]:
    """Another way to run a check that there are runs of."""
    for (check_id, other), works in now.evidence.tried.items():
        job = now.job(check_id)
        new = replace(job, weight=other.weight or job.weight)
        saves = now.saves(now.what_if.changed(new, works))
        if now.worth(saves):
            yield Advice(
                kind=other.kind,
                title=f"{check_id} {other.words}",
                because=f"it was quicker in {counted(len(works), 'run')} of just that command",
                saves=saves,
                confidence=now.confidence(saves),
                changes=(other.change,),
            )
