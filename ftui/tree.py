"""The files of a tree, and patterns over them.

Paths are posix, relative to the root, and decoded as `os.fsdecode` does.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ftui.programs import git_environ, on_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from subprocess import Popen

    from pathspec import GitIgnoreSpec

_CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".tox", ".nox", "__pycache__")
LEFT_OUT = frozenset({".git", ".hg", "node_modules", ".venv", "venv", *_CACHES})
"""Names that a walk never lists, whatever .gitignore says; git is believed where it answers."""

READ_LIMIT = 1 << 20
"""Bytes of the largest file that is read as a whole: configuration, package.json, .gitignore."""


class Listing(Struct, frozen=True):
    """The files of a tree at one moment."""

    files: tuple[str, ...]
    """Sorted. Symlinks are files, never followed; bytes that are not UTF-8 are lone surrogates."""
    source: Literal["git", "walk"]
    """Who told: git, or a walk of the folders with their .gitignore files."""


def list_files(root: Path) -> Listing:
    """Lists the files below `root` that are not ignored.

    Git is asked where there is a repository, whatever part of it `root` is: what it tracks and what it would offer to
    add, less what is missing on disk. Submodules that are checked out and repositories inside the tree are listed with
    their own files, since tools look into them too.

    A walk takes its place where git is not installed, fails (no repository, a bare one, one of another owner), or has
    nothing to say of a folder inside a repository, as of one that is ignored as a whole. It knows .gitignore files,
    not the user's own excludes.
    """
    folder = os.fspath(root)
    files = _git_files(folder)
    if files is None or not (files or os.path.lexists(os.path.join(folder, ".git"))):
        return Listing(tuple(sorted(walk(folder))), "walk")
    return Listing(tuple(sorted(files)), "git")


def display(path: str) -> str:
    """A path, or any one line, fit to be shown and encoded: what does not print becomes a backslash escape."""
    if path.isprintable():
        return path
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in path)


def read_regular(path: Path, limit: int = READ_LIMIT) -> bytes:
    """The content of a regular file. A symlink is followed; a pipe or device is not waited for.

    Args:
        path: what to read.
        limit: bytes that it may have at most.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `limit`.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            raise OSError(number, "is not a regular file", str(path))
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit:,} bytes", str(path))
    return data


# What git says


def _git_files(root: str) -> set[str] | None:
    """What git lists, or None where it cannot.

    Existence is told from one scan of each folder, while git looks for untracked files: at 50,000 files that takes
    80 ms, against 150 ms with an `lstat` for each and 130 ms for `git ls-files -cod`.
    """
    git = on_path("git")
    if git is None:
        return None
    try:
        with (
            _ls_files(git, root, "--cached") as first,
            _ls_files(git, root, "--others", "--exclude-standard") as second,
        ):
            tracked = _output(first)
            present, folders = _on_disk(root, tracked or ())
            untracked = _output(second)
    except OSError:
        return None
    if tracked is None or untracked is None:
        return None
    files = present.intersection(tracked)
    if len(files) < len(tracked):
        files.update(_found_otherwise(root, set(tracked) - files - folders))
    files.update(path for path in untracked if not path.endswith("/"))
    for nested in (*folders.intersection(tracked), *(path[:-1] for path in untracked if path.endswith("/"))):
        files.update(_nested(root, nested))
    return files


def _ls_files(git: str, root: str, *which: str) -> Popen[bytes]:
    import subprocess

    # A file system monitor is a program that the repository's own configuration names. Where case is ignored, git takes
    # a file that was renamed in nothing but case for the old one, and does not name it.
    settings = ("-c", "core.fsmonitor=false", "-c", "core.ignoreCase=false")
    return subprocess.Popen(
        (git, "--no-optional-locks", *settings, "ls-files", "-z", *which),
        cwd=root,
        env=git_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _output(process: Popen[bytes]) -> list[str] | None:
    listed, _ = process.communicate()
    return os.fsdecode(listed).split("\0")[:-1] if process.returncode == 0 else None


def _on_disk(root: str, paths: Iterable[str]) -> tuple[set[str], set[str]]:
    """The files and the folders that exist in the folders of `paths`, without following a link."""
    wanted: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in wanted:
            wanted.add(folder)
            folder = folder.rpartition("/")[0]
    files: set[str] = set()
    folders = {""}
    for folder in sorted(wanted):
        if folder in folders:
            prefix = f"{folder}/" if folder else ""
            for entry in _entries(os.path.join(root, folder)):
                (folders if entry.is_dir(follow_symlinks=False) else files).add(prefix + entry.name)
    return files, folders


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What is in a folder; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _found_otherwise(root: str, paths: Iterable[str]) -> Iterator[str]:
    """Those of the paths that exist although no folder shows them by that name.

    It may spell them otherwise (case, Unicode form), or not be readable. An index can be forged: nothing beyond a
    link or outside the root is let in.
    """

    @cache
    def real_folder(folder: str) -> bool:
        full = os.path.join(root, folder)
        parent = folder.rpartition("/")[0]
        return not folder or (os.path.isdir(full) and not os.path.islink(full) and real_folder(parent))

    for path in paths:
        folder, _, name = path.rpartition("/")
        if not {"", ".", ".."}.isdisjoint(path.split("/")) or not real_folder(folder):
            continue
        full = os.path.join(root, folder, name)
        if os.path.lexists(full) and (os.path.islink(full) or not os.path.isdir(full)):
            yield path


def _nested(root: str, folder: str) -> Iterator[str]:
    """The files of a repository inside the tree; none where a submodule is not checked out."""
    from pathlib import Path

    inner = Path(root, folder)
    if os.path.lexists(inner / ".git"):
        for path in list_files(inner).files:
            yield f"{folder}/{path}"


# Without git


def walk(root: str) -> Iterator[str]:
    """The files below a folder that no .gitignore in it ignores, posix and relative to it, in no order."""
    pending: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [("", ())]
    while pending:
        prefix, ignores = pending.pop()
        folder = os.path.join(root, prefix)
        entries = {entry.name: entry for entry in _entries(folder)}
        if (prefix and "pyvenv.cfg" in entries) or {"HEAD", "objects", "refs"} <= entries.keys():
            continue  # a virtual environment, or the inside of a repository
        if ".gitignore" in entries and (spec := _ignore_file(entries[".gitignore"])):
            ignores = (*ignores, (prefix, spec))
        for name, entry in entries.items():
            path = prefix + name
            if name in LEFT_OUT:
                continue
            if entry.is_dir(follow_symlinks=False):
                if not _ignored(f"{path}/", ignores):
                    pending.append((f"{path}/", ignores))
            elif (entry.is_symlink() or entry.is_file()) and not _ignored(path, ignores):
                yield path


def _ignore_file(entry: os.DirEntry[str]) -> GitIgnoreSpec | None:
    from pathlib import Path

    if not entry.is_file(follow_symlinks=False):
        return None
    try:
        text = read_regular(Path(entry.path)).decode("utf-8-sig", "surrogateescape")
    except OSError:
        return None
    return _spec(line.removesuffix("\r") for line in text.split("\n"))


def _ignored(path: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """Whether the nearest .gitignore that knows the path ignores it; the folders above it are not."""
    for prefix, spec in reversed(ignores):
        verdict = spec.check_file(path.removeprefix(prefix)).include
        if verdict is not None:
            return verdict
    return False


# Patterns


class Globs:
    """Patterns as in .gitignore: `*.py` at any depth, `docs/**`, `src/*.py`, `/top.txt`, a folder stands for its files.

    Where patterns disagree on a file the last one wins, also over a folder: `["*.py", "!tests/"]` has no file of tests.
    That is plainer than git, which never looks into an ignored folder. What git takes for a comment, a blank or an
    invalid pattern matches nothing.

    Attributes:
        regex: source of the one regular expression that says the same of a path, by `re.match`.
    """

    __slots__ = ("_match", "regex")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.regex = _one_regex(tuple(patterns))
        self._match = re.compile(self.regex).match

    def matches(self, path: str) -> bool:
        """Whether the patterns choose this path."""
        return self._match(path) is not None

    def filter(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The paths that the patterns choose, in their order."""
        match = self._match
        return tuple([path for path in paths if match(path)])


def is_pattern(text: str) -> bool:
    """Whether a pattern can match anything: it is neither blank nor a comment nor malformed."""
    return _regex(text) is not None


@lru_cache(maxsize=512)
def _one_regex(patterns: tuple[str, ...]) -> str:
    """Folds the patterns from first to last: one that includes is a further way to match, one that excludes a guard."""
    chosen = "(?!)"
    for regex, include in filter(None, map(_regex, patterns)):
        chosen = f"{chosen}|{regex}" if include else f"(?!{regex})(?:{chosen})"
    return f"(?s:{chosen.removeprefix('(?!)|')})"


@lru_cache(maxsize=512)
def _regex(pattern: str) -> tuple[str, bool] | None:
    """One pattern as a regular expression for `re.match`, and whether it includes; None if it matches nothing."""
    compiled = next(iter(_spec([pattern]).patterns), None)
    if compiled is None or compiled.regex is None or compiled.include is None:
        return None
    # pathspec marks where a folder matched with a named group, which one expression cannot hold twice, and its `$`
    # lets a newline follow. Neither text can come from a pattern: it splits them at slashes and escapes a `$`.
    source = compiled.regex.pattern.replace("(?P<ps_d>/)", "/").replace("(?:/|$)", r"(?:/|\Z)")
    return (source if source.startswith("^") else f".*{source}"), compiled.include


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """The patterns among the lines; git passes over malformed ones, pathspec would raise."""
    from pathspec import GitIgnoreSpec

    def well_formed(line: str) -> bool:
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            return False
        return True

    return GitIgnoreSpec.from_lines([line for line in lines if well_formed(line)])
