"""Loaded by pytest, in the interpreter of the tests: writes what happened as JSON, one object a line.

It stands alone: Python 3.8 and pytest 6 are enough, and nothing of ftui is imported. Loading it takes two variables,
which are put back on import, so that tests and their children see what the user's own environment has:

    PYTHONPATH             this folder first, then the user's own value
    PYTEST_PLUGINS         this module first, then the user's own value
    FTUI_PYTEST_REPORT     the file to write
    FTUI_PYTEST_KEPT       a folder to keep in what is known of the tests
    FTUI_PYTEST_AHEAD      set to run only the part of them that is worth running ahead
    FTUI_PYTEST_VARYING    names of variables that are others in each run and decide nothing

Lines have a `kind`: `failure` (id, path, line, message), `test` (id, outcome, seconds), `note` and `nothing` (message)
and, last, `end` (the counts). The first two are bounded in number; the counts are not.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ftui.adapters.pytest_plugin.ftui_pytest_parts.parts import Parts

MAX_FAILURES = 2000
MAX_TESTS = 20000
MAX_MESSAGE = 2000

# `tests/test_a.py:3: in <module>` and `E     File "/x/test_a.py", line 3`: all that an error of collection says.
_PLACE_IN_TEXT = re.compile(r'^(?:E\s+File ")?(.+?)(?:", line |:)(\d+)', re.MULTILINE)

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # in tracebacks of collection, where the user asked for colours

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _take_back(variable: str, separator: str, own: str) -> None:
    rest = [item for item in os.environ.get(variable, "").split(separator) if item != own]
    if any(rest):
        os.environ[variable] = separator.join(rest)
    else:
        os.environ.pop(variable, None)


_report_path = os.environ.pop("FTUI_PYTEST_REPORT", None)
_kept = os.environ.pop("FTUI_PYTEST_KEPT", None)
_ahead = os.environ.pop("FTUI_PYTEST_AHEAD", None)
_varying = os.environ.pop("FTUI_PYTEST_VARYING", "")
_parts: Parts | None = None
_take_back("PYTHONPATH", os.pathsep, _FOLDER)
_take_back("PYTEST_PLUGINS", ",", __name__)
if _kept and os.path.isdir(_kept):
    from ftui_pytest_parts import parts  # type: ignore[import-not-found]  # found by PYTHONPATH

    _parts = parts.Parts(_kept, ahead=bool(_ahead), varying=_varying.split(","))
sys.path[:] = [entry for entry in sys.path if entry != _FOLDER]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if _parts is not None:
        early_config.pluginmanager.register(_parts, "ftui-parts")
        _parts.begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    # Processes that pytest-xdist starts have no such variable any more: only the controller writes.
    if _report_path:
        try:
            stream = open(_report_path, "w", encoding="utf-8")  # noqa: SIM115 - closed when pytest is done
        except OSError:  # no report is no reason for a test run to fail
            return
        report = _Report(config, stream)
        config.pluginmanager.register(report, "ftui-report")
        if _parts is not None:
            _parts.tell = report.write


class _Report:
    def __init__(self, config: pytest.Config, stream: TextIO) -> None:
        self._stream = stream
        self._rootdir = str(getattr(config, "rootpath", None) or getattr(config, "rootdir", ""))  # rootpath: 6.1
        self._folder = str(config.invocation_params.dir)
        self._seconds: dict[str, float] = {}
        self._counts = {"passed": 0, "failed": 0, "skipped": 0, "errors": 0, "deselected": 0}
        self._ends: dict[str, set[str]] = {"failed": set(), "skipped": set()}
        self._failures = 0
        self._tests = 0

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._counts["deselected"] += len(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._counts["errors"] += 1
            self._write_failure(report)
        elif report.skipped:
            self._counts["skipped"] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if report.outcome in self._ends:
            self._ends[report.outcome].add(report.nodeid)
        if report.failed:
            self._counts["failed" if report.when == "call" else "errors"] += 1
            self._write_failure(report)
        elif report.skipped and not hasattr(report, "wasxfail"):
            self._counts["skipped"] += 1
        elif report.when == "call" and report.outcome in ("passed", "skipped"):  # an expected failure is `skipped`
            self._counts["passed"] += 1
        if report.when == "teardown":
            self._write_test(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.write(dict(self._counts, kind="end", exit=int(exitstatus)))

    def pytest_unconfigure(self) -> None:
        self._stream.close()

    def _write_test(self, report: pytest.TestReport) -> None:
        seconds = self._seconds.pop(report.nodeid, 0.0)
        outcome = next((name for name, tests in self._ends.items() if report.nodeid in tests), "passed")
        if self._tests < MAX_TESTS:
            self._tests += 1
            self.write({"kind": "test", "id": report.nodeid, "outcome": outcome, "seconds": round(seconds, 6)})

    def _write_failure(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        self._failures += 1
        if self._failures > MAX_FAILURES:
            return
        path, line = self._place(report)
        message = _message(report)[:MAX_MESSAGE]
        self.write({"kind": "failure", "id": report.nodeid, "path": path, "line": line, "message": message})

    def _place(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str | None, int | None]:
        """The innermost line of the traceback that is the project's own, or else where the test stands."""
        for path, line in reversed(_places(report.longrepr)):
            path = os.path.normpath(os.path.join(self._folder, path))
            if path.startswith(self._rootdir + os.sep) and "site-packages" not in path and os.path.isfile(path):
                return path, line
        file, index = (getattr(report, "location", None) or (report.nodeid.split("::")[0], None))[:2]
        return os.path.join(self._rootdir, file) if file else None, None if index is None else index + 1

    def write(self, item: dict[str, object]) -> None:
        """Writes a line."""
        try:
            self._stream.write(json.dumps(item) + "\n")
            self._stream.flush()
        except OSError:  # a full disk is no reason for a test run to fail; a report without its `end` is not used
            pass


def _places(longrepr: object) -> list[tuple[str, int]]:
    """Path and line of each step of a traceback, outermost first."""
    entries = getattr(getattr(longrepr, "reprtraceback", None), "reprentries", ())
    steps = [getattr(entry, "reprfileloc", None) for entry in entries] + [getattr(longrepr, "reprcrash", None)]
    places = [(str(step.path), step.lineno) for step in steps if step is not None]
    return places or [(path, int(line)) for path, line in _PLACE_IN_TEXT.findall(_COLOUR.sub("", str(longrepr)))]


def _message(report: pytest.CollectReport | pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)
    lines = [line for line in _COLOUR.sub("", str(report.longrepr)).splitlines() if line.strip()]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return "\n".join(marked or lines[-4:]) or "failed"
