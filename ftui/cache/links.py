"""Symbolic links: tools read through them, so what they lead to counts as if it stood in their place."""

from __future__ import annotations

import os
import stat

from ftui.cache.digest import sha256_hex
from ftui.cache.fingerprint import file_digest
from ftui.cache.signature import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ftui.cache.index import Snapshot
    from ftui.cache.memo import Memo

_KIND_BYTE: Final = 33
"""Where the upper byte of the kind stands in a packed signature."""
_LINK: Final = bytes([stat.S_IFLNK >> 8])
MOST_FILES: Final = 5_000
MOST_BYTES: Final = 256 * 1024 * 1024
"""What is looked at outside the tree for one link; beyond that no result is stored."""


class TooMuchError(Exception):
    """What a link leads to cannot be told; the text says which link."""


class Links:
    """The links of one state of a tree.

    Args:
        root: absolute path of the tree.
        snapshot: its state.
        memo: remembers the digests of files outside the tree.
        outside: gives the digest of files (relative paths, sorted) in a folder outside the tree; None if it cannot.

    Attributes:
        places: where the links stand in the snapshot.
    """

    def __init__(
        self, root: str, snapshot: Snapshot, memo: Memo, outside: Callable[[str, list[str]], str | None]
    ) -> None:
        self._snapshot = snapshot
        self._memo = memo
        self._outside = outside
        self.places = list(_links(snapshot))
        self._root = os.path.realpath(root) if self.places else root

    def parts(self, inputs: str, positions: tuple[int, ...]) -> list[tuple[str, str]]:
        """The parts of a manifest for what a check reads through links.

        Args:
            inputs: the regular expression for the check's files; what a folder holds is matched under the link's name.
            positions: the files of the snapshot that it reads.

        Raises:
            TooMuchError: a link leads to something whose content cannot be told.
        """
        read = set(positions)
        found = []
        for place in self.places:
            path = self._snapshot.paths[place]
            target = os.path.realpath(os.path.join(self._root, path))
            if os.path.isdir(target):
                digest = self._folder(path, target, inputs)
            else:
                digest = self._file(path, target) if place in read else ""
            if digest:
                found.append((f"link:{path}", digest))
        return found

    def _file(self, path: str, target: str) -> str:
        place = self._snapshot.position(self._inside(target) or "")
        if place >= 0:
            return self._known(path, place).hex()
        try:
            st = os.stat(target)
        except OSError:
            return ""  # it leads nowhere, which the link itself says
        if not stat.S_ISREG(st.st_mode) or st.st_size > MOST_BYTES:
            raise TooMuchError(f"what {path} leads to cannot be told")
        # Files of a system, such as those of /proc, say that they are empty, and may never end.
        return file_digest(target, self._memo) if st.st_size else "empty"

    def _folder(self, path: str, target: str, inputs: str) -> str:
        """The digest of the files in a folder that the check would choose by their names behind the link."""
        import re
        from bisect import bisect_left

        match = re.compile(inputs).match
        inside = self._inside(target)
        prefix = f"{inside}/" if inside else ""
        paths = self._snapshot.paths
        first = bisect_left(paths, prefix)
        # A folder of the tree that is ignored as a whole lies beyond the snapshot too.
        if inside is None or not paths[first : first + 1] or not paths[first].startswith(prefix):
            chosen = [rest for rest in _files_below(path, target) if match(f"{path}/{rest}")]
            digest = self._outside(target, sorted(chosen)) if chosen else ""
            if digest is None:
                raise TooMuchError(f"what {path} leads to cannot be told")
            return digest
        lines = [
            f"{rest}\0{self._known(path, place).hex()}"
            for place in range(first, len(paths))
            if paths[place].startswith(prefix) and match(f"{path}/{(rest := paths[place][len(prefix) :])}")
        ]
        return sha256_hex("\0".join(lines).encode("utf-8", "surrogatepass")) if lines else ""

    def _inside(self, target: str) -> str | None:
        """The target relative to the root, or None where it lies outside."""
        if target == self._root:
            return ""
        start = os.path.join(self._root, "")
        return target[len(start) :].replace(os.sep, "/") if target.startswith(start) else None

    def _known(self, path: str, place: int) -> bytes:
        if self._snapshot.is_unstable(place):
            raise TooMuchError(f"the content of {self._snapshot.paths[place]}, behind {path}, cannot be told")
        return self._snapshot.digest(place)


def _links(snapshot: Snapshot) -> Iterator[int]:
    kinds = snapshot.signatures[_KIND_BYTE::WIDTH]
    place = kinds.find(_LINK)
    while place >= 0:
        yield place
        place = kinds.find(_LINK, place + 1)


def _files_below(path: str, folder: str) -> Iterator[str]:
    """The files below a folder outside the tree, posix and relative to it."""
    count = size = 0
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", "__pycache__", "node_modules")]
        for name in (*folders, *names):
            full = os.path.join(above, name)
            if os.path.islink(full) and not os.path.realpath(full).startswith(os.path.join(folder, "")):
                raise TooMuchError(f"{path} leads to {folder}, where {name} leads on")
        for name in names:
            full = os.path.join(above, name)
            count += 1
            size += _size(full)
            if count > MOST_FILES or size > MOST_BYTES:
                raise TooMuchError(f"{path} leads to {folder}, which holds too much to look at")
            yield os.path.relpath(full, folder).replace(os.sep, "/")


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:  # it has just gone
        return 0
