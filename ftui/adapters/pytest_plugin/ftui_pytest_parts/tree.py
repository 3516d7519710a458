"""The tree as it is: its files, what they say, which module is which file, and what imports what."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from .source import TOP, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

_SETTLED_NS = 2_000_000_000
"""Age from which on a file cannot change without a change of its times: FAT counts in steps of 2 s."""
_LEFT_OUT = {".git", ".hg", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox", "site-packages"}
_MOST_FILES = 100_000

WHOLE = "*"
"""The name of all of a file, as against one of its blocks."""
NAMES = "/"
"""The name of the list of what is in a folder."""


class Tree:
    """The files below a root at one moment.

    Args:
        root: absolute path.
        known: signature and digest by path, from an earlier look.
    """

    def __init__(self, root: str, known: dict[str, list[object]]) -> None:
        self.root = root
        self.stats: dict[str, list[object]] = {}
        self._sources: dict[str, Source | None] = {}
        for path in _listed(root):
            found = _looked_at(os.path.join(root, path), known.get(path))
            if found is not None:
                self.stats[path] = found
        self.digests = {path: str(found[-1]) for path, found in self.stats.items()}
        self.name = hashlib.sha256(repr(sorted(self.digests.items())).encode("utf-8", "surrogatepass")).hexdigest()

    def digest(self, path: str, name: str) -> str:
        """What a part of a file says: a block, `WHOLE`, or for a folder `NAMES`; empty where there is no such thing."""
        if name == NAMES:
            return _names(os.path.join(self.root, path))
        if name != WHOLE:
            source = self.source(path)
            return "" if source is None else source.digests.get(name, "")
        if path not in self.digests:
            # Ignored by git, or not there at all.
            found = _looked_at(os.path.join(self.root, path), None)
            self.digests[path] = "" if found is None else str(found[-1])
        return self.digests[path]

    def source(self, path: str) -> Source | None:
        """A Python file, taken apart; None where it cannot be read."""
        if path not in self._sources:
            try:
                with open(os.path.join(self.root, path), "rb") as stream:
                    self._sources[path] = Source(stream.read(), path)
            except OSError:
                self._sources[path] = None
        return self._sources[path]


class Modules:
    """Which modules are files of a tree, and which of them each imports.

    Args:
        tree: the tree, when all its modules have been imported that will be.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._above = os.path.join(tree.root, "")
        self._paths: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._reached: dict[str, frozenset[str]] = {}
        for name, module in list(sys.modules.items()):
            path = self.path(getattr(module, "__file__", None))
            if path is not None:
                self._paths[name] = path
                self._names.setdefault(path, name)
        self._places = [place for place in map(self._folder, sys.path) if place is not None]

    def path(self, filename: object) -> str | None:
        """The path of a Python file of the tree, posix and relative; None for any other."""
        if not isinstance(filename, str):
            return None
        path = os.path.abspath(filename)
        if not path.startswith(self._above) or not path.endswith(".py"):
            return None
        return path[len(self._above) :].replace(os.sep, "/")

    def is_loaded(self, path: str) -> bool:
        """Whether a file has been imported."""
        return path in self._names

    def reached(self, path: str) -> frozenset[str]:
        """The files that importing a file may import, at once or later, and the file itself."""
        if path not in self._reached:
            found: set[str] = set()
            pending = [path]
            while pending:
                each = pending.pop()
                if each not in found:
                    found.add(each)
                    pending += self._imported(each)
            self._reached[path] = frozenset(found)
        return self._reached[path]

    def reached_from(self, paths: Iterable[str]) -> frozenset[str]:
        """The same for several files."""
        return frozenset(each for path in paths for each in self.reached(path))

    def _imported(self, path: str) -> set[str]:
        source = self._tree.source(path)
        found: set[str] = set()
        own = self._names.get(path, "")
        package = own if path.endswith("/__init__.py") else own.rpartition(".")[0]
        for level, module, names in source.imports if source is not None else ():
            if level:
                base = package.rsplit(".", level - 1)[0] if level > 1 else package
                module = f"{base}.{module}".strip(".")
            for name in (module, *(f"{module}.{each}".strip(".") for each in names)):
                found.update(self._files(name))
        parts = own.split(".")
        for count in range(1, len(parts)):
            found.update(self._files(".".join(parts[:count])))
        return found

    def _files(self, name: str) -> set[str]:
        """The files of a module and of the packages that it is in."""
        found: set[str] = set()
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            prefix = ".".join(parts[:count])
            if prefix in self._paths:
                found.add(self._paths[prefix])
                continue
            stem = "/".join(parts[:count])
            for place in self._places:
                found.update(
                    path for path in (f"{place}{stem}.py", f"{place}{stem}/__init__.py") if path in self._tree.digests
                )
        return found

    def _folder(self, entry: str) -> str | None:
        path = os.path.join(os.path.abspath(entry), "")
        if not path.startswith(self._above):
            return None
        return path[len(self._above) :].replace(os.sep, "/")


def _listed(root: str) -> list[str]:
    """The files of the tree, sorted: those that git does not ignore, or all, where it does not answer."""
    command = ["git", "--no-optional-locks", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            listed = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
            return sorted(name for name in listed if "__pycache__/" not in name)[:_MOST_FILES]
    except (OSError, subprocess.SubprocessError):
        pass
    found: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in _LEFT_OUT and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        ]
        found += (os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/") for name in names)
        if len(found) > _MOST_FILES:
            break
    return sorted(found)


def _looked_at(path: str, known: list[object] | None) -> list[object] | None:
    """Signature, whether that can be trusted, and digest of a file; None where it cannot be read."""
    now = time.time_ns()
    try:
        st = os.stat(path)
        signature: list[object] = [st.st_size, st.st_mtime_ns, 0 if os.name == "nt" else st.st_ctime_ns, st.st_ino]
        if known is not None and known[:-2] == signature and known[-2]:
            return known
        digest = hashlib.sha256()
        with open(path, "rb") as stream:
            for chunk in iter(lambda: stream.read(1 << 20), b""):
                digest.update(chunk)
    except OSError:
        return None
    settled = max(st.st_mtime_ns, st.st_ctime_ns) + _SETTLED_NS <= now
    return [*signature, settled, digest.hexdigest()[:32]]


def _names(folder: str) -> str:
    try:
        names = sorted(name for name in os.listdir(folder) if name != "__pycache__")
    except OSError:
        return ""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]


__all__ = ["NAMES", "TOP", "WHOLE", "Modules", "Tree"]
