from __future__ import annotations

from pathlib import Path

import pytest

from ftui.cache.ledger import MEMORY_S, contradictions, note_audit, suspect
from ftui.cache.portable import Root
from ftui.cache.store import Store
from tests.cache.entries import entry

TREE, ROOT = "/srv/app", Root("/srv/app")


def test_a_hit_that_did_not_hold_demotes_its_check_and_is_forgotten(tmp_path: Path) -> None:
    store = Store(str(tmp_path), lambda text: None)
    stored = entry(output=b"a" * 100_000 + b"fine")
    store.put(stored, TREE, ROOT)
    note_audit(store, stored, "failed", b"boom", TREE)
    assert store.get(stored.key, ROOT) is None
    assert suspect(store, TREE, "ruff", "audit")
    assert not suspect(store, TREE, "ruff", "flake")
    (seen,) = contradictions(store, TREE)
    assert (seen.kind, seen.check, seen.key, seen.second) == ("audit", "ruff", stored.key, ("failed", b"boom"))
    assert seen.first[0] == "passed"
    assert seen.first[1].endswith(b"fine")
    assert len(seen.first[1]) < 20_000
    store.close()


def test_suspicion_fades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(str(tmp_path), lambda text: None)
    note_audit(store, entry(), "failed", b"", TREE)
    import time

    now = time.time()
    monkeypatch.setattr("ftui.cache.ledger.time.time", lambda: now + MEMORY_S + 1)
    assert not suspect(store, TREE, "ruff", "audit")
    assert len(contradictions(store, TREE)) == 1
    store.close()
