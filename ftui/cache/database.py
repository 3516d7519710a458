"""The database file: made whole, opened by many processes at once, set aside when it is damaged."""

from __future__ import annotations

import os
import time

from ftui.cache.folder import DATABASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3 as sqlite
    from typing import Final, Literal
else:
    try:
        import _sqlite3 as sqlite  # without the package around it, which imports datetime for converters not used here
    except ImportError:
        import sqlite3 as sqlite

Connection = sqlite.Connection
Fault = sqlite.Error

BUSY_S: Final = 5.0
"""Seconds to wait for another process that writes."""
_CORRUPT, _NOT_A_DATABASE, _ERROR = 11, 26, 1
_BUSY, _LOCKED, _READ_ONLY, _FULL = 5, 6, 8, 13
_SCHEMA: Final = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE results (
    key TEXT PRIMARY KEY, check_id TEXT NOT NULL, adapter TEXT NOT NULL, outcome TEXT NOT NULL, exit_code INTEGER,
    duration_s REAL NOT NULL, cpu_s REAL, peak_rss_bytes INTEGER, created_at REAL NOT NULL, used_at REAL NOT NULL,
    flaky INTEGER NOT NULL, inputs TEXT NOT NULL, manifest BLOB NOT NULL, payload BLOB NOT NULL, blob TEXT NOT NULL,
    seal BLOB NOT NULL, size INTEGER NOT NULL
);
CREATE INDEX results_by_use ON results (used_at, size);
CREATE TABLE latest (tree TEXT, check_id TEXT, key TEXT NOT NULL, PRIMARY KEY (tree, check_id)) WITHOUT ROWID;
CREATE TABLE listings (key TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, tree TEXT NOT NULL, check_id TEXT NOT NULL,
    key TEXT NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL,
    first_output BLOB NOT NULL, second_output BLOB NOT NULL
);
CREATE INDEX ledger_by_check ON ledger (tree, check_id, kind, at);
"""


def connect(folder: str) -> sqlite.Connection:
    """A connection to the database of a cache folder, which is made when it does not exist.

    Raises:
        OSError: when the folder cannot be made or written.
        Fault: when the database cannot be used; `fault` says in what way.
    """
    path = os.path.join(folder, DATABASE)
    if not os.path.exists(path):
        _make(folder, path)
    connection = sqlite.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        # The first page is read here, so that a file that is no database shows at once.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except Fault:
        connection.close()
        raise
    return connection


def fault(problem: Exception) -> tuple[Literal["damaged", "unusable"], str]:
    """What is wrong with the database, and the words for it."""
    if isinstance(problem, OSError):
        return "unusable", f"the cache folder cannot be used: {problem.strerror or problem}"
    code = getattr(problem, "sqlite_errorcode", _ERROR) & 0xFF
    if code in (_CORRUPT, _NOT_A_DATABASE) or "no such" in str(problem):
        return "damaged", "the result store is damaged"
    words = {
        _BUSY: "another process has held the result store for too long",
        _LOCKED: "another process has held the result store for too long",
        _READ_ONLY: "the result store is read-only",
        _FULL: "the disk is full",
    }
    return "unusable", words.get(code, f"the result store cannot be used: {problem}")


def set_aside(folder: str) -> str:
    """Renames a damaged database and what belongs to it.

    Returns:
        The new name; empty when another process has mended it already.

    Raises:
        OSError: when it cannot be renamed.
    """
    path = os.path.join(folder, DATABASE)
    if _sound(path):
        return ""
    name = f"{DATABASE}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    for suffix in ("-wal", "-shm", ""):
        if os.path.exists(path + suffix):
            os.replace(path + suffix, os.path.join(folder, name + suffix))
    return name


def _sound(path: str) -> bool:
    try:
        connection = sqlite.connect(path, timeout=BUSY_S, isolation_level=None)
    except Fault:
        return False
    try:
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return False
        connection.execute("SELECT 1 FROM results, latest, listings, ledger LIMIT 1").fetchone()
    except Fault:
        return False
    else:
        return True
    finally:
        connection.close()


def _make(folder: str, path: str) -> None:
    """Makes the database under another name first: whoever finds it finds it whole, in its final mode."""
    os.makedirs(folder, 0o700, exist_ok=True)
    draft = f"{path}.{os.getpid()}.new"
    if os.path.exists(draft):
        os.unlink(draft)
    connection = sqlite.connect(draft, isolation_level=None)
    try:
        connection.executescript(_SCHEMA)
    finally:
        connection.close()
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # no hard links here; should two processes meet, one of them starts with an empty store once more
        if not os.path.exists(path):
            os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.unlink(draft)
