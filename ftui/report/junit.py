"""JUnit XML, as CI servers read it.

There is no standard; this keeps to what Jenkins' schema and GitLab's reader have in common: `testsuites`, `testsuite`,
`testcase` with `failure`, `error` or `skipped`, and `system-out`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ftui.errors import FtuiError
from ftui.events import RunFinished
from ftui.model import Outcome
from ftui.report import figures, lines
from ftui.report.files import replace_file
from ftui.report.safe import one_line, plain, shortened

if TYPE_CHECKING:
    from ftui.events import Event
    from ftui.state import Row, State

LONGEST_TEXT = 256 * 1024
"""Characters of the findings or the output of one check."""

# The complement of Char in XML 1.0, section 2.2.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit:
    """Writes the results of each run to a file, when the run has finished.

    Args:
        path: the file; its folder exists. It is replaced as a whole, so a reader never sees half a report.

    Raises:
        FtuiError: there is no such folder, so nothing could be written later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.parent.is_dir():
            raise FtuiError(f"cannot write {one_line(str(path))}: {one_line(str(path.parent))} is not a folder")

    def write(self, event: Event, state: State) -> None:
        """Writes the report if the event is the end of a run.

        Raises:
            FtuiError: the file cannot be written.
        """
        if isinstance(event, RunFinished):
            try:
                replace_file(self._path, junit_xml(state))
            except OSError as error:
                raise FtuiError(f"cannot write {one_line(str(self._path))}: {error.strerror}") from None

    def close(self) -> None:
        """Without a finished run there is nothing to report."""


def junit_xml(state: State) -> bytes:
    """The XML of the run that `state` is about; each check is a test case."""
    totals, run = state.totals(), state.summary()
    results = [row.result for row in state.rows.values()]
    counts = {
        "tests": str(totals.checks),
        "failures": str(totals.failed),
        "errors": str(totals.broken),
        "skipped": str(totals.skipped + totals.cancelled + results.count(None)),
        "time": f"{run.wall_s:.3f}",
    }
    suites = ElementTree.Element("testsuites", {"name": "ftui", **counts})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": f"ftui {_legal(state.profile)}", **counts})
    for row in state.rows.values():
        suite.append(_case(row))
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(row: Row) -> ElementTree.Element:
    result = row.result
    seconds = (result.duration_s if result else None) or 0.0
    name = {"classname": f"ftui.{row.phase.value}", "name": _legal(one_line(row.id)), "time": f"{seconds:.3f}"}
    case = ElementTree.Element("testcase", name)
    found = "\n".join(lines.findings(result.findings)) if result else ""
    printed = plain(row.output.text()).strip("\n")
    match result.outcome if result else None:
        case Outcome.PASSED:
            return case
        case Outcome.FAILED if result is not None:
            if result.findings:
                message = figures.counted(len(result.findings), "finding")
            else:
                message = f"{row.id} failed" + ("" if result.exit_code is None else f" (exit code {result.exit_code})")
            _add(case, "failure", message, found or printed)
        case Outcome.BROKEN if result is not None:
            _add(case, "error", result.broken_because or "no verdict", found or printed)
        case _:
            _add(case, "skipped", (result.skipped_because if result else None) or Outcome.CANCELLED.value, "")
    if found and printed:
        ElementTree.SubElement(case, "system-out").text = _legal(shortened(printed, LONGEST_TEXT))
    return case


def _add(case: ElementTree.Element, tag: str, message: str, text: str) -> None:
    element = ElementTree.SubElement(case, tag, {"message": _legal(one_line(message)), "type": tag})
    element.text = _legal(shortened(text, LONGEST_TEXT)) or None


def _legal(text: str) -> str:
    """The text without what XML cannot hold."""
    return _ILLEGAL.sub("", plain(text))
