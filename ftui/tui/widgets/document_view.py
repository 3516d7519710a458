"""The base of the output pane: draws the rows of a document that are in sight, and lets their text be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.cache import LRUCache
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ftui.tui.document import Document
from ftui.tui.drawing import Mark, drawn, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.selection import Selection

    from ftui.tui.rows import Place

STRIPS = 1024
"""Rows that are kept as they were drawn."""


class DocumentView(ScrollView, can_focus=True):
    """Shows the rows of a document. Nothing in it is ever taken for markup."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"output--match", "output--current-match"}
    """
    | Class | What it styles |
    | :- | :- |
    | `output--match` | What was searched for. |
    | `output--current-match` | The same, in the line that the user is at. |
    """
    DEFAULT_CSS = """
    DocumentView {
        overflow: auto auto;
        scrollbar-gutter: stable;
        scrollbar-size: 1 1;
        & > .output--match { background: $warning-muted; color: $text-warning; }
        & > .output--current-match { background: $warning; color: $background; text-style: bold; }
        &:nocolor > .output--match { text-style: underline; }
        &:nocolor > .output--current-match { text-style: bold reverse; }
    }
    """

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.document = Document()
        self._strips: LRUCache[Place, Strip] = LRUCache(STRIPS)

    def redraw(self) -> None:
        """Draws anew all that is in sight."""
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forgets rows in styles that are no more."""
        super().notify_style_update()
        self._strips.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """Shows what is selected."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text of the selection without colours, and what comes between it and that of another widget."""
        start, end = selection
        first = 0 if start is None else start.y
        last = self.document.lines.end - 1 if end is None else end.y
        lines = list(self.document.shown(first, last + 1))
        if not lines:
            return None
        # A row is drawn for each line, so that an end is in the last of them; the line that it was in may be hidden.
        if end is not None:
            lines[-1] = lines[-1][: end.x]
        if start is not None:
            lines[0] = lines[0][start.x :]
        return "\n".join(lines), "\n"

    def render_line(self, y: int) -> Strip:
        """The row `y` of those in sight."""
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        rows = self.document.rows
        if top + y >= rows.count:
            return Strip.blank(width, self.rich_style)
        place = rows.at(top + y)
        strip, start = self._row(place)
        start += len(strip.crop(0, left).text)
        return strip.crop_extend(left, left + width, self.rich_style).apply_offsets(start, place.line)

    def _row(self, place: Place) -> tuple[Strip, int]:
        """What a row shows, and where in its line that starts."""
        lines = self.document.lines
        plain = lines.plain(place.line)
        part = part_of(plain, place.part, self.document.stride)
        marks = [*self._selected(place.line, len(plain))]
        strip = None if marks else self._strips.get(place)
        if strip is None:
            strip = drawn(
                lines.raw(place.line),
                lines.look(place.line),
                [*self._matching(place.line, plain), *marks],
                part,
                base=self.rich_style,
                coloured=not self.app.no_color,
                console=self.app.console,
            )
            # A line that is not complete may change, and so may a selection.
            if not marks and place.line < lines.closed:
                self._strips[place] = strip
        return strip, part[0]

    def _selected(self, number: int, length: int) -> Iterator[Mark]:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(number)
        if span is not None:
            start, end = span
            yield Mark(start, length if end == -1 else end, self.screen.get_component_rich_style("screen--selection"))

    def _matching(self, number: int, plain: str) -> Iterator[Mark]:
        matches = self.document.matches
        if matches is not None:
            current = number == matches.current
            style = self.get_component_rich_style("output--current-match" if current else "output--match")
            for found in matches.scan.pattern.finditer(plain):
                yield Mark(*found.span(), style)
