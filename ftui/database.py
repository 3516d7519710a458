"""The SQLite databases of a user: made whole, opened by many processes at once, set aside when they are damaged.

Whatever is wrong with one costs what it holds and one message, never a verdict: it is set aside when it is damaged, and
done without when it cannot be used.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3 as sqlite
    from collections.abc import Callable
    from typing import Final, Literal, TypeVar

    T = TypeVar("T")
else:
    try:
        import _sqlite3 as sqlite  # without the package around it, which imports datetime for converters not used here
    except ImportError:
        import sqlite3 as sqlite

Connection = sqlite.Connection
Fault = sqlite.Error

BUSY_S: Final = 5.0
"""Seconds to wait for another process that writes."""
PAGES_KIB: Final = 256
"""Of a database that a connection keeps in memory."""
_CORRUPT, _NOT_A_DATABASE, _ERROR = 11, 26, 1
_BUSY, _LOCKED, _READ_ONLY, _FULL = 5, 6, 8, 13


class Kind:
    """What one kind of database holds, and the words for it.

    Attributes:
        schema: the statements that make it.
        tables: the tables that a sound one has.
        name: what it is called: `the result store`.
        folder: what its folder is called: `the cache folder`.
        lost: what doing without it means: `results are not kept in this run`.
        hidden: the same where it was only to be read: `results cannot be looked up`.
    """

    __slots__ = ("folder", "hidden", "lost", "name", "schema", "tables")

    def __init__(self, *, schema: str, tables: tuple[str, ...], name: str, folder: str, lost: str, hidden: str) -> None:
        self.schema = schema
        self.tables = tables
        self.name = name
        self.folder = folder
        self.lost = lost
        self.hidden = hidden


class Database:
    """A database that may turn out not to be usable, at any time.

    Args:
        path: absolute path of the file; None to do without.
        kind: what it holds.
        say: takes a message for the user: one line, at most one for each thing that is wrong.
        read_only: to look and leave everything as it is: nothing is made, written, mended or set aside.
    """

    def __init__(self, path: str | None, kind: Kind, say: Callable[[str], None], *, read_only: bool = False) -> None:
        self._path = path or ""
        self._kind = kind
        self._say = say
        self._read_only = read_only
        self._db: Connection | None = None
        if path is not None:
            self._connect()

    @property
    def usable(self) -> bool:
        """Whether there is a database at all."""
        return self._db is not None

    @property
    def writable(self) -> bool:
        """Whether anything may be kept."""
        return self.usable and not self._read_only

    def close(self) -> None:
        """Ends the connection."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def ask(self, work: Callable[[Connection], T], otherwise: T) -> T:
        """What `work` answers, or `otherwise` when the database cannot be used."""
        if self._db is None:
            return otherwise
        try:
            return work(self._db)
        except Fault as problem:
            self._mend(problem)
            return otherwise

    def transact(self, work: Callable[[Connection], T], otherwise: T) -> T:
        """The same, as one transaction: all of it is kept, or nothing."""

        def whole(db: Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                answer = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return answer

        return self.ask(whole, otherwise)

    def do_without(self, text: str) -> None:
        """Closes it for good and says why."""
        self.close()
        lost = self._kind.hidden if self._read_only else self._kind.lost
        self._say(f"{lost}: {text} ({os.path.dirname(self._path)})")

    def _connect(self) -> None:
        if self._read_only and not os.path.exists(self._path):
            return
        try:
            self._db = connect(self._path, self._kind.schema)
            if self._read_only:
                self._db.execute("PRAGMA query_only = ON")
        except (Fault, OSError) as problem:
            self._mend(problem)

    def _mend(self, problem: Exception) -> None:
        state, text = fault(problem, self._kind)
        Database.close(self)
        if state != "damaged" or self._read_only:
            self.do_without(text)
            return
        try:
            aside = set_aside(self._path, self._kind.tables)
            self._db = connect(self._path, self._kind.schema)
        except (Fault, OSError) as again:
            self.do_without(fault(again, self._kind)[1])
            return
        if aside:
            self._say(f"{self._kind.name} was damaged and has been set aside as {aside}; starting a fresh one")


def connect(path: str, schema: str) -> Connection:
    """A connection to a database, which is made when it does not exist.

    Args:
        path: absolute path of the file.
        schema: the statements that make it.

    Raises:
        OSError: when its folder cannot be made or written.
        Fault: when the database cannot be used; `fault` says in what way.
    """
    if not os.path.exists(path):
        _make(path, schema)
    connection = sqlite.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        # Pages are in the system's cache as well; SQLite's own would grow to 2 MB in each watch.
        connection.execute(f"PRAGMA cache_size = -{PAGES_KIB}")
        # The first page is read here, so that a file that is no database shows at once.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except Fault:
        connection.close()
        raise
    return connection


def fault(problem: Exception, kind: Kind) -> tuple[Literal["damaged", "unusable"], str]:
    """What is wrong with a database, and the words for it."""
    if isinstance(problem, OSError):
        return "unusable", f"{kind.folder} cannot be used: {problem.strerror or problem}"
    code = getattr(problem, "sqlite_errorcode", _ERROR) & 0xFF
    if code in (_CORRUPT, _NOT_A_DATABASE) or "no such" in str(problem):
        return "damaged", f"{kind.name} is damaged"
    words = {
        _BUSY: f"another process has held {kind.name} for too long",
        _LOCKED: f"another process has held {kind.name} for too long",
        _READ_ONLY: f"{kind.name} is read-only",
        _FULL: "the disk is full",
    }
    return "unusable", words.get(code, f"{kind.name} cannot be used: {problem}")


def set_aside(path: str, tables: tuple[str, ...]) -> str:
    """Renames a damaged database and what belongs to it.

    Args:
        path: absolute path of the file.
        tables: the tables that a sound one has.

    Returns:
        The new name; empty when another process has mended it already.

    Raises:
        OSError: when it cannot be renamed.
    """
    if _sound(path, tables):
        return ""
    name = f"{os.path.basename(path)}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    for suffix in ("-wal", "-shm", ""):
        if os.path.exists(path + suffix):
            os.replace(path + suffix, os.path.join(os.path.dirname(path), name + suffix))
    return name


def _sound(path: str, tables: tuple[str, ...]) -> bool:
    try:
        connection = sqlite.connect(path, timeout=BUSY_S, isolation_level=None)
    except Fault:
        return False
    try:
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return False
        connection.execute(f"SELECT 1 FROM {', '.join(tables)} LIMIT 1").fetchone()
    except Fault:
        return False
    else:
        return True
    finally:
        connection.close()


def _make(path: str, schema: str) -> None:
    """Makes the database under another name first: whoever finds it finds it whole, in its final mode."""
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    draft = f"{path}.{os.getpid()}.new"
    if os.path.exists(draft):
        os.unlink(draft)
    connection = sqlite.connect(draft, isolation_level=None)
    try:
        connection.executescript(schema)
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
