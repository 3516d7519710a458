"""The cache in one tree, for the length of a run: looks at the tree, looks results up, keeps new ones."""

from __future__ import annotations

import os
import time

from ftui.cache import fingerprint
from ftui.cache.entry import Entry
from ftui.cache.folder import TreeFiles
from ftui.cache.index import Snapshot, signatures_of, sweep
from ftui.cache.key import SCHEMA, Manifest, key
from ftui.cache.links import Links, TooMuchError
from ftui.cache.memo import Memo
from ftui.cache.packages import node_packages, python_packages
from ftui.cache.policy import Decision, decide
from ftui.cache.portable import Root
from ftui.environment import child_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from ftui.cache.explain import Change
    from ftui.cache.index import Inputs
    from ftui.cache.key import Value
    from ftui.cache.ledger import Kind
    from ftui.cache.recipe import Recipe
    from ftui.cache.signature import Trust
    from ftui.cache.store import Store

LOCKS: Final = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml",
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb",
)  # fmt: skip
"""Lock files at the root; they are part of every key."""


SHIMS: Final = ("sh", "bash", "dash", "zsh", "ksh", "mise", "rtx", "volta-shim", "rustup")
"""What programs run in, or lead to, that start another one: the shims of pyenv, asdf, mise, volta and rustup."""

PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
"""Where ftui itself lies: a part of the adapter's version."""


class Unopened:
    """Stands for a store whose database has not been opened yet; gives only what lies beside it.

    Args:
        folder: the cache folder.
    """

    writable = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def tree(self, root: str) -> TreeFiles:
        """The files kept of one tree."""
        return TreeFiles(self._folder, root)


class Lookup:
    """What the cache knows of one check in one state of the tree.

    Attributes:
        recipe: of the check.
        snapshot: the tree that it was looked up in.
        inputs: the files of it that the check reads.
        manifest: everything that the verdict depends on; None where that cannot be told.
        key: of the manifest; empty without one.
        uncached: why no result may be stored or replayed; empty when one may.
        decision: bucket, reason, and what is to be shown; None before the store was asked.
    """

    __slots__ = ("decision", "inputs", "key", "manifest", "recipe", "snapshot", "uncached")

    def __init__(self, recipe: Recipe, snapshot: Snapshot, inputs: Inputs) -> None:
        self.recipe = recipe
        self.snapshot = snapshot
        self.inputs = inputs
        self.manifest: Manifest | None = None
        self.key = ""
        self.uncached = ""
        self.decision: Decision | None = None


class Session:
    """The cache of one tree.

    Args:
        root: absolute path of the tree.
        recipes: what there is to know of each check, by id.
        store: where results are kept; it may be unusable. `Unopened` will do as long as nothing is looked up.
        environ: what checks' environments are made from.
        trust: how far signatures are trusted.
    """

    def __init__(
        self,
        root: str,
        recipes: Mapping[str, Recipe],
        store: Store,
        environ: Mapping[str, str],
        *,
        trust: Trust = "full",
    ) -> None:
        self.root = root
        self.recipes = recipes
        self.store = store
        self.files = store.tree(root)
        self._seen: bytes | None = None
        self.portable = Root(root)
        self._environ = environ
        self._trust = trust
        self._memo = Memo.load(self.files.load("memo"))
        self.snapshot = self._saved = Snapshot.load(self.files.load("index"))
        self._forget()

    def _forget(self) -> None:
        self._identified: dict[str, Lookup] = {}
        self._programs: dict[str, tuple[tuple[str, Value], ...] | str] = {}
        self._links: Links | None = None
        self._variables: dict[tuple[str, ...], list[tuple[str, str]]] = {}

    def look_ahead(self) -> None:
        """Asks already for what the next look will need if the files are those of the last time."""
        self._seen = signatures_of(self.root, self.snapshot.paths, self._trust) if self.snapshot.paths else None

    def look(self, paths: list[str]) -> Snapshot:
        """Sweeps the tree; what is looked up from here on is about the state that this finds.

        Args:
            paths: the files of the tree, posix, relative to the root, sorted.
        """
        self._memo.renew()
        self._forget()
        # Python's byte code is made from sources that are there as well; where nothing ignores it, each run writes it.
        paths = [path for path in paths if "__pycache__/" not in path]
        seen, self._seen = (self._seen if paths == self.snapshot.paths else None), None
        self.snapshot = sweep(self.root, paths, self.snapshot, trust=self._trust, seen=seen)
        return self.snapshot

    def identify(self, check: str) -> Lookup:
        """The key of a check in the tree as it was last looked at, without asking the store."""
        found = self._identified.get(check)
        if found is None:
            recipe = self.recipes[check]
            found = self._identified[check] = Lookup(recipe, self.snapshot, self.inputs(recipe, self.snapshot))
            found.uncached = self._identify(found)
        return found

    def look_up(self, check: str, *, force: bool = False, audited: bool = False) -> Lookup:
        """What the cache knows of a check.

        Args:
            check: its id.
            force: a run was asked for whatever is stored.
            audited: a hit is to run all the same, to see whether it holds.
        """
        found = self.identify(check)
        recipe = found.recipe
        now = time.time()
        if found.uncached:
            found.decision = Decision("miss", found.uncached, "always", None)
            return found
        stored = self.store.get(found.key, self.portable)
        older = None if stored is not None else self.store.latest(self.root, recipe.id, self.portable)
        found.decision = decide(
            stored,
            older,
            now=now,
            changed=self._changed(older, found) if older is not None else "",
            force=force,
            ttl=recipe.ttl,
            on_failure=recipe.on_failure,
            audited=audited,
            flaky=stored is not None and self._suspect(recipe, "flake"),
            demoted=stored is not None and self._suspect(recipe, "audit"),
        )
        if found.decision.bucket == "hit":
            self.store.mark(self.root, recipe.id, found.key)
        return found

    def inputs(self, recipe: Recipe, snapshot: Snapshot) -> Inputs:
        """The files of a snapshot that a check reads."""
        return snapshot.inputs(recipe.inputs, lambda paths: _chosen(recipe.inputs, paths))

    def moved(self, found: Lookup, after: Snapshot) -> list[str]:
        """What moved between a look-up and the last look: a result from in between is about no one tree.

        Returns:
            Paths of inputs, or where none of them moved, names of other parts of the key.
        """
        if after is not found.snapshot:
            from ftui.cache.guards import moved_during_run

            before = [found.snapshot.paths[place] for place in found.inputs.positions]
            chosen = [after.paths[place] for place in self.inputs(found.recipe, after).positions]
            moved = moved_during_run(found.snapshot, after, before, chosen)
            if moved:
                return moved
        # What else the key is made of may have moved as well: settings elsewhere, packages, what links lead to.
        now = self.identify(found.recipe.id)
        if now.key == found.key:
            return []
        then, since = dict(found.manifest or ()), dict(now.manifest or ())
        parts = (name for name in sorted(then.keys() | since.keys()) if then.get(name) != since.get(name))
        return [name.partition(":")[2] or name for name in parts]

    def keep(self, found: Lookup, entry_fields: Mapping[str, object]) -> bool:
        """Stores a verdict under the key that it was looked up by; nothing that `found.uncached` speaks against.

        Args:
            found: from before the run; the inputs have not moved since.
            entry_fields: the fields of `Entry` that only a run can tell.

        Returns:
            Whether it was kept.
        """
        if found.uncached or found.manifest is None:
            return False
        from ftui.cache.listing import pack_listing

        entry = Entry(
            key=found.key,
            check=found.recipe.id,
            adapter=found.recipe.adapter[0],
            manifest=found.manifest,
            created_at=time.time(),
            inputs=found.inputs.digest.hex(),
            **entry_fields,  # type: ignore[arg-type]
        )
        positions = found.inputs.positions
        return self.store.put(entry, self.root, self.portable, lambda: pack_listing(found.snapshot, positions))

    def close(self) -> None:
        """Keeps what was learnt about the tree."""
        if self.snapshot is not self._saved and self.store.writable:
            self.files.save("index", self.snapshot.dump())
        if self._memo.dirty and self.store.writable:
            self.files.save("memo", self._memo.dump())

    # What a key is made of

    def _identify(self, found: Lookup) -> str:
        """Fills in manifest and key; returns why no result may be stored or replayed, if that is so."""
        recipe = found.recipe
        if not recipe.cached:
            return "its results are not cached (cache = false)"
        if found.inputs.unstable:
            return f"the content of {found.inputs.unstable[0]} cannot be told"
        required = [(name, self.identify(name).key) for name in recipe.requires if name in self.recipes]
        lacking = next((name for name, its_key in required if not its_key), None)
        if lacking is not None:
            return f"it requires {lacking}, whose results are not cached"
        variables = self._environment(recipe.env)
        program = self._program(recipe)
        if isinstance(program, str):
            return program
        if self._links is None:
            self._links = Links(self.root, self.snapshot, self._memo, self._outside)
        try:
            linked = self._links.parts(recipe.inputs, found.inputs.positions)
        except TooMuchError as problem:
            return str(problem)
        found.manifest = Manifest(
            (
                ("schema", SCHEMA),
                ("check", recipe.id),
                ("adapter", recipe.adapter),
                ("argv", self._argv(recipe.argv)),
                ("cwd", recipe.cwd),
                ("platform", fingerprint.platform()),
                *program,
                *fingerprint.files("config", recipe.config, self.root, self._memo),
                *self._inherited(recipe.config),
                *self._locks(),
                *variables,
                ("extra", recipe.extra),
                ("inputs", found.inputs.digest.hex()),
                *linked,
                *((f"requires:{name}", its_key) for name, its_key in required),
            )
        )
        found.key = key(found.manifest)
        return ""

    def _argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        # The tool itself has its own part; where it lies differs between clones.
        return (os.path.basename(argv[0]), *(word.replace(self.root, "{root}") for word in argv[1:]))

    def _environment(self, allow: tuple[str, ...]) -> list[tuple[str, str]]:
        known = self._variables.get(allow)
        if known is None:
            environment = child_environment(self._environ, allow, scratch=None, colour=True)
            known = self._variables[allow] = fingerprint.variables(environment, self.root)
        return known

    def _program(self, recipe: Recipe) -> tuple[tuple[str, Value], ...] | str:
        """The parts for the tool and all that it runs in, or why they cannot be told."""
        name = f"{recipe.argv[0]}\0{recipe.cwd}\0{recipe.environment}\0{recipe.env}"
        known = self._programs.get(name)
        if known is None:
            known = self._programs[name] = self._fingerprint(recipe)
        return known

    def _fingerprint(self, recipe: Recipe) -> tuple[tuple[str, Value], ...] | str:
        environment = child_environment(self._environ, recipe.env, scratch=None, colour=True)
        search = environment.get("PATH", os.defpath)
        path = _program_path(recipe.argv[0], os.path.join(self.root, recipe.cwd), search)
        if path is None:
            return f"{recipe.argv[0]} was not found"
        tool = fingerprint.tool(path, root=self.root, search=search, memo=self._memo)
        runs = tool.interpreter[0] if tool.interpreter else os.path.basename(os.path.realpath(path))
        if runs in SHIMS and recipe.argv[0] not in SHIMS and not path.startswith(os.path.join(self.root, "")):
            return f"{path} is a script that starts another program, and which one cannot be told"
        parts: list[tuple[str, Value]] = [*tool.parts()]
        outside = {*tool.packages.outside, *self._search_paths(environment)}
        if tool.prefix is not None and not os.path.exists(os.path.join(tool.prefix, "pyvenv.cfg")):
            own = python_packages(os.path.join(environment.get("HOME", ""), ".local"), self.root, self._memo)
            parts.append(("user packages", own.texts))
            outside.update(own.outside)
        if recipe.environment and recipe.environment != tool.prefix:
            packages = python_packages(recipe.environment, self.root, self._memo)
            parts.append(("environment", packages.texts))
            outside.update(packages.outside)
        if tool.prefix is None:
            # Not a program of a Python environment, so it may well run others from here.
            for place in dict.fromkeys((recipe.cwd, ".")):
                modules = node_packages(os.path.join(self.root, place, "node_modules"), self._memo)
                if modules.texts:
                    parts.append((f"node_modules:{place}", modules.texts))
        for folder in sorted(outside):
            paths = fingerprint.python_files(folder)
            digest = None if paths is None else self._outside(folder, paths)
            if digest is None:
                return f"it imports from {folder}, which has too many files to look at"
            parts.append((f"imports:{os.path.basename(folder)}", digest))
        return tuple(parts)

    def _search_paths(self, environment: Mapping[str, str]) -> Iterable[str]:
        """The folders that variables add to what is imported; those in the tree are among the inputs."""
        for name in ("PYTHONPATH", "MYPYPATH"):
            for folder in filter(os.path.isabs, environment.get(name, "").split(os.pathsep)):
                if not os.path.join(folder, "").startswith((os.path.join(self.root, ""), PACKAGE)):
                    yield folder

    def _outside(self, folder: str, paths: list[str]) -> str | None:
        """The digest of files of a folder beyond the tree; None where that cannot be told."""
        files = self.store.tree(folder)
        before = Snapshot.load(files.load("index"))
        try:
            now = sweep(folder, paths, before, trust=self._trust)
        except OSError:
            return fingerprint.MISSING
        found = now.inputs("", lambda paths: paths)
        if now is not before and self.store.writable:
            files.save("index", now.dump())
        return None if found.unstable else found.digest.hex()

    def _inherited(self, config: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Configuration files above the root, where tools look for them too; only those that exist, so that where a
        clone lies makes no difference."""
        folder = os.path.dirname(self.root)
        names = [name for name in config if "/" not in name]
        while True:
            for name in names:
                path = os.path.join(folder, name)
                if os.path.lexists(path):
                    yield f"config:above the root: {name}", fingerprint.file_digest(path, self._memo)
            if os.path.dirname(folder) == folder:
                return
            folder = os.path.dirname(folder)

    def _locks(self) -> Iterable[tuple[str, str]]:
        for name in LOCKS:
            place = self.snapshot.position(name)
            if place >= 0:
                yield f"lock:{name}", self.snapshot.digest(place).hex()

    # What is said of it

    def _changed(self, older: Entry, found: Lookup) -> str:
        from ftui.cache.explain import sentence

        return sentence(self.changes(older, found))

    def changes(self, older: Entry, found: Lookup, *, named: int | None = None) -> list[Change]:
        """What differs between an older result's key and the one that was just looked up.

        Args:
            older: the result.
            found: the look-up.
            named: how many paths or packages a sentence names; None for as many as fit into a line.
        """
        from ftui.cache.explain import NAMED, difference
        from ftui.cache.listing import SHORT, unpack_listing

        if found.manifest is None:
            return []
        blob = self.store.listing(older.inputs) if older.inputs else None
        paths = None
        if blob is not None:
            now = found.snapshot
            after = {now.paths[place]: now.digest(place)[:SHORT] for place in found.inputs.positions}
            try:
                paths = unpack_listing(blob), after
            except ValueError:
                paths = None
        return difference(older.manifest, found.manifest, paths, named=NAMED if named is None else named)

    def _suspect(self, recipe: Recipe, kind: Kind) -> bool:
        from ftui.cache.ledger import suspect

        return suspect(self.store, self.root, recipe.id, kind)


def _chosen(regex: str, paths: list[str]) -> list[str]:
    import re

    match = re.compile(regex).match
    return [path for path in paths if match(path)]


def _program_path(name: str, cwd: str, search: str) -> str | None:
    """The absolute path of the program that a command names, found as the system will find it."""
    if os.sep in name or (os.altsep and os.altsep in name):
        path = os.path.normpath(os.path.join(cwd, name))
        return path if os.path.isfile(path) else None
    for folder in search.split(os.pathsep):
        candidate = os.path.join(folder, name)
        if folder and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None
