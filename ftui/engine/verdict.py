"""From how a process ended to an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.model import Check, Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.engine.process import Exit

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What a shell, and whatever runs commands like one, exits with when it could not run the command (POSIX 2.8.2)."""


def judge(check: Check, end: Exit, findings: Sequence[Finding]) -> tuple[Outcome, str | None]:
    """What the end of a process says about the tree.

    An exit code that the tool does not give for a fault of the tree is no verdict: it is `broken`, never `failed`.

    Args:
        check: says which exit codes mean what.
        end: how the process ended.
        findings: what the parser made of its output.

    Returns:
        The outcome, and for a `broken` one what happened and what to do.
    """
    tool = check.argv[0].replace("\\", "/").rpartition("/")[2]
    if end.spawn_error is not None:
        return Outcome.BROKEN, f"{tool} could not be started: {end.spawn_error}"
    if end.timed_out:
        return Outcome.BROKEN, f"no verdict within its deadline of {check.timeout:g} s: raise checks.{check.id}.timeout"
    if end.signal is not None or end.code is None:
        return Outcome.BROKEN, f"{tool} was ended by {_signal_name(end.signal)}"
    if end.code in check.passed_codes:
        return Outcome.PASSED, None
    if end.code in (NOT_EXECUTABLE, NOT_FOUND) and end.code not in (check.failed_codes or ()):
        what = "found" if end.code == NOT_FOUND else "executed"
        return Outcome.BROKEN, f"a command that {tool} runs could not be {what} (exit code {end.code})"
    if check.failed_codes is None and 0 < end.code < NOT_EXECUTABLE:
        return Outcome.FAILED, None
    if check.failed_codes is not None and end.code in check.failed_codes:
        return Outcome.FAILED, None
    if end.code in check.failed_codes_with_findings and any(f.severity is Severity.ERROR for f in findings):
        return Outcome.FAILED, None
    return Outcome.BROKEN, f"{tool} gave no verdict (exit code {end.code}){_last_words(end)}"


def _signal_name(number: int | None) -> str:
    import signal

    if number is None:
        return "an unknown cause"
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (out of memory?)" if name == "SIGKILL" else name


def _last_words(end: Exit) -> str:
    from ftui.ansi import strip

    lines = [line.strip() for line in strip(end.stderr or end.stdout)[-2000:].splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
