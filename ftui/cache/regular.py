"""Reads files of trees that may be hostile: what is no regular file is not waited for, and none is read for ever."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Final

MOST: Final = 64 * 1024 * 1024
"""Bytes of the largest file that is read as a whole: far above what any installer or package manager writes."""


def open_regular(path: str) -> BinaryIO:
    """A regular file, open for reading; links are followed.

    Raises:
        OSError: it cannot be opened, or is a folder, a pipe or a device.
    """
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is not a regular file", path)
    return open(descriptor, "rb")


def read_regular(path: str) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: it cannot be opened, is no regular file, or has more than `MOST` bytes.
    """
    with open_regular(path) as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise OSError(errno.EFBIG, "is too large", path)
    return content
