"""What git ignores beyond .gitignore files: tools that leave out what git does read these files too."""

from __future__ import annotations

import os

from ftui.cache.regular import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ftui.cache.memo import Memo


def git_excludes(root: str, environ: Mapping[str, str], memo: Memo) -> Iterator[tuple[str, str]]:
    """The excludes of the repository and of the user: what to call them, and their absolute paths.

    Source: git-scm.com/docs/gitignore. They need not exist.

    Args:
        root: absolute path of the tree, in whatever part of the repository.
        environ: tells where the user's settings are.
        memo: remembers what those name for as long as they do not move.
    """
    repository = _repository(root)
    if repository is not None:
        yield "git's info/exclude", os.path.join(repository, "info", "exclude")
    home = environ.get("HOME", "")
    settings = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    yield "the user's git/ignore", os.path.join(settings, "git", "ignore")
    for config in (os.path.join(settings, "git", "config"), os.path.join(home, ".gitconfig")):
        named = _named_by(config, memo)
        if named:
            yield "the user's core.excludesFile", os.path.join(home, named.removeprefix("~/"))


def _repository(root: str) -> str | None:
    """The folder that git keeps a tree's repository in, for a worktree that of the main one."""
    folder = root
    while not os.path.lexists(os.path.join(folder, ".git")):
        if os.path.dirname(folder) == folder:
            return None
        folder = os.path.dirname(folder)
    found = os.path.join(folder, ".git")
    if os.path.isdir(found):
        return found
    found = os.path.join(folder, _first_line(found).removeprefix("gitdir: "))
    return os.path.join(found, _first_line(os.path.join(found, "commondir")))


def _named_by(config: str, memo: Memo) -> str:
    """What the last `excludesFile` of a git configuration names, or the empty string."""

    def work() -> tuple[list[str], str]:
        found = ""
        for line in _lines(config):
            name, _, value = line.partition("=")
            if name.rpartition("]")[2].strip().lower() == "excludesfile":
                found = value.strip().strip('"')
        return [config], found

    return str(memo.get(f"excludesFile:{config}", work))


def _first_line(path: str) -> str:
    return next(iter(_lines(path)), "")


def _lines(path: str) -> list[str]:
    try:
        return os.fsdecode(read_regular(path)).splitlines()
    except (OSError, ValueError):  # a NUL in the path
        return []
