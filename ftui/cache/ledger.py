"""The ledger of contradictions: keys with two outcomes, and hits that did not hold."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal, TypeAlias

    from ftui.cache.entry import Entry
    from ftui.cache.store import Store
    from ftui.database import Connection

    Kind: TypeAlias = Literal["flake", "audit"]
    Side: TypeAlias = tuple[str, bytes]
    """An outcome and its output."""

MEMORY_S: Final = 14 * 86_400.0
"""Seconds that a check is suspect after it has contradicted itself."""
KEPT: Final = 16 * 1024
"""Bytes kept of the end of each output."""
MOST_OF_ONE: Final = 20
"""Contradictions of each kind that are kept of a check in a tree, the last ones."""


class Contradiction:
    """One key with two outcomes (`flake`), or a hit whose rerun came out otherwise (`audit`).

    Attributes:
        at: when it was seen, seconds since 1970.
        check: id of the check.
        first: the outcome that was stored, and the end of its output.
        second: the outcome that contradicts it, and the end of its output.
    """

    __slots__ = ("at", "check", "first", "key", "kind", "second")

    def __init__(self, at: float, kind: Kind, check: str, key: str, first: Side, second: Side) -> None:
        self.at = at
        self.kind = kind
        self.check = check
        self.key = key
        self.first = first
        self.second = second


def write_row(db: Connection, kind: Kind, tree: str, entry: Entry, first: Side, second: Side) -> None:
    """Writes a contradiction down, inside a transaction of the store."""
    outputs = (_end_of(first[1]), _end_of(second[1]))
    columns = "at, kind, tree, check_id, key, first, second, first_output, second_output"
    values = (time.time(), kind, tree, entry.check, entry.key, first[0], second[0], *outputs)
    db.execute(f"INSERT INTO ledger ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    # Of its kind: no number of flakes makes an audit forgotten, whose check must always run.
    older = "SELECT id FROM ledger WHERE tree = ? AND check_id = ? AND kind = ? ORDER BY id DESC LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM ledger WHERE id IN ({older})", (tree, entry.check, kind, MOST_OF_ONE))


def _end_of(output: bytes) -> bytes:
    """As much of the end as is kept, from the beginning of a line where that can be."""
    if len(output) <= KEPT:
        return output
    end = output[-KEPT:]
    return end[end.find(b"\n") + 1 :]


def note_audit(store: Store, entry: Entry, outcome: str, output: bytes, tree: str) -> None:
    """Writes down that a hit did not hold: its check is suspect from now on, and the entry goes.

    Args:
        store: where the entry lies.
        entry: the hit.
        outcome: what a run on the same inputs came to.
        output: what that run printed.
        tree: absolute path of the root.
    """

    def work(db: Connection) -> None:
        write_row(db, "audit", tree, entry, (entry.outcome, entry.output), (outcome, output))
        db.execute("DELETE FROM results WHERE key = ?", (entry.key,))

    store.transact(work, None)


def suspect(store: Store, tree: str, check: str, kind: Kind) -> bool:
    """Whether a check has lately been flaky in a tree, or a hit of it did not hold."""

    def work(db: Connection) -> bool:
        query = "SELECT 1 FROM ledger WHERE tree = ? AND check_id = ? AND kind = ? AND at >= ? LIMIT 1"
        return db.execute(query, (tree, check, kind, time.time() - MEMORY_S)).fetchone() is not None

    return store.ask(work, False)


def contradictions(store: Store, tree: str) -> list[Contradiction]:
    """What was seen in a tree, the latest first; at most a thousand."""

    def work(db: Connection) -> list[Contradiction]:
        query = "SELECT at, kind, check_id, key, first, first_output, second, second_output FROM ledger WHERE tree = ?"
        rows = db.execute(f"{query} ORDER BY at DESC, id DESC LIMIT 1000", (tree,)).fetchall()
        return [
            Contradiction(at, kind, check, key, (first, first_output), (second, second_output))
            for at, kind, check, key, first, first_output, second, second_output in rows
        ]

    return store.ask(work, [])


def forgive(store: Store, tree: str, check: str | None = None) -> int:
    """Forgets what was seen in a tree: results of its checks are trusted again until they contradict themselves anew.

    Args:
        store: where it is kept.
        tree: absolute path of the root.
        check: id of the check; None for all of them.

    Returns:
        How many contradictions that were.
    """
    where, values = ("tree = ?", (tree,)) if check is None else ("tree = ? AND check_id = ?", (tree, check))

    def work(db: Connection) -> int:
        db.execute(f"UPDATE results SET flaky = 0 WHERE key IN (SELECT key FROM ledger WHERE {where})", values)
        return int(db.execute(f"DELETE FROM ledger WHERE {where}", values).rowcount)

    return store.transact(work, 0)
