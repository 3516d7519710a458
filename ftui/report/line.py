"""How a check's line and the end of a run are put together; imports nothing that a quick run has no use for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from ftui.model import RunSummary, Totals

PASSED: Final = ("✓", "+", "passed", "32")
"""Glyph, glyph in ASCII, word, parameters of an SGR sequence; likewise those that follow."""
SKIPPED: Final = ("-", "-", "skipped", "2")
WORD_COLUMNS: Final = 9
"""Of the longest word."""
TIME_COLUMNS: Final = 8
INDENT: Final = "  "


def check_line(state: str, name: str, time: str, note: str) -> str:
    """One check in one line: `✓ passed     ruff      12 ms  miss  no cache yet`.

    Args:
        state: glyph and word, filled up to their columns.
        name: filled up to the columns of all names.
        time: in words; empty where there is none.
        note: what else there is to say.
    """
    return f"{state}  {name}  {time:>{TIME_COLUMNS}}  {note}".rstrip()


def summary(state: str, run: RunSummary, totals: Totals, note: str = "") -> list[str]:
    """The end of a run in three lines: the outcome, the buckets, the times."""
    from ftui.report import figures

    return [
        f"{state}  {figures.outcomes(totals)}{note}",
        f"{INDENT}{figures.buckets(totals)}",
        f"{INDENT}{figures.times(run, totals)}",
    ]
