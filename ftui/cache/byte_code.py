"""Byte code that Python would take for that of a source which has changed since: the source's second and size fit."""

from __future__ import annotations

import os
import stat
import sys
from struct import pack, unpack

from ftui.cache.signature import SETTLE_NS
from ftui.cache.signature import unpack as unpack_signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from ftui.cache.folder import TreeFiles
    from ftui.cache.index import Snapshot

_NAME: Final = "byte-code"
"""Of the file that holds when byte code was last gone through, in nanoseconds since 1970."""


def remove_stale(root: str, snapshot: Snapshot, looked_ns: int, files: TreeFiles | None) -> None:
    """Removes the byte code that is older than the last change of its source, in `__pycache__` or PYTHONPYCACHEPREFIX.

    Python goes by size and second of the mtime (docs.python.org/3/reference/import, "Cached bytecode invalidation"), so
    that after an edit of equal size within a second, or with its mtime put back, it would run the old code.

    Args:
        root: absolute path of the tree.
        snapshot: of the tree that is about to be run; links are not followed.
        looked_ns: just before that was taken, nanoseconds since 1970.
        files: remember when this was last done, so that only sources changed since are looked at; None looks at all.
    """
    known = (files.load(_NAME) if files else None) or b""
    since = unpack("<q", known)[0] if len(known) == 8 else 0
    if since > looked_ns:  # the clock was put back
        since = 0
    sources = set(_changed(snapshot, since - SETTLE_NS))
    for folder in sorted({path.rpartition("/")[0] for path in sources}):
        for path, source in _compiled(os.path.join(root, folder)):
            if f"{folder}/{source}".removeprefix("/") in sources and _is_stale(
                path, os.path.join(root, folder, source)
            ):
                _remove(path)
    if files:
        files.save(_NAME, pack("<q", looked_ns))


def _changed(snapshot: Snapshot, since_ns: int) -> Iterator[str]:
    for place, path in enumerate(snapshot.paths):
        if path.endswith(".py"):
            _, mtime, ctime, _, kind = unpack_signature(snapshot.signature(place))
            if max(mtime, ctime) >= since_ns or stat.S_ISLNK(kind):
                yield path


def _compiled(folder: str) -> Iterator[tuple[str, str]]:
    """The files of byte code for the sources in a folder, each with the name of its source."""
    places = [os.path.join(folder, "__pycache__")]
    if sys.pycache_prefix:
        places.append(os.path.join(sys.pycache_prefix, os.path.splitdrive(folder)[1].lstrip(os.sep)))
    for place in places:
        try:
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                continue
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.endswith(".pyc"):
                        yield entry.path, f"{entry.name.partition('.')[0]}.py"
        except OSError:  # there is none
            continue


def _is_stale(path: str, source: str) -> bool:
    """Whether the source, or the link to it, may have changed after it was compiled."""
    try:
        compiled = os.lstat(path).st_mtime_ns
        changed = max(max(st.st_mtime_ns, st.st_ctime_ns) for st in (os.lstat(source), os.stat(source)))
    except OSError:
        return False
    # A file system may count in steps of two seconds; what is removed in vain costs one compilation.
    return changed + SETTLE_NS >= compiled


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # another process has just replaced it, and then it is fresh
        return
