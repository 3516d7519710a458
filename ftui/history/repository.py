"""Which repository a tree belongs to, and where its history lies."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256

from msgspec import Struct

from ftui.location import data_folder
from ftui.programs import git_environ, on_path
from ftui.tree import display

DATABASE = "history-1.sqlite"
"""With the version of the schema: another version of ftui has another file, and neither harms the other."""

PATIENCE_S = 10.0
"""Seconds that git gets: a history of a hundred thousand commits takes it one."""


class Head(Struct, frozen=True):
    """Where a tree stands."""

    commit: str | None = None
    branch: str | None = None
    """None where HEAD is on none."""


def repository_of(root: str) -> str:
    """What all clones of a repository share, and no other repository; asks git, and blocks.

    It is made from the first commit and from the folder within it. Where there is no commit, or the clone is a shallow
    one that does not reach the first, it is made from the path of the tree.

    Args:
        root: absolute path of the tree.
    """
    about = _git(root, "rev-parse", "--is-shallow-repository", "--show-prefix")
    # The first of the first parents: merging another history in does not make it another repository.
    first = _git(root, "rev-list", "--first-parent", "--max-parents=0", "HEAD") if about[:1] == ["false"] else []
    if len(about) == 2 and len(first) == 1:
        return _named("commit", first[0], about[1])
    return _named("path", os.path.realpath(root))


def head_of(root: str) -> Head:
    """Where a tree stands; asks git, and blocks.

    Args:
        root: absolute path of the tree.
    """
    words = _git(root, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD")
    if len(words) != 2:
        return Head()
    commit, name = words
    return Head(commit, display(name.removeprefix("refs/heads/")) if name.startswith("refs/heads/") else None)


def history_file(repository: str) -> str | None:
    """The path of the database of a repository; None without a home."""
    folder = histories_folder()
    return None if folder is None else os.path.join(folder, repository, DATABASE)


def histories_folder() -> str | None:
    """Where the histories of all repositories lie; None without a home."""
    folder = data_folder()
    return None if folder is None else os.path.join(folder, "history")


def _named(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _git(root: str, *words: str) -> list[str]:
    """The lines that git answers; none where it does not know."""
    git = on_path("git")
    if git is None:
        return []
    # A file system monitor is a program that the repository's own configuration names.
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", root, *words]
    try:
        done = subprocess.run(
            command, env=git_environ(), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return os.fsdecode(done.stdout).split("\n")[:-1] if done.returncode == 0 else []
