"""Where the projects of a moon workspace are, and which of them depend on which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from ftui.hookspecs import Project
from ftui_moon.globs import matcher
from ftui_moon.settings import Located, Own

NO_PROJECTS = (".moon", ".config/moon")

TELL_MORE = ("Cargo.toml", "go.mod", "pyproject.toml", "requirements.txt", "deno.json", "deno.jsonc", "composer.json")
"""Files in which toolchains of moon may find that a project depends on another, and which are not read here."""


def join(folder: str, path: str) -> str:
    """The path of a file in the folder of a project."""
    return path if folder == "." else f"{folder}/{path}"


def located(project: Project, projects: list[str] | dict[str, object]) -> Iterator[tuple[str, str]]:
    """Id and folder of each project.

    Raises:
        ValueError: a glob is not understood.
        msgspec.ValidationError: it is not of any form that moon knows.
    """
    if isinstance(projects, list):
        told = Located(globs=projects)
    elif projects.keys() & {"globs", "sources"}:
        told = msgspec.convert(projects, Located)
    else:
        told = Located(sources=msgspec.convert(projects, dict[str, str]))
    for project_id, folder in told.sources.items():
        yield project_id, folder.strip("/").removeprefix("./") or "."
    if "." in told.globs:
        yield _clean(project.root.name), "."
    wanted = [glob for glob in told.globs if glob != "." and not glob.startswith("!")]
    unwanted = [matcher(glob[1:]) for glob in told.globs if glob.startswith("!")]
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
                yield _clean(folder if told.glob_format == "source-path" else name), folder


def _slashes(path: str) -> Iterator[int]:
    place = path.find("/")
    while place >= 0:
        yield place
        place = path.find("/", place + 1)


def _clean(name: str) -> str:
    """The id that moon makes of the name of a folder; source: `Id::clean` in its `common`."""
    return re.sub(r"[^0-9A-Za-z/._-]+", "-", name.replace("@", ""))


def packages(project: Project, sources: Mapping[str, str]) -> dict[str, str]:
    """The ids of projects by the names of their packages."""
    names = {each: project.json(join(source, "package.json")).get("name") for each, source in sources.items()}
    return {name: each for each, name in names.items() if isinstance(name, str)}


def dependencies(
    project: Project,
    sources: Mapping[str, str],
    owns: Mapping[str, Own],
    names: Mapping[str, str],
    project_id: str,
) -> frozenset[str]:
    """The folders of all projects that one depends on, as its `moon.yml` and the names in its package.json say.

    Args:
        project: all of them.
        sources: their folders, by id.
        owns: what they say of themselves, by id.
        names: see `packages`.
        project_id: of the one.
    """
    found: set[str] = set()
    pending = [project_id]
    while pending:
        for name in _names(project, sources[pending[0]], owns[pending.pop(0)]):
            each = name if name in sources else names.get(name)
            if each is not None and each not in found and each != project_id:
                found.add(each)
                pending.append(each)
    return frozenset(sources[each] for each in found)


def tell_more(project: Project) -> frozenset[str]:
    """The folders in which moon may find that a project depends on others than are known here."""
    return frozenset(path.rpartition("/")[0] or "." for path in project.matching(*TELL_MORE))


def _names(project: Project, source: str, own: Own) -> Iterator[str]:
    for item in own.depends_on:
        name = item.get("id") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name
    package = project.json(join(source, "package.json"))
    for kind in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        table = package.get(kind)
        yield from table if isinstance(table, dict) else ()
