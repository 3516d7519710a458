"""An ftui check that runs bandit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, ProcessResult, Severity, Unused

SOURCES = ("*.py", "*.pyw")
"""What bandit reads in a folder; source: `include` in its `core/config.py`."""

SEVERITIES = {"HIGH": Severity.ERROR, "MEDIUM": Severity.WARNING}
"""Bandit's own word for each; what it ranks lower is information."""


class Issue(msgspec.Struct):
    """One result of bandit."""

    filename: str
    line_number: int
    issue_text: str
    issue_severity: str
    issue_confidence: str
    test_id: str
    col_offset: int = -1
    """From 0."""


class Unread(msgspec.Struct):
    """A file that bandit left out because it could not read it."""

    filename: str
    reason: str


class Report(msgspec.Struct):
    """What `bandit -f json` prints."""

    results: list[Issue]
    errors: list[Unread]
    metrics: dict[str, object]
    """By file, and `_totals`."""


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks where bandit is configured or asked for, or is installed in the project's own environment."""
    because = _used(project)
    tops = sorted({path.partition("/")[0] for path in project.matching(*SOURCES)})
    if because is None or not tops:
        wanted = "no [tool.bandit] in pyproject.toml, no .bandit, and not installed in the project's environment"
        yield Unused(id="bandit", adapter="bandit", because=wanted if tops else "no Python files")
        return
    tool = project.tool("bandit")
    ini = project.ini(".bandit").get("bandit")
    yield Check(
        id="bandit",
        adapter="bandit",
        argv=(
            "bandit" if tool is None else tool.path,
            *("--recursive", "--format", "json", "--quiet"),
            *(("--configfile", "pyproject.toml") if _in_pyproject(project) else ()),
            *(("--ini", ".bandit") if ini is not None else ()),  # it would look for one in each target
        ),
        # Not `.`, below which virtual environments lie; with a dot, as patterns that exclude are written.
        args=() if ini and ini.get("targets") else tuple(f"./{top}" for top in tops),
        because=because,
        inputs=SOURCES,
        config_files=("pyproject.toml", ".bandit"),
        env=("PYTHON*",),
        split_output=True,
        failed_codes=(1,),
        unavailable=None if tool else f"bandit is used here ({because}) and is not installed: run `pip install bandit`",
        parse=parse,
    )


def _used(project: Project) -> str | None:
    if "bandit" in project.checks:
        return "checks.bandit in the configuration"
    if _in_pyproject(project):
        return "[tool.bandit] in pyproject.toml"
    if project.has("/.bandit"):
        return ".bandit"
    tool = project.tool("bandit")
    # Anywhere else it may have come with this plugin, which says nothing about the project.
    if tool is not None and tool.path.startswith(str(project.root) + os.sep):
        return f"installed in {tool.origin}"
    return None


def _in_pyproject(project: Project) -> bool:
    tables = project.toml("pyproject.toml").get("tool")
    return isinstance(tables, dict) and "bandit" in tables


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the JSON report.

    Raises:
        NoVerdict: there is no report, or bandit has passed code that it did not read.
    """
    if result.exit_code not in (0, 1) or result.truncated:
        return  # the exit code says all that is known
    try:
        report = msgspec.json.decode(result.stdout.strip(), type=Report)
    except msgspec.DecodeError:
        words = result.stderr.strip().splitlines()[-1:]
        raise NoVerdict(": ".join(["bandit gave no report", *words])) from None
    if result.exit_code == 0 and report.errors:
        first, more = report.errors[0], len(report.errors) - 1
        others = f" ({more} more like it)" if more else ""
        raise NoVerdict(f"bandit could not read {_in_tree(first.filename, result.root)}: {first.reason}{others}")
    if result.exit_code == 0 and not report.metrics.keys() - {"_totals"}:
        raise NoVerdict("bandit was left no file to read: correct its targets and excludes")
    for issue in report.results:
        yield Finding(
            message=f"{issue.issue_text} ({_ranked(issue)})",
            path=_in_tree(issue.filename, result.root),
            line=issue.line_number,
            column=issue.col_offset + 1 if issue.col_offset >= 0 else None,
            severity=SEVERITIES.get(issue.issue_severity, Severity.INFO),
            rule=issue.test_id,
        )
    for unread in report.errors:
        yield Finding(f"not read: {unread.reason}", _in_tree(unread.filename, result.root), severity=Severity.WARNING)


def _ranked(issue: Issue) -> str:
    return f"severity {issue.issue_severity.lower()}, confidence {issue.issue_confidence.lower()}"


def _in_tree(path: str, root: str) -> str:
    absolute = os.path.normpath(os.path.join(root, path))
    inside = absolute.startswith(os.path.join(root, ""))
    return (os.path.relpath(absolute, root) if inside else absolute).replace(os.sep, "/")
