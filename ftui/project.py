"""The project as adapters see it: its root, its files, what its configuration files say, and its tools."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ftui.hookspecs import Tool
from ftui.model import CheckConfig
from ftui.programs import executable, on_path
from ftui.root import MARKERS
from ftui.tree import Globs, list_files, read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ftui.tree import Listing

ENVIRONMENTS = (".venv", "venv", "env")
"""Where projects keep their virtual environment."""


class Settings(Protocol):
    """The part of the user's configuration that adapters may see."""

    @property
    def checks(self) -> Mapping[str, CheckConfig]:
        """By check id."""


class TreeProject:
    """A `ftui.hookspecs.Project` on disk. It is read when asked, and remembers: make a new one for a changed tree.

    Args:
        root: absolute path of the root.
        config: the user's configuration.
        listing: its files, where they are known already.
        kept: says in which folder an adapter keeps something of this tree; None where nothing is kept.
    """

    def __init__(
        self,
        root: Path,
        config: Settings,
        listing: Listing | None = None,
        kept: Callable[[str], str] | None = None,
    ) -> None:
        self._root = root
        self._checks = config.checks
        self._listing = listing
        self._kept = kept
        self._texts: dict[str, str | None] = {}
        self._left: dict[str, str | None] = {}
        self._tables: dict[tuple[str, str], Mapping[str, object]] = {}
        self._tools: dict[str, Tool | None] = {}

    @property
    def root(self) -> Path:
        """Absolute path of the root."""
        return self._root

    def decided_by(self) -> list[str]:
        """Absolute paths of the files and folders that decided what was answered so far, besides the list of files.

        Those that do not exist are among them: they would matter if they appeared.
        """
        import sys

        root = str(self._root)
        found = [*self._left, *(os.path.join(root, path) for path in self._texts)]
        found += [
            str(folder / name) for folder in (self._root, *self._root.parents) for name in ("ftui.toml", *MARKERS)
        ]
        environments = [os.path.join(root, name) for name in ENVIRONMENTS]
        environments.append(os.environ.get("VIRTUAL_ENV", ""))
        for environment in filter(os.path.isabs, environments):
            found += [os.path.join(environment, "pyvenv.cfg"), os.path.join(environment, _PROGRAMS)]
        found += [os.path.join(root, "node_modules"), os.path.join(root, "node_modules", ".bin")]
        found += filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep))
        return [*found, os.path.dirname(os.path.abspath(sys.executable))]

    @cached_property
    def listing(self) -> Listing:
        """The files, and who listed them."""
        return self._listing or list_files(self._root)

    @property
    def files(self) -> Sequence[str]:
        """Every file that belongs to the project, sorted."""
        return self.listing.files

    @property
    def checks(self) -> Mapping[str, CheckConfig]:
        """What the user's configuration says, by check id."""
        return self._checks

    def options(self, check_id: str) -> CheckConfig:
        """What the user's configuration says of one check; defaults where it says nothing."""
        return self._checks.get(check_id) or CheckConfig()

    def has(self, *patterns: str) -> bool:
        """Whether any file of the project matches one of the patterns."""
        globs = Globs(patterns)
        return any(globs.matches(path) for path in self.files)

    def matching(self, *patterns: str) -> Sequence[str]:
        """The files of the project that match one of the patterns, sorted."""
        return Globs(patterns).filter(self.files)

    def text(self, path: str) -> str | None:
        """The content of a file (at most 1 MiB, inside the root), or None when it cannot be read."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        try:
            target = (self._root / path).resolve()
            if not target.is_relative_to(self._root.resolve()):
                return None
            return read_regular(target).decode("utf-8-sig")
        except (OSError, ValueError, RuntimeError):  # unreadable, not UTF-8 or a NUL in the path, a circle of links
            return None

    def toml(self, path: str) -> Mapping[str, object]:
        """A TOML file, parsed; empty when it is missing or not valid."""
        return self._table("toml", path, _toml)

    def json(self, path: str) -> Mapping[str, object]:
        """A JSON object file, parsed; empty when it is missing or not valid."""
        return self._table("json", path, _json)

    def ini(self, path: str) -> Mapping[str, Mapping[str, str]]:
        """An INI file such as setup.cfg, by section, without interpolation; empty when missing or not valid."""
        text = self.text(path)
        return {} if text is None else _ini(text)

    def _table(self, kind: str, path: str, parse: Callable[[str], Mapping[str, object]]) -> Mapping[str, object]:
        if (kind, path) not in self._tables:
            text = self.text(path)
            self._tables[kind, path] = {} if text is None else parse(text)
        return self._tables[kind, path]

    def kept(self, adapter: str, name: str) -> str | None:
        """The text that a check of this adapter has left as `{kept}/NAME`; None where there is none."""
        if self._kept is None:
            return None
        path = os.path.join(self._kept(adapter), name)
        if path not in self._left:
            try:
                self._left[path] = read_regular(Path(path)).decode()
            except (OSError, ValueError):
                self._left[path] = None
        return self._left[path]

    def tool(self, name: str) -> Tool | None:
        """The executable `name` as a person would find it, or None.

        The project's virtual environment comes first, then an active one, node_modules/.bin, PATH, and last the
        environment that ftui is installed in.
        """
        if name not in self._tools:
            self._tools[name] = find_tool(self._root, name)
        return self._tools[name]


# Formats


def _toml(text: str) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _json(text: str) -> Mapping[str, object]:
    import json

    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _ini(text: str) -> Mapping[str, Mapping[str, str]]:
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


# Tools


def find_tool(root: Path, name: str) -> Tool | None:
    """Finds an executable for the project at `root`; see `TreeProject.tool` for the order."""
    if os.path.basename(name) != name or name in ("", ".", ".."):
        return None
    for origin, environment in _environments(root):
        if found := executable(os.path.join(environment, _PROGRAMS), name):
            return Tool(found, origin, _installed_version(environment, name))
    if found := executable(os.path.join(root, "node_modules", ".bin"), name):
        return Tool(found, "node_modules", _node_version(root, found, name))
    if found := on_path(name):
        return Tool(found, "PATH", _version_beside(found, name))
    import sys

    if found := executable(os.path.dirname(os.path.abspath(sys.executable)), name):
        return Tool(found, "ftui's own environment", _version_beside(found, name))
    return None


_NODE_PACKAGES = {"tsc": "typescript"}
"""Where a program does not have the name of its package."""
_PROGRAMS = "Scripts" if os.name == "nt" else "bin"


def environment_of(root: Path) -> str | None:
    """Absolute path of the virtual environment that the project at `root` is worked on with, or None."""
    return next((folder for _, folder in _environments(root)), None)


def _environments(root: Path) -> Iterator[tuple[str, str]]:
    """The virtual environments of a project, each with its name for people: its own, then the active one."""
    candidates = [(name, os.path.join(root, name)) for name in ENVIRONMENTS]
    active = os.environ.get("VIRTUAL_ENV", "")
    if os.path.isabs(active):
        candidates.append(("VIRTUAL_ENV", active))
    for origin, folder in candidates:
        if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
            yield origin, folder


def _version_beside(program: str, name: str) -> str | None:
    """The version that the environment around a program says; a link may lead there, as those of pipx do."""
    for path in (program, os.path.realpath(program)):
        if version := _installed_version(os.path.dirname(os.path.dirname(path)), name):
            return version
    return None


def _installed_version(environment: str, name: str) -> str | None:
    """The version of a distribution, from the names of its metadata folders; None where they do not agree on one."""
    from glob import escape, iglob

    packages = ("Lib/site-packages",) if os.name == "nt" else ("lib/python*/site-packages", "lib/python*/dist-packages")
    prefix = name.replace("-", "_").replace(".", "_").lower() + "-"
    versions = set()
    for pattern in packages:
        for metadata in iglob(os.path.join(escape(environment), pattern, "*.dist-info")):
            folder = os.path.basename(metadata)
            if folder.lower().startswith(prefix):
                versions.add(folder[len(prefix) : -len(".dist-info")])
    return versions.pop() if len(versions) == 1 else None


def _node_version(root: Path, program: str, name: str) -> str | None:
    """The version of the package that brings a program: its link leads there, as that of `tsc` to typescript."""
    modules = os.path.join(os.path.realpath(root), "node_modules", "")
    target = os.path.realpath(program)
    parts = target.removeprefix(modules).split(os.sep) if target.startswith(modules) else []
    if not parts or parts[0] == ".bin":  # a script that calls the program, as on Windows and from pnpm
        parts = [_NODE_PACKAGES.get(name, name)]
    package_folder = os.path.join(modules, *parts[: 2 if parts[0].startswith("@") else 1])
    try:
        package = _json(read_regular(Path(package_folder, "package.json")).decode())
    except (OSError, ValueError):
        return None
    version = package.get("version")
    return version if isinstance(version, str) else None
