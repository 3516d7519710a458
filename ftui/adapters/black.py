"""Black."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Phase, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

BLACK = _python.Traces(name="black", table=("black",), hooks=("black", "black-jupyter"))

_SOURCES = (*_python.SOURCES, "*.ipynb")
_UNFORMATTED = re.compile(r"^would reformat (?P<path>.+)$")
_UNPARSABLE = re.compile(r"^error: cannot parse[^:]*: (?P<path>.+):(?P<line>\d+):(?P<column>\d+)$")
_FAILED = re.compile(r"^error: cannot format (?P<path>.+?): (?P<message>.+)$")
_POSITION = re.compile(r"^Cannot parse[^:]*: (?P<line>\d+):(?P<column>\d+)")  # in the message, before black 25


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks the format where black is configured, declared or hooked."""
    because = _python.used(project, "black", BLACK)
    has_sources = project.has(*_SOURCES)
    if because is None or not has_sources:
        yield Unused(id="black", adapter="black", because=_python.wanted(BLACK) if has_sources else "no Python files")
        return
    tool = project.tool("black")
    fix = project.options("black").fix
    settings = _python.table(project.toml("pyproject.toml"), "tool", "black") or {}
    yield Check(
        id="black",
        adapter="black",
        argv=(_python.argv0(tool, "black"), *(() if fix else ("--check",))),
        args=(".",),
        because=because,
        # `include` is a regular expression that may name any file.
        inputs=("**",) if "include" in settings else (*_SOURCES, "pyproject.toml", ".gitignore"),
        config_files=("pyproject.toml", ".gitignore", _user_file()),
        phase=Phase.MUTATING if fix else Phase.FAST,
        writes=_SOURCES if fix else (),
        env=("BLACK_*", "BLACK_CACHE_DIR={cache}", *_python.ENVIRONMENT),
        trusts="mtime-size",
        failed_codes=(1,),
        failed_codes_with_findings=(123,),  # for a file that cannot be parsed, and for its own faults
        unavailable=_python.missing(project, tool, BLACK, because),
        parse=parse,
    )


def _user_file() -> str:
    """The settings of the user, for projects without any; source: black's own `find_user_pyproject_toml`."""
    if sys.platform == "win32":
        return os.path.expanduser("~\\.black")
    return os.path.expanduser(os.path.join(os.environ.get("XDG_CONFIG_HOME", "~/.config"), "black"))


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the lines that black prints for each file.

    Raises:
        NoVerdict: there was no file to look at, or black failed and not the tree.
    """
    _output.expect_no_traceback(result)
    if "No Python files are present to be formatted" in result.stdout:
        raise NoVerdict("no Python files are present to be formatted")
    for line in result.stdout.splitlines():
        if match := _UNFORMATTED.match(line):
            path = _output.in_tree(match["path"], result.root)
            yield Finding(path=path, rule="unformatted", message="file would be reformatted")
        elif match := _UNPARSABLE.match(line):
            yield _unparsable(match["path"], match, "cannot be parsed", result)
        elif match := _FAILED.match(line):
            if match["message"].startswith("INTERNAL ERROR"):
                raise NoVerdict(f"black failed on {_output.in_tree(match['path'], result.root)}: {match['message']}")
            yield _unparsable(match["path"], _POSITION.match(match["message"]), match["message"], result)


def _unparsable(path: str, position: re.Match[str] | None, message: str, result: ProcessResult) -> Finding:
    return Finding(
        path=_output.in_tree(path, result.root),
        line=int(position["line"]) if position else None,
        column=int(position["column"]) if position else None,
        rule="unparsable",
        message=message,
    )
