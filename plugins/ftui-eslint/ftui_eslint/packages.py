"""The npm packages of a project: where they lie, what they declare and configure, and the tools that they have."""

from __future__ import annotations

import os
import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

import msgspec

from ftui.hookspecs import Project
from ftui.model import Unused

ADAPTER = "eslint"
"""The name of the plugin: the adapter of all its checks."""

TREE = ("**", "!*.py", "!*.pyi")
"""What a linter may read: rules follow imports and look whether files exist, and a configuration may import any."""

ENVIRONMENT = ("CI=1", "NODE_ENV", "NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA_CA_CERTS", "NVM_DIR", "VOLTA_HOME")
"""By name, because NODE_* would let tokens through (NODE_AUTH_TOKEN)."""

_LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
_ADD = {
    "npm": "npm install --save-dev",
    "pnpm": "pnpm add --save-dev",
    "yarn": "yarn add --dev",
    "bun": "bun add --dev",
}
_BESIDE = (
    *("package.json", ".npmrc", "pnpm-workspace.yaml", ".pnp.cjs", *_LOCK_FILES),
    "node_modules/.prisma/client/index.d.ts",  # made from a schema, and no package manager keeps account of it
)
"""Files that say what is installed, in the folder of the package and at the root."""
_DEPENDENCIES = ("devDependencies", "dependencies", "peerDependencies")
_EXAMPLES = ("!fixtures/", "!__fixtures__/", "!test/", "!tests/", "!__tests__/", "!templates/")
"""Folders whose packages are there to be looked at, where no workspaces are declared."""
MOST_PACKAGES = 200
"""With more of them, the root is all that is looked at."""
_MOST_EXPANDED = 100
"""Patterns that one pattern with braces may stand for."""
_ENTRY_POINTS = ("main", "module", "browser", "types", "typings", "bin", "exports")

_SCRIPTS = {"lint": ("lint",), "typecheck": ("typecheck", "type-check", "check-types", "types"), "test": ("test",)}
"""The kinds of checks that ftui makes from scripts, and the names that these go by, the best one first."""
_FOR_ALL = re.compile(r"\bworkspaces?\b|\bforeach\b|--recursive|\s-(?:r|ws)\b")
"""In a script of the root, a sign that it runs those of the workspaces, and ftui makes checks of them."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One of the tools."""

    name: str
    """The program, and the first word of the ids of its checks."""
    package: str
    """What npm calls it."""
    configs: tuple[str, ...]
    """Names of its configuration files, in the order in which it looks for them."""
    key: str | None = None
    """Its key in package.json."""


class Program(msgspec.Struct, frozen=True):
    """Where a tool was found."""

    path: str | None
    """Absolute; None where it is not installed."""
    version: str | None = None

    @property
    def major(self) -> int | None:
        """The first number of its version."""
        found = re.match(r"\d+", self.version or "")
        return int(found[0]) if found else None


class Packages:
    """The npm packages of a project; a package is told by its folder, which is empty for the root.

    Args:
        project: what the host shows.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._files = frozenset(project.files)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The root, and the folders of the packages in it, unless these are too many."""
        return ("", *self.below) if len(self.below) <= MOST_PACKAGES else ("",)

    @cached_property
    def below(self) -> tuple[str, ...]:
        """The folders of the packages below the root: the workspaces, or where none are declared, all."""
        chosen = list(self._workspaces()) or ["package.json", *_EXAMPLES]
        found = self.project.matching(*chosen, "!node_modules/")
        return tuple(path.rpartition("/")[0] for path in found if "/" in path and path.isprintable())

    def _workspaces(self) -> Iterator[str]:
        """Patterns for the package.json of each workspace."""
        listed = self.manifest("").get("workspaces")
        if isinstance(listed, Mapping):
            listed = listed.get("packages")
        names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        text = self.project.text("pnpm-workspace.yaml") or ""
        block = re.search(r"^packages:[ \t]*\r?\n((?:[ \t]*(?:[-#].*)?(?:\r?\n|\Z))*)", text, re.MULTILINE)
        names += re.findall(r"""^\s*-\s*["']?([^"'#\s]+)""", block[1] if block else "", re.MULTILINE)
        for name in names:
            excluded = "!" if name.startswith("!") else ""
            for each in islice(_expanded(name.removeprefix("!")), _MOST_EXPANDED):
                yield f"{excluded}/{each.removeprefix('./').strip('/')}/package.json"

    def has(self, path: str) -> bool:
        """Whether the project has this file."""
        return path in self._files

    def manifest(self, folder: str) -> Mapping[str, object]:
        """The package.json in a folder; empty where there is none."""
        return self.project.json(posixpath.join(folder, "package.json"))

    def declared(self, folder: str, package: str) -> str | None:
        """Says where a package, or the root for it, declares a dependency."""
        for place in dict.fromkeys((folder, "")):
            for key in _DEPENDENCIES:
                names = self.manifest(place).get(key)
                if isinstance(names, Mapping) and package in names:
                    return f"{package} in {key} of {posixpath.join(place, 'package.json')}"
        return None

    def configured(self, folder: str, tool: Tool) -> str | None:
        """The file in a folder that configures a tool; for package.json, with its key there."""
        for name in tool.configs:
            if self.has(posixpath.join(folder, name)):
                return posixpath.join(folder, name)
        if tool.key is not None and tool.key in self.manifest(folder):
            return f"{tool.key} in {posixpath.join(folder, 'package.json')}"
        return None

    def asked_for(self, check_id: str) -> str | None:
        """Says whether the user's own configuration names a check."""
        return f"checks.{check_id} in the configuration" if check_id in self.project.checks else None

    # Tools

    def program(self, folder: str, tool: Tool) -> Program:
        """A tool as a package finds it: in the nearest node_modules, then as the project does.

        One of another version may be on PATH: it does not stand in for one that is declared and not yet installed.
        """
        suffix = ".cmd" if os.name == "nt" else ""
        place = folder
        while place:
            manifest = self.project.json(f"{place}/node_modules/{tool.package}/package.json")
            path = self.project.root / place / "node_modules" / ".bin" / f"{tool.name}{suffix}"
            if manifest and path.is_file():
                version = manifest.get("version")
                return Program(str(path), version if isinstance(version, str) else None)
            place = posixpath.dirname(place)
        found = self.project.tool(tool.name)
        own = found is not None and found.path.startswith(os.path.join(self.project.root, ""))
        if found is None or not (own or self.declared(folder, tool.package) is None):
            return Program(None)
        return Program(found.path, found.version)

    def missing(self, folder: str, tool: Tool, because: str) -> str:
        """The value of `Check.unavailable` for a tool that is used for the reason `because`."""
        place, manager = self._manager(folder)
        used = f"{tool.package} is used here ({because})"
        # Not by the list of files: git ignores it in most projects.
        if any((self.project.root / each / ".pnp.cjs").is_file() for each in (folder, "")):
            return f"{used} and yarn alone finds it: set `nodeLinker: node-modules` in .yarnrc.yml, and `yarn install`"
        declared = self.declared(folder, tool.package)
        command = f"{manager} install" if declared else f"{_ADD[manager]} {tool.package}"
        where = place if declared else folder
        return f"{used} and is not installed: run `{command}`{f' in {where}' if where else ''}"

    def _manager(self, folder: str) -> tuple[str, str]:
        """The folder that the packages are installed from, and the package manager."""
        for place in dict.fromkeys((folder, "")):
            field = self.manifest(place).get("packageManager")
            if isinstance(field, str) and field.partition("@")[0] in _ADD:
                return place, field.partition("@")[0]
            for name, manager in _LOCK_FILES.items():
                if self.has(posixpath.join(place, name)):
                    return place, manager
        return folder if not self.manifest("") else "", "npm"

    # Checks

    def config_files(self, folder: str, *names: str) -> tuple[str, ...]:
        """The entries for `Check.config_files`: files beside the package, and at the root or above it."""
        every = (*names, *_BESIDE)
        return (*every, *(f"{folder}/{name}" for name in every)) if folder else every

    @cached_property
    def built(self) -> tuple[str, ...]:
        """Patterns for what other packages import of those in the tree, where it is built and git ignores it."""
        tops = (
            (folder, posixpath.normpath(path).partition("/")[0])
            for folder in self.folders
            for key in _ENTRY_POINTS
            for path in _strings(self.manifest(folder).get(key))
        )
        return tuple(dict.fromkeys(pattern for folder, top in tops for pattern in self.ignored(folder, top)))

    def ignored(self, folder: str, path: str) -> Iterator[str]:
        """The pattern for a file or folder of which git knows nothing; what git knows needs no pattern of its own.

        Args:
            folder: that the path is relative to.
            path: as the project writes it; it may have wildcards after its beginning.
        """
        whole = posixpath.normpath(posixpath.join(folder, path))
        fixed = re.split(r"(?:^|/)[^/]*[*?]", whole, maxsplit=1)[0]
        if fixed in ("", ".") or fixed.startswith(("/", "..")) or set(whole) & set("[]!#\\"):
            return
        place = bisect_left(self.project.files, f"{fixed}/")
        below = self.project.files[place : place + 1]
        if fixed not in self._files and not any(each.startswith(f"{fixed}/") for each in below):
            yield f"/{whole}"

    def double(self, folder: str, tool: Tool) -> str:
        """Says that a script of package.json runs the tool as well, where ftui makes a check from that script."""
        for kind, names in _SCRIPTS.items():
            script, command = self._script(folder, names)
            above, hands_on = self._script("", names) if folder else ("", "")
            made = not above or _FOR_ALL.search(hands_on) is not None
            check_id = f"npm:{kind}:{folder}" if folder else f"npm:{kind}"
            calls = re.search(rf"(?:^|[\s;&|]){tool.name}(?=$|[\s;&|])", command)
            if calls and made and self.project.options(check_id).enabled:
                return f'; script {script} runs it too: enabled = false under [checks."{check_id}"] ends that'
        return ""

    def mentioned_in_scripts(self, folder: str, word: str) -> bool:
        """Whether a script of the package, or of the root, has this word in it."""
        return any(word in text for place in {folder, ""} for text in _strings(self.manifest(place).get("scripts")))

    def _script(self, folder: str, names: tuple[str, ...]) -> tuple[str, str]:
        """Name and text of the first script of these names; empty where there is none."""
        scripts = self.manifest(folder).get("scripts")
        found = scripts if isinstance(scripts, Mapping) else {}
        return next(((name, text) for name in names if isinstance(text := found.get(name), str)), ("", ""))


def check_id(tool: Tool, place: str) -> str:
    """The id of the check of a tool in one place: a folder, or a file that configures it."""
    return f"{tool.name}:{place.replace(' ', '_')}" if place else tool.name


def unused(check_id: str, because: str) -> Unused:
    """What is said of a check that is not offered."""
    return Unused(id=check_id, adapter=ADAPTER, because=because)


def wanted(tool: Tool, *more: str) -> Unused:
    """Says what was looked for in vain."""
    places = [*_families(tool.configs), *([f"{tool.key} in package.json"] if tool.key else []), *more]
    return unused(tool.name, f"none of: {', '.join(places)}")


def _expanded(pattern: str) -> Iterator[str]:
    """The patterns that one with braces stands for: `{apps,packages}/*`."""
    braces = re.search(r"\{([^{}]*)\}", pattern)
    if braces is None:
        yield pattern
        return
    for choice in braces[1].split(","):
        yield from _expanded(pattern[: braces.start()] + choice + pattern[braces.end() :])


def _families(names: tuple[str, ...]) -> list[str]:
    """File names for people: those that differ in their suffix alone become one."""
    stems = [name.rpartition(".")[0] for name in names]
    pairs = zip(names, stems, strict=True)
    return list(dict.fromkeys(f"{stem}.*" if stem and stems.count(stem) > 1 else name for name, stem in pairs))


def _strings(value: object) -> Iterator[str]:
    """All strings in a tree of lists and objects."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
