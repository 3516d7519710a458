"""The base of all panes that draw their rows themselves, of which only those in sight are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.scroll_view import ScrollView
from textual.widget import Widget

from ftui.tui.keys import bindings

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.geometry import Size


class Scrolled(ScrollView, can_focus=True):
    """Is scrolled by the same keys everywhere."""

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("checks")]

    def reach(self, size: Size) -> None:
        """Takes note of how far there is to scroll; the rest of the screen stays as it is.

        Textual lays the whole screen out again when its `virtual_size` is set, which in a flood of output costs more
        than all else.
        """
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)  # a scrollbar that comes or goes has it laid out all the same

    def action_cursor_up(self) -> None:
        """A row up."""
        self.scroll_up(animate=False)

    def action_cursor_down(self) -> None:
        """A row down."""
        self.scroll_down(animate=False)

    def action_cursor_first(self) -> None:
        """To the first row."""
        self.scroll_home(animate=False)

    def action_cursor_last(self) -> None:
        """To the last row."""
        self.scroll_end(animate=False)
