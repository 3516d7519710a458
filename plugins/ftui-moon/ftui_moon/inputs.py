"""Which files the verdict of a task depends on: its own inputs as moon knows them, and those of what runs before it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

import msgspec

from ftui_moon.globs import expanded
from ftui_moon.workspace import Known, Workspace

SETTINGS = ("/.moon/**", "/.config/moon/**", "!/.moon/cache/", "!/.config/moon/cache/", "moon.yml", ".prototools")
MANIFESTS = (
    *("package.json", "tsconfig*.json", "Cargo.toml", "Cargo.lock", "go.mod", "go.sum", "go.work", "pyproject.toml"),
    *("requirements*.txt", "uv.lock", "poetry.lock", "deno.json", "deno.lock", "composer.json", "composer.lock"),
    *("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", ".npmrc"),
)
"""What toolchains of moon read beside the inputs of a task."""

MOST_BEFORE = 50
"""Tasks that are followed of one that runs others before it; with more, patterns would take longer than they save."""

_ENV = re.compile(r"\$(?P<name>[A-Za-z_]\w*\*?)")
_GROUP = re.compile(r"@(?:group|globs|files|dirs|root|envs)\((?P<name>[\w./-]+)\)")


class UnknownError(Exception):
    """Something is said in a way that cannot be followed here."""


class Reads(msgspec.Struct, frozen=True):
    """What a check of a task depends on."""

    inputs: tuple[str, ...]
    """Patterns of files."""
    env: tuple[str, ...]
    """Variables, as in `Check.env`."""
    files: tuple[str, ...]
    """Files with variables, relative to the root; git may ignore them."""
    outputs: tuple[str, ...]
    """Patterns of the files that it makes, or that are made before it."""
    alone: bool
    """Whether it certainly runs no other task before."""


def reads(task: Known, workspace: Workspace) -> Reads:
    """What the verdict of a task depends on; every file where that cannot be told."""
    run: dict[str, Known] = {}
    whole = False
    try:
        _with_deps(task, workspace, run)
    except UnknownError:
        whole = True
    alone = len(run) == 1 and not whole
    env: list[str] = []
    inputs: list[str] = []
    for each in run.values():
        try:
            for pattern in _patterns(each, alone):
                (env if pattern.startswith("$") else inputs).append(pattern)
        except (UnknownError, ValueError):
            whole = True
    return Reads(
        inputs=("**", "!/.moon/cache/", "!/.config/moon/cache/") if whole else (*MANIFESTS, *inputs, *SETTINGS),
        env=tuple(dict.fromkeys(name[1:] for name in env)),
        files=tuple(dict.fromkeys(path for each in run.values() for path in _env_files(each))),
        outputs=tuple(dict.fromkeys(path for each in run.values() for path in _outputs(each))),
        alone=alone,
    )


def _with_deps(task: Known, workspace: Workspace, run: dict[str, Known]) -> None:
    """Puts the task and all that moon runs before it into `run`, by target."""
    run[task.target] = task
    if len(run) > MOST_BEFORE:
        raise UnknownError("too many tasks run before it")
    if task.opaque:
        raise UnknownError("more is inherited from files that are not read")
    for link in task.links:
        for dep in (*(link.deps or ()), *(link.depends_on or ()), *task.implicit_deps):
            name = dep.get("target") if isinstance(dep, dict) else dep
            if not isinstance(name, str):
                raise UnknownError("a dependency of no known form")
            for each in _stands_for(name, task, workspace):
                if each.target not in run:
                    _with_deps(each, workspace, run)


def _stands_for(name: str, task: Known, workspace: Workspace) -> Iterator[Known]:
    """The tasks that a dependency names."""
    scope, _, task_id = name.rpartition(":")
    if scope == "^" and not task.depends_on_more:
        # Of all projects that it depends on, although moon takes the nearest ones.
        places = ((folder, task_id) for folder in sorted(task.depends))
        yield from (workspace.placed[place] for place in places if place in workspace.placed)
        return
    own = scope == "~" or ":" not in name
    found = workspace.placed.get((task.source, task_id)) if own else workspace.tasks.get(name)
    if found is None:
        raise UnknownError(f"{name} stands for tasks of other projects")
    yield found


def _patterns(task: Known, alone: bool) -> Iterator[str]:
    """The inputs of one task as patterns, and `$NAME` for variables."""
    configured = [item for link in task.links for item in link.inputs or ()]
    if not configured:
        if "." in (task.source, *task.depends) or any(link.inputs is not None for link in task.links):
            raise UnknownError("what it reads is left open")
        # Moon looks at its own project alone; but what that is made with is imported from these.
        yield from (f"/{folder}/**" for folder in (task.source, *sorted(task.depends)))
    named = [f"@group({found['name']})" for found in _GROUP.finditer(task.words)]
    # Where another task reads what this one leaves out, or another file of settings may say so, it counts.
    exact = alone and len(task.links) == 1
    for item in (*configured, *task.implicit_inputs, *named):
        yield from _item(item, task, exact, groups=frozenset())


def _item(item: object, task: Known, exact: bool, groups: frozenset[str]) -> Iterator[str]:
    if isinstance(item, dict):
        group = item.get("group")
        named = f"@group({group})" if isinstance(group, str) else None
        item = next((item[kind] for kind in ("file", "glob") if kind in item), named)
    if not isinstance(item, str):
        raise UnknownError("an input of no known form")
    if found := _GROUP.fullmatch(item):
        name = found["name"]
        if name not in task.groups or name in groups:
            raise UnknownError(f"there is no file group {name}")
        for each in task.groups[name]:
            yield from _item(each, task, False, groups | {name})
    elif _ENV.fullmatch(item):
        yield item
    elif item.startswith("!"):
        if exact:
            yield from (f"!{pattern}" for pattern in _placed(item[1:], task.source))
    else:
        yield from _placed(item, task.source)


def _placed(path: str, source: str) -> Iterator[str]:
    """A path or glob of moon's as patterns: it is relative to its project, or with a slash at its start to the root."""
    if not path or {"..", "."} & set(path.split("/")) or any(mark in path for mark in "$@:<>()|\\"):
        raise UnknownError(path)
    start = "" if path.startswith("/") or source == "." else f"/{source}"
    yield from (f"{start}/{each.lstrip('/')}" for each in expanded(path))


def _outputs(task: Known) -> Iterator[str]:
    for item in (item for link in task.links for item in link.outputs or ()):
        path = next((item[kind] for kind in ("file", "glob") if kind in item), None) if isinstance(item, dict) else item
        try:
            if isinstance(path, str) and not path.startswith("!"):
                yield from _placed(path, task.source)
        except (UnknownError, ValueError):
            continue  # what is made there is taken for an input: it runs once more than it has to


def _env_files(task: Known) -> Iterator[str]:
    said = task.option("env_file")
    names: Iterable[object] = said if isinstance(said, list) else [".env", ".env.local"] if said is True else [said]
    for name in names:
        if isinstance(name, str):
            start = "" if name.startswith("/") or task.source == "." else task.source
            path = os.path.normpath(os.path.join(start, name.lstrip("/"))).replace(os.sep, "/")
            if not path.startswith("../"):
                yield path
