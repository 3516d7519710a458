"""The cache in one tree, for the length of a run: looks at the tree, looks results up, keeps new ones."""

from __future__ import annotations

import os
import time

from ftui.cache import fingerprint
from ftui.cache.folder import TreeFiles
from ftui.cache.index import Snapshot, glance, signatures_of, sweep
from ftui.cache.key import SCHEMA, Manifest, key
from ftui.cache.links import Links, TooMuchError
from ftui.cache.memo import Memo
from ftui.cache.policy import Decision, decide
from ftui.cache.portable import Root
from ftui.cache.surroundings import Surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from ftui.cache.entry import Entry
    from ftui.cache.explain import Change
    from ftui.cache.index import Inputs
    from ftui.cache.ledger import Kind
    from ftui.cache.recipe import Recipe
    from ftui.cache.signature import Trust
    from ftui.cache.store import Store

LOCKS: Final = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml",
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb",
)  # fmt: skip
"""Lock files at the root; they are part of every key."""


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
        self._links: Links | None = None
        self._surroundings = Surroundings(self.root, self._environ, self._memo, self._outside)

    def look_ahead(self) -> None:
        """Asks already for what the next look will need if the files are those of the last time."""
        self._seen = signatures_of(self.root, self.snapshot.paths, self._trust) if self.snapshot.paths else None

    def look(self, paths: list[str]) -> Snapshot:
        """Sweeps the tree; what is looked up from here on is about the state that this finds.

        Args:
            paths: the files of the tree, posix, relative to the root, sorted.
        """
        self.renew()
        # Python's byte code is made from sources that are there as well; where nothing ignores it, each run writes it.
        paths = [path for path in paths if "__pycache__/" not in path]
        seen, self._seen = (self._seen if paths == self.snapshot.paths else None), None
        self.snapshot = sweep(self.root, paths, self.snapshot, trust=self._trust, seen=seen)
        return self.snapshot

    def glance(self, paths: Iterable[str]) -> Snapshot | None:
        """Looks again at some files of the tree and takes the others as they were; None where only `look` will do.

        Args:
            paths: files that may have changed, posix, relative to the root.
        """
        now = glance(self.root, self.snapshot, paths)
        if now is not None:
            self.renew()
            self.snapshot = now
        return now

    def renew(self) -> None:
        """From here on the disk is asked anew for all that keys are made of, except for the tree."""
        self._memo.renew()
        self._forget()

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
        changed, changed_inputs = self._changed(older, found) if older is not None else ("", 0 if stored else None)
        found.decision = decide(
            stored,
            older,
            now=now,
            changed=changed,
            force=force,
            ttl=recipe.ttl,
            on_failure=recipe.on_failure,
            audited=audited,
            flaky=stored is not None and self._suspect(recipe, "flake"),
            demoted=stored is not None and self._suspect(recipe, "audit"),
        )
        found.decision.changed_inputs = changed_inputs
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
        from ftui.cache.entry import Entry
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
        program = self._surroundings.program(recipe)
        if isinstance(program, str):
            return program
        if self._links is None:
            self._links = Links(self.root, self.snapshot, self._memo, self._outside)
        try:
            linked = self._links.parts(recipe.inputs, found.inputs.positions) if self._links.places else []
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
                *self._surroundings.inherited(recipe.config),
                *self._locks(),
                *self._surroundings.variables(recipe.env),
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
        name = os.path.basename(argv[0]) if os.path.isabs(argv[0]) else argv[0]
        return (name, *(word.replace(self.root, "{root}") for word in argv[1:]))

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

    def _locks(self) -> Iterable[tuple[str, str]]:
        # A choice like that of a check is remembered, and to look a single name up takes a table of all paths.
        for place in self.snapshot.inputs("locks", lambda paths: LOCKS).positions:
            yield f"lock:{self.snapshot.paths[place]}", self.snapshot.digest(place).hex()

    # What is said of it

    def _changed(self, older: Entry, found: Lookup) -> tuple[str, int | None]:
        from ftui.cache.explain import changed_inputs, sentence

        changes = self.changes(older, found)
        return sentence(changes), changed_inputs(changes)

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
