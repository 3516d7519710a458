from __future__ import annotations

from pathlib import Path

import pytest

from ftui.cache.ledger import KEPT, MEMORY_S, MOST_OF_ONE, contradictions, forgive, note_audit, suspect
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


def test_the_end_of_a_long_output_is_kept_from_the_beginning_of_a_line(tmp_path: Path) -> None:
    store = Store(str(tmp_path), lambda text: None)
    lines = b"".join(b"line %d \xc3\xa4\n" % number for number in range(5000))
    note_audit(store, entry(output=lines), "failed", b"\xc3\xa4" * KEPT, TREE)
    (seen,) = contradictions(store, TREE)
    assert KEPT - 20 < len(seen.first[1]) < KEPT
    assert seen.first[1].startswith(b"line ")
    assert lines.endswith(seen.first[1])
    assert len(seen.second[1]) == KEPT
    store.close()


def test_of_each_check_the_last_contradictions_are_kept(tmp_path: Path) -> None:
    store = Store(str(tmp_path), lambda text: None)
    note_audit(store, entry(check="mypy"), "failed", b"", TREE)
    for number in range(MOST_OF_ONE + 5):
        note_audit(store, entry(), "failed", b"%d" % number, TREE)
    of_ruff = [each for each in contradictions(store, TREE) if each.check == "ruff"]
    assert [each.second[1] for each in of_ruff] == [b"%d" % n for n in range(MOST_OF_ONE + 4, 4, -1)]
    assert suspect(store, TREE, "mypy", "audit")
    store.close()


def test_no_number_of_flakes_makes_a_wrong_hit_forgotten(tmp_path: Path) -> None:
    store = Store(str(tmp_path), lambda text: None)
    note_audit(store, entry(), "failed", b"", TREE)
    for _ in range(MOST_OF_ONE):
        store.put(entry("x"), TREE, ROOT)
        store.put(entry("x", outcome="failed"), TREE, ROOT)
    assert suspect(store, TREE, "ruff", "audit")
    assert len(contradictions(store, TREE)) == MOST_OF_ONE + 1
    store.close()


def test_what_is_forgiven_is_no_longer_flaky_and_other_trees_keep_theirs(tmp_path: Path) -> None:
    store = Store(str(tmp_path), lambda text: None)
    for tree in (TREE, "/srv/other"):
        store.put(entry(tree), tree, ROOT)
        store.put(entry(tree, outcome="failed"), tree, ROOT)
    assert forgive(store, TREE, "mypy") == 0
    assert forgive(store, TREE) == 1
    found = {tree: store.get(entry(tree).key, ROOT) for tree in (TREE, "/srv/other")}
    assert {tree: each is not None and each.flaky for tree, each in found.items()} == {TREE: False, "/srv/other": True}
    assert not suspect(store, TREE, "ruff", "flake")
    assert suspect(store, "/srv/other", "ruff", "flake")
    store.close()
