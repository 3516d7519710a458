from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftui.cache.folder import DATABASE, INLINE, TOOL
from ftui.cache.maintenance import Stats, clear, clear_tree, evict, prune, verify
from ftui.cache.portable import Root
from ftui.cache.store import Store
from tests.cache.entries import entry

ROOT = Root("/srv/app")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(str(tmp_path / "ftui"), lambda text: None, cap=1_000_000)
    yield store
    store.close()


def keep(store: Store, name: str, size: int = 10, *, output: bytes | None = None, used_at: float | None = None) -> str:
    stored = entry(name, output=output or os.urandom(size), inputs=f"listing of {name}")
    store.put(stored, "/srv/app", ROOT, lambda: b"listing")
    if used_at is not None:
        store.ask(lambda db: db.execute("UPDATE results SET used_at = ? WHERE key = ?", (used_at, stored.key)), None)
    return stored.key


def blobs(store: Store) -> int:
    return len(list(store.blobs.names()))


def test_stats_count_what_is_there(store: Store, tmp_path: Path) -> None:
    keep(store, "1")
    keep(store, "2", 2 * INLINE)
    store.put(entry("1", outcome="failed"), "/srv/app", ROOT)
    store.tree(str(tmp_path)).save("index", b"x" * 100)
    stats = Stats(store)
    assert (stats.entries, stats.passed, stats.failed, stats.flaky, stats.flakes, stats.audits) == (2, 1, 1, 1, 1, 0)
    assert stats.bytes > INLINE
    assert stats.disk > stats.bytes
    assert stats.trees == [str(tmp_path)]
    assert stats.oldest == 1000.0


def test_eviction_takes_what_was_unused_for_longest_with_its_blobs_and_listings(store: Store) -> None:
    names = [keep(store, str(number), 2 * INLINE, used_at=1e9 + number) for number in range(5)]
    assert evict(store, cap=3 * 2 * INLINE) == 3
    assert [store.get(name, ROOT) is not None for name in names] == [False, False, False, True, True]
    assert blobs(store) == 2
    assert store.listing("listing of 0") is None
    assert store.listing("listing of 4") == b"listing"


def test_closing_a_store_that_was_written_keeps_it_below_its_cap(store: Store) -> None:
    for number in range(12):
        keep(store, str(number), 2 * INLINE, used_at=1e9 + number)
    store.close()
    again = Store(store.folder, lambda text: None)
    assert Stats(again).bytes <= 1_000_000
    again.close()


def test_entries_that_share_a_payload_keep_it_until_the_last_goes(store: Store) -> None:
    output = os.urandom(2 * INLINE)
    names = [keep(store, number, output=output, used_at=float(number)) for number in "12"]
    assert evict(store, cap=3 * INLINE) == 1
    assert store.get(names[0], ROOT) is None
    assert store.get(names[1], ROOT) is not None


def test_pruning_removes_what_nothing_needs_and_nothing_else(store: Store, tmp_path: Path) -> None:
    key = keep(store, "1", 2 * INLINE)
    orphan, _ = store.blobs.write(b"orphan")
    young, _ = store.blobs.write(b"young")
    os.utime(store.blobs.path(orphan), (1, 1))
    (tmp_path / "alive").mkdir()
    store.tree(str(tmp_path / "alive")).save("index", b"x")
    store.tree(str(tmp_path / "gone")).save("index", b"x")
    (Path(store.folder) / f"{DATABASE}.damaged-1").write_text("")
    pruned = prune(store)
    assert (pruned.entries, pruned.orphans, pruned.trees, pruned.damaged) == (0, 1, 1, 1)
    assert store.get(key, ROOT) is not None
    assert store.blobs.read(young) == b"young"
    assert store.tree(str(tmp_path / "alive")).load("index") == b"x"


@pytest.mark.parametrize("change", ["key = 'other'", "outcome = 'broken'", "manifest = x'00'", "payload = x'00'"])
def test_verifying_drops_what_is_not_what_was_written(store: Store, change: str) -> None:
    bad, good = keep(store, "1"), keep(store, "2")
    raw = sqlite3.connect(Path(store.folder) / DATABASE, isolation_level=None)
    raw.execute(f"UPDATE results SET {change} WHERE key = ?", (bad,))
    raw.close()
    assert verify(store) == (2, ["ruff"])
    assert verify(store) == (1, [])
    assert store.get(good, ROOT) is not None


def test_clearing_forgets_everything(store: Store, tmp_path: Path) -> None:
    keep(store, "1", 2 * INLINE)
    store.tree(str(tmp_path)).save("index", b"x")
    assert clear(store) == 1
    stats = Stats(store)
    assert (stats.entries, stats.bytes, stats.trees, blobs(store)) == (0, 0, [], 0)
    assert store.get(keep(store, "2"), ROOT) is not None


def test_without_a_store_there_is_nothing_to_maintain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trees" / "oak" / "tool-shed").mkdir(parents=True)
    store = Store(None, lambda text: None)
    assert Stats(store).entries == clear(store) == evict(store) == prune(store).entries == 0
    assert verify(store) == (0, [])
    assert clear_tree(store, "oak") == 0
    assert (tmp_path / "trees" / "oak" / "tool-shed").is_dir()


def test_tools_caches_are_counted_and_pruned_when_they_are_old(store: Store, tmp_path: Path) -> None:
    tree = store.tree(str(tmp_path))
    tree.save("index", b"x")
    for name, days in (("old", 31), ("young", 29)):
        folder = Path(tree.folder(TOOL, name))
        folder.mkdir()
        (folder / "data").write_bytes(bytes(1000))
        os.utime(folder / "data", (time.time() - days * 86_400,) * 2)
    assert Stats(store).tools == 2000
    assert prune(store).tools == 1
    assert (Stats(store).tools, Path(tree.folder(TOOL, "old")).exists()) == (1000, False)
    assert tree.load("index") == b"x"


def test_clearing_one_tree_forgets_its_last_results_and_contradictions(store: Store, tmp_path: Path) -> None:
    mine, other = entry("1"), entry("2", check="mypy")
    store.put(mine, str(tmp_path), ROOT)
    store.put(entry("1", outcome="failed"), str(tmp_path), ROOT)
    store.put(other, "/srv/other", ROOT, lambda: b"listing")
    store.tree(str(tmp_path)).save("index", b"x")
    assert clear_tree(store, str(tmp_path)) == 1
    assert store.get(mine.key, ROOT) is None
    assert store.get(other.key, ROOT) is not None
    assert store.latest("/srv/other", "mypy", ROOT) is not None
    stats = Stats(store)
    assert (stats.flakes, stats.trees) == (0, [])
    assert [check for check, _, _ in stats.checks] == ["mypy"]
