"""What the YAML files of a moon workspace say: its projects, and the tasks of each with all that they inherit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec
import msgspec.yaml

from ftui.hookspecs import Project
from ftui_moon.globs import matcher

SERVERS = ("dev", "serve", "start")
"""Ids of tasks that moon takes for servers; source: `build_task` in moon's `task-builder`."""

NO_PROJECTS = (".moon", ".config/moon")

T = TypeVar("T")


class Options(msgspec.Struct, rename="camel"):
    """Those options of a task that decide whether it can be a check; None where nothing is said."""

    env_file: object = None
    interactive: bool | None = None
    internal: bool | None = None
    os: str | list[str] | None = None
    persistent: bool | None = None
    run_in_ci: bool | str | None = msgspec.field(default=None, name="runInCI")


class Task(msgspec.Struct, rename="camel"):
    """What one file says of a task."""

    command: object = None
    script: str | None = None
    args: object = None
    deps: list[object] | None = None
    depends_on: list[object] | None = None
    """Another word for `deps`."""
    inputs: list[object] | None = None
    outputs: list[object] | None = None
    options: Options = msgspec.field(default_factory=Options)
    preset: str | None = None
    extends: str | None = None
    local: bool | None = None
    """Of moon 1: a server, or a watcher."""


class Inherited(msgspec.Struct, rename="camel"):
    """A file of tasks that projects inherit."""

    tasks: dict[str, Task] = {}
    file_groups: dict[str, list[object]] = {}
    implicit_inputs: list[object] = []
    implicit_deps: list[object] = []
    task_options: Options = msgspec.field(default_factory=Options)
    inherited_by: dict[str, object] | None = None
    extends: object = None
    """Other files, or addresses, whose tasks are inherited as well."""


class Filters(msgspec.Struct):
    """Which of the tasks a project inherits."""

    include: list[str] | None = None
    exclude: list[str] = []
    rename: dict[str, str] = {}


class Overrides(msgspec.Struct, rename="camel"):
    """What a project has in place of the settings of the workspace."""

    inherited_tasks: Filters = msgspec.field(default_factory=Filters)


class Own(msgspec.Struct, rename="camel"):
    """The `moon.yml` of a project."""

    id: str | None = None
    language: str | None = None
    layer: str = "unknown"
    stack: str = "unknown"
    tags: list[str] = []
    tasks: dict[str, Task] = {}
    file_groups: dict[str, list[object]] = {}
    task_options: Options = msgspec.field(default_factory=Options)
    workspace: Overrides = msgspec.field(default_factory=Overrides)


class Located(msgspec.Struct, rename="camel"):
    """The long form of `projects`."""

    globs: list[str] = []
    sources: dict[str, str] = {}
    glob_format: str = "dir-name"


class Settings(msgspec.Struct):
    """`workspace.yml`."""

    projects: list[str] | dict[str, object] = []


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A task with all that defines it."""

    target: str
    """`project:task`."""
    source: str
    """Folder of its project, posix and relative to the root; `.` for the root."""
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
    settings = _decode(project, f"{folder}/workspace.yml", Settings, unread)
    shared = {path: _decode(project, path, Inherited, unread) for path in _inherited_files(project, folder, first)}
    tasks: dict[str, Known] = {}
    try:
        located = dict(_projects(project, settings.projects))
    except (ValueError, msgspec.ValidationError) as error:
        unread[f"{folder}/workspace.yml"] = str(error)
        located = {}
    for project_id, source in located.items():
        own = _decode(project, _join(source, "moon.yml"), Own, unread, missing_is_fine=True)
        inherits = {path: _inherits(project, path, each, own, source, first) for path, each in shared.items()}
        tasks |= _tasks(own.id or project_id, source, own, shared, inherits)
    return Workspace(tasks, unread)


def _decode(project: Project, path: str, kind: type[T], unread: dict[str, str], *, missing_is_fine: bool = False) -> T:
    text = project.text(path)
    try:
        if text is None and not missing_is_fine:
            raise ValueError("it is no text of at most 1 MiB")
        return msgspec.yaml.decode(text, type=kind) if text and text.strip() else kind()
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        unread[path] = str(error).partition("\n")[0]
        return kind()


def _inherited_files(project: Project, folder: str, first: bool) -> Iterator[str]:
    if first and project.has(f"/{folder}/tasks.yml"):
        yield f"{folder}/tasks.yml"
    yield from project.matching(f"/{folder}/tasks/**/*.yml", f"/{folder}/tasks/**/*.yaml")


def _join(folder: str, path: str) -> str:
    return path if folder == "." else f"{folder}/{path}"


# Projects


def _projects(project: Project, projects: list[str] | dict[str, object]) -> Iterator[tuple[str, str]]:
    """Id and folder of each project.

    Raises:
        ValueError: a glob is not understood.
        msgspec.ValidationError: it is not of any form that moon knows.
    """
    if isinstance(projects, list):
        located = Located(globs=projects)
    elif projects.keys() & {"globs", "sources"}:
        located = msgspec.convert(projects, Located)
    else:
        located = Located(sources=msgspec.convert(projects, dict[str, str]))
    for project_id, folder in located.sources.items():
        yield project_id, folder.strip("/").removeprefix("./") or "."
    if "." in located.globs:
        yield _clean(project.root.name), "."
    wanted = [glob for glob in located.globs if glob != "." and not glob.startswith("!")]
    unwanted = [matcher(glob[1:]) for glob in located.globs if glob.startswith("!")]
    folders = {path[:place] for path in project.files for place in _slashes(path)}
    settings = project.matching("moon.yml")
    for glob in wanted:
        found = matcher(glob)
        listed = {path.rpartition("/")[0] for path in settings if found(path)}
        for folder in sorted({folder for folder in folders if found(folder)} | listed):
            name = folder.rpartition("/")[2]
            if not folder:
                yield _clean(project.root.name), "."
            elif (
                not name.startswith(".")
                and not folder.startswith(NO_PROJECTS)
                and not any(out(folder) for out in unwanted)
            ):
                yield _clean(folder if located.glob_format == "source-path" else name), folder


def _slashes(path: str) -> Iterator[int]:
    place = path.find("/")
    while place >= 0:
        yield place
        place = path.find("/", place + 1)


def _clean(name: str) -> str:
    """The id that moon makes of the name of a folder; source: `Id::clean` in its `common`."""
    return re.sub(r"[^0-9A-Za-z/._-]+", "-", name.replace("@", ""))


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
            return any(_join(source, str(name)) in project.files for name in names)
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
    project_id: str, source: str, own: Own, shared: Mapping[str, Inherited], inherits: Mapping[str, bool | None]
) -> dict[str, Known]:
    files = {path: each for path, each in shared.items() if inherits[path] is not False}
    layers = {path: _filtered(each.tasks, own.workspace.inherited_tasks) for path, each in files.items()}
    sure = own.tasks.keys() | {name for path, tasks in layers.items() if inherits[path] for name in tasks}
    groups: dict[str, list[object]] = {}
    for named in (own.file_groups, *(each.file_groups for each in files.values())):
        for name, items in named.items():
            groups.setdefault(name, []).extend(items)
    known = {}
    for task_id in dict.fromkeys((*own.tasks, *(name for tasks in layers.values() for name in tasks))):
        links = tuple(_chain(task_id, [*layers.values(), own.tasks]))
        known[f"{project_id}:{task_id}"] = Known(
            target=f"{project_id}:{task_id}",
            source=source,
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
    return known


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
