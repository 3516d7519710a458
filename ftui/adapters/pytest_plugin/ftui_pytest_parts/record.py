"""What is known of each test from earlier runs: how it ended, how long it took, and what it used.

Each fact proves itself when it is read: a test is as it was only if every part of the tree that it used says what it
said then. So the file needs no care from whoever keeps it, and whatever it says of a tree that is no more does no harm.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .tree import Tree

    Block = tuple[str, str]
    """Path and name of a block."""
    Part = tuple[str, str, str, str]
    """Path and name of a part of the tree, its digest, and that of the file as a whole."""

NAME = "tests-1.json"
"""With the version of what it holds."""
LONG = "long"
"""A file that is there when all tests took so long that a part of them is worth running ahead."""
LONG_S = 10.0
_MOST_BYTES = 128 * 1024 * 1024

NEW = "new"
_CONFIG = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg")
_SPECIAL = ("conftest.py", "__init__.py")


class Record:
    """The file.

    Args:
        folder: where it lies.

    Attributes:
        seconds: by test what its last run took.
        failed: the tests that did not pass the last time that they ran.
        broken: those of them that did not pass when all ran; None before they ever did.
        surroundings: what else the facts about uses hold for.
        tree: by path the digests of all files, when all tests ran last.
        stats: by path what the files looked like.
        uses: by test the groups of parts that it used, why that cannot be told, and the name of the tree then.
        below: by block what ran below it, of blocks that may keep something for later.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.broken: set[str] | None = None
        self.surroundings = ""
        self.tree: dict[str, str] = {}
        self.stats: dict[str, list[object]] = {}
        self.uses: dict[str, tuple[list[tuple[Part, ...]], str, str]] = {}
        self.below: dict[Block, set[Block]] = {}
        try:
            if os.path.getsize(self._path) <= _MOST_BYTES:
                with open(self._path, encoding="utf-8", errors="surrogatepass") as stream:
                    self._read(json.load(stream))
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
            pass  # there is none, or it is of no use

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, NAME)

    @property
    def long(self) -> bool:
        """Whether the tests take so long that a part of them is worth running ahead."""
        return os.path.exists(os.path.join(self._folder, LONG))

    def _read(self, data: dict[str, Any]) -> None:
        parts: list[Part] = [tuple(part) for part in data["parts"]]
        groups = [tuple(parts[index] for index in group) for group in data["groups"]]
        self.seconds = data["seconds"]
        self.failed = set(data["failed"])
        self.broken = None if data["broken"] is None else set(data["broken"])
        self.surroundings, self.tree, self.stats = data["surroundings"], data["tree"], data["stats"]
        self.uses = {
            test: ([groups[index] for index in used], unknown, tree)
            for test, (used, unknown, tree) in data["uses"].items()
        }
        self.below = {(path, name): {(p, n) for p, n in found} for path, name, found in data["below"]}

    def save(self) -> None:
        """Puts it in place as a whole, or leaves the earlier one."""
        parts: dict[Part, int] = {}
        groups: dict[tuple[Part, ...], int] = {}
        uses = {
            test: ([groups.setdefault(group, len(groups)) for group in used], unknown, tree)
            for test, (used, unknown, tree) in self.uses.items()
        }
        indices = [[parts.setdefault(part, len(parts)) for part in group] for group in groups]
        data = {
            "seconds": self.seconds,
            "failed": sorted(self.failed),
            "broken": None if self.broken is None else sorted(self.broken),
            "surroundings": self.surroundings,
            "tree": self.tree,
            "stats": self.stats,
            "parts": list(parts),
            "groups": indices,
            "uses": uses,
            "below": [(path, name, sorted(found)) for (path, name), found in self.below.items()],
        }
        try:
            draft = f"{self._path}.{os.getpid()}"
            with open(draft, "w", encoding="utf-8", errors="surrogatepass") as stream:
                json.dump(data, stream, separators=(",", ":"))
            os.replace(draft, self._path)
            # Not so that a suite that takes about that long has a part and has none in turn.
            self._mark(sum(self.seconds.values()) >= (LONG_S / 2 if self.long else LONG_S))
        except OSError:  # a full disk is no reason for a test run to fail
            pass

    def _mark(self, long: bool) -> None:
        path = os.path.join(self._folder, LONG)
        if long and not self.long:
            with open(path, "w", encoding="utf-8"):
                pass
        elif not long and self.long:
            os.unlink(path)

    def affected(self, tree: Tree, tests: Iterable[str], surroundings: str) -> dict[str, str]:
        """The tests that what has changed since they were last observed may have to do with, each with the reason.

        A test of which nothing is known is among them. The reason is a path, `NEW`, or why its uses are not known.

        Args:
            tree: as it is now.
            tests: all that there are.
            surroundings: as they are now.
        """
        known = self.uses if surroundings == self.surroundings else {}
        tests = list(tests)
        everything = self._everything(tree, {test.split("::")[0] for test in tests}) if known else None
        causes: dict[tuple[Part, ...], str] = {}
        found: dict[str, str] = {}
        for test in tests:
            if test not in known:
                found[test] = NEW
                continue
            groups, unknown, name = known[test]
            if everything is not None:
                found[test] = everything
            elif unknown and name != tree.name:
                found[test] = f"it {unknown}"
            else:
                for group in groups:
                    if group not in causes:
                        causes[group] = _changed(tree, group)
                cause = next(filter(None, (causes[group] for group in groups)), None)
                if cause is not None:
                    found[test] = cause
        return found

    def _everything(self, tree: Tree, test_files: set[str]) -> str | None:
        """A file whose change may have to do with any test, since nothing was seen of who uses it."""
        read = {part[0] for groups, _, _ in self.uses.values() for group in groups for part in group if part[1] == "*"}
        for path in sorted(self.tree.keys() | tree.digests.keys()):
            before, now = self.tree.get(path), tree.digests.get(path)
            if before == now or (not now and not before):
                continue
            name = path.rpartition("/")[2]
            if path in _CONFIG or (name in _SPECIAL and not (before and now)):
                return path
            if not path.endswith(".py"):
                if path not in read:
                    return path
            elif not before and path not in test_files:
                return path
        return None


def _changed(tree: Tree, group: Sequence[Part]) -> str:
    """The first path of a group of which a part says something else now; empty where none does."""
    for path, name, digest, whole in group:
        if tree.digests.get(path) == whole and whole:
            continue
        if tree.digest(path, name) != digest:
            return path or "."
    return ""
