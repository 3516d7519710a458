"""Tests of which paths from events are let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftui.cache.index import Snapshot, sweep
from ftui.engine.hints import GIT, Hints, Sieve
from tests.conftest import MakeTree, write


@pytest.fixture
def root(tree: MakeTree) -> Path:
    return tree({"a.py": "", ".gitignore": "*.log\n", "src/b.py": "", "build/out.o": ""})


@pytest.fixture
def sieve(root: Path) -> Sieve:
    """One that has learnt what stands in the tree; `build` is ignored."""
    sieve = Sieve(str(root))
    sieve.learn(snapshot(root), frozenset({"", "src"}))
    sieve.folders_moved = False
    return sieve


def snapshot(root: Path) -> Snapshot:
    """What a look at the tree finds."""
    return sweep(str(root), [".gitignore", "a.py", "src/b.py"], Snapshot())


def hints(*paths: str, relist: bool = False) -> Hints:
    return Hints(frozenset(paths), relist)


def test_an_edited_file_needs_no_new_listing(sieve: Sieve) -> None:
    assert sieve.take(["a.py", "src/b.py"]) == hints("a.py", "src/b.py")


@pytest.mark.parametrize("path", ["src/new.py", "src/new", GIT, ".gitignore", "src"])
def test_what_can_change_the_listing_says_so(sieve: Sieve, root: Path, path: str) -> None:
    write(root, {"src/new.py": ""})
    (root / "src/new").mkdir()
    assert sieve.take([path]) == hints(path, relist=True)


def test_a_known_file_that_is_gone_or_a_folder_now_changes_the_listing(sieve: Sieve, root: Path) -> None:
    (root / "a.py").unlink()
    assert sieve.take(["a.py"]) == hints("a.py", relist=True)
    (root / "a.py").mkdir()
    assert sieve.take(["a.py"]) == hints("a.py", relist=True)


@pytest.mark.parametrize("path", ["4913", "src/.b.py.swp", "src/#b.py#", "build/out.o", "build/new.o"])
def test_what_is_gone_already_or_lies_in_no_watched_folder_is_no_hint(sieve: Sieve, path: str) -> None:
    assert sieve.take([path]) is None


def test_a_new_file_that_a_look_does_not_list_is_quiet_from_then_on(sieve: Sieve, root: Path) -> None:
    write(root, {"server.log": "a line\n"})
    assert sieve.take(["server.log"]) == hints("server.log", relist=True)
    assert sieve.take(["server.log"]) == hints("server.log", relist=True), "no look has been taken yet"
    sieve.learn(snapshot(root), frozenset({"", "src"}))
    assert sieve.take(["server.log"]) is None
    assert sieve.take(["server.log", "a.py"]) == hints("a.py")


@pytest.mark.parametrize("rules", [".gitignore", "src/.gitignore", GIT])
def test_a_quiet_file_is_heard_again_when_the_rules_may_have_changed(sieve: Sieve, root: Path, rules: str) -> None:
    write(root, {"server.log": "", "src/.gitignore": ""})
    sieve.take(["server.log"])
    sieve.learn(snapshot(root), frozenset({"", "src"}))
    assert sieve.take([rules, "server.log"]) == hints(rules, "server.log", relist=True)


@pytest.mark.parametrize(("path", "moved"), [("src", True), ("new", True), ("new.py", False), ("a.py", False)])
def test_a_folder_that_came_or_went_is_remembered(sieve: Sieve, root: Path, path: str, moved: bool) -> None:
    (root / "new").mkdir()
    write(root, {"new.py": ""})
    sieve.take([path])
    assert sieve.folders_moved is moved
