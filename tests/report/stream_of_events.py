"""Small event streams, and front ends fed with them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckRetried,
    CheckStarted,
    PlannedCheck,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
)
from ftui.model import Bucket, CheckResult, Expectation, Finding, Outcome, Phase, Severity
from ftui.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftui.events import Event
    from ftui.report.front_end import FrontEnd


def begun(*names: str, run_id: str = "r1", root: str = "/repo") -> RunStarted:
    """A run of checks of the fast phase."""
    return RunStarted(
        run_id=run_id,
        time_s=0.0,
        root=root,
        profile="dev",
        workers=2,
        checks=tuple(PlannedCheck(id=name, adapter=name, phase=Phase.FAST) for name in names),
        started_at=1.0,
    )


def started(name: str, at: float = 0.0, attempt: int = 1, expected: Expectation | None = None) -> CheckStarted:
    """The start of an attempt."""
    return CheckStarted(run_id="r1", time_s=at, check_id=name, argv=(name,), attempt=attempt, expected=expected)


def takes(seconds: float, silence_s: float | None = None) -> Expectation:
    """What a check takes as a rule, a tenth less or more."""
    return Expectation(samples=5, median_s=seconds, low_s=0.9 * seconds, high_s=1.1 * seconds, silence_s=silence_s)


def printed(name: str, text: str, at: float = 0.0) -> CheckOutput:
    """A piece of output."""
    return CheckOutput(run_id="r1", time_s=at, check_id=name, stream="stdout", text=text)


def finished(
    name: str, outcome: Outcome, took: float | None = None, at: float = 1.0, **fields: object
) -> CheckFinished:
    """The result of a check; one that took time is a miss that ran."""
    ran = took is not None
    known: dict[str, object] = {
        "bucket": Bucket.MISS if ran else None,
        "reason": "no cache yet" if ran else "",
        "duration_s": took,
        "attempts": int(ran),
        "ended_s": at if ran else None,
    }
    result = CheckResult(
        id=name,
        adapter=name,
        phase=Phase.FAST,
        argv=(name,),
        outcome=outcome,
        **known | fields,  # type: ignore[arg-type]
    )
    return CheckFinished.of(result, run_id="r1", time_s=at)


def ended(at: float = 4.0, *, interrupted: bool = False) -> RunFinished:
    """The end of the run, as the engine emits it."""
    return RunFinished(run_id="r1", time_s=at, interrupted=interrupted)


FINDINGS = (
    Finding(message="Undefined name `x`", path="src/app.py", line=41, column=9, rule="F821"),
    Finding(message="Missing docstring", path="src/app.py", severity=Severity.WARNING),
)

EVERY_OUTCOME: tuple[Event, ...] = (
    begun("ruff", "mypy", "pytest", "docs", "npm:lint", "black"),
    Problem(run_id="r1", time_s=0.1, source="plugin x", message="raised ValueError: upgrade it"),
    started("black", 0.1),
    TreeChanged(run_id="r1", time_s=0.3, paths=("a.py", "b.py"), caused_by="black"),
    finished("black", Outcome.PASSED, 0.2, at=0.3),
    started("ruff", 0.3),
    started("mypy", 0.3),
    printed("mypy", "first\n\x1b[31msecond\x1b[0m\n", 0.4),
    finished("ruff", Outcome.FAILED, 0.012, at=0.5, findings=FINDINGS, exit_code=1),
    CheckRetried(run_id="r1", time_s=0.8, check_id="mypy", reason="no network", duration_s=0.5, delay_s=1.5),
    started("mypy", 2.3, attempt=2),
    printed("mypy", "first\n\x1b[31msecond\x1b[0m\n", 2.4),
    finished("mypy", Outcome.FAILED, 1.2, at=3.0, exit_code=2, attempts=2),
    finished("pytest", Outcome.BROKEN, 0.5, at=3.5, broken_because="no tests were collected: name some"),
    finished("docs", Outcome.SKIPPED, skipped_because="blocked by ruff (failed)"),
    finished("npm:lint", Outcome.CANCELLED, at=3.9),
    ended(),
)


def feed(front: FrontEnd, events: Iterable[Event]) -> State:
    """Applies the events and shows them, as the command does."""
    state = State()
    for event in events:
        front.write(state.apply(event), state)
    return state


class Terminal(io.StringIO):
    """A text stream of some encoding that says it is a terminal, or that it is not."""

    def __init__(self, encoding: str = "utf-8", *, tty: bool = False) -> None:
        super().__init__()
        self._encoding = encoding
        self._tty = tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding that text would be written in."""
        return self._encoding

    def isatty(self) -> bool:
        """Whether it says that it is a terminal."""
        return self._tty

    def write(self, text: str) -> int:
        """Takes what the encoding can carry, and raises like a real stream otherwise."""
        text.encode(self._encoding)
        return super().write(text)
