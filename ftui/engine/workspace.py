"""A project that is ready to be checked: root, configuration, plugins, and the checks that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.cache.folder import TreeFiles
from ftui.config import Config, load, validate_names
from ftui.declared import with_declared
from ftui.engine.select import configured, stand_ins
from ftui.location import cache_folder
from ftui.plugins import Plugins
from ftui.project import TreeProject
from ftui.tree import list_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ftui.model import Check, Phase, Unused
    from ftui.tree import Listing


class Workspace(Struct, frozen=True, kw_only=True):
    """A project that is ready to be checked."""

    root: Path
    config: Config
    project: TreeProject
    plugins: Plugins
    checks: tuple[Check, ...]
    unused: tuple[Unused, ...]
    """What is not active here, with the reason."""
    own: frozenset[str] = frozenset()
    """Files of the tree that ftui itself writes now, such as a recording: nothing is judged by them."""

    @classmethod
    def open(
        cls,
        root: Path,
        config_file: Path | None = None,
        plugins: Plugins | None = None,
        listing: Listing | None = None,
        own: frozenset[str] = frozenset(),
    ) -> Workspace:
        """Reads the configuration and asks the plugins.

        Args:
            root: absolute path of the project's root.
            config_file: read in place of the files at the root.
            plugins: those that are loaded already; by default all are loaded anew.
            listing: the files of the project, where they are known already.
            own: files of the tree that ftui itself is going to write, posix and relative to the root.

        Raises:
            FtuiError: the configuration cannot be used.
        """
        config = load(root, config_file)
        folder = cache_folder()
        kept = None if folder is None else TreeFiles(folder, str(root)).kept
        project = TreeProject(root, config, listing, kept)
        if plugins is None:
            plugins = Plugins()
            plugins.load(entry_points=True)
        discovery = plugins.discover(project)
        known = [*(c.id for c in discovery.checks), *(u.id for u in discovery.unused)]
        offered = [*discovery.checks, *stand_ins(config, known, discovery.lost)]
        # One that failed is a name too: what is wrong with it is said below.
        validate_names(config, [*known, *(check.id for check in offered)], [plugin.name for plugin in plugins.loaded])
        for settings in config.checks.values():
            if settings.adapter is not None:
                plugins.require(settings.adapter)
        checks, unused = configured(offered, discovery.unused, config)
        return cls(root=root, config=config, project=project, plugins=plugins, checks=checks, unused=unused, own=own)

    @property
    def files(self) -> Sequence[str]:
        """The files of the project as they were listed when it was opened, with ignored ones that a check declares."""
        return self.with_declared(self.project.files)

    def list_again(self) -> Sequence[str]:
        """The files of the project as they are now, likewise."""
        return self.with_declared(list_files(self.root).files)

    def with_declared(self, files: Sequence[str]) -> Sequence[str]:
        """These files less ftui's own, and those that git ignores and a check declares."""
        listed = with_declared(self.root, files, (pattern for check in self.checks for pattern in check.inputs))
        return [path for path in listed if path not in self.own] if self.own else listed

    def phase_of(self, check_id: str) -> Phase:
        """The phase of a check."""
        return next(check.phase for check in self.checks if check.id == check_id)
