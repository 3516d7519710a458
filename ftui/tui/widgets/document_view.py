"""The base of the output pane: draws the rows of a document that are in sight, and lets their text be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from ftui.report.width import clip
from ftui.tui.document import Document
from ftui.tui.drawing import Mark, drawn, part_of
from ftui.tui.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.selection import Selection

    from ftui.tui.rows import Place

DRAWN = 256
"""Rows in sight, of late, that are kept as they were drawn."""


class DocumentView(Scrolled):
    """Shows the rows of a document. Nothing in it is ever taken for markup."""

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
        & > .output--current-match { background: $warning; color: $text; text-style: bold; }
        &:nocolor > .output--match { text-style: underline; }
        &:nocolor > .output--current-match { text-style: bold reverse; }
    }
    """

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.document = Document()
        self._drawn: LRUCache[tuple[Place, int], tuple[Strip, int]] = LRUCache(DRAWN)
        self._base: Style | None = None
        self._empty = ""

    def say_where_empty(self, sentence: str) -> None:
        """Shows a sentence where there are no rows to show."""
        if sentence != self._empty:
            self._empty = sentence
            if not self.document.rows.count:
                self.refresh()

    def redraw(self) -> None:
        """Draws anew all that is in sight."""
        self._drawn.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forgets rows in styles that are no more."""
        super().notify_style_update()
        self._drawn.clear()
        self._base = None

    @property
    def _style(self) -> Style:
        """That of the pane, which Textual puts together from all that is around it each time it is asked for."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def selection_updated(self, selection: Selection | None) -> None:
        """Shows what is selected."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text of the selection without colours, and what comes between it and that of another widget."""
        start, end = selection
        first = 0 if start is None else start.y
        last = self.document.lines.end - 1 if end is None else end.y
        lines = []
        for number, line in self.document.shown(first, last + 1):
            until = end.x if end is not None and number == end.y else len(line)
            lines.append(line[start.x if start is not None and number == start.y else 0 : until])
        return ("\n".join(lines), "\n") if lines else None

    def render_line(self, y: int) -> Strip:
        """The row `y` of those in sight."""
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        rows = self.document.rows
        if y == rows.count == 0:
            sentence = Segment(clip(self._empty, width), self._style + Style(dim=True))
            return Strip([sentence]).adjust_cell_length(width, self._style)
        if top + y >= rows.count:
            return Strip.blank(width, self._style)
        place = rows.at(top + y)
        selection = self.text_selection
        selected = None if selection is None else selection.get_span(place.line)
        row = None if selected else self._drawn.get((place, left))
        if row is None:
            row = self._row(place, left, width, selected)
            # A line that is not complete may change, and so may a selection.
            if not selected and place.line < self.document.lines.closed:
                self._drawn[place, left] = row
        strip, start = row
        return strip.adjust_cell_length(width, self._style).apply_offsets(start, place.line)

    def _row(self, place: Place, left: int, width: int, selected: tuple[int, int] | None) -> tuple[Strip, int]:
        """What a row shows, and where in its line that starts."""
        lines, stride = self.document.lines, self.document.stride
        plain = lines.plain(place.line)
        first, cells = (left, width) if stride is None else (place.part * stride, stride)
        start, end = part_of(plain, first, first + cells)
        marks = [*self._matching(place.line, plain)]
        if selected is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            marks.append(Mark(selected[0], len(plain) if selected[1] == -1 else selected[1], style))
        strip = drawn(
            lines.raw(place.line),
            lines.look(place.line),
            marks,
            (start, end),
            base=self._style,
            coloured=not self.app.no_color,
            console=self.app.console,
        )
        # Half of a wide character may be beyond the left side of the pane; a folded line shows it as a whole.
        return strip if stride else strip.crop(first - cell_len(plain[:start])), start

    def _matching(self, number: int, plain: str) -> Iterator[Mark]:
        matches = self.document.matches
        if matches is not None:
            current = number == matches.current
            style = self.get_component_rich_style("output--current-match" if current else "output--match")
            for found in matches.scan.pattern.finditer(plain):
                yield Mark(*found.span(), style)
