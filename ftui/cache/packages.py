"""The packages of an environment, told from what installers leave behind, without importing or running anything."""

from __future__ import annotations

import os

from ftui.cache.digest import sha256_hex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from ftui.cache.memo import Memo

_NOT_CONTENT: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
"""Files of a dist-info folder that tell of the act of installing: they differ between equal environments."""
_NODE_STATE: Final = (".package-lock.json", ".yarn-state.yml", ".yarn-integrity", ".pnpm/lock.yaml")
"""What npm, yarn and pnpm write into `node_modules` about what they put there."""


class Packages:
    """What is installed in an environment.

    Attributes:
        texts: `name version digest` for each package, sorted: the value of the part `packages` of a key.
        outside: absolute folders beyond the project and the environment that it imports from (editable installs). Their
            files belong to the inputs of whatever runs in the environment.
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
    `direct_url.json` with root and prefix taken out, and the site's own start-up modules.

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
    """What the package manager says of a `node_modules` folder, and the names in it; empty where there is none."""

    def work() -> tuple[list[str], tuple[str, ...]]:
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
        return [folder, *states, *(os.path.join(folder, scope) for scope in scopes)], tuple(texts)

    return Packages(memo.get(f"node:{folder}", work))


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


class _Scan:
    """Goes through the site folders of one environment."""

    def __init__(self, root: str, prefix: str) -> None:
        self.watched: list[str] = []
        self.texts: list[str] = []
        self.outside: set[str] = set()
        self._homes = [(os.fsencode(place), name) for place, name in _places(root, prefix)]

    def site(self, site: str) -> None:
        self.watched.append(site)
        for name in sorted(_names(site)):
            path = os.path.join(site, name)
            stem, _, kind = name.rpartition(".")
            if kind in ("dist-info", "egg-info"):
                self._distribution(path, stem)
            elif kind in ("pth", "egg-link") or name.startswith("__editable__"):
                self._pointer(path, name)
            elif name in ("sitecustomize.py", "usercustomize.py"):
                self._loose(path, name)

    def _distribution(self, path: str, stem: str) -> None:
        name, _, version = stem.partition("-")
        record = os.path.join(path, "RECORD")
        content = _data(record)
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

    def _pointer(self, path: str, name: str) -> None:
        content = self._loose(path, name)
        self.outside.update(_elsewhere(content, name, self._homes))

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


def _elsewhere(content: bytes, name: str, homes: list[tuple[bytes, bytes]]) -> Iterator[str]:
    if name.endswith(".py"):
        import re

        candidates = re.findall(rb"""['"]((?:/|[A-Za-z]:)[^'"\n]+)['"]""", content)
    else:
        candidates = [
            line.strip() for line in content.splitlines() if not line.startswith((b"import ", b"import\t", b"#"))
        ]
    for candidate in candidates:
        inside = any(candidate == place or candidate.startswith(place + os.sep.encode()) for place, _ in homes)
        if not inside and os.path.isabs(candidate) and os.path.exists(candidate):
            yield os.fsdecode(candidate)


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _data(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
