"""Observes what each test uses, and chooses the tests that an edit may have to do with.

A test is observed only where nothing that holds is known of it: all of them once, later those that an edit affects.
What a test is taken to use:

- the body of every function of the tree that ran in it, in its fixtures, or below a function that may keep something
  for later and ran in an earlier test;
- what runs on import of its own file, of the conftest.py files above it, of plugins in the tree, and of all that these,
  and the files of the functions that ran, import anywhere;
- the files that were opened and the folders that were listed meanwhile, or while tests were collected.

A test that starts a process may use anything. So may all tests a file that none was seen to use, other than Python
code, and a module that is new.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .calls import Observer
from .record import Record
from .source import head_of
from .tree import NAMES, TOP, WHOLE, Modules, Tree
from .uses import Listener, Uses

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Sequence

    from .calls import Calls
    from .record import Block, Part

_PASSING = {"PWD", "OLDPWD", "SHLVL", "COLUMNS", "LINES", "_", "PYTEST_CURRENT_TEST", "PYTEST_VERSION"}

_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth")


class Impact:
    """The observation of one run of pytest.

    Args:
        record: what is known from earlier ones.
        root: absolute path of the tree.
        arguments: of the command.
        varying: names of variables that decide nothing.
    """

    def __init__(self, record: Record, root: str, arguments: Iterable[str], varying: Collection[str]) -> None:
        self._record = record
        self._root = root
        self.tree = Tree(root, record.stats)
        self.surroundings = surroundings(arguments, varying)
        if self.surroundings != record.surroundings:
            record.uses, record.below = {}, {}
        self._observer = Observer(root)
        self._listener = Listener(root, threads=not self._observer.sees_threads)
        self._modules = Modules(self.tree)
        # What ran when these were imported nobody has seen.
        self._early = frozenset(path for path in self.tree.digests if self._modules.is_loaded(path))
        self._blocks: dict[tuple[str, int], Block | None] = {}
        self._collected = Uses()
        self._roots: set[str] = set()
        self._current: Uses | None = None
        self._fixtures: dict[str, Uses] = {}
        self._observed: dict[str, Uses] = {}
        self._files: dict[str, str] = {}
        self._random: set[str] = set()
        self._wanted: set[str] = set()
        self._on_import: Calls | None = None
        self._test_files: set[str] = set()
        self._begin(self._collected)

    # Windows

    def _begin(self, uses: Uses | None) -> None:
        """From here on what is used counts for this."""
        self._current = self._listener.heard = uses
        if uses is not None:
            self._listener.busy = True
            self._observer.start()
            self._listener.busy = False

    def _stop(self) -> Calls | None:
        self._current = self._listener.heard = None
        return self._observer.stop() if self._observer.running else None

    def _end(self) -> None:
        """Takes in what was used since `_begin`."""
        uses, calls = self._current, self._stop()
        if uses is not None and calls is not None:
            self._take_in(uses, calls)

    def _take_in(self, uses: Uses, calls: Calls) -> None:
        for node, place in calls.places.items():
            block = self._block(place)
            if block is not None:
                uses.blocks.add(block)
                if node in calls.modules:
                    self._ran_below(block, calls.below(node, imports=False))
                elif self._keeps(block):
                    self._ran_below(block, calls.below(node, imports=True))

    def _ran_below(self, keeper: Block, places: Iterable[tuple[str, int]]) -> None:
        found = self._record.below.setdefault(keeper, set())
        for block in map(self._block, places):
            # What a test hands in, such as a callback, is its own.
            if block is not None and block != keeper and (block[0] == keeper[0] or block[0] not in self._test_files):
                found.add(block)

    def _block(self, place: tuple[str, int]) -> Block | None:
        if place not in self._blocks:
            path = self._modules.path(place[0])
            source = self.tree.source(path) if path is not None else None
            self._blocks[place] = None if path is None or source is None else (path, source.block_at(place[1]))
        return self._blocks[place]

    def _keeps(self, block: Block) -> bool:
        source = self.tree.source(block[0])
        return source is not None and block[1] in source.keepers

    # Hooks

    def collected(self) -> None:
        """All tests are there, and what they import."""
        self._on_import = self._stop()

    def wants(self, config: pytest.Config, items: Sequence[pytest.Item], tests: Iterable[str]) -> None:
        """Which of the tests that are there are to be observed."""
        self._wanted = set(tests)
        calls = self._on_import
        if not self._wanted or calls is None:
            return
        self._test_files = {self._file(item) for item in items}
        self._take_in(self._collected, calls)
        modules = Modules(self.tree)
        for plugin in config.pluginmanager.get_plugins():
            path = modules.path(getattr(plugin, "__file__", None))
            if path is not None and path in self.tree.digests:
                self._roots.add(path)
        # What plugins and test files do by hooks and parameters, while tests are collected, is as if done on import.
        asked = self._roots | self._test_files
        for node, place in calls.places.items():
            block = self._block(place)
            if block is not None and block[0] in asked:
                self._ran_below((block[0], TOP), (place, *calls.below(node, imports=False)))
        self._collected.blocks.clear()

    def _own(self, item: pytest.Item) -> Block | None:
        """The block of a test's own function; None for what is no function, such as a doctest."""
        function = getattr(item, "function", None)
        while (inner := getattr(function, "__wrapped__", None)) is not None:
            function = inner
        code = getattr(function, "__code__", None)
        return None if code is None else self._block((code.co_filename, code.co_firstlineno))

    def _file(self, item: pytest.Item) -> str:
        """The path of a test's file, relative to the root."""
        path = str(getattr(item, "path", None) or getattr(item, "fspath", ""))
        return os.path.relpath(path, self._root).replace(os.sep, "/")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, None, None]:
        if item.nodeid not in self._wanted:
            yield
            return
        uses = Uses()
        self._begin(uses)
        yield
        self._end()
        names = {*getattr(item, "fixturenames", ()), *getattr(getattr(item, "_request", None), "_fixture_defs", ())}
        for name in names & self._fixtures.keys():
            uses.add(self._fixtures[name])
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            self._random.add(item.nodeid)
        path = self._files[item.nodeid] = self._file(item)
        own = self._own(item)
        if own is not None and own[0] == path:
            uses.blocks.add(own)  # which does not run where it is skipped
        else:
            uses.files.add(path)
        self._observed[item.nodeid] = uses

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, None, None]:
        if fixturedef.scope == "function":
            yield
            return
        around = self._current
        self._end()
        uses = Uses()
        self._begin(uses)
        yield
        self._end()
        self._fixtures.setdefault(fixturedef.argname, Uses()).add(uses)
        if around is not None:
            around.add(uses)
        self._begin(around)

    # The end

    def learn(self, *, whole: bool) -> None:
        """Puts into the record what was observed.

        Args:
            whole: whether all tests have run.
        """
        self._end()
        record, after = self._record, Tree(self._root, self.tree.stats)
        paths = self.tree.stats.keys() | after.stats.keys()
        moved = {path for path in paths if self.tree.digests.get(path) != after.digests.get(path)}
        modules = Modules(self.tree) if self._observed else self._modules
        closing = _Closing(self.tree, modules, record.below, moved)
        for test, uses in self._observed.items():
            uses.add(self._collected)
            path = self._files[test]
            roots = {path, *(root for root in self._roots if _applies(root, path))}
            groups = [*closing.of(frozenset(roots), uses), closing.whole(self._early)]
            if test in self._random:
                groups.append(closing.whole(modules.reached_from(roots)))
            record.uses[test] = (groups, uses.unknown, self.tree.name)
        record.surroundings, record.stats = self.surroundings, after.stats
        if whole:
            record.tree = {path: digest for path, digest in self.tree.digests.items() if path in self.tree.stats}


class _Closing:
    """Works out all the parts of the tree that stand behind what was seen.

    Args:
        tree: before the run.
        modules: after it.
        below: what ran below blocks that keep something, tops of modules included.
        moved: files that are not as they were before the run: what was seen of them is about no one state.
    """

    def __init__(self, tree: Tree, modules: Modules, below: dict[Block, set[Block]], moved: set[str]) -> None:
        self._tree = tree
        self._modules = modules
        self._below = below
        self._moved = moved
        self._imported: dict[frozenset[str], tuple[set[Block], tuple[Part, ...]]] = {}
        self._parts: dict[Block, Part] = {}
        self._named: dict[str, set[Block]] = {}
        self._pulled: dict[Block, set[Block]] = {}
        for path in tree.digests:
            if path.endswith(".py") and modules.is_loaded(path) and (source := tree.source(path)) is not None:
                for name, parts in source.named.items():
                    self._named.setdefault(name, set()).update((path, part) for part in parts)

    def of(self, roots: frozenset[str], uses: Uses) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """What runs on import of files and of all that they import, and what was used beside that."""
        if roots not in self._imported:
            blocks = self._closed((path, TOP) for path in self._modules.reached_from(roots))
            self._imported[roots] = blocks, self._group(blocks)
        known, group = self._imported[roots]
        others = {path for path, _ in uses.blocks if (path, TOP) not in known}
        more = self._closed((*uses.blocks, *((path, TOP) for path in self._modules.reached_from(others))), known)
        more.update((path, WHOLE) for path in uses.files)
        more.update((path, NAMES) for path in uses.folders)
        return group, self._group(more)

    def whole(self, files: frozenset[str]) -> tuple[Part, ...]:
        """All of these files."""
        return self._group((path, WHOLE) for path in files)

    def _closed(self, blocks: Iterable[Block], known: Collection[Block] = ()) -> set[Block]:
        """Blocks, and all that count with them, less those that are known."""
        found: set[Block] = set()
        pending = list(blocks)
        while pending:
            block = pending.pop()
            if block in found or block in known:
                continue
            found.add(block)
            if block not in self._pulled:
                self._pulled[block] = self._pull(block)
            pending += self._pulled[block]
        return found

    def _pull(self, block: Block) -> set[Block]:
        """What counts for whoever a block counts for."""
        found, source = set(self._below.get(block, ())), self._tree.source(block[0])
        if source is not None:
            head = head_of(block[1])
            found |= {(block[0], head)} if head in source.digests else set()
            for name in source.mentions.get(block[1], frozenset()) & self._named.keys():
                found |= self._named[name]
        return found

    def _group(self, blocks: Iterable[Block]) -> tuple[Part, ...]:
        return tuple(sorted(map(self._part, blocks)))

    def _part(self, block: Block) -> Part:
        if block not in self._parts:
            path, name = block
            whole = "" if name == NAMES else self._tree.digest(path, WHOLE)
            digest = "moved" if path in self._moved else self._tree.digest(path, name)
            self._parts[block] = (path, name, digest, "" if path in self._moved else whole)
        return self._parts[block]


def _applies(root: str, path: str) -> bool:
    """Whether a plugin of the tree has to do with a test: any has, but a conftest.py only below its folder."""
    folder, _, name = root.rpartition("/")
    return name != "conftest.py" or not folder or path.startswith(f"{folder}/")


def surroundings(arguments: Iterable[str], varying: Collection[str]) -> str:
    """A digest of what else tests depend on: interpreter, packages, arguments, variables."""
    packages = []
    for entry in sys.path:
        try:
            names = [name for name in os.listdir(entry) if name.endswith(_PACKAGES)]
        except OSError:
            continue
        for name in sorted(names):
            place = os.path.join(entry, name)
            try:
                packages.append((place, os.stat(os.path.join(place, "RECORD")).st_mtime_ns))
            except OSError:
                packages.append((place, 0))
    passing = _PASSING.union(varying)
    variables = sorted(
        (name, value) for name, value in os.environ.items() if name not in passing and not name.startswith("FTUI_")
    )
    parts = (sys.version, sys.executable, pytest.__version__, list(arguments), packages, variables)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
