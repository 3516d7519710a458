"""Which checks the list shows, and on which of them the cursor stands while nobody moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftui.model import Bucket, Outcome
from ftui.report.looks import look_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftui.state import Row

ALL: Final = ""

_STATES: Final = ("failed", "broken", "running", "queued", "stale")
_FILTERS: Final = (*_STATES, Bucket.HIT.value, Bucket.POLICY_RERUN.value, Bucket.MISS.value, "skipped")


def words_of(row: Row) -> set[str]:
    """All that a check can be filtered by: its state, its bucket, and `stale`."""
    words = {look_of(row).word}
    if row.result is not None and row.status == "done":
        if row.stale:
            words.add("stale")
        elif row.result.bucket is not None:
            words.add(row.result.bucket.value)
    return words


def matching(rows: Iterable[Row], wanted: str) -> list[Row]:
    """The checks that a filter lets through; all of them where there is none."""
    return [row for row in rows if wanted == ALL or wanted in words_of(row)]


def next_filter(rows: Iterable[Row], current: str) -> str:
    """The next filter that lets something through and leaves something out, and after the last one none."""
    known = list(rows)
    found = [words_of(row) for row in known]
    choices = [word for word in _FILTERS if 0 < sum(word in words for words in found) < len(known)]
    later = choices[choices.index(current) + 1 :] if current in choices else choices
    return later[0] if later else ALL


def followed(rows: Mapping[str, Row], current: str | None) -> str | None:
    """The check worth looking at: the first that went wrong, else one that runs, else the one looked at before.

    A failure that is being run again stays where it is until the new result is there.
    """
    wrong = [row.id for row in rows.values() if went_wrong(row)]
    if wrong:
        return current if current in wrong else wrong[0]
    running = [row.id for row in rows.values() if row.status == "running"]
    if running:
        return current if current in running else running[0]
    return current if current in rows else next(iter(rows), None)


def went_wrong(row: Row) -> bool:
    """Whether the last result of a check is one that somebody has to look at."""
    return row.result is not None and row.result.outcome in (Outcome.FAILED, Outcome.BROKEN)
