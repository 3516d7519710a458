"""isort."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Phase, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

# Not `installed`: pylint brings isort along, and then nothing is sorted by it.
ISORT = _python.Traces(
    name="isort",
    files=("/.isort.cfg",),
    table=("isort",),
    sections=(("setup.cfg", "isort"), ("tox.ini", "isort")),
    hooks=("isort",),
)

_SOURCES = (*_python.SOURCES, "*.pyx", "*.pxd")
_CONFIG_FILES = (".isort.cfg", "pyproject.toml", "setup.cfg", "tox.ini", ".editorconfig")
_UNSORTED = re.compile(r"^ERROR: (?P<path>.+?) Imports are incorrectly sorted and/or formatted\.$", re.MULTILINE)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Checks the imports where isort is configured, declared or hooked."""
    because = _python.used(project, "isort", ISORT)
    has_sources = project.has(*_SOURCES)
    if because is None or not has_sources:
        yield Unused(id="isort", adapter="isort", because=_python.wanted(ISORT) if has_sources else "no Python files")
        return
    tool = project.tool("isort")
    fix = project.options("isort").fix
    yield Check(
        id="isort",
        adapter="isort",
        argv=(_python.argv0(tool, "isort"), *(() if fix else ("--check-only",))),
        args=(".",),
        because=because,
        inputs=(*_SOURCES, *_CONFIG_FILES, ".gitignore"),
        # A folder makes imports of its name first-party, one without any Python file too.
        config_files=(*_CONFIG_FILES, ".gitignore", "./", "src/"),
        phase=Phase.MUTATING if fix else Phase.FAST,
        writes=_SOURCES if fix else (),
        env=_python.ENVIRONMENT,
        failed_codes=(1,),
        unavailable=_python.missing(project, tool, ISORT, because),
        parse=parse,
    )


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the line that isort prints for each unsorted file.

    Raises:
        NoVerdict: no path could be read, for which isort exits with 1 too, or isort crashed.
    """
    _output.expect_no_traceback(result)
    unsorted = [_output.in_tree(match["path"], result.root) for match in _UNSORTED.finditer(result.stdout)]
    nothing_read = re.search(r"^(?:Broken \d+ paths|ERROR: No valid encodings\.)$", result.stdout, re.MULTILINE)
    if nothing_read and not unsorted:
        raise NoVerdict(f"isort could read none of the paths: {nothing_read[0]}")
    for path in unsorted:
        yield Finding(path=path, rule="unsorted", message="imports are incorrectly sorted or formatted")
