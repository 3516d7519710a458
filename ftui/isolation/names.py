"""What becomes of the value of an isolated variable: `{base}_{run}_{worker}` in place of the name in it."""

from __future__ import annotations

import os
import re
import secrets
from hashlib import sha256
from typing import Literal
from urllib.parse import parse_qs, quote, unquote

from msgspec import Struct

WORKER = "main"
"""The worker of a run that has no others; those of pytest-xdist are `gw0`, `gw1`, …"""
MOST_BYTES = 30
"""Bytes of the base in a name. PostgreSQL cuts names at 63, and suites put words such as `test_` and `_gw0` around."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_SQLITE = re.compile(r"(?P<head>sqlite3?(?:\+\w+)?:///?|file:(?:///?(?=/))?)(?P<path>[^?]*)(?P<tail>.*)", re.IGNORECASE)
_URL = re.compile(
    r"(?P<scheme>(?:jdbc:)?[a-z][a-z0-9+.-]*)://(?P<server>[^/?#]*)/(?P<name>[^/?#]+)(?P<tail>.*)", re.IGNORECASE
)
_POSTGRESQL = re.compile(r"(?:jdbc:)?(?:postgres|postgresql|postgis|pgsql)(?:\+\w+)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:redis|rediss|valkey|unix)(?:\+\w+)?$", re.IGNORECASE)
_DATABASE_FILES = (".db", ".db3", ".sqlite", ".sqlite3")

Kind = Literal["postgresql", "file", "name"]
"""`postgresql`: a database that is made and dropped; `file`: one in a folder that is deleted; `name`: only a name."""


class Own(Struct, frozen=True):
    """What a check sees in place of a variable's value."""

    kind: Kind
    base: str
    """The URL, or the path of the file, that it was made from."""
    value: str
    server: str = ""
    """Where the database is, without user and password."""
    path: str = ""
    """Of the file."""


class NoNameError(Exception):
    """There is nothing in a value that could have a name of its own; the message says why."""


def new_run() -> str:
    """The part of a name that no other run has: 60 random bits, in letters and digits that every system takes."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def own_value(value: str, run: str, folder: str) -> Own | None:
    """The value with a name of its own.

    Args:
        value: a URL, the path of a file, or a plain name.
        run: from `new_run`.
        folder: where files of this run lie.

    Returns:
        None for a database in memory, which is its own already.

    Raises:
        NoNameError: it has no name that could be replaced.
    """
    if found := _SQLITE.fullmatch(value):
        if found["path"] in ("", "/") or ":memory:" in value or "mode=memory" in value:
            return None
        path = _own_path(found["path"], run, folder)
        shown = path.replace(os.sep, "/")
        return Own("file", found["path"], f"{found['head']}{shown}{found['tail']}", path=path)
    if "://" in value:
        return _own_url(value, run)
    if value == ":memory:":
        return None
    if "/" in value or os.sep in value or value.lower().endswith(_DATABASE_FILES):
        path = _own_path(value, run, folder)
        return Own("file", value, path, path=path)
    if not re.fullmatch(r"[\w.$-]+", value):
        raise NoNameError("is neither a URL, nor a path, nor a plain name")
    return Own("name", value, own_name(value, run))


def own_name(base: str, run: str) -> str:
    """`{base}_{run}_{worker}`; a long base is cut, and told from others that begin like it by a digest."""
    encoded = base.encode()
    if len(encoded) > MOST_BYTES:
        base = f"{encoded[: MOST_BYTES - 9].decode(errors='ignore')}_{sha256(encoded).hexdigest()[:8]}"
    return f"{base}_{run}_{WORKER}"


def _own_path(path: str, run: str, folder: str) -> str:
    stem, suffix = os.path.splitext(os.path.basename(path.rstrip("/" + os.sep)))
    return os.path.join(folder, own_name(stem, run) + suffix)


def _own_url(url: str, run: str) -> Own:
    found = _URL.fullmatch(url)
    if found is None:
        raise NoNameError("is a URL that names no database")
    if _NUMBERED.fullmatch(found["scheme"]):
        raise NoNameError("is a URL whose database is a number, which cannot have a name of its own")
    name = quote(own_name(unquote(found["name"]), run), safe="")
    kind: Kind = "postgresql" if _POSTGRESQL.fullmatch(found["scheme"]) else "name"
    value = f"{found['scheme']}://{found['server']}/{name}{found['tail']}"
    return Own(kind, url, value, server=_server(found["server"], found["tail"]))


def _server(location: str, tail: str) -> str:
    options = parse_qs(tail.partition("?")[2])
    named = (location.rpartition("@")[2], *options.get("host", ()), *options.get("port", ()))
    return " ".join(part.lower() for part in named if part)
