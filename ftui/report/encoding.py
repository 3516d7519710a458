"""Events and reports as JSON that any reader takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ftui.report.safe import encodable

if TYPE_CHECKING:
    from msgspec import Struct

_encoder = msgspec.json.Encoder()


def encode(value: Struct) -> bytes:
    """An event or a report as JSON in one line of UTF-8, without a newline at its end.

    Total: a lone surrogate, which UTF-8 cannot carry, becomes a backslash escape.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(msgspec.to_builtins(value)))


def _encodable(value: object) -> object:
    match value:
        case str():
            return encodable(value)
        case dict():
            return {_encodable(key): _encodable(item) for key, item in value.items()}
        case list() | tuple():
            return [_encodable(item) for item in value]
        case _:
            return value
