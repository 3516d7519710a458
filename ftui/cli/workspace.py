"""The project that the options of a command are about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ftui.errors import FtuiError
from ftui.root import find_root

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from ftui.cache.session import Session
    from ftui.engine.workspace import Workspace


def open_workspace(options: argparse.Namespace) -> Workspace:
    """Opens the project that the options are about.

    Raises:
        FtuiError: the root or the configuration cannot be used.
    """
    from ftui.engine.workspace import Workspace

    root = root_of(options)
    return Workspace.open(root, config_file_of(options), own=frozenset(_written(options, root)))


def _written(options: argparse.Namespace, root: Path) -> Iterator[str]:
    """The files of the tree that the command itself writes, posix and relative to the root."""
    # Where the system does not say what the output is redirected to, this resolves to itself.
    for path in (getattr(options, "record", None), getattr(options, "junit", None), "/dev/fd/1", "/dev/fd/2"):
        target = Path(path or os.devnull).resolve()
        if target.is_relative_to(root):
            yield target.relative_to(root).as_posix()


def config_file_of(options: argparse.Namespace) -> Path | None:
    """The file that the options name in place of the project's own configuration."""
    return Path(options.config) if options.config else None


def looked_at(workspace: Workspace, say: Callable[[str], None]) -> Session:
    """What the cache knows of the project as it is now, to be looked up and left as it is.

    Args:
        workspace: the project.
        say: takes a message about the store, in one line.
    """
    from ftui.cache.session import Session
    from ftui.cache.store import Store
    from ftui.engine.memory import recipes_of
    from ftui.location import cache_folder

    recipes = recipes_of(workspace.checks, workspace.plugins, workspace.root)
    session = Session(str(workspace.root), recipes, Store(cache_folder(), say, read_only=True), os.environ)
    session.look(list(workspace.files))
    return session


def root_of(options: argparse.Namespace) -> Path:
    """The root of the project that the options are about.

    Raises:
        FtuiError: the one that they name is not a folder.
    """
    if options.root is None:
        return find_root(Path.cwd())
    root = Path(options.root)
    if not root.is_dir():
        raise FtuiError(f"--root: {options.root} is not a folder")
    return root.resolve()
