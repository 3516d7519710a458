"""From how a process ended to an outcome: only what a tool says of the tree is a verdict."""

from __future__ import annotations

import signal
import sys

import pytest

from ftui.engine.process import Exit
from ftui.engine.verdict import judge
from ftui.model import Check, Finding, Outcome, Severity

PASSED, FAILED, BROKEN = Outcome.PASSED, Outcome.FAILED, Outcome.BROKEN

ERROR = Finding("wrong")
NOTE = Finding("by the way", severity=Severity.INFO)


def check(**fields: object) -> Check:
    return Check(id="lint", adapter="lint", argv=("/venv/bin/lint", "--all"), **fields)  # type: ignore[arg-type]


def ended(code: int | None = None, **fields: object) -> Exit:
    return Exit(code=code, started_s=0.0, ended_s=1.0, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "outcomes"),
    [
        ({}, {0: PASSED, 1: FAILED, 2: FAILED, 125: FAILED, 126: BROKEN, 127: BROKEN, 128: BROKEN, 255: BROKEN}),
        ({"failed_codes": (1,)}, {0: PASSED, 1: FAILED, 2: BROKEN, 127: BROKEN}),
        ({"failed_codes": (127,)}, {0: PASSED, 1: BROKEN, 126: BROKEN, 127: FAILED}),
        ({"failed_codes": ()}, {0: PASSED, 1: BROKEN}),
        ({"passed_codes": (0, 5)}, {0: PASSED, 5: PASSED, 1: FAILED}),
        ({"passed_codes": (3,), "failed_codes": (0,)}, {3: PASSED, 0: FAILED, 1: BROKEN}),
        ({"failed_codes": (1,), "failed_codes_with_findings": (2,)}, {1: FAILED, 2: BROKEN}),
    ],
)
def test_an_exit_code_means_what_the_check_says_it_does(
    fields: dict[str, object], outcomes: dict[int, Outcome]
) -> None:
    judged = {code: judge(check(**fields), ended(code), ())[0] for code in outcomes}
    assert judged == outcomes


@pytest.mark.parametrize(
    ("findings", "outcome"), [((), BROKEN), ((NOTE,), BROKEN), ((ERROR,), FAILED), ((NOTE, ERROR), FAILED)]
)
def test_some_codes_need_an_error_among_the_findings(findings: tuple[Finding, ...], outcome: Outcome) -> None:
    wants_findings = check(failed_codes=(1,), failed_codes_with_findings=(2,))
    assert judge(wants_findings, ended(2), findings)[0] is outcome


def test_findings_alone_make_no_failure() -> None:
    assert judge(check(), ended(0), (ERROR,)) == (PASSED, None)


@pytest.mark.parametrize(
    ("end", "because"),
    [
        (ended(spawn_error="permission denied"), "lint could not be started: permission denied"),
        (ended(timed_out=True), "no verdict within its deadline of 90 s: raise checks.lint.timeout"),
        (ended(timed_out=True, signal=9), "no verdict within its deadline of 90 s: raise checks.lint.timeout"),
        (ended(signal=signal.SIGSEGV), "lint was ended by SIGSEGV"),
        (ended(signal=500), "lint was ended by signal 500"),
        (ended(), "lint was ended by an unknown cause"),
        (ended(126), "a command that lint runs could not be executed (exit code 126)"),
        (ended(127), "a command that lint runs could not be found (exit code 127)"),
        (ended(200), "lint gave no verdict (exit code 200)"),
        (ended(200, stdout="one\ntwo\n\n"), "lint gave no verdict (exit code 200): two"),
        (ended(200, stdout="out", stderr="\x1b[31mred\x1b[0m"), "lint gave no verdict (exit code 200): red"),
        (ended(200, stdout="x" * 5000), f"lint gave no verdict (exit code 200): {'x' * 200}"),
    ],
)
def test_what_is_no_verdict_says_what_happened(end: Exit, because: str) -> None:
    assert judge(check(timeout=90.0), end, (ERROR,)) == (BROKEN, because)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kill_that_nobody_here_sent_hints_at_memory() -> None:
    assert judge(check(), ended(signal=signal.SIGKILL), ()) == (BROKEN, "lint was ended by SIGKILL (out of memory?)")


def test_a_name_is_short_on_windows_too() -> None:
    windows = Check(id="lint", adapter="lint", argv=("C:\\venv\\Scripts\\lint.exe",))
    assert judge(windows, ended(spawn_error="not found"), ())[1] == "lint.exe could not be started: not found"
