"""What stands where the checks would be, while there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ftui.report.safe import one_line
from ftui.report.width import pad, width

if TYPE_CHECKING:
    from ftui.state import State


def nothing(state: State) -> Content:
    """Why there are no checks, what was looked for, and what to do."""
    if state.watching is None and not state.number:
        return Content.assemble(("Looking for checks …", "dim"))
    pieces: list[tuple[str, str]] = []
    profile = one_line(state.watching.profile if state.watching is not None else state.profile)
    pieces.append((f"Nothing to check in profile {profile}.\n", "bold"))
    unused = state.watching.unused if state.watching is not None else ()
    if unused:
        names = max(width(one_line(each.id)) for each in unused)
        pieces.append(("\nLooked for:\n", ""))
        for each in unused:
            pieces.append((f"  {pad(one_line(each.id), names)}  ", "bold"))
            pieces.append((f"{one_line(each.because)}\n", "dim"))
    for command, words in (
        ("ftui init", "writes a commented configuration to begin with"),
        ("ftui demo", "shows what it looks like with checks"),
    ):
        pieces += [(f"\n{command}", "bold $text-accent"), (f"  {words}", "")]
    return Content.assemble(*pieces)


class Nothing(Static):
    """The text as a widget.

    Args:
        state: to be shown.
    """

    def __init__(self, state: State) -> None:
        super().__init__(id="nothing", markup=False)
        self._state = state

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Takes in what the state has become."""
        self.update(nothing(self._state))
