"""The checks that are kept up to date: what the tree, its configuration and the installed tools make of a profile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.memory import recipes_of
from ftui.engine.named import named_in_vain
from ftui.engine.select import affected, chosen, profiles
from ftui.engine.workspace import Workspace
from ftui.model import no_findings, no_infrastructure_failure, no_note
from ftui.tree import list_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from ftui.cache.recipe import Recipe
    from ftui.model import Check
    from ftui.tree import Listing

    Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


class Lineup:
    """A workspace that is opened again when what it was made from has changed.

    Args:
        workspace: the project, as it was opened first.
        config_file: read in place of the files at the root.
        profile: the name of the profile; None for what the configuration says.

    Raises:
        FtuiError: there is no such profile.
    """

    def __init__(self, workspace: Workspace, config_file: Path | None, profile: str | None) -> None:
        self.workspace = workspace
        self.selection = chosen(workspace.checks, workspace.config, profile=profile, names=())
        self.recipes: Mapping[str, Recipe] = recipes_of(workspace.checks, workspace.plugins, workspace.root)
        self._config_file = config_file
        self._profile = profile
        self._listing: Listing | None = None
        self._deciding = frozenset(self._decided_by())

    @property
    def checks(self) -> Mapping[str, Check]:
        """Those of the profile, by id."""
        return {check.id: check for check in self.selection.checks}

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of all profiles."""
        return profiles(self.workspace.config)

    def list_tree(self) -> Sequence[str]:
        """The files of the tree as they are now, those included that only a check declares; blocks."""
        self._listing = list_files(self.workspace.root)
        return self.workspace.with_declared(self._listing.files)

    def affected(self, paths: Iterable[str]) -> dict[str, frozenset[str]]:
        """Which of the checks changed paths affect, by id the paths that do."""
        return affected(self.selection.checks, self.workspace.plugins, paths)

    def is_decided_by(self, paths: Iterable[str]) -> bool:
        """Whether any of these paths of the tree had a say in which checks there are."""
        root = str(self.workspace.root)
        return any(os.path.join(root, path) in self._deciding for path in paths)

    def stamp(self) -> Stamp:
        """What differs as soon as a tool or a configuration file comes, goes or is replaced; blocks."""
        return tuple(map(_stamp, sorted(self._deciding)))

    def choose(self, profile: str) -> None:
        """Changes the profile.

        Raises:
            FtuiError: there is none of that name; nothing has changed then.
        """
        self.selection = chosen(self.workspace.checks, self.workspace.config, profile=profile, names=())
        self._profile = profile

    def open_again(self, *, plugins_too: bool) -> set[str]:
        """Reads the configuration and asks the plugins once more.

        Args:
            plugins_too: whether to look for plugins again as well.

        Returns:
            The ids of the checks that are new, or of which anything is another.

        Raises:
            FtuiError: the configuration cannot be used; everything stays as it was then.
        """
        before = self.workspace
        workspace = Workspace.open(
            before.root, self._config_file, None if plugins_too else before.plugins, self._listing, before.own
        )
        selection = chosen(workspace.checks, workspace.config, profile=self._profile, names=())
        recipes = recipes_of(workspace.checks, workspace.plugins, workspace.root)
        known = {check_id: recipe.dump() for check_id, recipe in self.recipes.items()}
        here = {check.id: _data(check) for check in before.checks}
        changed = {
            check.id
            for check in selection.checks
            if known.get(check.id) != recipes[check.id].dump() or _data(check) != here.get(check.id)
        }
        self.workspace, self.selection, self.recipes = workspace, selection, recipes
        self._deciding = frozenset(self._decided_by())
        return changed

    def _decided_by(self) -> Iterator[str]:
        """Absolute paths of what had a say in which checks there are, and in what their verdicts depend on."""
        yield from self.workspace.project.decided_by()
        for check in self.workspace.checks:
            yield from named_in_vain(check.command, check.cwd, self.workspace.root)


def _data(check: Check) -> Check:
    """A check without its functions, which are others each time that an adapter makes it."""
    return replace(check, parse=no_findings, note=no_note, infrastructure=no_infrastructure_failure, deep_look=None)


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        st = os.stat(path)
    except OSError:
        return None
    return st.st_ino, st.st_size, st.st_mtime_ns
