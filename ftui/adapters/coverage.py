"""The coverage of the tests, held against a floor that may only rise.

The data is what pytest-cov has saved in the last run of the check `pytest`. A plugin of ours notes which run that was;
data of another tree, of a part of the tests, or written by anyone else since, is no verdict. The floor is the number in
`.coverage-floor`; with `fix = true` the file is made, and raised when more is covered.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Severity, Unused

if TYPE_CHECKING:
    from ftui.hookspecs import Tool
    from ftui.model import ProcessResult

FLOOR = ".coverage-floor"

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytest_plugin", "ftui_coverage_floor.py")
_NOTE = "FTUI_COVERAGE_NOTE={kept:pytest}/coverage.json"
_CONFIG_FILES = (".coveragerc", ".coveragerc.toml", "pyproject.toml", "setup.cfg", "tox.ini")
_NAMED_LINES = 8


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Holds the coverage against its floor where the project has one, or asks for the check."""
    because = FLOOR if project.has(f"/{FLOOR}") else _python.asked_for(project, "coverage")
    if because is None:
        yield Unused(id="coverage", adapter="coverage", because=f"no {FLOOR}")
        return
    tool = project.tool("coverage")
    fix = project.options("coverage").fix
    yield Check(
        id="coverage",
        adapter="coverage",
        argv=(_interpreter(tool), SCRIPT, *(("--raise",) if fix else ())),
        because=because,
        inputs=("*.py", f"/{FLOOR}"),  # the rest is in the key of pytest
        config_files=_CONFIG_FILES,
        writes=(f"/{FLOOR}",) if fix else (),
        requires=("pytest",),
        env=(*_python.ENVIRONMENT, "COVERAGE_*", _NOTE, "FTUI_COVERAGE_KEY={key:pytest}"),
        split_output=True,
        failed_codes=(1,),
        unavailable=_python.missing(project, tool, _python.Traces(name="coverage"), because),
        parse=parse,
    )


def _interpreter(tool: Tool | None) -> str:
    """The Python beside the program, which is the one that imports it."""
    name = "python.exe" if os.name == "nt" else "python"
    return name if tool is None else os.path.join(os.path.dirname(tool.path), name)


class _Uncovered(Struct):
    path: str
    statements: int
    percent: float
    missing: list[int]


class _Answer(Struct):
    broken: str = ""
    percent: float = 0.0
    floor: float = 0.0
    raised: bool = False
    files: list[_Uncovered] = []


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads what the floor's program says: below the floor, each file that is not covered, the worst first.

    Raises:
        NoVerdict: there is no data of this tree and of all its tests.
    """
    try:
        answer = msgspec.json.decode(result.stdout, type=_Answer)
    except msgspec.DecodeError:
        _output.expect_no_traceback(result)
        raise NoVerdict("what the program of the floor says cannot be read") from None
    if answer.broken:
        raise NoVerdict(answer.broken)
    if answer.raised:
        yield Finding(f"the floor is {_cut(answer.percent, 2)}% from here on", FLOOR, 1, severity=Severity.INFO)
    if result.exit_code == 0:
        return
    yield Finding(f"{_cut(answer.percent, 2)}% is covered, below the floor of {answer.floor:g}%", FLOOR, 1)
    for each in sorted(answer.files, key=lambda each: (-len(each.missing), each.path)):
        yield Finding(
            f"{len(each.missing)} of {each.statements} statements are not covered ({_cut(each.percent, 1)}% is): "
            f"{_lines(each.missing)}",
            _output.in_tree(each.path, result.root),
            each.missing[0],
            severity=Severity.WARNING,
        )


def _cut(percent: float, digits: int) -> str:
    """A percentage, cut as the floor is: rounded up, it could read as if that had been reached."""
    return f"{math.floor(percent * 10**digits + 1e-6) / 10**digits:.{digits}f}"


def _lines(numbers: list[int]) -> str:
    """`3-5, 9`; the first few where there are many."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:_NAMED_LINES]]
    return ", ".join([*shown, *(["…"] if len(spans) > _NAMED_LINES else [])])
