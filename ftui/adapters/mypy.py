"""mypy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, DeepLook, Finding, Spent, Unused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftui.model import ProcessResult

_OWN_FILES = ("mypy.ini", ".mypy.ini")
_CONFIG_FILES = (*_OWN_FILES, "pyproject.toml", "setup.cfg")
_TIMING = "timing.txt"
_MOST_TIMING = 16 * 1024 * 1024

# No hooks: the pre-commit hook for mypy carries its own arguments, so `mypy .` would judge something else.
MYPY = _python.Traces(
    name="mypy",
    files=tuple(f"/{path}" for path in _OWN_FILES),
    table=("mypy",),
    sections=(("setup.cfg", "mypy"),),
    installed=True,
)

_MESSAGE = re.compile(
    r"^(?P<path>.+?):(?:(?P<line>\d+):)?(?:(?P<column>\d+):)?(?:\d+:\d+:)? (?P<severity>error|note): "
    r"(?P<message>.+?)(?:  \[(?P<code>[\w-]+)\])?$"
)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks types where mypy is configured, declared or installed in the project's own environment."""
    because = _python.used(project, "mypy", MYPY)
    has_sources = project.has(*_python.SOURCES)
    if because is None or not has_sources:
        yield Unused(id="mypy", adapter="mypy", because=_python.wanted(MYPY) if has_sources else "no Python files")
        return
    tool = project.tool("mypy")
    python = _python.interpreter(project)
    ignores = (".gitignore",) if "exclude_gitignore" in _settings(project) else ()
    # A mypy from elsewhere would look for the project's dependencies in its own environment.
    foreign = python is not None and (tool is None or not _python.in_root(project, tool))
    yield Check(
        id="mypy",
        adapter="mypy",
        argv=(
            _python.argv0(tool, "mypy"),
            # Not --output=json: with it mypy (to 2.4 at least) exits with 1 for notes alone, which pass otherwise.
            "--no-pretty",
            "--show-column-numbers",
            "--show-error-codes",
            *((f"--python-executable={python}",) if foreign else ()),
        ),
        args=() if _names_targets(project) else (".",),
        because=because,
        inputs=(*_python.SOURCES, "py.typed", *_CONFIG_FILES, *ignores),
        config_files=(*_CONFIG_FILES, *ignores, *_user_files(), *_python.beyond(project, _search_path(project))),
        env=("MYPY*", "DJANGO_SETTINGS_MODULE", *_python.ENVIRONMENT, "MYPY_CACHE_DIR={cache}"),
        trusts="second-size",
        split_output=True,
        failed_codes=(1,),
        failed_codes_with_findings=(2,),  # for a syntax error, which it reports, and for a usage error or a crash
        unavailable=_python.missing(project, tool, MYPY, because),
        parse=parse,
        deep_look=DeepLook((f"--timing-stats={{scratch}}/{_TIMING}",), timing),
    )


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads one `path:line:column: severity: message  [code]` a line.

    Raises:
        NoVerdict: mypy crashed.
    """
    _expect_no_crash(result)
    for line in result.stdout.splitlines():
        if match := _MESSAGE.match(line):
            yield Finding(
                path=_output.in_tree(match["path"], result.root),
                line=int(match["line"]) if match["line"] else None,
                column=int(match["column"]) if match["column"] else None,
                severity=_output.severity(match["severity"]),
                rule=match["code"],
                message=match["message"],
            )


def timing(output: str, folder: str) -> Iterator[Spent]:
    """Reads one `module microseconds` a line."""
    try:
        with open(os.path.join(folder, _TIMING), encoding="utf-8", errors="replace") as file:
            for line in file.read(_MOST_TIMING).splitlines():
                module, _, number = line.strip().rpartition(" ")
                if module and number.isdecimal():
                    yield Spent(module, int(number) / 1e6)
    except OSError:
        return  # it ended before it came to that


def _expect_no_crash(result: ProcessResult) -> None:
    if "INTERNAL ERROR" in result.stderr:
        raise NoVerdict("mypy crashed (INTERNAL ERROR): run it with --show-traceback")
    _output.expect_no_traceback(result)


def _user_files() -> Iterator[str]:
    """The settings of the user, for projects without any; source: mypy.readthedocs.io/en/stable/config_file.html."""
    if folder := os.environ.get("XDG_CONFIG_HOME"):
        yield os.path.join(folder, "mypy", "config")
    yield os.path.expanduser("~/.config/mypy/config")
    yield os.path.expanduser("~/.mypy.ini")


def _names_targets(project: Project) -> bool:
    settings = _settings(project)
    return any(settings.get(key) for key in ("files", "packages", "modules"))


def _search_path(project: Project) -> Iterator[str]:
    """The folders that it looks for modules in, beside the tree and the packages."""
    named = _settings(project).get("mypy_path", "")
    folders = re.split(r"[,:]", named) if isinstance(named, str) else _python.strings(named)
    for folder in folders:
        yield os.path.expandvars(folder.strip().replace("$MYPY_CONFIG_FILE_DIR", str(project.root)))


def _settings(project: Project) -> Mapping[str, object]:
    """The section that mypy itself would read; the first file wins, as in its own look-up order."""
    for path in _OWN_FILES:
        if project.has(f"/{path}"):
            return project.ini(path).get("mypy", {})
    in_pyproject = _python.table(project.toml("pyproject.toml"), "tool", "mypy")
    return in_pyproject if in_pyproject is not None else project.ini("setup.cfg").get("mypy", {})
