"""Takes the root's path out of what is stored, and puts the path of the reader's root in: one result, many clones."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re  # imported where something has to be taken out: replays need none of it
    from typing import Final

_SIGN: Final = b"\0"
"""Begins a stored text that holds placeholders, and every one of them."""
_MARK: Final = 17
"""Bytes of a mark: the sign, and 16 digits of the text's own sha256, which therefore cannot stand in it."""
_BEFORE: Final = rb"(?:^|[^A-Za-z0-9_.\-\x80-\xff]|(?:\x1b|\\u001b|\\x1b)\[[0-9;:]*m|\\[nrt])$"
"""What may stand before a path: no character of a longer one, but a colour or an escaped line end."""
_AFTER: Final = rb"(?![A-Za-z0-9_\-\x80-\xff]|\.[A-Za-z0-9_])"
"""What may not stand after it: it would be the beginning of another name, such as `app2` or `app.bak`."""


class Root:
    """The forms in which tools print the path of one root.

    Args:
        root: absolute path of the project. Its resolved form is known too, each as it is, with forward slashes, escaped
            as in JSON (with and without non-ASCII characters) and quoted as in a URL.
    """

    __slots__ = ("_known", "_root")

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[bytes, bytes] | None = None

    @property
    def _forms(self) -> dict[bytes, bytes]:
        # Worked out late: most replays hold no path of the root.
        if self._known is None:
            self._known = _forms(self._root)
        return self._known

    def take_out(self, data: bytes) -> bytes:
        """`data` with placeholders where the root stood as a whole path or the beginning of one."""
        if not data.startswith(_SIGN) and not any(form in data for form in self._forms.values()):
            return data
        import re
        from hashlib import sha256

        mark = _SIGN + sha256(data).hexdigest()[: _MARK - 1].encode()
        unique = sorted(set(self._forms.values()), key=len, reverse=True)
        pattern = re.compile(b"(" + b"|".join(map(re.escape, unique)) + b")" + _AFTER)
        tags = {form: tag for tag, form in reversed(self._forms.items())}
        before = re.compile(_BEFORE)

        def replace(match: re.Match[bytes]) -> bytes:
            ahead = data[max(0, match.start() - 32) : match.start()]
            return mark + tags[match[1]] if before.search(ahead) else match[0]

        return mark + pattern.sub(replace, data)

    def put_in(self, data: bytes) -> bytes:
        """The inverse, for this root."""
        if not data.startswith(_SIGN):
            return data
        mark, data = data[:_MARK], data[_MARK:]
        if mark in data:
            for tag, form in self._forms.items():
                data = data.replace(mark + tag, form)
        return data

    def take_out_text(self, text: str) -> str:
        """`take_out` for a text."""
        return self.take_out(_bytes(text)).decode("utf-8", "surrogateescape")

    def put_in_text(self, text: str) -> str:
        """`put_in` for a text."""
        return self.put_in(_bytes(text)).decode("utf-8", "surrogateescape") if text.startswith("\0") else text


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, as a tool's JSON may escape it: nothing can show it anyway
        return text.encode("utf-8", "replace")


def _forms(root: str) -> dict[bytes, bytes]:
    """Tag to form, plain ones first; every root has the same tags, so that each form has its counterpart."""
    forms: dict[bytes, bytes] = {}
    for place, path in ((b"R", root), (b"P", os.path.realpath(root))):
        slashes = path.replace(os.sep, "/")
        forms[place + b"0"] = path.encode("utf-8", "surrogateescape")
        forms[place + b"1"] = slashes.encode("utf-8", "surrogateescape")
        forms[place + b"2"] = _escaped(path).encode("utf-8", "surrogateescape")
        forms[place + b"3"] = forms[place + b"2"] if path.isascii() else _ascii(path)
        forms[place + b"4"] = _quoted(slashes)
    return forms


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')


def _ascii(path: str) -> bytes:
    import json

    return json.dumps(path)[1:-1].encode("ascii")


def _quoted(path: str) -> bytes:
    safe = b"/-_.~:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return b"".join(
        bytes([byte]) if byte in safe else b"%%%02X" % byte for byte in path.encode("utf-8", "surrogateescape")
    )
