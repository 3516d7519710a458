"""Tests of when git is at work: its real states, and how long each of them counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftui.engine.held import LOCK_S, MOVED_S, SILENCE_S, git_folder, holding
from tests.conftest import MakeTree, git


def fails(folder: Path, *arguments: str) -> None:
    """Runs a git command that stops for its user."""
    command = ("git", "-c", "core.editor=true", *arguments)
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0


@pytest.fixture
def conflict(tree: MakeTree) -> Path:
    """A repository with two branches, `main` and `other`, that disagree on a file."""
    root = tree({"a.py": "0\n"}, git=True)
    git(root, "checkout", "-qb", "other")
    (root / "a.py").write_text("1\n")
    git(root, "commit", "-qam", "one")
    git(root, "checkout", "-q", "main")
    (root / "a.py").write_text("2\n")
    git(root, "commit", "-qam", "two")
    return root


def reason(root: Path, later: float = 0.0) -> str | None:
    """Why to wait, some seconds from now."""
    hold = holding(root, time.time() + later)
    if hold is None:
        return None
    assert 0 < hold.seconds <= LOCK_S
    return hold.reason


def test_nothing_is_held_outside_a_repository(tree: MakeTree) -> None:
    root = tree({"a.py": ""})
    assert git_folder(root) is None
    assert holding(root) is None


def test_nothing_is_held_in_a_repository_at_rest(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    assert reason(root, MOVED_S + 0.1) is None


def test_a_head_that_has_just_moved_is_held_for_a_moment(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    moved = (root / ".git/logs/HEAD").stat().st_mtime
    hold = holding(root, moved + 0.1)
    assert hold is not None
    assert hold.reason == "HEAD has just moved"
    assert hold.seconds == pytest.approx(MOVED_S - 0.1, abs=0.01)
    assert holding(root, moved + MOVED_S + 0.1) is None


@pytest.mark.parametrize(
    ("command", "because"),
    [
        (("rebase", "other"), "a rebase is under way"),
        (("rebase", "--apply", "other"), "a rebase is under way"),
        (("merge", "other"), "a merge is under way"),
        (("cherry-pick", "other"), "a cherry-pick is under way"),
        (("revert", "--no-edit", "HEAD~1"), "a revert is under way"),
    ],
)
def test_what_stops_at_a_conflict_is_held_until_git_has_been_silent(
    conflict: Path, command: tuple[str, ...], because: str
) -> None:
    if command[0] == "revert":
        (conflict / "a.py").write_text("3\n")
        git(conflict, "commit", "-qam", "three")
    fails(conflict, *command)
    assert reason(conflict, MOVED_S + 0.1) == because
    assert reason(conflict, SILENCE_S + 0.1) is None
    (conflict / "a.py").write_text("by hand\n")
    assert reason(conflict, SILENCE_S + 0.1) is None
    git(conflict, command[0], "--abort")
    assert reason(conflict, MOVED_S + 0.1) is None


def test_git_that_goes_on_is_held_again(conflict: Path) -> None:
    fails(conflict, "merge", "other")
    silence = time.time() - 2 * SILENCE_S
    for path in (conflict / ".git", *(conflict / ".git").rglob("*")):
        os.utime(path, (silence, silence), follow_symlinks=False)
    assert reason(conflict) is None
    (conflict / "a.py").write_text("by hand\n")
    git(conflict, "add", "a.py")
    assert reason(conflict) == "a merge is under way"


def test_a_bisect_is_held_for_each_of_its_steps(conflict: Path) -> None:
    git(conflict, "bisect", "start", "HEAD", "HEAD~1")
    assert reason(conflict, MOVED_S + 0.1) == "a bisect is under way"
    assert reason(conflict, SILENCE_S + 0.1) is None
    git(conflict, "bisect", "reset")
    assert reason(conflict, MOVED_S + 0.1) is None


def test_an_index_lock_is_held_but_not_for_ever(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    lock = root / ".git/index.lock"
    lock.touch()
    assert reason(root, 1.0) == "git is at work"
    assert reason(root, LOCK_S - 1) == "git is at work"
    assert reason(root, LOCK_S + 1) is None
    lock.unlink()
    assert reason(root, 1.0) is None


@pytest.mark.parametrize("name", ["index.lock", "MERGE_HEAD", "HEAD"])
def test_a_time_far_in_the_future_holds_nothing(tree: MakeTree, name: str) -> None:
    root = tree({"a.py": ""}, git=True)
    (root / ".git" / name).touch()
    future = time.time() + 3600
    for path in (root / ".git" / name, root / ".git", root / ".git/logs/HEAD"):
        os.utime(path, (future, future))
    (root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    assert reason(root, SILENCE_S + 1) is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_a_lock_that_git_takes_for_real_is_seen(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    hook, pipe = root / ".git/hooks/pre-commit", root / ".git/pipe"
    hook.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    # `commit -a` holds the index while its hook runs; the hook says so and waits to be told to end. Its standard input
    # is git's affair, and empty.
    hook.write_text("#!/bin/sh\necho ready\nread line <.git/pipe\n")
    hook.chmod(0o755)
    (root / "a.py").write_text("1\n")
    commit = subprocess.Popen(
        ("git", "commit", "-qam", "slow"),
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with commit:
        assert commit.stdout is not None
        assert commit.stdout.readline() == "ready\n"
        assert reason(root, 1.0) == "git is at work"
        commit.kill()
        pipe.write_text("\n")
    (root / ".git/index.lock").unlink(missing_ok=True)


def test_a_worktree_and_a_submodule_have_a_state_of_their_own(conflict: Path, tree: MakeTree, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(conflict, "worktree", "add", "-q", str(linked), "other")
    fails(linked, "merge", "main")
    assert reason(linked, 1.0) == "a merge is under way"
    assert git_folder(linked) == conflict / ".git/worktrees/linked"
    outer = tree({"b.py": ""}, git=True, name="outer")
    git(outer, "submodule", "--quiet", "add", str(conflict), "sub")
    (outer / ".git/modules/sub/MERGE_HEAD").touch()
    assert reason(outer / "sub", 1.0) == "a merge is under way"
    assert reason(outer, 1.0) is None


def test_a_root_below_the_root_of_a_repository_is_held_with_it(tree: MakeTree) -> None:
    root = tree({"part/a.py": ""}, git=True)
    (root / ".git/index.lock").touch()
    assert reason(root / "part", 1.0) == "git is at work"


@pytest.mark.parametrize("content", ["", "gitdir: /nowhere\n", "gitdir: ../../..\n", "\0", "x" * 10_000])
def test_a_git_file_that_names_no_repository_is_no_repository(tree: MakeTree, content: str) -> None:
    root = tree({"a.py": "", ".git": content})
    assert git_folder(root) is None
    assert holding(root) is None
