"""The one table of glyphs, words and colours: a state is shown by all three, never by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ftui.model import Outcome, Severity
from ftui.report import line

if TYPE_CHECKING:
    from ftui.state import Row


class Look(Struct, frozen=True):
    """How a state of a check is shown."""

    glyph: str
    ascii: str
    """The glyph for streams that carry ASCII only."""
    word: str
    colour: str
    """Parameters of an SGR sequence."""


DIM: Final = "2"

OUTCOMES: Final = {
    Outcome.PASSED: Look(*line.PASSED),
    Outcome.FAILED: Look("✗", "x", "failed", "31"),
    Outcome.BROKEN: Look("!", "!", "broken", "35"),
    Outcome.CANCELLED: Look("○", "o", "cancelled", "33"),
    Outcome.SKIPPED: Look(*line.SKIPPED),
}
QUEUED: Final = Look("·", ".", "queued", DIM)
RUNNING: Final = Look("⠋", "|", "running", "36")
RETRYING: Final = Look("↻", "~", "retrying", "33")
PROBLEM: Final = Look("!", "!", "problem", "33")
CHANGED: Final = Look("±", "*", "changed", "36")

SEVERITIES: Final = {
    Severity.ERROR: Look("✗", "x", "error", "31"),
    Severity.WARNING: Look("▲", "^", "warning", "33"),
    Severity.INFO: Look("•", "-", "info", "36"),
}
NEW: Final = Look("+", "+", "new", "33")
FIXED: Final = Look("✓", "+", "fixed", "32")

SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII_SPINNER: Final = "|/-\\"


def look_of(row: Row) -> Look:
    """How a check is shown at this moment."""
    if row.status == "done" and row.result is not None:
        return OUTCOMES[row.result.outcome]
    return {"running": RUNNING, "retrying": RETRYING}.get(row.status, QUEUED)
