"""What a pass over a project decides on, kept from the last one for as long as nothing that it was made from moves.

Asking the adapters means importing and running all of them, which takes longer than everything else that a run does
which then finds all in the cache.
"""

from __future__ import annotations

import os
import sys

from ftui.cache.digest import sha256_hex
from ftui.cache.folder import TreeFiles
from ftui.cache.memo import Memo
from ftui.cache.recipe import Recipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

NAME: Final = "plan"
"""Of the file among those of the folder that the command was started in."""
PASSING: Final = ("_", "PWD", "OLDPWD", "SHLVL", "COLUMNS", "LINES")
"""Variables that differ from one command to the next and decide nothing."""
PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where ftui itself lies."""


class Plan:
    """The checks of one pass.

    Attributes:
        root: absolute path of the project.
        files: digest of the sorted list of its files, see `digest_of`.
        recipes: of the checks, in the order in which they are shown.
    """

    __slots__ = ("files", "recipes", "root")

    def __init__(self, root: str, files: str, recipes: Sequence[Recipe]) -> None:
        self.root = root
        self.files = files
        self.recipes = recipes


def digest_of(paths: Iterable[str]) -> str:
    """A digest of a list of paths."""
    return sha256_hex("\0".join(paths).encode("utf-8", "surrogatepass"))


class Plans:
    """The plans of the commands that were started in one folder.

    Args:
        cache: the cache folder.
        folder: absolute path of the folder.
    """

    def __init__(self, cache: str, folder: str) -> None:
        self._files = TreeFiles(cache, folder)
        self._memo = Memo.load(self._files.load(NAME))

    def get(self, arguments: Sequence[str], environ: Mapping[str, str]) -> Plan | None:
        """The plan that a command came to the last time, or None where anything has moved that it was made from."""
        known = self._memo.peek(self._name(arguments, environ))
        if known is None:
            return None
        root, files, recipes = known
        return Plan(root, files, [Recipe.load(fields) for fields in recipes])

    def put(self, arguments: Sequence[str], environ: Mapping[str, str], plan: Plan, made_from: Iterable[str]) -> None:
        """Keeps a plan.

        Args:
            arguments: of the command.
            environ: of the command; only a digest of it is kept.
            plan: what it came to.
            made_from: absolute paths of all files and folders that decided on it, those that do not exist included.
        """
        value = (plan.root, plan.files, tuple(recipe.dump() for recipe in plan.recipes))
        watched = (*made_from, *_own_files(), *sys.path)
        # One plan for each folder: whoever alternates between two command lines pays for one of them.
        self._memo = Memo({})
        self._memo.get(self._name(arguments, environ), lambda: (watched, value))
        self._files.save(NAME, self._memo.dump())

    def _name(self, arguments: Sequence[str], environ: Mapping[str, str]) -> str:
        variables = sorted((name, value) for name, value in environ.items() if name not in PASSING)
        return sha256_hex(repr((list(arguments), variables, sys.version)).encode("utf-8", "surrogatepass"))


def _own_files() -> list[str]:
    """ftui's own modules: another version, or an edit while it is worked on, may come to another plan."""
    found = [PACKAGE]
    for folder in ("adapters", "config", "engine", "cli"):
        place = os.path.join(PACKAGE, folder)
        found.append(place)
        try:
            with os.scandir(place) as entries:
                found += sorted(entry.path for entry in entries if entry.name.endswith(".py"))
        except OSError:
            continue  # a built-in adapter folder that is gone shows in its parent
    return found
