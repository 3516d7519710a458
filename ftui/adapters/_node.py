"""What package.json and its like say: the package manager, the workspaces, and what each of these may read."""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.adapters import _python
from ftui.adapters._braces import expanded

if TYPE_CHECKING:
    from ftui.hookspecs import Project

LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
MANAGERS = frozenset(LOCK_FILES.values())
MOST_WORKSPACES = 100
"""With more of them, the scripts of the root are all that is looked at."""
_MOST_SCRIPTS = 1000

_PNPM_PACKAGES = re.compile(r"^packages:[ \t]*(?:#.*)?\n(?P<items>(?:[ \t]*(?:-.*|#.*)?\n)*)", re.MULTILINE)
_PNPM_ITEM = re.compile(
    r"""^[ \t]*-[ \t]+(?:'(?P<single>[^'"\\]+)'|"(?P<double>[^'"\\]+)"|(?P<plain>[\w./@][^\s#'":{}\[\],&]*))"""
    r"""[ \t]*(?:#.*)?$"""
)

_SETTINGS = re.compile(
    r"(?:package|[jt]sconfig[\w.-]*|project|jest[\w.-]*|vitest[\w.-]*)\.json$"
    r"|.*\.(?:config|conf|workspace|setup|preset|babel)\.\w+$|\..*rc(?:\.\w+)?$"
)
"""Names of files in which a package says what it reads of others."""
_CODE = re.compile(r".*\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx|html?|s?css|less)$")
"""Names of files that may lead out of their package, whether or not its settings say so."""
_MOST_CODE = 3000
"""Of such files are read; where there are more, every workspace may read every other."""
_QUOTED = re.compile(r"""["'`](?P<name>(?:@[\w.~-]+/)?[\w.~-]+)(?:/[^"'`\n]*)?["'`]""")
_BARE = re.compile(r"(?<![\w@/.~-])(?P<name>(?:@[\w.~-]+/)?[\w.~-]+)")
_UNQUOTED = re.compile(r"\.ya?ml$|(?:^|/)\.[^/.]*rc$")
_UPWARDS = re.compile(r"(?<!\.)\.\.(?!\.)(?:/[^\s\"'`;:,(){}<>|&*?$\[]*)?")
_ALIASES = re.compile(r"(?:^|/)(?:jest|vite|vitest|babel|webpack|rollup|rspack)[\w.-]*\.\w+$|(?:^|/)\.(?:babel|swc)rc")
"""Settings of the root that may give names to folders; those of TypeScript do where they have `paths`."""


class Package(Struct, frozen=True, kw_only=True):
    """The package of the root, or one of the workspaces."""

    folder: str
    """Posix path relative to the root; `.` for the root itself."""
    name: str
    scripts: Mapping[str, str]
    outputs: frozenset[str]
    """Names of the folders that others import from, usually built and ignored by git."""


def manager(project: Project) -> tuple[str, str]:
    """The package manager, and what says so."""
    package = project.json("package.json")
    field = package.get("packageManager")
    if isinstance(field, str) and field.partition("@")[0] in MANAGERS:
        return field.partition("@")[0], "packageManager in package.json"
    engine = (_python.table(package, "devEngines", "packageManager") or {}).get("name")
    if isinstance(engine, str) and engine in MANAGERS:
        return engine, "devEngines.packageManager in package.json"
    present = [path for path in LOCK_FILES if project.has(f"/{path}")]
    if not present:
        return "npm", "no lock file"
    others = [path for path in present if LOCK_FILES[path] != LOCK_FILES[present[0]]]
    beside = f", though there is {' and '.join(others)} too: packageManager in package.json would decide"
    return LOCK_FILES[present[0]], present[0] + (beside if others else "")


def packages(project: Project, tool: str) -> tuple[Package, ...]:
    """The package of the root, then the workspaces that the package manager `tool` takes for such; sorted.

    Where these cannot be told for sure, or are more than `MOST_WORKSPACES`, there is the root alone.
    """
    patterns = _pnpm_patterns(project) if tool == "pnpm" else _patterns(project.json("package.json"))
    plain = [word for pattern in patterns for word in islice(expanded(pattern), MOST_WORKSPACES + 1)]
    folders: list[str] = []
    if len(plain) <= MOST_WORKSPACES and not any(set("{}()|") & set(word) for word in plain):
        paths = project.matching(*map(_manifests, plain), "!node_modules/**") if plain else ()
        folders = sorted(filter(None, map(posixpath.dirname, paths)))
    nested = any("workspaces" in project.json(manifest(folder)) for folder in folders[: MOST_WORKSPACES + 1])
    if len(folders) > MOST_WORKSPACES or nested:
        folders = []
    return (_package(project, "."), *(_package(project, folder) for folder in folders))


def _patterns(package: Mapping[str, object]) -> tuple[str, ...]:
    listed = package.get("workspaces")
    return _python.strings(listed.get("packages") if isinstance(listed, Mapping) else listed)


def _pnpm_patterns(project: Project) -> tuple[str, ...]:
    """The list `packages` of pnpm-workspace.yaml; nothing where it is written in any but the plainest way."""
    text = (project.text("pnpm-workspace.yaml") or "").replace("\r\n", "\n") + "\n"
    block = _PNPM_PACKAGES.search(text)
    lines = block["items"].splitlines() if block else []
    items = [_PNPM_ITEM.match(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    found = [item["single"] or item["double"] or item["plain"] for item in items if item]
    return tuple(found) if len(found) == len(items) else ()


def _manifests(pattern: str) -> str:
    """The pattern, as in .gitignore, of the package.json of the folders that a pattern of workspaces means."""
    sign = "!" if pattern.startswith("!") else ""
    folder = pattern.removeprefix("!").removeprefix("./").strip("/")
    return f"{sign}/{folder}/package.json"


def manifest(folder: str) -> str:
    """The path of the package.json in a folder."""
    return posixpath.normpath(posixpath.join(folder, "package.json"))


def _package(project: Project, folder: str) -> Package:
    package = project.json(manifest(folder))
    name = package.get("name")
    scripts: Mapping[str, object] = _python.table(package, "scripts") or {}
    return Package(
        folder=folder,
        name=name if isinstance(name, str) else "",
        scripts={
            name: text
            for name, text in islice(scripts.items(), _MOST_SCRIPTS)
            if isinstance(text, str) and text.strip()
        },
        outputs=frozenset(_outputs(package)),
    )


def _outputs(package: Mapping[str, object]) -> Iterator[str]:
    """The folders that lie at the top of what a package offers to others."""
    pending = [package.get(key) for key in ("main", "module", "browser", "types", "typings", "bin", "exports")]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            first, slash, _ = posixpath.normpath(value).partition("/")
            if slash and first not in ("", "..", "node_modules") and not set(first) & set("*?[]\\!"):
                yield first


def inputs(project: Project, known: Sequence[Package]) -> dict[str, tuple[str, ...]]:
    """What the scripts of each package may read, as patterns by folder: rather too much than too little.

    A workspace reads itself, those that it names or leads to in its package.json, other settings or code, what these
    read, and whatever lies in no workspace. What settings and code name that belong to no workspace counts for all. Of
    the others that it reads, what is built counts too, though git ignores it; not what it builds itself, which its own
    scripts write.

    Args:
        project: the project.
        known: as `packages` gives them, the root first.
    """
    workspaces = known[1:]
    everything = {each.folder for each in workspaces}
    built = {each.folder: [f"{literal(path)}/**" for path in _built(project, each)] for each in known}
    if not workspaces:
        return {".": ("**", *(f"!/{pattern}" for pattern in built["."]))}
    texts = _texts(project, everything)
    if texts is None or any(_gives_aliases(path, text, workspaces) for path, text in texts["."]):
        direct = dict.fromkeys(everything, everything)
    else:
        everybody = set(_named(texts["."], None, workspaces))
        direct = {folder: everybody.union(_named(texts[folder], folder, workspaces)) for folder in everything}
    of_root = ("**", *(f"!/{pattern}" for patterns in built.values() for pattern in patterns))
    return {".": of_root, **{folder: tuple(_inputs(folder, _closure(folder, direct), built)) for folder in direct}}


def _inputs(folder: str, reached: Set[str], built: Mapping[str, Iterable[str]]) -> Iterator[str]:
    yield "**"
    read = {folder, *reached}
    left_out = sorted(built.keys() - read - {"."})
    yield from (f"!/{literal(each)}/**" for each in left_out)
    # What lies within one that is left out is chosen again.
    yield from (f"/{literal(each)}/**" for each in sorted(read) if left_out)
    yield from (f"/{pattern}" for each in sorted(read - {folder}) for pattern in built[each])
    yield from (f"!/{pattern}" for each in (".", folder) for pattern in built[each])


def _built(project: Project, package: Package) -> Iterator[str]:
    """The folders of a package that others import from and git does not list."""
    for output in sorted(package.outputs):
        path = posixpath.normpath(posixpath.join(package.folder, output))
        place = bisect_left(project.files, f"{path}/")
        if not any(file.startswith(f"{path}/") for file in project.files[place : place + 1]):
            yield path


def _texts(project: Project, folders: set[str]) -> dict[str, list[tuple[str, str]]] | None:
    """Settings and code of each workspace, with their texts; those in none of them under `.`. None where it is much."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    code = 0
    for path in project.files:
        folder, _, name = path.rpartition("/")
        is_code = _CODE.match(name) is not None
        code += is_code
        if code > _MOST_CODE:
            return None
        if is_code or _SETTINGS.match(name):
            while folder and folder not in folders:
                folder = posixpath.dirname(folder)
            text = project.text(path)
            if text is None and is_code:
                return None
            found[folder or "."].append((path, text or ""))
    return found


def _gives_aliases(path: str, text: str, workspaces: Iterable[Package]) -> bool:
    """Whether a file of the root lets every package import from folders of workspaces under other names."""
    if path == "package.json":
        package = {key: value for key, value in _object(text).items() if key not in ("workspaces", "scripts")}
        text = json.dumps(package)
    elif not _ALIASES.search(path) and '"paths"' not in text:
        return False
    tops = {each.folder.partition("/")[0] for each in workspaces}
    return any(re.search(rf"(?<![\w@.-]){re.escape(top)}/", text) for top in tops)


def _object(text: str) -> Mapping[str, object]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _named(texts: Iterable[tuple[str, str]], folder: str | None, workspaces: Sequence[Package]) -> Iterator[str]:
    """The folders of the workspaces that settings and code name, and those that paths lead to from a `folder`."""
    by_name = {each.name: each.folder for each in workspaces if each.name}
    for path, text in texts:
        names = _BARE if _UNQUOTED.search(path) else _QUOTED
        for name in {found["name"] for found in names.finditer(text)} & by_name.keys():
            yield by_name[name]
        if folder is None:
            yield from (each.folder for each in workspaces if _CODE.match(path) and each.folder in text)
            continue
        for up in {found[0] for found in _UPWARDS.finditer(text)}:
            # Some paths are relative to the file, others to the folder of the package; of code, `..` to the file alone.
            own = _CODE.match(path) and not up.strip("./")
            for base in {posixpath.dirname(path)} if own else {posixpath.dirname(path), folder}:
                target = posixpath.normpath(posixpath.join(base, up))
                inside = "" if target == "." else f"{target}/"
                for each in workspaces:
                    if f"{each.folder}/".startswith(inside) or inside.startswith(f"{each.folder}/"):
                        yield each.folder


def _closure(start: str, direct: Mapping[str, Iterable[str]]) -> set[str]:
    reached: set[str] = set()
    pending = list(direct[start])
    while pending:
        folder = pending.pop()
        if folder not in reached:
            reached.add(folder)
            pending += direct[folder]
    return reached


def literal(folder: str) -> str:
    """A folder as a pattern that means it and nothing else."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", folder)
