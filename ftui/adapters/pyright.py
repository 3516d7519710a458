"""Pyright, and basedpyright, which grew from it and speaks the same."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftui.model import ProcessResult

_OWN_FILE = "pyrightconfig.json"

# No hooks: a pre-commit hook for a type checker carries its own arguments and environment.
PYRIGHT = _python.Traces(name="pyright", files=(f"/{_OWN_FILE}",), table=("pyright",), installed=True)
BASEDPYRIGHT = _python.Traces(name="basedpyright", table=("basedpyright",), installed=True)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks types with the one of the two that the project uses; with both only where it asks for both."""
    has_sources = project.has(*_python.SOURCES)
    based = _used(project, BASEDPYRIGHT)
    plain = _used(project, PYRIGHT)
    for traces, because in ((PYRIGHT, plain), (BASEDPYRIGHT, based)):
        name = traces.name
        if because is None or not has_sources:
            yield Unused(id=name, adapter=name, because=_python.wanted(traces) if has_sources else "no Python files")
        elif traces is PYRIGHT and based is not None and plain == _OWN_FILE:
            yield Unused(id=name, adapter=name, because=f"basedpyright takes its place ({based})")
        else:
            yield _check(project, traces, because)


def _used(project: Project, traces: _python.Traces) -> str | None:
    package = project.json("package.json")
    for key in ("devDependencies", "dependencies"):
        if traces.name in (_python.table(package, key) or ()):
            return f"{key} in package.json"
    return _python.used(project, traces.name, traces)


def _check(project: Project, traces: _python.Traces, because: str) -> Check:
    tool = project.tool(traces.name)
    python = _python.interpreter(project)
    settings = {
        **(_python.table(project.toml("pyproject.toml"), "tool", *traces.table) or {}),
        **project.json(_OWN_FILE),
    }
    # Not activated, a virtual environment is only seen when it is named.
    chosen = python is not None and not settings.keys() & {"venv", "venvPath"}
    config_files = tuple(dict.fromkeys((_OWN_FILE, "pyproject.toml", *_extended(project, settings))))
    folders = [folder for key in ("extraPaths", "include") for folder in _python.strings(settings.get(key))]
    return Check(
        id=traces.name,
        adapter=traces.name,
        argv=(
            _python.argv0(tool, traces.name),
            "--outputjson",
            *(("--pythonpath", python) if chosen and python is not None else ()),
        ),
        because=because,
        inputs=(*_python.SOURCES, "*.ipynb", "py.typed", *config_files),
        config_files=(*config_files, *_python.beyond(project, folders)),
        env=("PYRIGHT_PYTHON_*", "NODE_EXTRA_CA_CERTS", *_python.ENVIRONMENT),
        split_output=True,
        failed_codes=(1,),  # 2 fatal error, 3 unreadable configuration, 4 usage
        unavailable=_python.missing(project, tool, traces, because),
        parse=parse,
    )


def _extended(project: Project, settings: Mapping[str, object]) -> Iterator[str]:
    """The files that a configuration inherits from, from one to the next."""
    seen: set[str] = set()
    folder = ""
    while isinstance(base := settings.get("extends"), str):
        path = posixpath.normpath(posixpath.join(folder, base))
        if path in seen:
            return
        seen.add(path)
        yield path
        settings, folder = project.json(path), posixpath.dirname(path)


class _Position(Struct):
    line: int
    character: int


class _Range(Struct):
    start: _Position


class _Diagnostic(Struct):
    severity: str
    message: str
    file: str | None = None
    range: _Range | None = None
    rule: str | None = None


class _Summary(Struct):
    filesAnalyzed: int


class _Report(Struct):
    generalDiagnostics: list[_Diagnostic]
    summary: _Summary


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads `--outputjson`.

    Raises:
        NoVerdict: there is no report, or it is about no file; pyright exits with 0 for the latter.
    """
    report = _output.json_document(result, _Report)
    if report is None:
        return
    if report.summary.filesAnalyzed == 0 and not report.generalDiagnostics:
        raise NoVerdict("no source files found")
    for item in report.generalDiagnostics:
        start = item.range.start if item.range else None
        yield Finding(
            path=_output.in_tree(item.file, result.root) if item.file else None,
            line=start.line + 1 if start else None,
            column=start.character + 1 if start else None,
            severity=_output.severity(item.severity),
            rule=item.rule,
            message=item.message,
        )
