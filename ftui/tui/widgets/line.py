"""The base of what is one line of the screen."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class LineWidget(Widget):
    """Shows a line that a subclass makes, and is drawn again only where that reads differently."""

    _shown = Content()

    def line(self) -> Content:
        """The line as it is now, in the columns that there are."""
        raise NotImplementedError

    def bring_up_to_date(self) -> None:
        """Draws the line again if it is another one."""
        if not self.line().is_same(self._shown):
            self.refresh()

    def render(self) -> Content:
        """The line as it is now."""
        self._shown = self.line()
        return self._shown
