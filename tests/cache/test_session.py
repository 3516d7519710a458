"""Keys in a real tree: what changes them beside the files, and what keeps a result from being cached at all."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from ftui.cache.recipe import Recipe
from ftui.cache.session import Session
from ftui.cache.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ftui.cache.session import Lookup


class Tree:
    """A root with one file, a folder for programs, and the look-up of one check in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.programs = folder / "programs"
        self.home = folder / "home"
        for place in (self.root, self.programs, self.home):
            place.mkdir()
        (self.root / "a.py").write_text("x = 1\n")
        self._cache = folder / "cache"

    def program(self, name: str, text: str) -> Path:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def look_up(self, *argv: str, environ: Mapping[str, str] | None = None, **fields: object) -> Lookup:
        fields = {"inputs": ".*", **fields}
        recipe = Recipe(id="check", adapter=("command",), argv=argv, cwd=".", **fields)  # type: ignore[arg-type]
        store = Store(str(self._cache), pytest.fail)
        base = {"PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(self.home)}
        session = Session(str(self.root), {"check": recipe}, store, {**base, **(environ or {})})
        files = sorted(path.name for path in self.root.iterdir() if path.is_file())
        try:
            session.look(files)
            return session.look_up("check")
        finally:
            session.close()
            store.close()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_the_same_tree_has_the_same_key(tree: Tree) -> None:
    assert tree.look_up(sys.executable, "-c", "pass").key == tree.look_up(sys.executable, "-c", "pass").key != ""


def test_a_shim_hides_what_it_starts_so_nothing_is_cached(tree: Tree) -> None:
    tree.program("pytest", '#!/usr/bin/env bash\nexec pyenv exec pytest "$@"\n')
    found = tree.look_up("pytest")
    assert (found.key, found.decision.bucket if found.decision else "") == ("", "miss")
    assert found.uncached.endswith("is a script that starts another program, and which one cannot be told")


def test_a_script_of_the_project_itself_is_cached(tree: Tree) -> None:
    script = tree.root / "lint"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    assert tree.look_up("./lint").key


def test_a_module_beyond_the_tree_that_a_variable_makes_importable_counts(tree: Tree) -> None:
    folder = tree.programs.parent / "lib"
    folder.mkdir()
    (folder / "helper.py").write_text("ok = 1\n")
    keys = set()
    for text in ("ok = 1\n", "ok = 2\n"):
        (folder / "helper.py").write_text(text)
        environ = {"PYTHONPATH": str(folder)}
        keys.add(tree.look_up(sys.executable, environ=environ, env=("PYTHONPATH",)).key)
    assert len(keys) == 2


def test_a_lock_file_counts_for_a_check_that_does_not_read_it_too(tree: Tree) -> None:
    lock = tree.root / "uv.lock"
    keys = [tree.look_up(sys.executable, inputs=r"a\.py").key]
    for text in ("one", "two", "one"):
        lock.write_text(text)
        keys.append(tree.look_up(sys.executable, inputs=r"a\.py").key)
    lock.unlink()
    keys.append(tree.look_up(sys.executable, inputs=r"a\.py").key)
    without, one, two, *again = keys
    assert again == [one, without]
    assert len({without, one, two}) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="user packages lie elsewhere")
def test_a_package_that_the_user_installs_beside_the_systems_counts(tree: Tree) -> None:
    base = os.path.realpath(sys.executable)
    before = tree.look_up(base).key
    info = tree.home / ".local" / "lib" / "python3.11" / "site-packages" / "extra-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("extra.py,sha256=x,1\n")
    assert "" != before != tree.look_up(base).key


def test_a_check_that_may_not_be_cached_says_so(tree: Tree) -> None:
    found = tree.look_up(sys.executable, cached=False)
    assert (found.key, found.uncached) == ("", "its results are not cached (cache = false)")
    assert "was not found" in tree.look_up("no-such-program").uncached


def test_where_a_clone_lies_makes_no_difference_but_a_file_above_it_does(tmp_path: Path) -> None:
    deep = tmp_path / "some" / "where" / "else"
    deep.mkdir(parents=True)
    here, there = Tree(tmp_path), Tree(deep)
    environ = {"HOME": "/home/somebody", "PATH": os.environ["PATH"]}
    keys = [tree.look_up(sys.executable, environ=environ, config=("ruff.toml",)).key for tree in (here, there)]
    assert keys[0] == keys[1] != ""
    (tmp_path / "ruff.toml").write_text("line-length = 100\n")
    assert here.look_up(sys.executable, environ=environ, config=("ruff.toml",)).key != keys[0]
