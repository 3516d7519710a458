"""What ruff reads, and what it prints: the same for the linter and for the formatter."""

from __future__ import annotations

import glob
import os
import posixpath
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftui.hookspecs import Project
    from ftui.model import ProcessResult

OWN_FILES = ("ruff.toml", ".ruff.toml")
IGNORE_FILES = (".gitignore", ".ignore")
SOURCES = (*_python.SOURCES, "*.pyw", "*.ipynb")
_CONFIG_LIMIT = 1024 * 1024
"""Bytes read of a configuration file beyond the root."""

RUFF = _python.Traces(
    name="ruff", files=OWN_FILES, table=("ruff",), hooks=("ruff", "ruff-check", "ruff-format"), installed=True
)


def inputs(project: Project) -> tuple[str, ...]:
    """Patterns of everything that ruff reads, with the files that its configuration adds."""
    added = [
        pattern
        for settings in _settings(project)
        for key in ("include", "extend-include")
        for pattern in _python.strings(settings.get(key))
    ]
    return (*SOURCES, "pyproject.toml", *OWN_FILES, *IGNORE_FILES, *added)


def config_files(project: Project) -> tuple[str, ...]:
    """The files that configure ruff, in the tree, above it and in the user's settings, with all that they extend.

    Source: docs.astral.sh/ruff/configuration, "Config file discovery".
    """
    names = ("pyproject.toml", *OWN_FILES)
    above = [str(folder / name) for folder in project.root.parents for name in names]
    user = [os.path.join(folder, "ruff", name) for folder in _user_settings() for name in names]
    found = dict.fromkeys((*names, *IGNORE_FILES))
    pending = [*names, *project.matching(*names), *above, *user]
    seen = set()
    while pending:
        path = pending.pop()
        base = _settings_in(project, path).get("extend") if path not in seen else None
        seen.add(path)
        if isinstance(base, str):
            base = os.path.expandvars(os.path.expanduser(base))
            base = posixpath.normpath(posixpath.join(posixpath.dirname(path), base))
            found[base] = None
            pending.append(base)
    return (*found, *user, *_source_folders(project))


class _Location(Struct):
    row: int
    column: int


class _Diagnostic(Struct):
    filename: str
    message: str | None = None
    code: str | None = None
    location: _Location | None = None
    severity: str = "error"


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads `--output-format json-lines`, of the linter and of the formatter.

    Raises:
        NoVerdict: there was no file to look at; ruff exits with 0 all the same.
    """
    if "No Python files found under the given path(s)" in result.stderr:
        raise NoVerdict("no Python files found under the given paths")
    for item in _output.json_lines(result.stdout, _Diagnostic):
        severity = Severity.WARNING if item.severity == "warning" else Severity.ERROR
        yield Finding(
            path=_output.in_tree(item.filename, result.root),
            line=item.location.row if item.location else None,
            column=item.location.column if item.location else None,
            severity=severity,
            rule=item.code,
            message=item.message or "file would be reformatted",
        )


def _source_folders(project: Project) -> Iterator[str]:
    """Where a folder makes imports of its name first-party, one without any Python file too.

    Source: docs.astral.sh/ruff/settings, "src".
    """
    for path in {"", *project.matching("pyproject.toml", *OWN_FILES)}:
        base = posixpath.dirname(path)
        for source in _python.strings(_settings_in(project, path).get("src")) if path else (".", "src"):
            for folder in glob.glob(source, root_dir=project.root / base) if glob.has_magic(source) else (source,):
                yield f"{posixpath.normpath(posixpath.join(base, folder))}/"


def _settings(project: Project) -> list[Mapping[str, object]]:
    return [_settings_in(project, path) for path in project.matching("pyproject.toml", *OWN_FILES)]


def _settings_in(project: Project, path: str) -> Mapping[str, object]:
    content = _toml_outside(path, project) if path.startswith(("/", "../")) else project.toml(path)
    if posixpath.basename(path) != "pyproject.toml":
        return content
    return _python.table(content, "tool", "ruff") or {}


def _toml_outside(path: str, project: Project) -> Mapping[str, object]:
    """A configuration file beyond the root, which the project does not read for adapters; empty without one."""
    import tomllib

    try:
        with open(project.root / path, "rb") as file:
            return tomllib.loads(file.read(_CONFIG_LIMIT).decode())
    except (OSError, ValueError, RecursionError):
        return {}


def _user_settings() -> Iterator[str]:
    """The folders that may hold a `ruff` folder with settings for projects that have none."""
    yield os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    if sys.platform == "win32":
        yield os.environ.get("APPDATA", "")
    elif sys.platform == "darwin":
        yield os.path.expanduser("~/Library/Application Support")
