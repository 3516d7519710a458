"""Plain data as bytes that show when they were damaged: the files that the cache keeps for each tree."""

from __future__ import annotations

import marshal
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeVar

    T = TypeVar("T")

_VERSION: Final = 4
"""Of marshal: every Python from 3.4 on reads it, and it is several times as quick as anything else that does."""


def seal(kind: bytes, value: object) -> bytes:
    """`value` (of built-in types only) as bytes.

    Args:
        kind: what it is, with the version of its layout; no line end.
    """
    body = marshal.dumps(value, _VERSION)  # type: ignore[arg-type]  # raises ValueError for other types
    return b"ftui " + kind + b"\n" + crc32(body).to_bytes(4, "little") + body


def unseal(kind: bytes, blob: bytes | None, otherwise: T) -> T:
    """The value that was sealed, or `otherwise` when there is none, it is of another kind, or the bytes are damaged."""
    head = b"ftui " + kind + b"\n"
    if not blob or not blob.startswith(head):
        return otherwise
    body = memoryview(blob)[len(head) + 4 :]
    if not body or crc32(body) != int.from_bytes(blob[len(head) : len(head) + 4], "little"):
        return otherwise
    value: T = marshal.loads(body)
    return value
