"""GitHub Actions: findings as annotations at their lines, details folded, a table on the summary page of the job.

The runner obeys every line that begins with `::`, and every `##[` anywhere in one (actions/runner,
`ActionCommand.cs`). What tools print could therefore set variables or hide log lines, so commands are switched off
for the whole output and on again for those of ftui alone: `::stop-commands::TOKEN` and `::TOKEN::`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ftui.errors import FtuiError
from ftui.events import CheckFinished, RunFinished
from ftui.model import Outcome, Severity
from ftui.report import figures
from ftui.report.lines import note_on
from ftui.report.looks import OUTCOMES, look_of
from ftui.report.safe import one_line, plain, shortened
from ftui.report.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ftui.events import Event
    from ftui.model import Finding
    from ftui.report.stream import Stream
    from ftui.state import Row, State

MOST_ANNOTATIONS = 50
"""Annotations of one check; GitHub shows ten of each severity a step and leaves out the rest without a word."""
LONGEST_MESSAGE = 4000
"""Characters of one annotation."""
MOST_ROWS = 500
"""Checks in the table of the summary; GitHub refuses a summary of more than 1 MiB."""
LONGEST_CELL = 500

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~<>&@:-])")


def in_actions(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a step of a GitHub Actions job."""
    return environ.get("GITHUB_ACTIONS") == "true"


class GitHubText(Text):
    """Plain lines in the log of a job, with annotations, and with details folded.

    Args:
        stream: standard output of the step.
        environ: whose `GITHUB_WORKSPACE` annotations are relative to.
    """

    def __init__(self, stream: Stream, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(stream)
        self._workspace = environ.get("GITHUB_WORKSPACE", "")
        self._token = ""
        self._open = True
        stream.lines([self._stop()])

    def write(self, event: Event, state: State) -> None:
        """Writes the lines, and for the result of a check its annotations."""
        super().write(event, state)
        if isinstance(event, CheckFinished):
            self._command(*annotated(event, prefix_in(self._workspace, state.root)))

    def write_details(self, row: Row, below: list[str]) -> None:
        """Writes them as a group that the reader unfolds."""
        self._command(f"::group::{_data(one_line(row.id))}: details")
        super().write_details(row, below)
        self._command("::endgroup::")

    def close(self) -> None:
        """Lets the rest of the step use commands again."""
        if self._open:
            self._open = False
            self._stream.lines([f"::{self._token}::"])

    def _command(self, *commands: str) -> None:
        if commands:
            self._stream.lines([f"::{self._token}::", *commands, self._stop()])

    def _stop(self) -> str:
        """The command that switches commands off; each with a token of its own, since the log shows the last one."""
        self._token = os.urandom(16).hex()
        return f"::stop-commands::{self._token}"


def annotated(result: CheckFinished, prefix: str | None) -> Iterator[str]:
    """The workflow commands that annotate the result of a check.

    Args:
        result: what a check came to.
        prefix: from the repository's root to the project's, empty or with a slash at its end; None where the project
            is no part of the repository, so that no path in it can be annotated.
    """
    for finding in result.findings[:MOST_ANNOTATIONS]:
        yield _annotation(result.id, finding, prefix)
    if len(result.findings) > MOST_ANNOTATIONS:
        left_out = figures.counted(len(result.findings) - MOST_ANNOTATIONS, "further finding")
        yield command("notice", f"{left_out} of {result.id} not annotated: the log and the reports have more")
    if result.outcome is Outcome.BROKEN:
        yield command("error", result.broken_because or "no verdict", title=f"{result.id} broken")
    elif result.outcome is Outcome.FAILED and not result.findings:
        code = "" if result.exit_code is None else f" with exit code {result.exit_code}"
        yield command("error", f"{result.id} failed{code}", title=f"{result.id} failed")


def _annotation(check_id: str, finding: Finding, prefix: str | None) -> str:
    title = f"{check_id} {finding.rule}" if finding.rule else check_id
    path = finding.path
    if path is None or prefix is None or PurePosixPath(path).is_absolute():
        message = f"{path}: {finding.message}" if path else finding.message
        return command(_LEVELS[finding.severity], message, title=title)
    place = {"file": prefix + path, "line": finding.line, "col": finding.column if finding.line else None}
    return command(_LEVELS[finding.severity], finding.message, **place, title=title)


def command(name: str, message: str, **properties: str | int | None) -> str:
    """A workflow command in one line: `::error file=a.py,line=1::message`; properties that are None are left out."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name}{' ' if listed else ''}{listed}::{_data(shortened(plain(message), LONGEST_MESSAGE))}"


def _data(text: str) -> str:
    """Escaped as `escapeData` of actions/toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as `escapeProperty` of actions/toolkit does."""
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


def prefix_in(workspace: str, root: str) -> str | None:
    """From the checkout of the job to the project's root: `""`, `"packages/api/"`, or None for one outside it."""
    if not workspace:
        return ""
    try:
        relative = Path(root).relative_to(os.path.realpath(workspace)).as_posix()
    except ValueError:
        return None
    return "" if relative == "." else f"{relative}/"


class StepSummary:
    """Adds a table of the checks to the summary page of the job, when a run has finished.

    Args:
        path: the file that `GITHUB_STEP_SUMMARY` names.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: Event, state: State) -> None:
        """Adds the table if the event is the end of a run.

        Raises:
            FtuiError: the file cannot be written.
        """
        if isinstance(event, RunFinished):
            add_to_summary(self._path, step_summary(event, state))

    def close(self) -> None:
        """Without a finished run there is nothing to add."""


def add_to_summary(path: Path, markdown: str) -> None:
    """Adds Markdown to the summary page of the job.

    Args:
        path: the file that `GITHUB_STEP_SUMMARY` names.
        markdown: with a newline at its end.

    Raises:
        FtuiError: the file cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(markdown)
    except OSError as error:
        raise FtuiError(f"cannot write the step summary {one_line(str(path))}: {error.strerror}") from None


def step_summary(event: RunFinished, state: State) -> str:
    """The Markdown of a run: its outcome, and a row for each check."""
    totals, run = state.totals(), state.summary()
    look = OUTCOMES[run.outcome]
    parts = [
        f"### {look.glyph} ftui {look.word}: {figures.outcomes(totals)}",
        "",
        "| | check | time | findings | |",
        "|---|---|---:|---:|---|",
        *(_table_row(row) for row in list(state.rows.values())[:MOST_ROWS]),
    ]
    if len(state.rows) > MOST_ROWS:
        parts += ["", f"… {figures.counted(len(state.rows) - MOST_ROWS, 'further check')} left out …"]
    return "\n".join([*parts, "", f"{figures.buckets(totals)}  ", figures.times(run, totals), "", ""])


def _table_row(row: Row) -> str:
    look, result = look_of(row), row.result
    time = figures.duration(result.duration_s) if result and result.duration_s is not None else ""
    found = str(len(result.findings)) if result and result.findings else ""
    cells = [f"{look.glyph} {look.word}", cell(row.id), time, found, cell(note_on(row, result)) if result else ""]
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """The text as a cell of a Markdown table."""
    return _MARKDOWN.sub(r"\\\1", shortened(one_line(text), LONGEST_CELL))
