"""`ftui cache stats | prune | verify | clear`, and the eviction that keeps the store below its cap."""

from __future__ import annotations

import os
import time

from ftui.cache.entry import VERDICTS
from ftui.cache.folder import DATABASE, Blobs, remove_file, remove_folder, tool_folders, tree_folders, trees_folder
from ftui.cache.key import Manifest, key
from ftui.cache.portable import Root
from ftui.database import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from ftui.cache.store import Store

_ORPHAN_S: Final = 3_600.0
"""Age from which a file that nothing refers to is rubbish: younger ones may be about to be referred to."""
_TREE_S: Final = 90 * 86_400.0
"""Age from which the index of a tree nobody looks at is dropped."""
_TOOL_S: Final = 30 * 86_400.0
"""Age from which a tool's own cache that nothing has been added to is dropped: the tool fills it again."""
_ROOM: Final = 0.9
"""Eviction goes on to this share of the cap, so that it is not due again at once."""
_LOOSE_LISTINGS: Final = "DELETE FROM listings WHERE key NOT IN (SELECT inputs FROM results)"
_TOTALS: Final = """
SELECT count(*), sum(outcome = 'passed'), sum(outcome = 'failed'), sum(flaky), sum(size), min(created_at) FROM results
"""
_BY_CHECK: Final = "SELECT check_id, count(*), sum(size) FROM results GROUP BY check_id ORDER BY sum(size) DESC"


class Stats:
    """What the store holds.

    Attributes:
        folder: where it lies.
        entries, passed, failed, flaky: counts of results.
        bytes: of results, with their payloads.
        cap: bytes that they may take up.
        disk: bytes of all files of the cache.
        trees: roots with a stat index.
        tools: bytes of the caches that the checked projects' tools keep, part of `disk`.
        checks: for each check its id, its results and their bytes; the largest come first.
        oldest: when the oldest result was found, seconds since 1970; None without any.
        flakes, audits: contradictions in the ledger.
    """

    __slots__ = (
        "audits",
        "bytes",
        "cap",
        "checks",
        "disk",
        "entries",
        "failed",
        "flakes",
        "flaky",
        "folder",
        "oldest",
        "passed",
        "tools",
        "trees",
    )

    def __init__(self, store: Store) -> None:
        self.folder = store.folder
        self.cap = store.cap
        row = store.ask(lambda db: db.execute(_TOTALS).fetchone(), (0, 0, 0, 0, 0, None))
        self.entries, self.passed, self.failed, self.flaky, self.bytes = (int(value or 0) for value in row[:5])
        self.oldest: float | None = row[5]
        counts = dict(_rows(store, "SELECT kind, count(*) FROM ledger GROUP BY kind"))
        self.flakes, self.audits = counts.get("flake", 0), counts.get("audit", 0)
        trees = list(tree_folders(store.folder)) if store.folder else []
        self.trees = sorted(root for _, root, _, _ in trees if root)
        self.tools = sum(size for _, size, _ in tool_folders(store.folder)) if store.folder else 0
        self.checks: list[tuple[str, int, int]] = _rows(store, _BY_CHECK)
        self.disk = disk_use(store.folder)


class Pruned:
    """What was removed: results, blobs without one, files of trees that are gone, tools' caches, damaged stores."""

    __slots__ = ("damaged", "entries", "orphans", "tools", "trees")

    def __init__(self, entries: int, orphans: int, trees: int, tools: int, damaged: int) -> None:
        self.entries = entries
        self.orphans = orphans
        self.trees = trees
        self.tools = tools
        self.damaged = damaged


def disk_use(folder: str) -> int:
    """Bytes of all files of a cache folder."""
    if not folder:
        return 0
    blobs = sum(st.st_size for _, st in Blobs(folder).names())
    return blobs + sum(size for _, _, size, _ in tree_folders(folder)) + _database_size(folder)


def evict(store: Store, cap: int | None = None) -> int:
    """Removes the results unused for longest until the rest fits; how many those were."""
    limit = store.cap if cap is None else cap

    def work(db: Connection) -> list[tuple[str, str]]:
        total: int = db.execute("SELECT total(size) FROM results").fetchone()[0]
        gone: list[tuple[str, str]] = []
        if total <= limit:
            return gone
        for name, blob, size in db.execute("SELECT key, blob, size FROM results ORDER BY used_at, key").fetchall():
            if total <= limit * _ROOM:
                break
            total -= size
            gone.append((name, blob))
        db.executemany("DELETE FROM results WHERE key = ?", [(name,) for name, _ in gone])
        db.execute(_LOOSE_LISTINGS)
        return gone

    nothing: list[tuple[str, str]] = []
    gone = store.transact(work, nothing)
    kept = _blobs_in_use(store)
    for blob in {blob for _, blob in gone if blob} - kept:
        store.blobs.remove(blob)
    return len(gone)


def prune(store: Store) -> Pruned:
    """Evicts, and removes what nothing needs any more."""
    if not store.folder:
        return Pruned(0, 0, 0, 0, 0)
    now = time.time()
    entries = evict(store)

    def tidy(db: Connection) -> None:
        db.execute("DELETE FROM latest WHERE key NOT IN (SELECT key FROM results)")
        db.execute(_LOOSE_LISTINGS)

    store.transact(tidy, None)
    used = _blobs_in_use(store)
    orphans = 0
    for name, st in store.blobs.names() if store.usable else ():
        if name not in used and abs(now - st.st_mtime) > _ORPHAN_S:
            store.blobs.remove(name)
            orphans += 1
    trees = 0
    for place, root, _, written in tree_folders(store.folder):
        if root is None or not os.path.isdir(root) or now - written > _TREE_S:
            remove_folder(place)
            trees += 1
    tools = 0
    for place, _, written in tool_folders(store.folder):
        if now - written > _TOOL_S:
            remove_folder(place)
            tools += 1
    store.ask(lambda db: db.execute("PRAGMA incremental_vacuum").fetchall(), [])
    return Pruned(entries, orphans, trees, tools, _remove_damaged(store.folder))


def verify(store: Store) -> tuple[int, list[str]]:
    """Reads every result as a replay would, and drops those that are not what was written.

    Returns:
        How many were looked at, and the ids of the checks whose results were dropped.
    """
    names = _rows(store, "SELECT key, check_id, outcome, manifest FROM results")
    root = Root(os.sep)
    dropped = []
    for name, check, outcome, manifest in names:
        if outcome in VERDICTS and _key_of(manifest) == name and store.get(name, root) is not None:
            continue
        store.drop(name)
        dropped.append(str(check))
    return len(names), dropped


def clear(store: Store) -> int:
    """Forgets everything; how many results that were."""

    def work(db: Connection) -> int:
        count: int = db.execute("SELECT count(*) FROM results").fetchone()[0]
        for table in ("results", "latest", "listings", "ledger"):
            db.execute(f"DELETE FROM {table}")
        return count

    count = store.transact(work, 0)
    if store.folder:
        remove_folder(store.blobs.folder)
        remove_folder(trees_folder(store.folder))
        _remove_damaged(store.folder)
    store.ask(lambda db: db.execute("PRAGMA incremental_vacuum").fetchall(), [])
    return count


def clear_tree(store: Store, tree: str) -> int:
    """Forgets what is known of one tree: the last result of each of its checks, contradictions, its files.

    Results serve every clone, and no older one can be told to be from this tree.

    Args:
        store: where it is kept.
        tree: absolute path of the root.

    Returns:
        How many results went.
    """

    def work(db: Connection) -> int:
        cursor = db.execute("DELETE FROM results WHERE key IN (SELECT key FROM latest WHERE tree = ?)", (tree,))
        for table in ("latest", "ledger"):
            db.execute(f"DELETE FROM {table} WHERE tree = ?", (tree,))
        db.execute(_LOOSE_LISTINGS)
        return cursor.rowcount

    count = store.transact(work, 0)
    if store.folder:
        store.tree(tree).remove()
    return count


def _rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    nothing: list[tuple[Any, ...]] = []
    return store.ask(lambda db: db.execute(query).fetchall(), nothing)


def _blobs_in_use(store: Store) -> set[str]:
    return {row[0] for row in _rows(store, "SELECT DISTINCT blob FROM results WHERE blob != ''")}


def _key_of(manifest: bytes) -> str:
    try:
        return key(Manifest.decode(manifest))
    except ValueError:
        return ""


def _database_size(folder: str) -> int:
    paths = (os.path.join(folder, DATABASE + suffix) for suffix in ("", "-wal", "-shm"))
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def _remove_damaged(folder: str) -> int:
    damaged = (
        [name for name in os.listdir(folder) if name.startswith(f"{DATABASE}.damaged-")]
        if os.path.isdir(folder)
        else []
    )
    for name in damaged:
        remove_file(os.path.join(folder, name))
    return sum(not name.endswith(("-wal", "-shm")) for name in damaged)
