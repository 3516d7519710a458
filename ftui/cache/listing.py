"""The inputs of a result, kept beside it so that a later run can name the paths that changed."""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from ftui.cache.index import Snapshot

SHORT: Final = 8
"""Bytes kept of each digest: they name what changed and decide nothing."""


def pack_listing(snapshot: Snapshot, positions: Iterable[int]) -> bytes:
    """The paths at `positions` with the beginnings of their digests, compressed."""
    places = list(positions)
    names = "\0".join([snapshot.paths[place] for place in places]).encode("utf-8", "surrogatepass")
    digests = b"".join([snapshot.digest(place)[:SHORT] for place in places])
    return zlib.compress(len(places).to_bytes(8, "little") + digests + names, 1)


def unpack_listing(blob: bytes) -> dict[str, bytes]:
    """Path to the beginning of its digest.

    Raises:
        ValueError: when `blob` is damaged.
    """
    try:
        data = zlib.decompress(blob)
        count = int.from_bytes(data[:8], "little")
        names = data[8 + count * SHORT :].decode("utf-8", "surrogatepass").split("\0") if count else []
    except (zlib.error, UnicodeDecodeError) as problem:
        raise ValueError("not a listing of inputs") from problem
    if len(names) != count:
        raise ValueError("not a whole listing of inputs")
    return {path: data[8 + place * SHORT : 8 + place * SHORT + SHORT] for place, path in enumerate(names)}
