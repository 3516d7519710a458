"""The caches of the tools: kept between runs, held by one run at a time, empty where they could lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ftui.cache.recipe import Recipe
from ftui.cache.session import Session
from ftui.cache.store import Store
from ftui.cache.tool_cache import ToolCaches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.cache.session import Lookup

MOMENT = 1_700_000_000_000_000_000


class Tree:
    """One file, one check whose tool goes by size and second, and the caches of its tool."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.write("1")
        recipe = Recipe(id="tool", adapter=("x",), argv=(sys.executable,), cwd=".", inputs=".*", trusts="second-size")
        self.store = Store(str(folder / "cache"), pytest.fail)
        self.session = Session(str(self.root), {"tool": recipe}, self.store, {"PATH": ""})
        self.caches = ToolCaches(self.session)

    def write(self, text: str) -> None:
        (self.root / "a").write_text(text)
        os.utime(self.root / "a", ns=(MOMENT, MOMENT))

    def look_up(self) -> Lookup:
        self.session.look(["a"])
        return self.session.identify("tool")

    def run(self) -> str:
        """Runs the tool, which caches that it has run; what it had cached before, or "empty"."""
        found = self.look_up()
        folder = self.caches.take(found)
        assert folder is not None
        file = Path(folder) / "cached"
        before = file.read_text() if file.exists() else "empty"
        file.write_text("full")
        self.caches.put_back(found)
        return before


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = Tree(tmp_path)
    yield tree
    tree.caches.close()
    tree.store.close()


def test_what_a_tool_has_cached_is_there_again(tree: Tree) -> None:
    assert [tree.run(), tree.run()] == ["empty", "full"]
    tree.write("22")
    assert tree.run() == "full"


def test_another_content_under_the_same_size_and_second_empties_it(tree: Tree) -> None:
    tree.run()
    tree.write("2")
    assert [tree.run(), tree.run()] == ["empty", "full"]


def test_a_version_of_long_ago_is_remembered(tree: Tree) -> None:
    tree.run()
    tree.write("22")
    tree.run()
    tree.write("3")
    assert tree.run() == "empty"


def test_what_was_taken_and_not_put_back_is_not_used_again(tree: Tree) -> None:
    tree.run()
    tree.caches.take(tree.look_up())
    assert ToolCaches(tree.session).take(tree.look_up()) is not None
    tree.caches.close()
    assert tree.run() == "empty"


def test_of_two_that_run_at_once_each_has_a_folder_of_its_own(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.run()
    found = tree.look_up()
    first = tree.caches.take(found)
    other = ToolCaches(tree.session)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    second = other.take(found)
    assert first != second
    other.put_back(found)
    tree.caches.put_back(found)
    assert tree.run() == "empty"


def test_what_a_killed_run_has_left_behind_goes_after_a_day(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = tree.caches.take(tree.look_up())
    assert taken is not None
    held = Path(taken).parent
    os.utime(held, (MOMENT / 1e9, MOMENT / 1e9))
    monkeypatch.setattr(os, "getpid", lambda: 1)
    other = ToolCaches(tree.session)
    other.take(tree.look_up())
    other.close()
    assert not held.exists()


def test_a_tool_without_a_cache_gets_no_folder(tree: Tree) -> None:
    found = tree.look_up()
    found.recipe.trusts = ""
    assert tree.caches.take(found) is None
