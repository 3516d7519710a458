"""The base of the panes that show lines: only those in sight are made, and text in them can be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.cache import LRUCache
from textual.geometry import Size
from textual.strip import Strip

from ftui.tui.paint import STYLES, fitted, text_of
from ftui.tui.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from rich.style import Style
    from textual.selection import Selection

    from ftui.tui.paint import Line


class PaintedLines(Scrolled):
    """Shows lines that a subclass makes; each is cut to the width of the pane.

    The style `name` of a part is the component class `paint--name`.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"paint--{name}" for name in STYLES}
    DEFAULT_CSS = """
    PaintedLines {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(1000)
        self._count = 0
        self._columns = 0

    def line_at(self, y: int) -> Line:
        """The line of a number from 0 below the count that was last given to `lines_changed`."""
        raise NotImplementedError

    def style_at(self, y: int) -> str:
        """The style that lies under a whole line; empty for that of the pane."""
        return ""

    @property
    def columns(self) -> int:
        """The columns that a line has, or had when the pane was last in sight."""
        self._columns = self.scrollable_content_region.width or self._columns
        return self._columns

    def lines_changed(self, count: int) -> None:
        """Takes note that there are now `count` lines, and that any of them may differ."""
        self._strips.clear()
        self._count = count
        self.reach(Size(0, count))
        self.refresh()

    def notify_style_update(self) -> None:
        """Forgets lines in styles that are no more."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """The line `y` of those in sight."""
        y += self.scroll_offset.y
        if y >= self._count:
            return Strip.blank(self.columns, self.rich_style)
        place = y, self.columns
        strip = self._strips.get(place)
        if strip is None:
            strip = self._strips[place] = self._strip(y)
        return strip.apply_offsets(0, y)

    def _strip(self, y: int) -> Strip:
        under = self.style_at(y)
        text = Text(end="")
        for part, style in fitted(self.line_at(y), self.columns):
            text.append(part, self._style(under, style))
        selection = self.text_selection
        span = selection.get_span(y) if selection is not None else None
        if span is not None:
            start, end = span
            marked = self.screen.get_component_rich_style("screen--selection")
            text.stylize(marked, start, len(text) if end == -1 else end)
        return Strip(text.render(self.app.console)).adjust_cell_length(self.columns, self._style(under))

    def _style(self, *names: str) -> Style:
        # Muted colours are translucent, and only a visual style lays them over what is below.
        return self.get_visual_style(*(f"paint--{name}" for name in names if name)).rich_style

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that is selected, and how it ends."""
        text = "\n".join(text_of(self.line_at(y)) for y in range(self._count))
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Shows what is selected."""
        self._strips.clear()
        self.refresh()
