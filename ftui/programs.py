"""Finds programs, and asks git which files there are, without importing anything that a quick run has no use for."""

from __future__ import annotations

import os


def executable(folder: str, name: str) -> str | None:
    """The path of the program `name` in one folder, or None; on Windows its extension may be left out."""
    for suffix in (".exe", ".cmd", ".bat") if os.name == "nt" else ("",):
        candidate = os.path.join(folder, name + suffix)
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def on_path(name: str) -> str | None:
    """The absolute path of a program on PATH, or None.

    Relative entries do not count, nor does the current folder on Windows: a tree must not put its own `git` in place.
    """
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(folder) and (found := executable(folder, name)):
            return found
    return None


_OF_ONE_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)


def git_environ() -> dict[str, str]:
    """The environment for a git that asks about the tree on disk.

    Inside a hook git names its repository and a temporary index there; tools read the files, so these are dropped. A
    partial clone must not fetch what it lacks: its configuration could name any program as the transport.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ONE_REPOSITORY}
    return kept | {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}


class GitListing:
    """What `git ls-files` says of a tree: what is tracked, also where it is missing on disk, and what is not ignored.

    A submodule, or a repository inside the tree, is one entry here. Git works from the moment that this is made.

    Args:
        root: absolute path of the tree.
    """

    def __init__(self, root: str) -> None:
        self._child = 0
        git = on_path("git")
        if git is None or not hasattr(os, "posix_spawn"):
            return
        # A file system monitor is a program that the repository's own configuration names.
        settings = ("-c", "core.fsmonitor=false", "-c", "core.ignoreCase=false")
        words = ("--no-optional-locks", *settings, "-C", root, "ls-files", "-z", "-co")
        self._pipe, writer = os.pipe()
        try:
            self._child = os.posix_spawn(
                git,
                (git, *words, "--exclude-standard"),
                git_environ(),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, writer, 1),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
            )
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(writer)

    def paths(self) -> list[str] | None:
        """Waits for git; to be called once.

        Returns:
            Sorted, decoded as `os.fsdecode` does; None where git cannot be asked or fails.
        """
        if not self._child:
            return None
        with open(self._pipe, "rb") as pipe:
            listed = pipe.read()
        if os.waitpid(self._child, 0)[1] != 0:
            return None
        # Git's own order is that of the sorted list but for a few pieces; a set would mix it up.
        return sorted(dict.fromkeys(os.fsdecode(listed).split("\0")[:-1]))
