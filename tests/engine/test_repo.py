"""`--changed`: every way in which a path can differ from a revision."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ftui.engine.repo import Head, Repo, UnknownRevisionError
from ftui.errors import FtuiError

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *args: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *args], check=True, capture_output=True)


def changed(root: Path, since: str = "HEAD") -> frozenset[str]:
    return asyncio.run(Repo(root).changed(since))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "sub").mkdir()
    for name in ("edited.py", "staged.py", "deleted.py", "old.py", "same.py", "sub/inner.py"):
        (tmp_path / name).write_text(f"# {name}\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_tracked_staged_untracked_renamed_and_deleted_files_are_all_seen(repo: Path) -> None:
    (repo / ".gitignore").write_text("ignored\n")
    (repo / "ignored").write_text("x")
    (repo / "edited.py").write_text("2")
    (repo / "staged.py").write_text("2")
    git(repo, "add", "staged.py")
    (repo / "deleted.py").unlink()
    git(repo, "mv", "old.py", "new.py")
    (repo / "Dockerfile.doc").write_text("FROM scratch\n")
    expected = {".gitignore", "edited.py", "staged.py", "deleted.py", "old.py", "new.py", "Dockerfile.doc"}
    assert changed(repo) == expected


def test_an_older_revision_and_a_branch_can_be_compared_with(repo: Path) -> None:
    git(repo, "checkout", "-qb", "work")
    (repo / "edited.py").write_text("2")
    git(repo, "commit", "-qam", "two")
    assert changed(repo) == frozenset()
    assert changed(repo, "main") == changed(repo, "HEAD~1") == {"edited.py"}


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("")
    (tmp_path / "b.py").write_text("")
    git(tmp_path, "add", "a.py")
    assert changed(tmp_path) == {"a.py", "b.py"}


def test_paths_are_relative_to_a_root_below_the_repository(repo: Path) -> None:
    (repo / "sub" / "inner.py").write_text("2")
    (repo / "edited.py").write_text("2")
    assert changed(repo / "sub") == {"inner.py"}


def test_odd_names_survive(repo: Path) -> None:
    (repo / "with space\nand newline.py").write_text("")
    assert changed(repo) == {"with space\nand newline.py"}


def test_an_unknown_revision_is_named_and_an_option_is_none(repo: Path) -> None:
    for revision in ("nonsense", "--output=/tmp/x"):
        with pytest.raises(UnknownRevisionError, match="git knows no revision"):
            changed(repo, revision)


def test_outside_a_repository_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(FtuiError, match="needs a git repository"):
        changed(tmp_path)
    git(tmp_path, "init", "-q", "--bare")
    with pytest.raises(FtuiError, match="is a bare repository"):
        changed(tmp_path)


# What HEAD is on


def head(root: Path) -> Head:
    return asyncio.run(Repo(root).head())


def test_head_is_a_branch_also_before_its_first_commit_or_else_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    assert head(tmp_path) == Head("main", dirty=False)
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "checkout", "-q", "--detach")
    detached = head(tmp_path)
    assert detached.branch is not None
    assert re.fullmatch("[0-9a-f]{7,}", detached.branch)


@pytest.mark.parametrize("name", ["edited.py", "untracked.py"])
def test_a_work_tree_is_dirty_when_anything_below_the_root_differs(repo: Path, name: str) -> None:
    assert head(repo) == head(repo / "sub") == Head("main", dirty=False)
    (repo / name).write_text("2")
    assert head(repo) == Head("main", dirty=True)
    assert head(repo / "sub") == Head("main", dirty=False)


def test_asking_for_head_leaves_the_index_as_it_is(repo: Path) -> None:
    os.utime(repo / "same.py", (0, 0))
    before = (repo / ".git/index").read_bytes()
    assert head(repo) == Head("main", dirty=False)
    assert (repo / ".git/index").read_bytes() == before


def test_there_is_no_head_outside_a_repository_nor_where_there_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert head(tmp_path / "empty") == head(tmp_path / "gone") == Head()
