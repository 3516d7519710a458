"""ty."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Phase, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_CONFIG_FILES = ("ty.toml", "pyproject.toml")

# No hooks: a pre-commit hook for a type checker carries its own arguments and environment.
TY = _python.Traces(name="ty", files=("/ty.toml",), table=("ty",), installed=True)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks types where ty is configured, declared or installed in the project's own environment."""
    because = _python.used(project, "ty", TY)
    has_sources = project.has(*_python.SOURCES)
    if because is None or not has_sources:
        yield Unused(id="ty", adapter="ty", because=_python.wanted(TY) if has_sources else "no Python files")
        return
    tool = project.tool("ty")
    yield Check(
        id="ty",
        adapter="ty",
        argv=(_python.argv0(tool, "ty"), "check", "--output-format", "gitlab"),
        because=because,
        inputs=(*_python.SOURCES, "*.ipynb", "py.typed", *_CONFIG_FILES, ".gitignore", ".ignore"),
        config_files=(
            *(*_CONFIG_FILES, ".gitignore", ".ignore", _user_file()),
            *_python.beyond(project, _search_path(project)),
        ),
        phase=Phase.FAST,
        env=("TY_*", *_python.ENVIRONMENT),
        split_output=True,
        failed_codes=(1,),  # 2 is a usage or configuration error, 101 a panic
        unavailable=_python.missing(project, tool, TY, because),
        parse=parse,
    )


def _user_file() -> str:
    """The settings of the user, which a project's own ones go before; source: docs.astral.sh/ty/configuration."""
    folder = os.environ.get("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME") or "~/.config"
    return os.path.expanduser(os.path.join(folder, "ty", "ty.toml"))


def _search_path(project: Project) -> Iterator[str]:
    """The folders that it looks for modules in, beside the tree and the packages."""
    pyproject = _python.table(project.toml("pyproject.toml"), "tool", "ty") or {}
    for settings in (pyproject, project.toml("ty.toml")):
        environment = _python.table(settings, "environment") or {}
        for key in ("extra-paths", "root"):
            yield from _python.strings(environment.get(key))


class _Begin(Struct):
    line: int
    column: int


class _Positions(Struct):
    begin: _Begin


class _Location(Struct):
    path: str
    positions: _Positions | None = None


class _Issue(Struct):
    check_name: str
    description: str
    severity: str
    location: _Location


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads `--output-format gitlab`: a list of Code Quality issues.

    Raises:
        NoVerdict: there was no file to look at, for which ty exits with 0, or there is no report.
    """
    if "No python files found under the given path(s)" in result.stderr:
        raise NoVerdict("no Python files found")
    for item in _output.json_document(result, list[_Issue]) or ():
        begin = item.location.positions.begin if item.location.positions else None
        yield Finding(
            path=_output.in_tree(item.location.path, result.root),
            line=begin.line if begin else None,
            column=begin.column if begin else None,
            severity=_output.severity(item.severity),
            rule=item.check_name,
            message=item.description.removeprefix(f"{item.check_name}: "),
        )
