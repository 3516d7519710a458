"""Ruff as a formatter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python, _ruff
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Phase, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_MARKDOWN = "*.md"  # from 0.16 on, ruff formats the Python in it, and only then

_FILES_WITH_COMMANDS = (
    "/tox.ini",
    "/noxfile.py",
    "/Makefile",
    "/justfile",
    "/Taskfile.yml",
    "/pyproject.toml",
    "/package.json",
    "/scripts/*",
    "/.github/workflows/*.yml",
    "/.github/workflows/*.yaml",
)
_COMMAND = re.compile(r"""\bruff["', ]+format\b""")

_UNFORMATTED = re.compile(r"^Would reformat: (?P<path>.+)$")
_UNPARSABLE = re.compile(r"^error: Failed to parse (?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)$")


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks the format only where something says that ruff makes it: many projects use ruff to lint alone."""
    because = _used(project)
    has_sources = project.has(*_ruff.SOURCES)
    if because is None or not has_sources:
        nothing = "no sign that ruff formats here: [tool.ruff.format], hook ruff-format, `ruff format` in a script"
        yield Unused(id="ruff-format", adapter="ruff-format", because=nothing if has_sources else "no Python files")
        return
    tool = project.tool("ruff")
    fix = project.options("ruff-format").fix
    # 0.16 is the first release whose `--output-format` works without preview.
    machine = not fix and _python.at_least(tool, 0, 16)
    mode: tuple[str, ...] = () if fix else ("--check", "--output-format", "json-lines") if machine else ("--check",)
    yield Check(
        id="ruff-format",
        adapter="ruff-format",
        argv=(_python.argv0(tool, "ruff"), "format", *mode),
        args=(".",),
        because=because,
        inputs=(*_ruff.inputs(project), _MARKDOWN),
        config_files=_ruff.config_files(project),
        phase=Phase.MUTATING if fix else Phase.FAST,
        writes=(*_ruff.SOURCES, _MARKDOWN) if fix else (),
        env=("RUFF_*", "RUFF_CACHE_DIR={cache}"),
        trusts="mtime-mode",
        split_output=True,
        failed_codes=(1,),
        failed_codes_with_findings=(2,),  # for a file that cannot be parsed, and for a usage error
        unavailable=_python.missing(project, tool, _ruff.RUFF, because),
        parse=_ruff.parse if machine else parse,
    )


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads what `ruff format` says to people: before 0.16, and when it writes.

    Raises:
        NoVerdict: there was no file to look at; ruff exits with 0 all the same.
    """
    if "No Python files found under the given path(s)" in result.stderr:
        raise NoVerdict("no Python files found under the given paths")
    for line in f"{result.stdout}\n{result.stderr}".splitlines():
        if match := _UNFORMATTED.match(line):
            path = _output.in_tree(match["path"], result.root)
            yield Finding(path=path, rule="unformatted", message="file would be reformatted")
        elif match := _UNPARSABLE.match(line):
            yield Finding(
                path=_output.in_tree(match["path"], result.root),
                line=int(match["line"]),
                column=int(match["column"]),
                rule="invalid-syntax",
                message=match["message"],
            )


def _used(project: Project) -> str | None:
    asked = _python.asked_for(project, "ruff-format")
    if asked is not None:
        return asked
    if _python.table(project.toml("pyproject.toml"), "tool", "ruff", "format") is not None:
        return "[tool.ruff.format] in pyproject.toml"
    for path in _ruff.OWN_FILES:
        if _python.table(project.toml(path), "format") is not None:
            return f"[format] in {path}"
    hook = _python.hooked(project, ("ruff-format",))
    if hook is not None:
        return hook
    for path in project.matching(*_FILES_WITH_COMMANDS):
        if _COMMAND.search(project.text(path) or ""):
            return f"`ruff format` in {path}"
    return None
