"""The key of a result: a manifest of everything that its verdict depends on, and the sha256 of that."""

from __future__ import annotations

from struct import error, unpack_from
from struct import pack as pack_struct

from ftui.cache.digest import sha256_hex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final, TypeAlias

    Value: TypeAlias = str | tuple[str, ...]

SCHEMA: Final = "1"
"""The first part of every manifest; goes up when what a key stands for changes."""
_TEXT, _LIST = 0, 1


class Manifest:
    """The named parts of a key, in order.

    A value is a text or a tuple of texts. Names in use: `schema`, `check`, `adapter`, `argv`, `cwd`, `platform`,
    `tool`, `interpreter`, `packages`, `config:PATH`, `lock:PATH`, `env:NAME`, `extra`, `inputs`, `link:PATH`,
    `requires:ID`. No
    value holds an absolute path or a secret: variables and files stand in it by their digests.
    """

    __slots__ = ("_encoded", "parts")

    def __init__(self, parts: tuple[tuple[str, Value], ...] = ()) -> None:
        self.parts = parts
        self._encoded: bytes | None = None

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        return iter(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Manifest({self.parts!r})"

    def get(self, name: str) -> Value | None:
        """The value of the first part called `name`."""
        return next((value for known, value in self.parts if known == name), None)

    def encode(self) -> bytes:
        """The canonical encoding: every text with its length before it, so that no two manifests share one."""
        if self._encoded is not None:
            return self._encoded
        out = [pack_struct("<I", len(self.parts))]
        for name, value in self.parts:
            out.append(_text(name))
            if isinstance(value, str):
                out.append(pack_struct("<BI", _TEXT, 1))
                out.append(_text(value))
            else:
                out.append(pack_struct("<BI", _LIST, len(value)))
                out.extend([_text(item) for item in value])
        self._encoded = b"".join(out)
        return self._encoded

    @classmethod
    def decode(cls, data: bytes) -> Manifest:
        """The manifest that was encoded.

        Raises:
            ValueError: when `data` is not a whole encoding.
        """
        reader = _Reader(data)
        try:
            parts = tuple((reader.text(), reader.value()) for _ in range(reader.number("<I")))
        except (error, UnicodeDecodeError) as problem:
            raise ValueError("not the encoding of a manifest") from problem
        if reader.place != len(data):
            raise ValueError("bytes after the end of a manifest")
        return cls(parts)


def key(manifest: Manifest) -> str:
    """The cache key of a manifest: 64 hexadecimal digits."""
    return sha256_hex(manifest.encode())


def _text(text: str) -> bytes:
    # File names may hold bytes that are no UTF-8; surrogatepass keeps apart what surrogateescape would merge.
    data = text.encode("utf-8", "surrogatepass")
    return pack_struct("<I", len(data)) + data


class _Reader:
    """Walks through an encoding."""

    __slots__ = ("_data", "place")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def number(self, layout: str) -> int:
        number: int = unpack_from(layout, self._data, self.place)[0]
        self.place += 4 if layout == "<I" else 1
        return number

    def text(self) -> str:
        size = self.number("<I")
        data = self._data[self.place : self.place + size]
        if len(data) != size:
            raise error("a text ends early")
        self.place += size
        return data.decode("utf-8", "surrogatepass")

    def value(self) -> Value:
        shape = self.number("<B")
        count = self.number("<I")
        if shape == _TEXT:
            return self.text()
        return tuple(self.text() for _ in range(count))
