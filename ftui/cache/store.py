"""The results of every check in every clone of the user, in one SQLite database."""

from __future__ import annotations

import os
import time

from ftui.cache.digest import sha256, sha256_hex
from ftui.cache.entry import Entry, pack_payload, unpack_payload
from ftui.cache.folder import DATABASE, INLINE, Blobs, TreeFiles
from ftui.cache.ledger import write_row
from ftui.cache.portable import Root
from ftui.database import Database, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from ftui.database import Connection

CAP: Final = 512 * 1024 * 1024
"""Bytes that the results may take up before those unused for longest go."""
_TOUCH_S: Final = 86_400.0
"""How stale the time of last use may get: a run that finds all in the cache should not have to write."""
_COLUMNS: Final = (
    "key, check_id, adapter, outcome, exit_code, duration_s, cpu_s, peak_rss_bytes, created_at, used_at, flaky, inputs,"
    " manifest, payload, blob, seal"
)


RESULTS: Final = Kind(
    schema="""
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
""",
    tables=("results", "latest", "listings", "ledger"),
    name="the result store",
    folder="the cache folder",
    lost="results are not kept in this run",
    hidden="results cannot be looked up",
)


class Store(Database):
    """Results by key, the last one of each check in each tree.

    Args:
        folder: the cache folder; None to do without a store.
        say: takes a message for the user: one line, at most one for each thing that is wrong.
        cap: bytes that the results may take up.
        read_only: to look and leave everything as it is: nothing is made, noted, mended or dropped.
    """

    def __init__(
        self, folder: str | None, say: Callable[[str], None], *, cap: int = CAP, read_only: bool = False
    ) -> None:
        self.folder = folder or ""
        self.cap = cap
        self.blobs = Blobs(self.folder)
        self._wrote = False
        super().__init__(folder and os.path.join(folder, DATABASE), RESULTS, say, read_only=read_only)
        if folder is None:
            say("no home directory, so results are not kept: set HOME or XDG_CACHE_HOME")

    def tree(self, root: str) -> TreeFiles:
        """The files kept of one tree."""
        return TreeFiles(self.folder, root)

    def get(self, key: str, root: Root) -> Entry | None:
        """The entry of a key with paths that are right for `root`, or None; a damaged one is dropped."""
        return self.ask(lambda db: self._read(db, key, root), None)

    def latest(self, tree: str, check: str, root: Root) -> Entry | None:
        """The last entry of a check in a tree, under whatever key."""

        def work(db: Connection) -> Entry | None:
            row = db.execute("SELECT key FROM latest WHERE tree = ? AND check_id = ?", (tree, check)).fetchone()
            return self._read(db, row[0], root) if row else None

        return self.ask(work, None)

    def mark(self, tree: str, check: str, key: str) -> None:
        """Notes that `key` is what a check came to in a tree; writes only where that is news."""

        def work(db: Connection) -> None:
            known = db.execute("SELECT key FROM latest WHERE tree = ? AND check_id = ?", (tree, check)).fetchone()
            if self.writable and (known is None or known[0] != key):
                db.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (tree, check, key))

        self.ask(work, None)

    def put(self, entry: Entry, tree: str, root: Root, listing: Callable[[], bytes] | None = None) -> bool:
        """Keeps a verdict.

        Args:
            entry: what to keep; `entry.flaky` is set when its key has had another outcome.
            tree: absolute path of the root it was found in.
            root: that root, whose path is taken out of findings and output.
            listing: makes the listing called `entry.inputs`; called only when that is not there yet.

        Returns:
            Whether it was kept.
        """
        payload = pack_payload(entry.findings, entry.output, root)
        try:
            blob, size = self.blobs.write(payload) if len(payload) >= INLINE and self.usable else ("", len(payload))
        except OSError as problem:
            self.do_without(f"{problem.strerror or problem}")
            return False

        def work(db: Connection) -> bool:
            entry.flaky = self._contradiction(db, entry, tree, root) or entry.flaky
            body = b""
            if listing and entry.inputs and not _known(db, "listings", entry.inputs):
                body = listing()
                db.execute("INSERT INTO listings VALUES (?, ?)", (entry.inputs, body))
            _insert(db, entry, payload, blob, size + len(body))
            db.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (tree, entry.check, entry.key))
            return True

        self._wrote = True
        return self.transact(work, False)

    def drop(self, key: str) -> None:
        """Forgets the entry of a key."""
        self.ask(lambda db: db.execute("DELETE FROM results WHERE key = ?", (key,)), None)

    def listing(self, name: str) -> bytes | None:
        """A listing of inputs that was kept with an entry."""

        def work(db: Connection) -> bytes | None:
            row = db.execute("SELECT body FROM listings WHERE key = ?", (name,)).fetchone()
            return row[0] if row else None

        return self.ask(work, None)

    def close(self) -> None:
        """Lets entries go that pass the cap, and ends the connection."""
        if self._wrote and self.usable:
            from ftui.cache.maintenance import evict

            evict(self)
        super().close()

    def _read(self, db: Connection, key: str, root: Root) -> Entry | None:
        row = db.execute(f"SELECT {_COLUMNS} FROM results WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        *fields, used_at, flaky, inputs, manifest, payload, blob, seal = row
        key, check, adapter, outcome, exit_code, duration_s, cpu_s, peak, created_at = fields
        whole = self.blobs.read(blob) if blob else payload
        if whole is None or _seal(key, outcome, exit_code, manifest, whole) != seal:
            if self._read_only:
                self._say(f"a stored result of {check} is damaged: `ftui cache verify` drops it")
                return None
            db.execute("DELETE FROM results WHERE key = ?", (key,))
            self._say(f"a stored result of {check} was damaged and has been dropped")
            return None
        now = time.time()
        if self.writable and abs(now - used_at) > _TOUCH_S:
            db.execute("UPDATE results SET used_at = ? WHERE key = ?", (now, key))
        findings, output = unpack_payload(whole, root)
        return Entry(
            key=key, check=check, adapter=adapter, outcome=outcome, exit_code=exit_code, duration_s=duration_s,
            created_at=created_at, manifest=manifest, findings=findings, output=output, cpu_s=cpu_s,
            peak_rss_bytes=peak, flaky=bool(flaky), inputs=inputs,
        )  # fmt: skip

    def _contradiction(self, db: Connection, entry: Entry, tree: str, root: Root) -> bool:
        """Whether the key is flaky: known to be, or by this outcome, which then goes into the ledger."""
        known = self._read(db, entry.key, root)
        if known is None:
            return False
        if known.outcome != entry.outcome:
            write_row(db, "flake", tree, entry, (known.outcome, known.output), (entry.outcome, entry.output))
            return True
        return known.flaky


def _seal(key: str, outcome: str, exit_code: int | None, manifest: bytes, payload: bytes) -> bytes:
    """A digest of all that a replay shows, so that a flipped bit is a miss and not a verdict."""
    return sha256(f"{key} {outcome} {exit_code} {sha256_hex(manifest)} {sha256_hex(payload)}".encode())


def _insert(db: Connection, entry: Entry, payload: bytes, blob: str, size: int) -> None:
    manifest = entry.manifest.encode()
    seal = _seal(entry.key, entry.outcome, entry.exit_code, manifest, payload)
    values = (
        entry.key, entry.check, entry.adapter, entry.outcome, entry.exit_code, entry.duration_s, entry.cpu_s,
        entry.peak_rss_bytes, entry.created_at, time.time(), entry.flaky, entry.inputs, manifest,
        b"" if blob else payload, blob, seal, size + len(manifest),
    )  # fmt: skip
    db.execute(f"INSERT OR REPLACE INTO results ({_COLUMNS}, size) VALUES ({', '.join('?' * len(values))})", values)


def _known(db: Connection, table: str, key: str) -> bool:
    return db.execute(f"SELECT 1 FROM {table} WHERE key = ?", (key,)).fetchone() is not None
