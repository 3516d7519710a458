"""The YAML files of a moon workspace as far as they are read here."""

from __future__ import annotations

from typing import TypeVar

import msgspec
import msgspec.yaml

from ftui.hookspecs import Project

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
    depends_on: list[object] = []
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


def decode(project: Project, path: str, kind: type[T], unread: dict[str, str], *, missing_is_fine: bool = False) -> T:
    """Reads one file.

    Args:
        project: that it is in.
        path: of the file.
        kind: what it says.
        unread: is told why, where it cannot be read; what is given back then says nothing.
        missing_is_fine: whether it may well not be there.
    """
    text = project.text(path)
    try:
        if text is None and not missing_is_fine:
            raise ValueError("it is no text of at most 1 MiB")
        return msgspec.yaml.decode(text, type=kind) if text and text.strip() else kind()
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        unread[path] = str(error).partition("\n")[0]
        return kind()
