"""The history of one repository: every run with its results, and findings over time, in one SQLite database."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from ftui.database import Database, Kind
from ftui.history.records import FindingRecord, ResultRecord, RunRecord, Sample
from ftui.history.repository import history_file, repository_of
from ftui.history.upkeep import follow, prune, set_clock_right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ftui.database import Connection
    from ftui.model import Finding

    Row = tuple[object, ...]

RecordT = TypeVar("RecordT", RunRecord, ResultRecord)

CAP = 32 * 1024 * 1024
"""Bytes that the history of one repository may take up: some 50,000 results."""
MOST_READ = 500
"""Runs that are remembered once they are read: results of several checks belong to the same ones."""

HISTORY = Kind(
    schema="""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ended_at REAL NOT NULL,
    wrong_clock INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX runs_by_time ON runs (ended_at);
CREATE TABLE results (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, check_id TEXT NOT NULL, fresh INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX results_by_run ON results (run);
CREATE INDEX results_by_check ON results (check_id, fresh, id);
CREATE TABLE findings (
    check_id TEXT NOT NULL, path TEXT NOT NULL, rule TEXT NOT NULL, message TEXT NOT NULL, severity TEXT NOT NULL,
    line INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (check_id, path, rule, message)
) WITHOUT ROWID;
CREATE INDEX findings_by_last ON findings (last);
""",
    tables=("runs", "results", "findings"),
    name="the history",
    folder="the folder of the history",
    lost="the history of this run is not kept",
    hidden="the history cannot be read",
)

_RUN = "runs.number, runs.wrong_clock, runs.body"


class History(Database):
    """The runs of one repository, in the order in which they were kept: wall-clock time may be wrong, this is not.

    All that reads gives what is latest first, and nothing where there is no history or it cannot be used.

    Args:
        path: absolute path of the database; None to do without.
        say: takes a message for the user: one line, at most one for each thing that is wrong.
        read_only: to look and leave everything as it is.
        cap: bytes that it may take up.
    """

    def __init__(
        self, path: str | None, say: Callable[[str], None], *, read_only: bool = False, cap: int = CAP
    ) -> None:
        self._cap = cap
        self._read: dict[Row, RunRecord | None] = {}
        super().__init__(path, HISTORY, say, read_only=read_only)

    @classmethod
    def open_for(cls, root: str, say: Callable[[str], None]) -> History:
        """The history of the repository that a tree belongs to, to be read; asks git, and blocks.

        Args:
            root: absolute path of the tree.
            say: takes a message for the user.
        """
        path = history_file(repository_of(root))
        if path is None:
            say("there is no history without a home directory: set HOME or XDG_DATA_HOME")
        return cls(path, say, read_only=True)

    # Reading

    def runs(self, limit: int = 100) -> list[RunRecord]:
        """The last runs."""
        query = f"SELECT {_RUN} FROM runs ORDER BY number DESC LIMIT ?"
        return self.ask(lambda db: [run for row in db.execute(query, (limit,)) if (run := _run(row))], [])

    def run(self, run_id: str) -> RunRecord | None:
        """The run with an id, of which the beginning is enough where only one begins so."""
        query = f"SELECT {_RUN} FROM runs WHERE substr(id, 1, ?) = ? OR id = ? ORDER BY number DESC LIMIT 2"
        values = (len(run_id), run_id, run_id)
        rows: list[Row] = self.ask(lambda db: db.execute(query, values).fetchall(), [])
        found = [run for row in rows if (run := _run(row))]
        exact = [run for run in found if run.id == run_id]
        return next(iter(exact or (found if len(found) == 1 else [])), None)

    def results_of(self, run: RunRecord) -> list[ResultRecord]:
        """The results of a run, in the order in which they came."""
        query = "SELECT body FROM results WHERE run = ? ORDER BY id"
        rows: list[Row] = self.ask(lambda db: db.execute(query, (run.number,)).fetchall(), [])
        return [result for (body,) in rows if (result := _decoded(body, ResultRecord))]

    def samples(self, check: str | None = None, *, fresh: bool = False, limit: int = 200) -> list[Sample]:
        """The last results, each with its run.

        Args:
            check: id of the check; None for those of all.
            fresh: whether only those that really ran and came to a verdict, see `ResultRecord.fresh`.
            limit: how many at most.
        """
        conditions = [*(["check_id = ?"] if check is not None else []), *(["fresh = 1"] if fresh else [])]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        query = (
            f"SELECT {_RUN}, results.body FROM results JOIN runs ON runs.number = results.run {where}"
            " ORDER BY results.id DESC LIMIT ?"
        )
        values = (limit,) if check is None else (check, limit)
        return self.ask(lambda db: list(self._samples(db.execute(query, values))), [])

    def checks(self) -> list[str]:
        """The ids of all checks that there are results of, sorted."""
        query = "SELECT DISTINCT check_id FROM results ORDER BY check_id"
        return self.ask(lambda db: [str(check) for (check,) in db.execute(query)], [])

    def findings(self, check: str | None = None, *, limit: int = 200) -> list[FindingRecord]:
        """Findings over time, those first that were seen last.

        Args:
            check: id of the check; None for those of all.
            limit: how many at most.
        """
        latest = "(SELECT max(run) FROM results WHERE results.check_id = findings.check_id AND fresh = 1)"
        query = (
            f"SELECT check_id, path, rule, message, severity, line, first, last, times, last = {latest} FROM findings"
            f" {'WHERE check_id = ?' if check is not None else ''} ORDER BY last DESC, check_id, path, line LIMIT ?"
        )
        values = (limit,) if check is None else (check, limit)
        return self.ask(lambda db: [_finding(row) for row in db.execute(query, values)], [])

    def _samples(self, rows: Iterator[Row]) -> Iterator[Sample]:
        for *run_row, body in rows:
            key = tuple(run_row)
            if key not in self._read:
                if len(self._read) >= MOST_READ:
                    self._read.clear()
                self._read[key] = _run(key)
            run, result = self._read[key], _decoded(body, ResultRecord)
            if run is not None and result is not None:
                yield Sample(run, result)

    # Writing

    def keep(
        self, run: RunRecord, results: Sequence[ResultRecord], findings: Sequence[tuple[str, Sequence[Finding]]] = ()
    ) -> bool:
        """Keeps a run: all of it, or nothing.

        Args:
            run: its `number` is given here.
            results: what it came to.
            findings: for each check that ran and came to a verdict, what it found.

        Returns:
            Whether it was kept; a run that is there already is not.
        """

        def work(db: Connection) -> bool:
            wrong_clock = run.wrong_clock or not set_clock_right(db, run.ended_at)
            values = (run.id, run.ended_at, wrong_clock, msgspec.json.encode(run))
            query = "INSERT OR IGNORE INTO runs (id, ended_at, wrong_clock, body) VALUES (?, ?, ?, ?)"
            added = db.execute(query, values)
            number = added.lastrowid
            if not added.rowcount or number is None:
                return False
            query = "INSERT INTO results (run, check_id, fresh, body) VALUES (?, ?, ?, ?)"
            db.executemany(query, ((number, r.check, r.fresh, msgspec.json.encode(r)) for r in results))
            for check, found in findings:
                follow(db, number, check, found)
            prune(db, self._cap)
            return True

        return self.transact(work, False)


def _decoded(body: object, kind: type[RecordT]) -> RecordT | None:
    """A record; None where it is damaged, or was written by a version that says less."""
    try:
        return msgspec.json.decode(body, type=kind) if isinstance(body, bytes) else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _run(row: Row) -> RunRecord | None:
    number, wrong_clock, body = row
    run = _decoded(body, RunRecord)
    return None if run is None else replace(run, number=number, wrong_clock=bool(wrong_clock))


def _finding(row: Row) -> FindingRecord:
    check, path, rule, message, severity, line, first, last, times, present = row
    fields = {
        "check": check, "path": path or None, "rule": rule or None, "message": message, "severity": severity,
        "line": line, "first": first, "last": last, "times": times, "present": bool(present),
    }  # fmt: skip
    return msgspec.convert(fields, FindingRecord)
