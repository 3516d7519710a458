"""What is done to a history while a run is kept: findings are followed, wrong clocks noted, and old runs let go."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from typing import TYPE_CHECKING

from ftui.history.repository import DATABASE
from ftui.history.spread import median

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftui.database import Connection
    from ftui.model import Finding

MOST_AGE_S = 400 * 86_400.0
"""Seconds that a run is kept: a year, and a little for the same season."""
MOST_FINDINGS = 20_000
"""Findings that are kept; those not seen for longest go first."""
FINDINGS_OF_ONE = 200
"""Findings that are followed of one result."""
WINDOW = 21
"""Runs whose wall-clock times say by their median what time it is: a clock that was wrong once does not move it."""
SKEW_S = 60.0
"""Seconds by which the clocks of two runs may disagree: those of clones are kept in the order in which they end."""
_ROOM = 0.8
"""Pruning by size goes on to this share of the cap, so that it is not due again at once."""


def set_clock_right(db: Connection, ended_at: float) -> bool:
    """Judges the clock of a run that is about to be kept by those before it, and theirs by it.

    Time goes on from run to run. One that ends before most of the last ones have ended has a clock that is behind;
    otherwise those of them that ended after it had one that was ahead, and are marked.

    Args:
        db: inside a transaction.
        ended_at: of the run, seconds since 1970.

    Returns:
        Whether its clock can be right.
    """
    last = db.execute("SELECT number, ended_at FROM runs ORDER BY number DESC LIMIT ?", (WINDOW,)).fetchall()
    if last and ended_at < median(end for _, end in last) - SKEW_S:
        return False
    ahead = [(number,) for number, end in last if end > ended_at + SKEW_S]
    db.executemany("UPDATE runs SET wrong_clock = 1 WHERE number = ?", ahead)
    return True


def follow(db: Connection, number: int, check: str, findings: Iterable[Finding]) -> None:
    """Notes that a run found these findings.

    Args:
        db: inside a transaction.
        number: of the run.
        check: id of the check whose findings they are.
        findings: all of one verdict; the first `FINDINGS_OF_ONE` are followed.
    """
    query = (
        "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)"
        " ON CONFLICT DO UPDATE SET line = excluded.line, severity = excluded.severity,"
        " times = times + (last < excluded.last), last = excluded.last"
    )
    db.executemany(
        query,
        (
            (check, f.path or "", f.rule or "", f.message, f.severity.value, f.line, number, number)
            for f in islice(findings, FINDINGS_OF_ONE)
        ),
    )


def prune(db: Connection, cap: int) -> None:
    """Lets go what is too old or too much.

    Args:
        db: inside a transaction.
        cap: bytes that the database may take up.
    """
    ends = [at for (at,) in db.execute("SELECT ended_at FROM runs ORDER BY number DESC LIMIT ?", (WINDOW,))]
    # By the clock of most runs: by that of this one, a date in the far future would empty the history.
    old = "(SELECT max(number) FROM runs WHERE ended_at < ? AND NOT wrong_clock)"
    gone = db.execute(f"DELETE FROM runs WHERE number <= {old}", (median(ends) - MOST_AGE_S,)).rowcount
    (pages,), (free,), (size,) = (
        db.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "freelist_count", "page_size")
    )
    taken = (pages - free) * size
    if taken > cap:
        (count,) = db.execute("SELECT count(*) FROM runs").fetchone()
        surplus = int(count * (1 - _ROOM * cap / taken)) + 1
        query = "DELETE FROM runs WHERE number IN (SELECT number FROM runs ORDER BY number LIMIT ?)"
        gone += db.execute(query, (surplus,)).rowcount
    if gone:
        db.execute("DELETE FROM results WHERE run NOT IN (SELECT number FROM runs)")
        db.execute("DELETE FROM findings WHERE last < (SELECT min(number) FROM runs)")
    (count,) = db.execute("SELECT count(*) FROM findings").fetchone()
    if count > MOST_FINDINGS:
        query = "SELECT last FROM findings ORDER BY last LIMIT 1 OFFSET ?"
        (last,) = db.execute(query, (count - int(MOST_FINDINGS * _ROOM),)).fetchone()
        db.execute("DELETE FROM findings WHERE last <= ?", (last,))


def remove_forgotten(folder: str) -> None:
    """Removes the histories that were last written long before the latest one.

    Args:
        folder: where the histories of all repositories lie.
    """
    written: dict[str, float] = {}
    for name in os.listdir(folder):
        try:
            written[name] = os.stat(os.path.join(folder, name, DATABASE)).st_mtime
        except OSError:  # there is none in it
            continue
    # By the clock that they were written with, for the same reason as above.
    latest = sorted(written.values())[-2:]
    for name, at in written.items():
        if at < latest[0] - MOST_AGE_S:
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
