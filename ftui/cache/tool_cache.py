"""The caches of the tools themselves: kept for them from run to run, and emptied where they could make a tool lie."""

from __future__ import annotations

import os
import time

from ftui.cache.digest import sha256_hex
from ftui.cache.folder import TOOL, read_whole, remove_folder, write_atomically
from ftui.cache.guards import could_lie, remember, ruff_trusts, trust_of
from ftui.cache.sealed import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from ftui.cache.guards import Seen
    from ftui.cache.session import Lookup, Session

_KIND: Final = b"seen 1"
_OWN: Final = "/"
"""A name that no file has: under it stands what a tool's cache depends on beside the files."""
_ABANDONED_S: Final = 86_400.0
"""Age from which a folder that was taken and not put back is rubbish: whoever took it was killed."""


class ToolCaches:
    """The caches of the tools of one tree, each held by one run at a time.

    A tool's cache is taken from its place before the tool runs, and put back when it is known which files the tool has
    seen. Whatever comes between, a kill of ftui, another one that runs the same check, a file that moves: the next run
    of the tool begins with an empty cache, which is slow and right.

    Args:
        session: the cache of the tree.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: dict[str, str] = {}

    def take(self, found: Lookup) -> str | None:
        """The folder for a tool that is about to run; None without a store to keep it in.

        Args:
            found: what was looked up of its check.
        """
        trusts = trust_of(found.recipe.trusts)
        if trusts is None or not self._session.store.usable:
            return None
        place = self._session.files.folder(TOOL, found.recipe.id)
        held = self._held[found.recipe.id] = f"{place}.{os.getpid()}"
        remove_folder(held)
        try:
            os.rename(place, held)
        except OSError:
            _remove_abandoned(place)
        seen = _seen(held)
        paths = [found.snapshot.paths[each] for each in found.inputs.positions]
        if seen.get(_OWN) != _surroundings(found) or could_lie(seen, found.snapshot, paths, trusts):
            remove_folder(held)
        folder = os.path.join(held, "cache")
        os.makedirs(folder, 0o700, exist_ok=True)
        return folder

    def put_back(self, found: Lookup) -> None:
        """Keeps the folder of a tool that has run, on just the files that were looked up."""
        held = self._held.pop(found.recipe.id, None)
        trusts = trust_of(found.recipe.trusts)
        if held is None or trusts is None:
            return
        paths = [found.snapshot.paths[each] for each in found.inputs.positions]
        seen = remember(_seen(held), found.snapshot, paths, trusts, reset=False)
        seen[_OWN] = _surroundings(found)
        try:
            write_atomically(os.path.join(held, "seen"), seal(_KIND, seen))
            os.rename(held, self._session.files.folder(TOOL, found.recipe.id))
        except OSError:  # the disk is full, or another run was quicker and its folder stands there
            remove_folder(held)

    def close(self) -> None:
        """Lets go of what was not put back: what it holds is not known."""
        for held in self._held.values():
            remove_folder(held)
        self._held.clear()


def _seen(held: str) -> Seen:
    nothing: Seen = {}
    return unseal(_KIND, read_whole(os.path.join(held, "seen")), nothing)


def _surroundings(found: Lookup) -> dict[tuple[int, int], bytes]:
    """What a tool's cache depends on beside the inputs, as one digest in the form of a file's versions."""
    parts = found.manifest.parts if found.manifest else ()
    # What ruff says of a file hangs on which others there are, and its cache knows nothing of them: a module that is
    # new makes imports of it first-party, a package without `__init__.py` is an implicit one.
    names = (
        [found.snapshot.paths[each] for each in found.inputs.positions]
        if trust_of(found.recipe.trusts) is ruff_trusts
        else []
    )
    others = repr([[part for part in parts if part[0] != "inputs"], names])
    return {(0, 0): sha256_hex(others.encode("utf-8", "surrogatepass")).encode()}


def _remove_abandoned(place: str) -> None:
    folder, name = os.path.split(place)
    try:
        with os.scandir(folder) as entries:
            taken = [entry for entry in entries if entry.name.startswith(f"{name}.")]
            old = [entry.path for entry in taken if time.time() - entry.stat().st_mtime > _ABANDONED_S]
    except OSError:
        return
    for each in old:
        remove_folder(each)
