"""One line below the header for what needs attention; not there when there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from ftui.report.figures import counted
from ftui.report.safe import one_line
from ftui.report.width import clip, width
from ftui.tui.widgets.line import LineWidget

if TYPE_CHECKING:
    from ftui.state import State


class Line(NamedTuple):
    """What the line says."""

    text: str
    """Cut where there is no room for all of it."""
    rest: str
    """What to do; never cut."""
    colour: str


def banner(state: State, *, unread: int, pause: str, problems: str) -> Line | None:
    """The line, or None: why the watch does not watch, else the last problem that nobody has read.

    Args:
        state: to be shown.
        unread: problems that have come since they were last looked at.
        pause: the key that resumes.
        problems: the key that shows all of them.
    """
    watching = state.watching
    if watching is not None and watching.status == "invalid":
        return Line(f"! {one_line(watching.reason)}", "; the last good configuration is in force", "$text-error")
    if unread and state.problems:
        last = state.problems[-1]
        more = f" (+{unread - 1})" if unread > 1 else ""
        return Line(
            f"! {one_line(last.source)}: {one_line(last.message)}", f"{more}  {problems} shows", "$text-warning"
        )
    if watching is not None and watching.status == "held":
        reason = f": {one_line(watching.reason)}" if watching.reason else ""
        return Line(f"◌ held{reason}", "", "$text-warning")
    if watching is not None and watching.status == "paused":
        stale = sum(row.stale for row in state.rows.values())
        waiting = f", {counted(stale, 'check')} stale" if stale else ""
        return Line(f"‖ paused{waiting}", f": {pause} resumes", "$text-warning")
    return None


class Banner(LineWidget):
    """The line as a widget.

    Args:
        state: to be shown.
        pause: the key that resumes.
        problems: the key that shows all problems.
    """

    def __init__(self, state: State, *, pause: str, problems: str) -> None:
        super().__init__(id="banner")
        self._state = state
        self._pause = pause
        self._problems = problems
        self._unread = 0
        self._invalid = False

    def on_mount(self) -> None:
        self.update()

    def update(self, new_problems: int = 0) -> None:
        """Shows what there is, or goes away.

        Args:
            new_problems: how many have come since.
        """
        self._unread += new_problems
        watching, problems = self._state.watching, self._state.problems
        was, self._invalid = self._invalid, watching is not None and watching.status == "invalid"
        if was and not self._invalid and problems and problems[-1].source == "configuration":
            self._unread = max(0, self._unread - 1)  # this line has said it all the while, and it is mended
        self.display = self._words() is not None
        self.bring_up_to_date()

    def read(self) -> None:
        """Takes note that all problems have been looked at."""
        self._unread = 0
        self.update()

    def _words(self) -> Line | None:
        return banner(self._state, unread=self._unread, pause=self._pause, problems=self._problems)

    def line(self) -> Content:
        """The line as it is now."""
        line = self._words()
        if line is None:
            return Content()
        room = self.size.width - 2
        rest = line.rest if width(line.rest) < room // 2 else ""
        return Content.assemble((f" {clip(line.text, room - width(rest))}{rest}", line.colour))
