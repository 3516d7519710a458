"""What a tree says about the Python tools that it uses.

A tool is used where the tree shows it: the user's own `[checks.…]`, a section or file that configures it, a
declared dependency, a pre-commit hook, or, for tools that nobody installs by accident, the project's own virtual
environment. Each answer is a phrase for `Check.because`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from ftui.hookspecs import Project, Tool

SOURCES = ("*.py", "*.pyi")
"""Python sources, anywhere in the tree."""

ENVIRONMENT = ("PYTHON*", "VIRTUAL_ENV", "CONDA_PREFIX")
"""Variables that choose an interpreter, or what it can import."""

_LOCK_FILES = {
    "uv.lock": "uv add --dev",
    "poetry.lock": "poetry add -G dev",
    "pdm.lock": "pdm add -dG dev",
    "Pipfile": "pipenv install --dev",
}


class Traces(Struct, frozen=True, kw_only=True):
    """Where the use of one tool shows."""

    name: str
    """The executable, and the package that brings it."""
    files: tuple[str, ...] = ()
    """Patterns of the configuration files of its own."""
    table: tuple[str, ...] = ()
    """Its table in pyproject.toml, below `tool`."""
    sections: tuple[tuple[str, str], ...] = ()
    """INI files at the root and its section in each."""
    hooks: tuple[str, ...] = ()
    """Its ids in .pre-commit-config.yaml."""
    installed: bool = False
    """Whether finding it in the project's own virtual environment is proof enough."""


def used(project: Project, check_id: str, traces: Traces) -> str | None:
    """Why the tool of `traces` counts as used here, or None."""
    return (
        asked_for(project, check_id)
        or configured(project, traces)
        or declared(project, traces.name)
        or hooked(project, traces.hooks)
        or (_installed(project, traces.name) if traces.installed else None)
    )


def asked_for(project: Project, check_id: str) -> str | None:
    """Says whether the user's own configuration names the check."""
    return f"checks.{check_id} in the configuration" if check_id in project.checks else None


def configured(project: Project, traces: Traces) -> str | None:
    """Says which file configures the tool."""
    own = project.matching(*traces.files) if traces.files else ()
    if own:
        return own[0]
    if traces.table and table(project.toml("pyproject.toml"), "tool", *traces.table) is not None:
        return f"[tool.{'.'.join(traces.table)}] in pyproject.toml"
    for path, section in traces.sections:
        names = project.ini(path)
        if any(name == section or name.startswith(f"{section}-") for name in names):
            return f"[{section}] in {path}"
    return None


def declared(project: Project, package: str) -> str | None:
    """Says which file declares the package as a dependency."""
    for path, requirements in _requirements(project):
        if any(_package(requirement) == package for requirement in requirements):
            return f"declared in {path}"
    quoted = re.compile(rf"""["']{re.escape(package)}\s*(?:[\[<>=~!;,].*?)?["']""")
    for path in ("setup.py", "noxfile.py"):
        if quoted.search(project.text(path) or "") is not None:
            return f"declared in {path}"
    return None


def hooked(project: Project, hooks: tuple[str, ...]) -> str | None:
    """Says which of the pre-commit hooks the project has."""
    if not hooks:
        return None
    present = re.findall(r"^\s*-?\s*id:\s*[\"']?([\w-]+)", project.text(".pre-commit-config.yaml") or "", re.MULTILINE)
    return next((f"hook {hook} in .pre-commit-config.yaml" for hook in hooks if hook in present), None)


def wanted(traces: Traces) -> str:
    """The sentence for `Unused`: what was looked for in vain."""
    places = [
        *(path.removeprefix("/") for path in traces.files),
        *([f"[tool.{'.'.join(traces.table)}]"] if traces.table else []),
        *(f"[{section}] in {path}" for path, section in traces.sections),
        *(f"hook {hook}" for hook in traces.hooks),
    ]
    return f"not declared as a dependency, and none of: {', '.join(places)}" if places else "not declared"


def missing(project: Project, tool: Tool | None, traces: Traces, because: str) -> str | None:
    """The value of `Check.unavailable` for a tool that is used for the reason `because`."""
    if tool is not None:
        return None
    return f"{traces.name} is used here ({because}) and is not installed: run `{installer(project)} {traces.name}`"


def installer(project: Project) -> str:
    """The command, without the package, that adds a development dependency the way this project does it."""
    return next((command for path, command in _LOCK_FILES.items() if project.has(f"/{path}")), "pip install")


def argv0(tool: Tool | None, name: str) -> str:
    """The first word of the command: the tool's path, or its bare name where it was not found."""
    return name if tool is None else tool.path


def at_least(tool: Tool | None, *version: int) -> bool:
    """Whether the tool is known to be of this version or a later one."""
    if tool is None or tool.version is None:
        return False
    return tuple(int(part) for part in re.findall(r"\d+", tool.version)[: len(version)]) >= version


def beyond(project: Project, folders: Iterable[str]) -> Iterator[str]:
    """The entries for `Check.config_files` that stand for the Python files in those folders which lie beyond the tree.

    Args:
        project: the project.
        folders: absolute, or relative to the root.
    """
    root = os.path.realpath(project.root)
    for folder in folders:
        if "\0" in folder:  # no path can have one
            continue
        path = os.path.realpath(os.path.join(root, os.path.expanduser(folder)))
        if not os.path.join(path, "").startswith(os.path.join(root, "")):
            yield f"{os.path.relpath(path, root).replace(os.sep, '/')}/**"


def interpreter(project: Project) -> str | None:
    """The Python of the project's own virtual environment, inside the root; None where it has none."""
    python = project.tool("python")
    return python.path if python is not None and in_root(project, python) else None


def in_root(project: Project, tool: Tool) -> bool:
    """Whether the tool was found inside the tree, as in `.venv`."""
    return tool.path.startswith(str(project.root) + os.sep)


def table(mapping: Mapping[str, object], *keys: str) -> Mapping[str, object] | None:
    """The table at the end of a path of keys, or None where there is none."""
    for key in keys:
        found = mapping.get(key)
        if not isinstance(found, Mapping):
            return None
        mapping = found
    return mapping


def strings(value: object) -> tuple[str, ...]:
    """The strings in a TOML list; nothing for any other value."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _installed(project: Project, name: str) -> str | None:
    tool = project.tool(name)
    if tool is None or not in_root(project, tool) or "node_modules" in tool.path.split(os.sep):
        return None
    # Where ftui shares the environment, its own extras brought these tools: that says nothing about the project.
    if os.path.dirname(tool.path) == os.path.dirname(sys.executable):
        return None
    return f"installed in {tool.origin}"


def _package(requirement: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""


def _requirements(project: Project) -> Iterator[tuple[str, Iterable[str]]]:
    """Every file that declares dependencies, with its requirements."""
    yield "pyproject.toml", list(_pyproject_requirements(project.toml("pyproject.toml")))
    for path in project.matching("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in"):
        yield path, (project.text(path) or "").splitlines()
    setup = project.ini("setup.cfg")
    options = [setup.get("options", {}).get(key, "") for key in ("install_requires", "tests_require")]
    yield "setup.cfg", "\n".join([*options, *setup.get("options.extras_require", {}).values()]).splitlines()
    deps = "\n".join(section.get("deps", "") for section in project.ini("tox.ini").values())
    yield "tox.ini", [line.rpartition(":")[2] for line in deps.splitlines()]  # `py311: pytest` is conditional
    pipfile = project.toml("Pipfile")
    yield "Pipfile", [*(table(pipfile, "packages") or ()), *(table(pipfile, "dev-packages") or ())]


def _pyproject_requirements(pyproject: Mapping[str, object]) -> Iterator[str]:
    yield from strings((table(pyproject, "project") or {}).get("dependencies"))
    yield from strings((table(pyproject, "tool", "uv") or {}).get("dev-dependencies"))
    for groups in (
        table(pyproject, "project", "optional-dependencies"),
        table(pyproject, "dependency-groups"),
        table(pyproject, "tool", "pdm", "dev-dependencies"),
    ):
        for group in (groups or {}).values():
            yield from strings(group)
    poetry = table(pyproject, "tool", "poetry") or {}
    yield from table(poetry, "dependencies") or ()
    yield from table(poetry, "dev-dependencies") or ()
    for name in table(poetry, "group") or ():
        yield from table(poetry, "group", name, "dependencies") or ()
    for name in table(pyproject, "tool", "hatch", "envs") or ():
        environment = table(pyproject, "tool", "hatch", "envs", name) or {}
        yield from strings(environment.get("dependencies"))
        yield from strings(environment.get("extra-dependencies"))
