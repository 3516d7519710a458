"""The tasks of the projects of a moon workspace, each with all that it inherits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from ftui.hookspecs import Project
from ftui_moon.projects import dependencies, join, located, packages, tell_more
from ftui_moon.settings import Filters, Inherited, Options, Own, Settings, Task, decode

SERVERS = ("dev", "serve", "start")
"""Ids of tasks that moon takes for servers; source: `build_task` in moon's `task-builder`."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A task with all that defines it."""

    target: str
    """`project:task`."""
    source: str
    """Folder of its project, posix and relative to the root; `.` for the root."""
    depends: frozenset[str]
    """Folders of the projects that its own one depends on, and of those that these do."""
    depends_on_more: bool
    """Whether there may be others that only moon knows of."""
    links: tuple[Task, ...]
    """What files say of it, the nearest one last."""
    options: tuple[Options, ...]
    """Likewise."""
    groups: Mapping[str, list[object]]
    """The file groups that it may name, those of all files put together."""
    implicit_inputs: tuple[object, ...]
    implicit_deps: tuple[object, ...]
    opaque: bool
    """Whether there is more to it in files that are not read here."""
    unsure: str
    """The file that says all there is of it, where it cannot be told whether the project inherits that; else empty."""

    def option(self, name: str) -> object:
        """The value of an option; None where no file gives one."""
        return next((value for each in reversed(self.options) if (value := getattr(each, name)) is not None), None)

    @property
    def preset(self) -> str | None:
        """The name of its preset."""
        named = next((link.preset for link in reversed(self.links) if link.preset), None)
        return named or ("server" if self.target.rpartition(":")[2] in SERVERS else None)

    @property
    def systems(self) -> list[str]:
        """The systems that it is for, in moon's words; empty for all."""
        said = next((each.os for each in reversed(self.options) if each.os is not None), [])
        return [said] if isinstance(said, str) else said

    @property
    def words(self) -> str:
        """All that it runs, as one text; empty where it runs nothing of its own."""
        parts = [part for link in self.links for part in (link.command, link.script, link.args)]
        words = [word for part in parts for word in (part if isinstance(part, list) else [part])]
        return " ".join(str(word) for word in words if isinstance(word, str | int | float))


class Workspace(msgspec.Struct, frozen=True):
    """All that could be read."""

    tasks: dict[str, Known]
    """By target."""
    placed: dict[tuple[str, str], Known]
    """By the folder of the project and the id of the task."""
    unread: dict[str, str]
    """Why, by path: of files that should have been read."""


def read(project: Project, folder: str, *, first: bool) -> Workspace:
    """Reads a workspace.

    Args:
        project: whose root is that of the workspace.
        folder: where its settings are, `.moon`.
        first: whether it is for moon 1, where what a project inherits is said by the names of files.
    """
    unread: dict[str, str] = {}
    settings = decode(project, f"{folder}/workspace.yml", Settings, unread)
    shared = {path: decode(project, path, Inherited, unread) for path in _inherited_files(project, folder, first)}
    found: dict[str, str] = {}
    try:
        found.update(located(project, settings.projects))
    except (ValueError, msgspec.ValidationError) as error:
        unread[f"{folder}/workspace.yml"] = str(error)
    owns, sources = dict[str, Own](), dict[str, str]()
    for project_id, source in found.items():
        own = decode(project, join(source, "moon.yml"), Own, unread, missing_is_fine=True)
        owns[own.id or project_id], sources[own.id or project_id] = own, source
    tasks: dict[str, Known] = {}
    names, open_ended = packages(project, sources), tell_more(project)
    for project_id, own in owns.items():
        source = sources[project_id]
        inherits = {path: _inherits(project, path, each, own, source, first) for path, each in shared.items()}
        depends = dependencies(project, sources, owns, names, project_id)
        more = not open_ended.isdisjoint((source, *depends))
        for known in _tasks(project_id, source, own, shared, inherits):
            tasks[known.target] = replace(known, depends=depends, depends_on_more=more)
    placed = {(known.source, known.target.rpartition(":")[2]): known for known in tasks.values()}
    return Workspace(tasks, placed, unread)


def _inherited_files(project: Project, folder: str, first: bool) -> Iterator[str]:
    if first and project.has(f"/{folder}/tasks.yml"):
        yield f"{folder}/tasks.yml"
    yield from project.matching(f"/{folder}/tasks/**/*.yml", f"/{folder}/tasks/**/*.yaml")


# What a project inherits


def _inherits(project: Project, path: str, shared: Inherited, own: Own, source: str, first: bool) -> bool | None:
    """Whether a project inherits the tasks of a file; None where that cannot be told from what is written."""
    if first:
        name = path.rpartition("/")[2].rpartition(".")[0]
        if path.count("/") == 1:
            return True
        return name[4:] in own.tags if name.startswith("tag-") else None
    answers = [_matches(project, kind, value, own, source) for kind, value in (shared.inherited_by or {}).items()]
    return False if False in answers else None if None in answers else True


def _matches(project: Project, kind: str, value: object, own: Own, source: str) -> bool | None:
    match kind.removesuffix("s"):
        case "tag":
            return _clause(value, own.tags)
        case "layer" | "stack" as field:
            return _clause(value, [getattr(own, field)])
        case "language" if own.language is not None:
            return _clause(value, [own.language])
        case "file":
            names = value if isinstance(value, list) else [value]
            return any(join(source, str(name)) in project.files for name in names)
        case "order":
            return True
    return None


def _clause(value: object, has: list[str]) -> bool | None:
    if isinstance(value, dict):
        parts = {name: each if isinstance(each, list) else [each] for name, each in value.items()}
        if parts.keys() - {"and", "or", "not"}:
            return None
        return (
            all(each in has for each in parts.get("and", ()))
            and not any(each in has for each in parts.get("not", ()))
            and ("or" not in parts or any(each in has for each in parts["or"]))
        )
    return any(each in has for each in (value if isinstance(value, list) else [value]))


def _tasks(
    project_id: str,
    source: str,
    own: Own,
    shared: Mapping[str, Inherited],
    inherits: Mapping[str, bool | None],
) -> Iterator[Known]:
    files = {path: each for path, each in shared.items() if inherits[path] is not False}
    layers = {path: _filtered(each.tasks, own.workspace.inherited_tasks) for path, each in files.items()}
    sure = own.tasks.keys() | {name for path, tasks in layers.items() if inherits[path] for name in tasks}
    groups: dict[str, list[object]] = {}
    for named in (own.file_groups, *(each.file_groups for each in files.values())):
        for name, items in named.items():
            groups.setdefault(name, []).extend(items)
    for task_id in dict.fromkeys((*own.tasks, *(name for tasks in layers.values() for name in tasks))):
        links = tuple(_chain(task_id, [*layers.values(), own.tasks]))
        yield Known(
            target=f"{project_id}:{task_id}",
            source=source,
            depends=frozenset(),
            depends_on_more=False,
            links=links,
            options=(
                *(each.task_options for each in files.values()),
                own.task_options,
                *(link.options for link in links),
            ),
            groups=groups,
            implicit_inputs=tuple(item for each in files.values() for item in each.implicit_inputs),
            implicit_deps=tuple(item for each in files.values() for item in each.implicit_deps),
            opaque=any(each.extends is not None for each in files.values()),
            unsure="" if task_id in sure else next(path for path, tasks in layers.items() if task_id in tasks),
        )


def _filtered(tasks: Mapping[str, Task], filters: Filters) -> dict[str, Task]:
    return {
        filters.rename.get(name, name): task
        for name, task in tasks.items()
        if (filters.include is None or name in filters.include) and name not in filters.exclude
    }


def _chain(task_id: str, layers: Iterable[Mapping[str, Task]], seen: frozenset[str] = frozenset()) -> Iterator[Task]:
    """What all files say of a task and of those that it extends, the furthest first."""
    layers = list(layers)
    for tasks in layers:
        task = tasks.get(task_id)
        if task is not None:
            if task.extends is not None and task.extends not in seen:
                yield from _chain(task.extends, layers, seen | {task_id})
            yield task
