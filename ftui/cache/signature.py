"""Stat first, hash when in doubt: the signature of a path, when it may be trusted, and the digest of what it holds.

Everything here is on the path of a run that finds all in the cache, so it imports next to nothing.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from struct import Struct, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, Literal, TypeAlias

    Trust: TypeAlias = Literal["full", "minimal", "none"]
    Fields: TypeAlias = tuple[int, int, int, int, int]
    """size, mtime_ns, ctime_ns, inode, and kind with the x-bits."""

SETTLE_NS: Final = 2_000_000_000
"""How old the last change must be: FAT counts mtimes in steps of 2 s, ext3 and HFS+ of 1 s."""
ATTEMPTS: Final = 3
"""How often a file that moves while it is read is read again."""
CHUNK: Final = 1 << 20

_KIND: Final = 0o170000
_X: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_KIND_AND_X: Final = _KIND | _X
_NEVER: Final = 1 << 62
"""An mtime in the year 2116: always in the future, so what carries it never settles."""
_PACKER: Final = Struct("<5q")
WIDTH: Final = _PACKER.size
"""Bytes of a packed signature."""


def _full(st: os.stat_result) -> Fields:
    return st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, st.st_mode & _KIND_AND_X


def _full_without_ctime(st: os.stat_result) -> Fields:
    # Windows keeps the time of creation there.
    return st.st_size, st.st_mtime_ns, 0, st.st_ino, st.st_mode & _KIND_AND_X


def _minimal(st: os.stat_result) -> Fields:
    return st.st_size, st.st_mtime_ns // 1_000_000_000 * 1_000_000_000, 0, 0, st.st_mode & _KIND_AND_X


def _none(st: os.stat_result) -> Fields:
    return 0, _NEVER, 0, 0, st.st_mode & _KIND_AND_X


def signer(trust: Trust) -> Callable[[os.stat_result], Fields]:
    """How the signature of a path is taken from its `lstat`.

    Neither owner nor device is ever part of it: they differ between containers and mounts of one tree.

    Args:
        trust: as git's `core.checkStat`. `full`: size, mtime, ctime (not on Windows), inode, kind and x-bit.
            `minimal`, for file systems whose inode or ctime lies (9p, drvfs, SMB, FUSE, NFS): size, whole seconds
            of mtime, kind and x-bit; an edit of equal size with its mtime put back goes unseen. `none`: nothing but
            kind and x-bit, and it never settles, so that every look-up hashes.
    """
    if trust == "full":
        return _full_without_ctime if sys.platform == "win32" else _full
    return _minimal if trust == "minimal" else _none


def pack(fields: Fields) -> bytes:
    """A signature as `WIDTH` bytes, to be compared for equality."""
    try:
        return _PACKER.pack(*fields)
    except error:  # an inode above 2**63, a time after 2262: the low bits still tell versions apart
        return _PACKER.pack(*(field & (_NEVER - 1) for field in fields))


def packed_signer(trust: Trust) -> Callable[[os.stat_result], bytes]:
    """The same as `signer` and `pack`, in one step where that is what most of a sweep is made of."""
    sign, pack_five = signer(trust), _PACKER.pack
    if sign is not _full:
        return lambda st: pack(sign(st))

    def packed(st: os.stat_result) -> bytes:
        try:
            return pack_five(st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, st.st_mode & _KIND_AND_X)
        except error:
            return pack(sign(st))

    return packed


def unpack(signature: bytes) -> Fields:
    """The fields of a packed signature."""
    size, mtime, ctime, inode, kind = _PACKER.unpack(signature)
    return size, mtime, ctime, inode, kind


def settled(fields: Fields, now_ns: int) -> bool:
    """Whether every later write is bound to change the signature.

    Args:
        fields: the signature.
        now_ns: the time just before its `lstat`, nanoseconds since 1970. A change in the future never settles.
    """
    return max(fields[1], fields[2]) + SETTLE_NS <= now_ns


class Disk:
    """What a sweep asks of the machine, for paths relative to one root; a test may put a coarser clock in its place.

    On POSIX the root is held open, which spares the system the walk to it for every path.
    """

    __slots__ = ("_fd", "_prefix", "_real", "lstat", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self._real: dict[str, bool] = {"": True}
        self._fd: int | None = None
        self._prefix = ""
        if os.stat in os.supports_dir_fd and os.open in os.supports_dir_fd:
            fd = self._fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            look = os.stat
            self.lstat: Callable[[str], os.stat_result] = lambda path: look(path, dir_fd=fd, follow_symlinks=False)
        else:
            prefix = self._prefix = os.path.join(root, "")
            self.lstat = lambda path: os.lstat(prefix + path)

    def close(self) -> None:
        """Lets go of the root."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return time.time_ns()

    def readlink(self, path: str) -> str:
        """The target of a symlink."""
        return os.readlink(self._prefix + path, dir_fd=self._fd)

    def open(self, path: str) -> int:
        """A descriptor for reading, that neither follows a link nor waits for the other end of a fifo."""
        flags = os.O_RDONLY
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
            flags |= getattr(os, name, 0)
        return os.open(self._prefix + path, flags, dir_fd=self._fd)

    def inside(self, path: str) -> bool:
        """Whether no folder on the way to `path` is a symlink, so that it really lies in the tree."""
        folder = path.rpartition("/")[0]
        known = self._real.get(folder)
        if known is None:
            known = self.inside(folder) and stat.S_ISDIR(self.lstat(folder).st_mode)
            self._real[folder] = known
        return known


class Reading:
    """One path, read: its packed signature, the digest of its content, and whether the signature may stand for it."""

    __slots__ = ("digest", "settled", "signature")

    def __init__(self, signature: bytes, digest: bytes, settled: bool) -> None:
        self.signature = signature
        self.digest = digest
        self.settled = settled


def read(disk: Disk, path: str, trust: Trust = "full") -> Reading | None:
    """Reads and hashes what stands at `path`, without following a symlink.

    The digest is a sha256 over kind, x-bit and the content, or the target of a symlink.

    Returns:
        None when it is unstable: it moved in each of three attempts, cannot be read, is gone, lies behind a symlinked
        folder, or is of a kind whose content cannot be told (fifo, socket, device, folder).
    """
    sign = signer(trust)
    try:
        if not disk.inside(path):
            return None
        for _ in range(ATTEMPTS):
            now = disk.now()
            fields = sign(disk.lstat(path))
            digest = _digest(disk, path, fields[4])
            if digest is None:
                return None
            if sign(disk.lstat(path)) == fields:
                return Reading(pack(fields), digest, settled(fields, now))
    except OSError:
        return None
    return None


def _digest(disk: Disk, path: str, kind_and_x: int) -> bytes | None:
    # OpenSSL's, and only where something has to be read: importing it costs more than many a sweep.
    from hashlib import sha256

    kind = kind_and_x & _KIND
    if kind == stat.S_IFLNK:
        return sha256(b"link\0" + os.fsencode(disk.readlink(path))).digest()
    if kind != stat.S_IFREG:
        return None
    # To ruff a file is executable that anyone may execute; the bits of others alone differ with the umask of a clone.
    executable = b"executable\0" if kind_and_x & stat.S_IXUSR else b"executable by others\0"
    whole = sha256(executable if kind_and_x & _X else b"file\0")
    fd = disk.open(path)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        while chunk := os.read(fd, CHUNK):
            whole.update(chunk)
    finally:
        os.close(fd)
    return whole.digest()
