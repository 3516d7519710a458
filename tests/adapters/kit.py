"""What the adapter tests share: a project made of real files, its checks by way of the real hooks, and one real run.

The run is the least that obeys a `Check`: no engine, so that what fails here is an adapter.
"""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pluggy

import ftui.hookspecs
from ftui.errors import NoVerdict
from ftui.model import Check, Finding, Outcome, ProcessResult, Severity, Unused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from ftui.hookspecs import Project

TOOLS = Path(sys.executable).parent
"""Where the tools of the `dev` extra are."""


class Verdict(msgspec.Struct, frozen=True):
    """What one run of a check came to."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    why: str = ""
    """Why there is no verdict."""
    output: str = ""

    def places(self) -> list[tuple[str | None, int | None, int | None, str | None]]:
        """Path, line, column and rule of each finding, sorted."""
        return sorted(
            ((item.path, item.line, item.column, item.rule) for item in self.findings), key=lambda place: str(place)
        )


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes files below the root, with their folders."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def checks_of(adapter: ModuleType, project: Project) -> dict[str, Check | Unused]:
    """What the adapter answers to the host, by id."""
    manager = pluggy.PluginManager("ftui")
    manager.add_hookspecs(ftui.hookspecs)
    manager.register(adapter)
    manager.check_pending()
    return {item.id: item for answer in manager.hook.ftui_checks(project=project) for item in answer}


def check_of(adapter: ModuleType, project: Project, check_id: str) -> Check:
    """The check of this id, which the adapter has to offer."""
    found = checks_of(adapter, project)[check_id]
    assert isinstance(found, Check), found
    return found


def unused_because(adapter: ModuleType, project: Project, check_id: str) -> str:
    """Why the adapter does not offer the check of this id."""
    found = checks_of(adapter, project)[check_id]
    assert isinstance(found, Unused), found
    return found.because


def run(check: Check, root: Path, *more: str, environ: Mapping[str, str] = os.environ) -> Verdict:
    """Runs the command of the check, with `more` arguments, the way `Check` says, and judges it."""
    assert check.unavailable is None, check.unavailable
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [*check.command, *more],
            cwd=root / check.cwd,
            env=_environment(check, scratch, environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if check.split_output else subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )
        result = ProcessResult(
            argv=(*check.command, *more),
            exit_code=done.returncode,
            stdout=done.stdout,
            stderr=done.stderr or "",
            truncated=False,
            root=str(root),
            scratch=scratch,
        )
        return judge(check, result)


def judge(check: Check, result: ProcessResult) -> Verdict:
    """The verdict that the fields of `Check` define for what a process left behind."""
    output = result.stdout + result.stderr
    try:
        findings = tuple(check.parse(result))
    except NoVerdict as reason:
        return Verdict(Outcome.BROKEN, why=str(reason), output=output)
    code = result.exit_code
    failed = range(1, 126) if check.failed_codes is None else check.failed_codes
    errors = any(finding.severity is Severity.ERROR for finding in findings)
    outcome = Outcome.BROKEN
    if code in check.passed_codes:
        outcome = Outcome.PASSED
    elif code in failed or (code in check.failed_codes_with_findings and errors):
        outcome = Outcome.FAILED
    return Verdict(outcome, findings, output=output)


def left_behind(
    exit_code: int, stdout: str = "", stderr: str = "", *, root: str = "/project", truncated: bool = False
) -> ProcessResult:
    """What a process would leave behind, for the exit codes that no test can bring about."""
    return ProcessResult(
        argv=("tool",),
        exit_code=exit_code,
        stdout=stdout,
        stderr=stderr,
        truncated=truncated,
        root=root,
        scratch="",
    )


def _environment(check: Check, scratch: str, environ: Mapping[str, str]) -> dict[str, str]:
    base = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "APPDATA", "LOCALAPPDATA")
    passed = [*base, *(entry for entry in check.env if "=" not in entry)]
    env = {name: value for name, value in environ.items() if any(fnmatch.fnmatch(name, each) for each in passed)}
    for entry in check.env:
        name, equals, value = entry.partition("=")
        if equals:
            env[name] = value.replace("{scratch}", scratch)
    return env
