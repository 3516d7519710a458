"""`ftui run --until-fail N`: the same checks again and again, to catch one that fails only now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.cli.ways_out import say
from ftui.errors import FtuiError, NothingToCheckError
from ftui.model import Outcome
from ftui.report.figures import counted, duration

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

SURE = 0.95
"""How sure it is to be that a check fails less often than is said."""


def until_fail(options: argparse.Namespace, once: Callable[[argparse.Namespace], tuple[int, Outcome]]) -> int:
    """Runs the checks, whatever is known from before, until a run does not pass; at most as often as was asked for.

    Args:
        options: of `ftui run`.
        once: runs what they ask for, and returns the exit code and the outcome.

    Returns:
        That of the last run.

    Raises:
        FtuiError: an option does not go with it.
        NothingToCheckError: a run had nothing to do, so that more of them would prove nothing.
    """
    if options.changed is not None:
        raise FtuiError("--until-fail runs checks whatever has changed: leave --changed out")
    if options.format == "json":
        raise FtuiError("--format json is a report of one run; --until-fail can give ndjson")
    options.force = True
    tell = show if options.format == "text" else _say_all
    began, most = time.monotonic(), options.until_fail
    code = PASSED
    for number in range(1, most + 1):
        tell([f"run {number:,} of {most:,}"])
        code, outcome = once(options)
        if outcome is Outcome.SKIPPED:
            which = f"run {number:,} of at most {most:,} had nothing to do, which proves nothing"
            raise NothingToCheckError(f"{which}; {number - 1:,} passed before it")
        if code != PASSED:
            break
    passed = most if code == PASSED else number - 1
    took = duration(time.monotonic() - began)
    if code == PASSED:
        told = f"{counted(passed, 'run')} passed in {took}, {less_often_than(passed)}"
    else:
        told = f"run {number:,} of at most {most:,} did not pass; {passed:,} before it did; {took} in all"
    tell(["", told] if options.format == "text" else [told])
    return code


def less_often_than(passed: int) -> str:
    """What runs that all passed prove: how rare failures have to be.

    A check that fails one run in x passes n of them with probability (1 - 1/x)^n. The x is given at which that is as
    small as 1 - `SURE`, if runs do not depend on one another (Hanley and Lippman-Hand 1983: about n / 3).
    """
    rarely = 1 / (1 - (1 - SURE) ** (1 / passed))
    return f"which makes it {SURE:.0%} sure that fewer than 1 run in {rarely:.1f} fails"


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        say(line)
