"""Tests of which folders are watched, on real trees and with real git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftui.engine.folders import Folders, folders
from ftui.tree import list_files
from tests.conftest import MakeTree, commit, git, write


def watchable(root: Path) -> set[str]:
    """The folders to watch, less the root, which always is."""
    found = folders(str(root), list_files(root).files)
    assert found.denied == ()
    assert "" in found.watchable
    return set(found.watchable) - {""}


@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
def test_the_folders_of_files_are_watched_and_those_above_them(tree: MakeTree, repository: bool) -> None:
    root = tree({"a/b/c/x.py": "", "d/y.py": "", "z.py": ""}, git=repository)
    assert watchable(root) == {"a", "a/b", "a/b/c", "d"}


@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
def test_ignored_folders_and_those_of_tools_are_not_watched(tree: MakeTree, repository: bool) -> None:
    ignored = {"build/x/y": "", "src/gen/out/z": "", "node_modules/a/b.js": "", "src/__pycache__/a.pyc": ""}
    root = tree({".gitignore": "build/\nout\n__pycache__\nnode_modules\n", "src/a.py": "", **ignored}, git=repository)
    # What is below `gen` is ignored; `gen` itself is not, and git can tell.
    assert watchable(root) == {"src"}


def test_an_ignored_folder_with_tracked_files_is_watched(tree: MakeTree) -> None:
    root = tree({"build/keep.txt": "", "build/d/x": ""}, git=True)
    git(root, "rm", "-q", "--cached", "build/d/x")
    write(root, {".gitignore": "build/\n"})
    assert watchable(root) == {"build"}


def test_rules_are_taken_from_everywhere_git_has_them(
    tree: MakeTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a.py": "", "sub/.gitignore": "nested\n", "sub/b.py": ""}, git=True)
    write(root, {".git/info/exclude": "excluded\n"})
    write(tmp_path, {"config": f"[core]\n\texcludesFile = {tmp_path / 'everywhere'}\n", "everywhere": "global\n"})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    for folder in ("sub/nested/x", "excluded/x", "global/x", "empty/x"):
        (root / folder).mkdir(parents=True)
    assert watchable(root) == {"sub", "empty", "empty/x"}


def test_folders_without_a_file_are_watched_unless_their_files_are_ignored(tree: MakeTree) -> None:
    root = tree({"a.py": "", ".gitignore": "*.o\n"}, git=True)
    write(root, {"cache/.gitignore": "*\n", "cache/v1/x": "", "objects/x.o": "", "objects/y.o": ""})
    (root / "empty/deep").mkdir(parents=True)
    assert watchable(root) == {"empty", "empty/deep"}


def test_outside_a_repository_only_empty_folders_are_added(tree: MakeTree) -> None:
    root = tree({"a.py": "", ".gitignore": "build\n", "build/x/y": ""})
    (root / "empty").mkdir()
    assert watchable(root) == {"empty"}


def test_a_repository_inside_the_tree_has_rules_of_its_own(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    write(root, {"inner/b.py": "", "inner/.gitignore": "out\n"})
    commit(root / "inner")
    for folder in ("inner/out/x", "inner/empty"):
        (root / folder).mkdir(parents=True)
    other = tree({"c.py": "", ".gitignore": "out\n"}, git=True, name="other")
    git(root, "submodule", "--quiet", "add", str(other), "module")
    (root / "module/out/x").mkdir(parents=True)
    (root / "module/empty").mkdir()
    assert watchable(root) == {"inner", "inner/empty", "module", "module/empty"}


def test_links_to_folders_are_not_followed(tree: MakeTree, tmp_path: Path) -> None:
    root = tree({"src/a.py": ""}, git=True)
    (tmp_path / "outside/deep").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "src/loop").symlink_to(root)
    assert watchable(root) == {"src"}


def test_a_folder_that_has_gone_since_the_files_were_listed_is_left_out(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    assert folders(str(root), ["a.py", "gone/b.py", "a.py/c.py"]).watchable == {""}
    assert folders(str(root / "nowhere"), ["a.py"]).watchable == frozenset()


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_folder_whose_name_is_not_text_cannot_be_watched(tree: MakeTree) -> None:
    root = tree({"a.py": ""})
    odd = os.fsdecode(b"caf\xe9")
    write(root, {f"{odd}/b.py": ""})
    assert folders(str(root), list_files(root).files) == Folders(frozenset({""}), (odd,))
