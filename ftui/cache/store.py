"""The results of every check in every clone of the user, in one SQLite database.

Whatever is wrong with the database costs results and one message, never a verdict: it is set aside when it is damaged,
and done without when it cannot be used.
"""

from __future__ import annotations

import os
import time

from ftui.cache.database import Connection, Fault, connect, fault, set_aside
from ftui.cache.digest import sha256, sha256_hex
from ftui.cache.entry import Entry, pack_payload, unpack_payload
from ftui.cache.folder import DATABASE, INLINE, Blobs, TreeFiles
from ftui.cache.ledger import write_row
from ftui.cache.portable import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    T = TypeVar("T")

CAP: Final = 512 * 1024 * 1024
"""Bytes that the results may take up before those unused for longest go."""
_TOUCH_S: Final = 86_400.0
"""How stale the time of last use may get: a run that finds all in the cache should not have to write."""
_COLUMNS: Final = (
    "key, check_id, adapter, outcome, exit_code, duration_s, cpu_s, peak_rss_bytes, created_at, used_at, flaky, inputs,"
    " manifest, payload, blob, seal"
)


class Store:
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
        self._say = say
        self._read_only = read_only
        self._wrote = False
        self._db: Connection | None = None
        if folder is None:
            say("no home directory, so results are not kept: set HOME or XDG_CACHE_HOME")
        else:
            self._connect()

    @property
    def usable(self) -> bool:
        """Whether there is a store at all."""
        return self._db is not None

    @property
    def writable(self) -> bool:
        """Whether anything may be kept."""
        return self.usable and not self._read_only

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
            blob, size = self.blobs.write(payload) if len(payload) >= INLINE and self._db else ("", len(payload))
        except OSError as problem:
            self._do_without(f"{problem.strerror or problem}")
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
        if self._wrote and self._db is not None:
            from ftui.cache.maintenance import evict

            evict(self)
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

    def _connect(self) -> None:
        if self._read_only and not os.path.exists(os.path.join(self.folder, DATABASE)):
            return
        try:
            self._db = connect(self.folder)
            if self._read_only:
                self._db.execute("PRAGMA query_only = ON")
        except (Fault, OSError) as problem:
            self._mend(problem)

    def _mend(self, problem: Exception) -> None:
        kind, text = fault(problem)
        damaged = self._db
        if damaged is not None:
            damaged.close()
            self._db = None
        if kind != "damaged" or self._read_only:
            self._do_without(text)
            return
        try:
            aside = set_aside(self.folder)
            self._db = connect(self.folder)
        except (Fault, OSError) as again:
            self._do_without(fault(again)[1])
            return
        if aside:
            self._say(f"the result store was damaged and has been set aside as {aside}; starting a fresh one")

    def _do_without(self, text: str) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        lost = "results cannot be looked up" if self._read_only else "results are not kept in this run"
        self._say(f"{lost}: {text} ({self.folder})")

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
