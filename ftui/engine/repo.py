"""What git knows of the tree. GitPython is imported when it is first used, and called in a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.errors import FtuiError
from ftui.tree import display

if TYPE_CHECKING:
    from pathlib import Path

    import git


NAMES_ONLY = ("--relative", "--no-renames", "--no-ext-diff", "--name-only", "-z")


class UnknownRevisionError(FtuiError):
    """Git knows no such revision."""


class Head(Struct, frozen=True):
    """Where the work tree stands."""

    branch: str | None = None
    """The branch; the short id of the commit where HEAD is on none; None outside git."""
    dirty: bool | None = None
    """Whether any file differs from HEAD, untracked ones included; None where that is not known."""


class Repo:
    """The repository around a project's root.

    Args:
        root: the project's root, which may lie below the repository's.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def changed(self, since: str) -> frozenset[str]:
        """The paths that differ from a revision: edited, staged, untracked, deleted, and both names of a renamed file.

        Args:
            since: any revision that git understands.

        Returns:
            Posix paths relative to the root; those outside it are left out.

        Raises:
            UnknownRevisionError: there is no such revision.
            FtuiError: there is no repository here, or git cannot be run.
        """
        return await asyncio.to_thread(self._changed, since)

    async def head(self) -> Head:
        """What HEAD is on, and whether the work tree differs from it; of nothing, outside a repository."""
        return await asyncio.to_thread(self._head)

    def _head(self) -> Head:
        try:
            run = self._git()
            import git
        except FtuiError:
            return Head()
        if not self._root.is_dir():
            return Head()  # GitPython would answer for the folder that ftui was started in
        try:
            # It names the branch before its first commit too, and nothing where HEAD is detached.
            branch = run.branch("--show-current") or run.rev_parse("--short", "HEAD")
            return Head(display(branch), bool(run.status("--porcelain", "--untracked-files=normal", "-z", "--", ".")))
        except (git.GitCommandError, git.GitCommandNotFound):  # the latter where the root itself is gone
            return Head()

    def _changed(self, since: str) -> frozenset[str]:
        run = self._git()
        import git

        try:
            if run.rev_parse("--is-inside-work-tree") != "true":
                raise FtuiError(f"--changed needs a work tree, and {self._root} is a bare repository")
        except git.GitCommandError:
            raise FtuiError(f"--changed needs a git repository, and {self._root} is in none") from None
        try:
            tracked = run.diff(*NAMES_ONLY, self._commit(run, since)) if self._has_commits(run) else run.ls_files("-z")
            untracked = run.ls_files("--others", "--exclude-standard", "-z")
        except git.GitCommandError as error:
            raise FtuiError(f"--changed: git failed: {str(error.stderr).strip()[:300]}") from None
        return frozenset(path for path in f"{tracked}\0{untracked}".split("\0") if path)

    def _has_commits(self, run: git.Git) -> bool:
        import git

        try:
            run.rev_parse("--verify", "--quiet", "HEAD")
        except git.GitCommandError:
            return False
        return True

    def _commit(self, run: git.Git, revision: str) -> str:
        import git

        try:
            return str(run.rev_parse("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"))
        except git.GitCommandError:
            raise UnknownRevisionError(f"--changed: git knows no revision {revision!r} here") from None

    def _git(self) -> git.Git:
        try:
            import git
        except ImportError as error:
            # GitPython looks for the git command while it is imported.
            raise FtuiError(f"--changed needs git: {str(error).splitlines()[0]}") from None
        run = git.Git(str(self._root))
        # No lock is taken for refreshing the index, and a repository's own settings start no program of theirs.
        run.update_environment(
            GIT_OPTIONAL_LOCKS="0",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0="core.fsmonitor",
            GIT_CONFIG_VALUE_0="false",
        )
        return run
