"""The packages of an environment, told from what installers leave behind, without importing or running anything."""

from __future__ import annotations

import os

from ftui.cache.digest import sha256_hex
from ftui.cache.regular import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from ftui.cache.memo import Memo

_NOT_CONTENT: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
"""Files of a dist-info folder that tell of the act of installing: they differ between equal environments."""
_NODE_STATE: Final = (".package-lock.json", ".yarn-state.yml", ".yarn-integrity", ".pnpm/lock.yaml")
"""What npm, yarn and pnpm write into `node_modules` about what they put there."""


_ACCOUNTS: Final = (".dist-info", ".egg-info")


class Packages:
    """What is installed in an environment.

    Attributes:
        texts: `name version digest` for each package, sorted: the value of the part `packages` of a key.
        outside: absolute paths of folders and modules that it imports from and no installer keeps account of: those of
            editable installs beyond the project, and what was put among the packages by hand. They belong to the
            inputs of whatever runs in the environment.
    """

    __slots__ = ("outside", "texts")

    def __init__(self, texts: tuple[str, ...], outside: tuple[str, ...] = ()) -> None:
        self.texts = texts
        self.outside = outside

    def version(self, name: str) -> str:
        """The version of a package, or the empty string when it is not there."""
        wanted = _canonical(name) + " "
        return next((text.split(" ")[1] for text in self.texts if text.startswith(wanted)), "")


def python_packages(prefix: str, root: str, memo: Memo) -> Packages:
    """The packages of a Python environment.

    Equal content gives equal texts wherever the environment and the project lie: the RECORD of each package (METADATA
    where there is none) without the entries that hold paths or byte code, `.pth` files, editable finders and
    `direct_url.json` with root and prefix taken out, the site's own start-up modules, and the names of what no package
    accounts for.

    Args:
        prefix: absolute path of the environment, the folder that holds `pyvenv.cfg` or `bin/python`.
        root: absolute path of the project.
        memo: remembers the answer for as long as site-packages and the records in it do not move.
    """

    def work() -> tuple[list[str], tuple[tuple[str, ...], tuple[str, ...]]]:
        watched = [prefix, *(os.path.join(prefix, name) for name in ("pyvenv.cfg", "lib", "lib64", "Lib"))]
        scan = _Scan(root, prefix)
        for site in site_folders(prefix):
            scan.site(site)
        return watched + scan.watched, (tuple(sorted(scan.texts)), tuple(sorted(scan.outside)))

    texts, outside = memo.get(f"packages:{prefix}:{root}", work)
    return Packages(texts, outside)


def node_packages(folder: str, memo: Memo) -> Packages:
    """What the package manager says of a `node_modules` folder, and the names in it; empty where there is none.

    Where no package manager has left a word there, each package speaks for itself. Those that are links are imported
    from where they lie.
    """

    def work() -> tuple[list[str], tuple[tuple[str, ...], tuple[str, ...]]]:
        states = [os.path.join(folder, name) for name in _NODE_STATE]
        found = [
            (name, data) for name, path in zip(_NODE_STATE, states, strict=True) if (data := _data(path)) is not None
        ]
        names = sorted(name for name in _names(folder) if not name.startswith("."))
        scopes = [name for name in names if name.startswith("@")]
        names += [f"{scope}/{name}" for scope in scopes for name in sorted(_names(os.path.join(folder, scope)))]
        texts = [f"node_modules/{name}  {sha256_hex(data)}" for name, data in found]
        if names:
            texts.append(f"node_modules  {sha256_hex(chr(0).join(names).encode('utf-8', 'surrogatepass'))}")
        manifests = [] if found else [os.path.join(folder, name, "package.json") for name in names]
        for name, manifest in zip(names, manifests, strict=False):
            if (data := _data(manifest)) is not None:
                texts.append(f"node_modules/{name}  {sha256_hex(data)}")
        places = [os.path.realpath(path) for name in names if os.path.islink(path := os.path.join(folder, name))]
        # Those that lie in another such folder stand in its books.
        linked = sorted(place for place in places if f"{os.sep}node_modules{os.sep}" not in place)
        watched = [folder, *states, *manifests, *(os.path.join(folder, scope) for scope in scopes)]
        return watched, (tuple(texts), tuple(linked))

    return Packages(*memo.get(f"node:{folder}", work))


def site_folders(prefix: str) -> list[str]:
    """The folders of an environment that packages are installed into, and its base's where it uses them."""
    found = [os.path.join(prefix, "Lib", "site-packages"), os.path.join(prefix, "lib", "python3", "dist-packages")]
    for library in (os.path.join(prefix, "lib"), os.path.join(prefix, "lib64"), os.path.join(prefix, "local", "lib")):
        for name in _names(library):
            if name.startswith(("python", "pypy")):
                found += [os.path.join(library, name, packages) for packages in ("site-packages", "dist-packages")]
    settings = settings_of(prefix)
    if settings.get("include-system-site-packages") == "true" and (home := settings.get("home")):
        base = os.path.dirname(home)
        if base != prefix:
            found += site_folders(base)
    unique = {os.path.realpath(folder): folder for folder in found if os.path.isdir(folder)}
    return list(unique.values())


def settings_of(prefix: str) -> dict[str, str]:
    """`pyvenv.cfg` of an environment; empty when it has none."""
    text = (_data(os.path.join(prefix, "pyvenv.cfg")) or b"").decode("utf-8", "replace")
    lines = (line.partition("=") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def sees_user_packages(prefix: str) -> bool:
    """Whether the Python of an environment imports what its user has installed for all environments."""
    settings = settings_of(prefix)
    return settings.get("include-system-site-packages") == "true" if settings else True


class _Scan:
    """Goes through the site folders of one environment."""

    def __init__(self, root: str, prefix: str) -> None:
        self.watched: list[str] = []
        self.texts: list[str] = []
        self.outside: set[str] = set()
        self._homes = [(os.fsencode(place), name) for place, name in _places(root, prefix)]

    def site(self, site: str) -> None:
        self.watched.append(site)
        names = sorted(_names(site))
        accounts = [self._distribution(os.path.join(site, name)) for name in names if name.endswith(_ACCOUNTS)]
        # Distributions of a system come without the list of their files.
        complete = None not in accounts
        known = {"__pycache__"}.union(*(account for account in accounts if account is not None))
        for name in names:
            path = os.path.join(site, name)
            if name.endswith((".pth", ".egg-link")) or name.startswith("__editable__"):
                self._pointer(path, name)
            elif name in ("sitecustomize.py", "usercustomize.py"):
                self._loose(path, name)
            elif complete and name not in known and not name.endswith(_ACCOUNTS):
                self.texts.append(f"{name}  ")
                self.outside.add(path)

    def _distribution(self, path: str) -> set[str] | None:
        """Takes in one distribution; gives the names of its files in the site folder, None where it has no list."""
        stem = os.path.basename(path).rpartition(".")[0]
        name, _, version = stem.partition("-")
        record = os.path.join(path, "RECORD")
        listed = content = _data(record)
        self.watched.append(record)
        if content is not None:
            content = b"\n".join(sorted(_content_lines(content)))
        else:
            files = [path, os.path.join(path, "METADATA"), os.path.join(path, "PKG-INFO")]
            self.watched += files
            content = b"\0".join(_data(file) or b"" for file in files)
        url = os.path.join(path, "direct_url.json")
        self.watched.append(url)
        origin = self._portable(_data(url) or b"")
        digest = sha256_hex(content + b"\0" + origin)[:16]
        self.texts.append(f"{_canonical(name)} {version} {digest}")
        if listed is None:
            return None
        return {os.fsdecode(line.lstrip(b'"').partition(b",")[0].partition(b"/")[0]) for line in listed.splitlines()}

    def _pointer(self, path: str, name: str) -> None:
        content = self._loose(path, name)
        site = os.path.dirname(path)
        if name.endswith(".py"):
            self.outside.update(filter(self._is_elsewhere, _named_in_code(content)))
            return
        for line in map(bytes.strip, content.splitlines()):
            if not line.startswith((b"import ", b"import\t")):
                if line and not line.startswith(b"#"):
                    self.outside.update(filter(self._is_elsewhere, [os.path.join(site, os.fsdecode(line))]))
                continue
            words = os.fsdecode(line[7:].replace(b";", b" ").replace(b",", b" ")).split()
            module = os.path.join(site, f"{words[0]}.py") if words and words[0].isidentifier() else ""
            if os.path.isfile(module) and not words[0].startswith("__editable__"):
                self._pointer(module, f"{words[0]}.py")

    def _is_elsewhere(self, path: str) -> bool:
        place = os.fsencode(os.path.normpath(path))
        return os.path.exists(path) and not any(
            place == home or place.startswith(home + os.sep.encode()) for home, _ in self._homes
        )

    def _loose(self, path: str, name: str) -> bytes:
        content = _data(path) or b""
        self.watched.append(path)
        self.texts.append(f"{name}  {sha256_hex(self._portable(content))[:16]}")
        return content

    def _portable(self, content: bytes) -> bytes:
        for place, name in self._homes:
            content = content.replace(place, name)
        return content


def _places(root: str, prefix: str) -> list[tuple[str, bytes]]:
    """Root and prefix with what stands for them, the longer path first: the one often lies in the other."""
    pairs = {
        os.path.realpath(root): b"{root}",
        root: b"{root}",
        os.path.realpath(prefix): b"{prefix}",
        prefix: b"{prefix}",
    }
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _content_lines(record: bytes) -> Iterator[bytes]:
    """The lines of a RECORD that are the same in every environment that holds the same package."""
    for line in record.splitlines():
        path = line.lstrip(b'"')
        if path.startswith((b"..", b"/", b"__editable__")) or b".pyc," in path:
            continue
        if (
            b".dist-info/" in path
            and path.partition(b",")[0].rpartition(b"/")[2].decode("utf-8", "replace") in _NOT_CONTENT
        ):
            continue
        yield line


def _named_in_code(content: bytes) -> Iterator[str]:
    """The absolute paths that a module of start-up code quotes, also where it leaves out the suffix of a module."""
    import re

    for quoted in re.findall(rb"""['"]((?:/|[A-Za-z]:)[^'"\n]+)['"]""", content):
        path = os.fsdecode(quoted)
        if os.path.basename(path) == "__init__.py":
            path = os.path.dirname(path)
        yield path if os.path.exists(path) else f"{path}.py"


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _data(path: str) -> bytes | None:
    try:
        return read_regular(path)
    except (OSError, ValueError):  # a NUL in the path
        return None
