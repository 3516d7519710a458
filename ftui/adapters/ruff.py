"""Ruff as a linter."""

from __future__ import annotations

from collections.abc import Iterable

from ftui.adapters import _python, _ruff
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Phase, Unused

_OTHER_LINTERS = (
    _python.Traces(
        name="flake8", files=(".flake8",), sections=(("setup.cfg", "flake8"), ("tox.ini", "flake8")), hooks=("flake8",)
    ),
    _python.Traces(name="pylint", files=(".pylintrc", "pylintrc"), table=("pylint",), hooks=("pylint",)),
    _python.Traces(name="pycodestyle", sections=(("setup.cfg", "pycodestyle"), ("tox.ini", "pycodestyle"))),
    _python.Traces(name="pyflakes"),
)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Lints where the project uses ruff, and where it has Python files, no linter at all, and ruff is at hand."""
    if not project.has(*_ruff.SOURCES):
        yield Unused(id="ruff", adapter="ruff", because="no Python files")
        return
    because = _python.used(project, "ruff", _ruff.RUFF)
    tool = project.tool("ruff")
    if because is None:
        other = _other_linter(project)
        if other is not None or tool is None:
            yield Unused(
                id="ruff", adapter="ruff", because=other or f"{_python.wanted(_ruff.RUFF)}; not installed either"
            )
            return
        because = f"Python files and no linter configured; ruff from {tool.origin}"
    fix = project.options("ruff").fix
    yield Check(
        id="ruff",
        adapter="ruff",
        argv=(
            _python.argv0(tool, "ruff"),
            "check",
            "--fix" if fix else "--no-fix",
            "--output-format",
            "json-lines",
        ),
        args=(".",),
        because=because,
        inputs=_ruff.inputs(project),
        config_files=_ruff.config_files(project),
        phase=Phase.MUTATING if fix else Phase.FAST,
        writes=_ruff.SOURCES if fix else (),
        env=("RUFF_*", "RUFF_CACHE_DIR={cache}"),
        trusts="mtime-mode",
        split_output=True,
        failed_codes=(1,),
        unavailable=_python.missing(project, tool, _ruff.RUFF, because),
        parse=_ruff.parse,
    )


def _other_linter(project: Project) -> str | None:
    for traces in _OTHER_LINTERS:
        because = (
            _python.configured(project, traces)
            or _python.declared(project, traces.name)
            or _python.hooked(project, traces.hooks)
        )
        if because is not None:
            return f"not configured or declared, and {traces.name} lints here ({because})"
    return None
