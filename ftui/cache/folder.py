"""Files of the cache beside the database: large payloads, and what is kept of each tree."""

from __future__ import annotations

import os

from ftui.cache.digest import sha256_hex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

DATABASE: Final = "results-1.sqlite"
"""With the version of the schema: another version of ftui has another file, and neither harms the other."""
INLINE: Final = 64 * 1024
"""Payloads of this many bytes and more lie in a file of their own."""
TOOL: Final = "tool"
"""The kind of a folder of a tree that a tool keeps its own cache in."""
KEPT: Final = "kept"
"""The kind of a folder of a tree that an adapter keeps something in."""
QUICK_RUNS: Final = "quick-runs"
"""The file of a tree with a line for each run that found all in the cache on the quick way: hits, seconds saved."""
_MOST: Final = 256 * 1024 * 1024
"""Bytes that a payload may have when it is unpacked: far above what is ever written."""


def write_atomically(path: str, data: bytes) -> None:
    """Puts a whole file in place, or nothing; private to the user.

    Raises:
        OSError: when it cannot be written; no part of it is left behind.
    """
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    draft = f"{path}.{os.getpid()}.tmp"
    try:
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with open(fd, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except OSError:
        if os.path.exists(draft):
            os.unlink(draft)
        raise


def read_whole(path: str) -> bytes | None:
    """A file's bytes, or None when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


class Blobs:
    """Payloads too large for the database, compressed, each named by the sha256 of its content."""

    __slots__ = ("folder",)

    def __init__(self, folder: str) -> None:
        self.folder = os.path.join(folder, "blobs")

    def path(self, name: str) -> str:
        """Where the payload called `name` lies."""
        return os.path.join(self.folder, name[:2], name)

    def write(self, payload: bytes) -> tuple[str, int]:
        """Keeps a payload.

        Returns:
            Its name, and the bytes that it takes up.
        """
        import zlib

        name = sha256_hex(payload)
        packed = zlib.compress(payload, 1)
        write_atomically(self.path(name), packed)
        return name, len(packed)

    def read(self, name: str) -> bytes | None:
        """The payload, or None when it is gone or is not what was written."""
        import zlib

        packed = read_whole(self.path(name))
        if packed is None:
            return None
        try:
            payload = zlib.decompressobj().decompress(packed, _MOST)
        except zlib.error:
            return None
        return payload if sha256_hex(payload) == name else None

    def remove(self, name: str) -> None:
        """Lets a payload go; no matter whether it is there."""
        remove_file(self.path(name))

    def names(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every file there is, drafts of processes that died included."""
        yield from _files(self.folder)


class TreeFiles:
    """What is kept of one tree from one run to the next: its stat index, its memo, what tools' caches may hold.

    Args:
        folder: the cache folder.
        root: absolute path of the tree.
    """

    __slots__ = ("_folder", "_root")

    def __init__(self, folder: str, root: str) -> None:
        self._root = root
        self._folder = os.path.join(trees_folder(folder), sha256_hex(os.fsencode(root))[:32])

    def folder(self, kind: str, name: str) -> str:
        """A folder for one thing of this tree, which need not exist."""
        return os.path.join(self._folder, f"{kind}-{sha256_hex(os.fsencode(name))[:16]}")

    def kept(self, adapter: str) -> str:
        """The folder that an adapter keeps something in, which need not exist."""
        return self.folder(KEPT, adapter)

    def load(self, name: str) -> bytes | None:
        """The file called `name`, or None."""
        return read_whole(os.path.join(self._folder, name))

    def save(self, name: str, data: bytes) -> bool:
        """Keeps a file; whether that was possible. Who writes last wins, since every entry proves itself when read."""
        try:
            label = os.path.join(self._folder, "root")
            if not os.path.exists(label):
                write_atomically(label, os.fsencode(self._root))
            write_atomically(os.path.join(self._folder, name), data)
        except OSError:
            return False
        return True

    def append(self, name: str, data: bytes, most: int) -> None:
        """Adds to a file that has fewer than `most` bytes, as far as that can be done."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            fd = os.open(os.path.join(self._folder, name), flags, 0o600)
        except OSError:
            return
        try:
            if os.fstat(fd).st_size < most:
                os.write(fd, data)
        except OSError:  # a full disk
            return
        finally:
            os.close(fd)

    def take(self, name: str) -> bytes:
        """Takes a file away, and what was in it; nothing where there is none."""
        path = os.path.join(self._folder, name)
        taken = f"{path}.{os.getpid()}.taken"
        try:
            os.replace(path, taken)
        except OSError:
            return b""
        content = read_whole(taken) or b""
        remove_file(taken)
        return content

    def remove(self) -> None:
        """Lets all of it go."""
        remove_folder(self._folder)


def tool_folders(folder: str) -> Iterator[tuple[str, int, float]]:
    """For each tool's own cache in each tree: its folder, its bytes, when it was last written."""
    above = trees_folder(folder)
    for tree in _names(above):
        for name in _names(os.path.join(above, tree)):
            if name.startswith(f"{TOOL}-"):
                place = os.path.join(above, tree, name)
                found = [st for _, st in _files(place)]
                yield place, sum(st.st_size for st in found), max((st.st_mtime for st in found), default=0.0)


def trees_folder(folder: str) -> str:
    """Where the files of all trees lie."""
    return os.path.join(folder, "trees")


def tree_folders(folder: str) -> Iterator[tuple[str, str | None, int, float]]:
    """For each tree: its folder, its root (None when that is not known), its bytes, when it was last written."""
    above = trees_folder(folder)
    for name in _names(above):
        place = os.path.join(above, name)
        label = read_whole(os.path.join(place, "root"))
        found = list(_files(place))
        size = sum(st.st_size for _, st in found)
        yield (
            place,
            None if label is None else os.fsdecode(label),
            size,
            max((st.st_mtime for _, st in found), default=0.0),
        )


def remove_folder(folder: str) -> None:
    """Removes a folder of the cache with the files in it."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # there is none, or another process has just removed it
        return []


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield name, os.lstat(os.path.join(place, name))
            except FileNotFoundError:  # another process has just removed it
                continue


def remove_file(path: str) -> None:
    """Removes a file of the cache; no matter whether it is there."""
    try:
        os.unlink(path)
    except OSError:  # gone already, or the folder is read-only: pruning will meet it again
        return
