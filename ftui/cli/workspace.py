"""What most commands begin with: root, configuration, plugins, and the checks that come of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.config import Config, load, validate_names
from ftui.declared import with_declared
from ftui.engine.select import configured
from ftui.errors import FtuiError
from ftui.plugins import Plugins
from ftui.project import TreeProject, find_root
from ftui.tree import list_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from ftui.cache.session import Session
    from ftui.model import Check, Phase, Unused


class Workspace(Struct, frozen=True, kw_only=True):
    """A project that is ready to be checked."""

    root: Path
    config: Config
    project: TreeProject
    plugins: Plugins
    checks: tuple[Check, ...]
    unused: tuple[Unused, ...]
    """What is not active here, with the reason."""

    @property
    def files(self) -> Sequence[str]:
        """The files of the project as they were listed when it was opened, with ignored ones that a check declares."""
        return self._with_declared(self.project.files)

    def list_again(self) -> Sequence[str]:
        """The files of the project as they are now, likewise."""
        return self._with_declared(list_files(self.root).files)

    def _with_declared(self, files: Sequence[str]) -> Sequence[str]:
        return with_declared(self.root, files, (pattern for check in self.checks for pattern in check.inputs))

    def phase_of(self, check_id: str) -> Phase:
        """The phase of a check."""
        return next(check.phase for check in self.checks if check.id == check_id)


def open_workspace(options: argparse.Namespace) -> Workspace:
    """Finds the root, reads the configuration and asks the plugins.

    Raises:
        FtuiError: the root or the configuration cannot be used.
    """
    root = root_of(options)
    config = load(root, Path(options.config) if options.config else None)
    project = TreeProject(root, config)
    plugins = Plugins()
    plugins.load(entry_points=True)
    discovery = plugins.discover(project)
    known = [*(c.id for c in discovery.checks), *(u.id for u in discovery.unused)]
    validate_names(config, known, [plugin.name for plugin in plugins.loaded if plugin.error is None])
    for settings in config.checks.values():
        if settings.adapter is not None:
            plugins.require(settings.adapter)
    checks, unused = configured(discovery.checks, discovery.unused, config)
    return Workspace(root=root, config=config, project=project, plugins=plugins, checks=checks, unused=unused)


def looked_at(workspace: Workspace, say: Callable[[str], None]) -> Session:
    """What the cache knows of the project as it is now, to be looked up and left as it is.

    Args:
        workspace: the project.
        say: takes a message about the store, in one line.
    """
    from ftui.cache.location import cache_folder
    from ftui.cache.session import Session
    from ftui.cache.store import Store
    from ftui.engine.memory import recipes_of

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
