"""Notices outside the window: that the tree has gone from green to red, or back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ftui.model import Outcome
from ftui.report import figures
from ftui.report.looks import OUTCOMES
from ftui.report.safe import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ftui.events import RunFinished

Notify: TypeAlias = Literal["off", "on", "unfocused"]
"""`unfocused`: only while the terminal does not have the focus."""

LONGEST = 200
"""Characters of a notice."""


class Notices:
    """Remembers whether the tree was green, and says when that is no longer so."""

    def __init__(self) -> None:
        self._green: bool | None = None

    def after(self, run: RunFinished, project: str) -> str | None:
        """The notice that the end of a run is worth, if any; a run without a verdict changes nothing.

        Args:
            run: as `State.apply` gave it back.
            project: its name.
        """
        if run.interrupted or run.run is None or run.totals is None:
            return None
        outcome = run.run.outcome
        if outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.BROKEN):
            return None
        was, self._green = self._green, outcome is Outcome.PASSED
        if was is None or was == self._green:
            return None
        look = OUTCOMES[outcome]
        return f"{look.glyph} {project} {look.word}: {figures.outcomes(run.totals)}"


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """What makes a terminal show a notice: OSC 9 or OSC 777 where it is known to understand one, else the bell.

    Args:
        text: of the notice.
        environ: of the process; tells the terminal.
    """
    words = one_line(text)[:LONGEST].replace(";", ",")
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    if environ.get("TMUX") or environ.get("STY"):
        return "\a"
    if program in ("iTerm.app", "WezTerm", "ghostty", "WarpTerminal") or term.startswith("xterm-kitty"):
        return f"\x1b]9;{words}\x1b\\"
    if term.startswith(("foot", "rxvt-unicode")):
        return f"\x1b]777;notify;ftui;{words}\x1b\\"
    return "\a"
