from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ftui.history.repository import Head, head_of, history_file, repository_of
from tests.conftest import commit, git

if TYPE_CHECKING:
    import pytest

    from tests.conftest import MakeTree

FILES = {"a.py": "", "web/b.js": ""}


def clone(root: Path, name: str, *options: str) -> Path:
    folder = root.parent / name
    git(root.parent, "clone", "-q", *options, root.as_uri(), str(folder))
    return folder


def ids(*roots: Path) -> list[str]:
    return [repository_of(str(root)) for root in roots]


def test_clones_and_worktrees_share_one(tree: MakeTree) -> None:
    root = tree(FILES, git=True)
    git(root, "worktree", "add", "-q", str(root.parent / "worktree"))
    assert len(set(ids(root, clone(root, "clone"), root.parent / "worktree"))) == 1


def test_later_commits_and_branches_and_merged_in_histories_stay_in_it(tree: MakeTree) -> None:
    root, other = tree(FILES, git=True), tree({"c.py": "other"}, git=True, name="other")
    before = repository_of(str(root))
    git(root, "checkout", "-q", "-b", "feature")
    git(root, "fetch", "-q", str(other), "HEAD")
    git(root, "merge", "-q", "--allow-unrelated-histories", "-m", "merge", "FETCH_HEAD")
    assert repository_of(str(root)) == before


def test_another_repository_another_folder_and_no_repository_have_their_own(tree: MakeTree) -> None:
    root = tree(FILES, git=True)
    other = tree({"c.py": "other"}, git=True, name="other")
    plain, plain_too = tree(FILES, name="plain"), tree(FILES, name="plain-too")
    empty = tree(FILES, name="empty")
    git(empty, "init", "-q")
    found = ids(root, root / "web", other, plain, plain_too, empty)
    assert len(set(found)) == len(found)


def test_a_shallow_clone_does_not_pass_its_cut_off_for_the_first_commit(tree: MakeTree) -> None:
    root = tree(FILES, git=True)
    commit(root)
    shallow, again = (clone(root, name, "--depth=1") for name in ("shallow", "again"))
    assert len(set(ids(root, shallow, again))) == 3


def test_a_path_through_a_link_is_the_same_tree(tree: MakeTree) -> None:
    root = tree(FILES)
    link = root.parent / "link"
    link.symlink_to(root, target_is_directory=True)
    assert repository_of(str(link)) == repository_of(str(root))


def test_head_is_its_commit_and_branch(tree: MakeTree) -> None:
    root = tree(FILES, git=True)
    sha = git(root, "rev-parse", "HEAD").strip()
    assert head_of(str(root)) == Head(sha, "main")
    git(root, "checkout", "-q", "--detach")
    assert head_of(str(root)) == Head(sha, None)
    assert head_of(str(root.parent)) == Head()


def test_a_hook_does_not_lead_to_its_own_repository(tree: MakeTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root, other = tree(FILES, git=True), tree({"c.py": "other"}, git=True, name="other")
    before = ids(root, other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert ids(root, other) == before


def test_without_git_it_is_the_path(tree: MakeTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(FILES, git=True)
    before = repository_of(str(root))
    monkeypatch.setenv("PATH", os.fspath(root))
    assert repository_of(str(root)) != before
    assert head_of(str(root)) == Head()


def test_it_lies_with_the_data_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ftui.history.repository.data_folder", lambda: str(tmp_path))
    assert history_file("abc") == str(tmp_path / "history" / "abc" / "history-1.sqlite")
    monkeypatch.setattr("ftui.history.repository.data_folder", lambda: None)
    assert history_file("abc") is None
