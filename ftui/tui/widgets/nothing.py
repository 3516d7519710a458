"""What stands where the checks would be, while there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ftui.report.safe import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ftui.state import State


def nothing(state: State) -> Content:
    """Why there are no checks, what was looked for, and what to do."""
    if state.watching is None and not state.number:
        return Content.assemble(("Looking for checks …", "dim"))
    pieces: list[tuple[str, str]] = []
    profile = one_line(state.watching.profile if state.watching is not None else state.profile)
    pieces.append((f"Nothing to check in profile {profile}.\n", "bold"))
    for command, words in (
        ("ftui init", "writes a commented configuration to begin with"),
        ("ftui demo", "shows what it looks like with checks"),
    ):
        pieces += [(f"\n{command}", "bold $text-accent"), (f"  {words}", "")]
    found: dict[str, list[str]] = {}
    for each in state.watching.unused if state.watching is not None else ():
        found.setdefault(one_line(each.because), []).append(one_line(each.id))
    if found:
        pieces.append(("\n\nLooked for:\n", ""))
    for because, names in found.items():
        pieces += [(f"{', '.join(names)}  ", "bold"), (f"{because}\n", "dim")]
    return Content.assemble(*pieces)


class Nothing(VerticalScroll, can_focus=False):
    """The text as a widget; it scrolls where there is more than fits.

    Args:
        state: to be shown.
    """

    def __init__(self, state: State) -> None:
        super().__init__(id="nothing")
        self._state = state
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._text

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Takes in what the state has become."""
        self._text.update(nothing(self._state))
