"""Which folders of a tree have to be watched to hear of every change that counts."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.programs import git_environ, on_path
from ftui.tree import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

_ASKED: Final = 50
"""How many entries of a folder without listed files are asked about before it is taken for one of ignored files."""


class Folders(Struct, frozen=True):
    """The folders of a tree in which a file that counts may come, change or go."""

    watchable: frozenset[str]
    """Posix paths relative to the root, which is the empty one."""
    denied: tuple[str, ...]
    """Those that would have to be watched and cannot be: they may not be read, or their name is no text."""


def parents(files: Iterable[str]) -> set[str]:
    """The folders that files lie in, directly or further down; the root is always one."""
    found = {""}
    for path in files:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def folders(root: str, files: Iterable[str]) -> Folders:
    """Finds the folders to watch.

    They are those that listed files lie in, and others that are not ignored either, such as empty ones: a file made
    there would count. Ignored trees have none. Outside a repository only empty folders are added.

    Args:
        root: absolute path of the tree.
        files: what `ftui.tree.list_files` lists.
    """
    found: set[str] = set()
    denied: list[str] = []
    repositories: set[str] = set()
    level: Iterable[str] = parents(files)
    while level:
        found.update(level)
        unknown: list[str] = []
        for folder in sorted(level):
            entries = _entries(root, folder)
            if entries is None:
                found.discard(folder)
                if os.path.isdir(os.path.join(root, folder)):
                    denied.append(folder)
                continue
            if folder and any(entry.name == ".git" for entry in entries):
                repositories.add(folder)
            unknown += [path for entry in entries if (path := _subfolder(folder, entry)) and path not in found]
        level = _not_ignored(root, unknown, repositories)
    return Folders(frozenset(found), tuple(sorted(denied)))


def _entries(root: str, folder: str) -> Sequence[os.DirEntry[str]] | None:
    try:
        folder.encode()  # watchfiles takes text only
        with os.scandir(os.path.join(root, folder)) as entries:
            return list(entries)
    except (OSError, UnicodeEncodeError):
        return None


def _subfolder(folder: str, entry: os.DirEntry[str]) -> str:
    """The path of an entry that is a folder; empty for another one, and for those that nobody's files lie in."""
    if entry.name in LEFT_OUT or not entry.is_dir(follow_symlinks=False):
        return ""
    return f"{folder}/{entry.name}" if folder else entry.name


def _not_ignored(root: str, unknown: Iterable[str], repositories: set[str]) -> list[str]:
    """Those folders in which a new file would be listed."""
    by_repository: dict[str, list[str]] = {}
    for folder in unknown:
        repository = folder.rpartition("/")[0]
        while repository and repository not in repositories:
            repository = repository.rpartition("/")[0]
        by_repository.setdefault(repository, []).append(folder)
    return [
        folder for repository, inside in by_repository.items() for folder in _not_ignored_in(root, repository, inside)
    ]


def _not_ignored_in(root: str, repository: str, inside: Sequence[str]) -> Iterable[str]:
    content = {
        folder: [f"{folder}/{entry.name}" for entry in (_entries(root, folder) or ())[:_ASKED] if entry.name != ".git"]
        for folder in inside
    }
    paths = [path for folder in inside for path in (folder, *content[folder])]
    start = len(repository) + 1 if repository else 0
    ignored = _ignored(os.path.join(root, repository), [path[start:] for path in paths])
    for folder in inside:
        if ignored is None:
            counts = not content[folder]
        else:
            # A folder full of ignored files, as a tool's cache with a .gitignore of its own, is as good as ignored.
            inner = content[folder]
            counts = folder[start:] not in ignored and not (inner and ignored.issuperset(p[start:] for p in inner))
        if counts:
            yield folder


def _ignored(repository: str, paths: Sequence[str]) -> set[str] | None:
    """Those of the paths that git ignores; None where it cannot be asked."""
    git = on_path("git")
    if git is None:
        return None
    try:
        answer = subprocess.run(
            # A file system monitor is a program that the repository's own configuration names.
            (git, "--no-optional-locks", "-c", "core.fsmonitor=false", "check-ignore", "-z", "--stdin"),
            cwd=repository,
            env=git_environ(),
            input=b"\0".join(os.fsencode(path) for path in paths),
            capture_output=True,
            check=False,
        )
    except OSError:  # the repository has gone meanwhile
        return None
    if answer.returncode not in (0, 1):  # 1: none is ignored
        return None
    return set(os.fsdecode(answer.stdout).split("\0")[:-1])
