"""What words in braces stand for in the environment of a check, beyond the folders that every check may have."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftui.cache.session import Lookup, Session

_KEPT = re.compile(r"\{kept:?([^{}]*)\}")


def stands_for(session: Session, found: Lookup) -> dict[str, str]:
    """What `{kept}`, `{kept:ADAPTER}`, `{key}` and `{key:ID}` become for a check that is about to run.

    Args:
        session: the cache of the tree.
        found: what was looked up of the check.
    """
    more = {"{key}": found.key}
    for name, value in found.manifest.parts if found.manifest is not None else ():
        if name.startswith("requires:"):
            more[f"{{key:{name.removeprefix('requires:')}}}"] = str(value)
    for entry in found.recipe.env:
        for asked in _KEPT.finditer(entry):
            folder = _kept(session, asked[1] or found.recipe.adapter[0])
            if folder is not None:
                more[asked[0]] = folder
    return more


def _kept(session: Session, adapter: str) -> str | None:
    """The folder that an adapter keeps something in; made where it is asked for."""
    if not session.store.writable:
        return None
    folder = session.files.kept(adapter)
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
    except OSError:
        return None
    return folder
