"""The list of checks, grouped by phase; only the lines that are seen are ever drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ftui.model import Phase
from ftui.report.figures import counted
from ftui.report.width import clip
from ftui.tui import keys
from ftui.tui.cells import Columns, cells, columns_for, titles
from ftui.tui.choice import ALL, followed, matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual import events
    from textual.binding import BindingType

    from ftui.state import Row

MARK = "▌"
"""Before the check under the cursor, since colour alone must not say so."""


class CheckList(ScrollView, can_focus=True):
    """Shows all checks that a filter lets through, and has a cursor that stands on one of them.

    While the user has not moved it, the cursor follows what is worth looking at, see `choice.followed`.

    Args:
        rows: gives the checks as they are at the moment.
        now: the moment, on the clock of the events.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"check-list--{state}" for state in ("passed", "failed", "broken", "cancelled", "skipped")),
        *(f"check-list--{state}" for state in ("queued", "running", "retrying", "warning", "muted")),
        *(f"check-list--{part}" for part in ("hit", "miss", "policy-rerun", "cursor", "title", "filter", "phase")),
    }
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("checks")]

    class Moved(Message):
        """The cursor stands on another check, or the same one has other columns around it."""

        def __init__(self, check_id: str | None) -> None:
            super().__init__()
            self.check_id = check_id

    class Opened(Message):
        """The user has asked for the check under the cursor."""

    def __init__(self, rows: Callable[[], Mapping[str, Row]], now: Callable[[], float]) -> None:
        super().__init__(id="checks")
        self._rows = rows
        self._now = now
        self._items: list[Phase | str] = []
        self._places: dict[str, int] = {}
        self._columns: Columns = columns_for(0, ())
        self._styles: dict[str, Style] = {}
        self.cursor: str | None = None
        """Id of the check that it stands on."""
        self.following = True
        """Whether the cursor moves on its own."""
        self.filter = ALL
        """The word that a check has to have to be shown, see `choice.words_of`."""

    # What is shown

    def update_all(self) -> None:
        """Takes in that there may be other checks, or fewer that the filter lets through."""
        items: list[Phase | str] = []
        phase = None
        for row in matching(self._rows().values(), self.filter):
            if row.phase is not phase:
                phase = row.phase
                items.append(phase)
            items.append(row.id)
        if items != self._items:
            self._items = items
            self._places = {item: y for y, item in enumerate(items) if not isinstance(item, Phase)}
        self._lay_out()
        self._follow()
        self.refresh()

    def update(self, ids: Iterable[str]) -> None:
        """Draws some checks again, and nothing else where that is enough."""
        if self.filter != ALL:
            self.update_all()
            return
        self._follow()
        for check_id in ids:
            self._refresh_check(check_id)

    def tick(self) -> None:
        """Draws again what moves by itself: the checks that run."""
        self.update([row.id for row in self._rows().values() if row.status == "running"])

    def set_filter(self, word: str) -> None:
        """Shows only checks that have a word, see `choice.words_of`; all of them for the empty one."""
        self.filter = word
        self.update_all()
        if self.cursor not in self._places and self._places:
            self._move_to(next(iter(self._places)))

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._items) + 1)
        self._columns = columns_for(self.scrollable_content_region.width - 1, self._rows())

    def _refresh_check(self, check_id: str | None) -> None:
        place = self._places.get(check_id or "")
        if place is not None:
            line = place + 1 - self.scroll_offset.y
            if 1 <= line < self.size.height:
                self.refresh(Region(0, line, self.size.width, 1))

    def on_resize(self) -> None:
        self.update_all()
        self.call_after_refresh(self._reveal)  # how far it can be scrolled is known only then

    def notify_style_update(self) -> None:
        """Forgets the styles of the theme before."""
        self._styles.clear()
        super().notify_style_update()

    # The cursor

    def _follow(self) -> None:
        if self.following:
            self._move_to(followed(self._rows(), self.cursor))
        elif self.cursor not in self._rows():
            self._move_to(next(iter(self._places), None))

    def _move_to(self, check_id: str | None) -> None:
        if check_id == self.cursor:
            return
        self._refresh_check(self.cursor)
        self.cursor = check_id
        self._refresh_check(check_id)
        self._reveal()
        self.post_message(self.Moved(check_id))

    def _reveal(self) -> None:
        """Scrolls so that the cursor is seen, and the name of its phase where it stands right above."""
        place = self._places.get(self.cursor or "")
        if place is None:
            return
        top = place - 1 if isinstance(self._items[place - 1], Phase) else place
        seen = max(1, self.size.height - 1)
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif place >= self.scroll_offset.y + seen:
            self.scroll_to(y=place - seen + 1, animate=False)

    def go_to(self, check_id: str) -> None:
        """Puts the cursor on a check for the user, who wants it to stay there; shows all checks if need be."""
        self.following = False
        if check_id not in self._places:
            self.set_filter(ALL)
        self._move_to(check_id)

    def follow_again(self) -> None:
        """Lets the cursor move on its own again."""
        self.following = True
        self._follow()

    def _step(self, lines: int) -> None:
        shown = list(self._places)
        if not shown:
            return
        self.following = False
        place = shown.index(self.cursor) if self.cursor in self._places else 0
        self._move_to(shown[max(0, min(len(shown) - 1, place + lines))])

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_page_up(self) -> None:
        self._step(2 - self.size.height)

    def action_page_down(self) -> None:
        self._step(self.size.height - 2)

    def action_cursor_first(self) -> None:
        self._step(-len(self._places))
        self.scroll_to(y=0, animate=False)

    def action_cursor_last(self) -> None:
        self._step(len(self._places))

    def on_click(self, event: events.Click) -> None:
        place = event.y - 1 + self.scroll_offset.y
        item = self._items[place] if event.y > 0 and place < len(self._items) else None
        if item is None or isinstance(item, Phase):
            return
        self.go_to(item)
        if event.chain > 1:
            self.post_message(self.Opened())

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the list; the first one is that of the titles, and stays."""
        across = self.size.width
        if y == 0:
            style = self._style("filter" if self.filter else "title")
            return Strip([Segment(clip(f" {self._title()}", across), style)]).adjust_cell_length(across, style)
        place = y - 1 + self.scroll_offset.y
        if place >= len(self._items):
            return Strip.blank(across, self.rich_style)
        item = self._items[place]
        if isinstance(item, Phase):
            strip = Strip([Segment(f" {item.value}", self._style("phase"))])
            return strip.adjust_cell_length(across, self.rich_style)
        return self._check_line(self._rows()[item], across)

    def _title(self) -> str:
        if self.filter == ALL:
            return titles(self._columns)
        return f"only {self.filter}: {len(self._places)} of {counted(len(self._rows()), 'check')}"

    def _check_line(self, row: Row, across: int) -> Strip:
        here = row.id == self.cursor
        base = self._style("cursor") if here else self.rich_style
        if row.result is not None and row.stale and row.status != "running":
            base += Style(dim=True)
        segments = [Segment(MARK if here else " ", base)]
        for cell in cells(row, self._columns, self._now()):
            style = base + self._tone(cell.tone) if cell.tone else base
            segments.append(Segment(cell.text, style))
        return Strip(segments).adjust_cell_length(across, base)

    def _tone(self, name: str) -> Style:
        """The colour of a kind of cell, to be laid over that of its line."""
        if (style := self._styles.get(name)) is None:
            style = self._styles[name] = self.get_component_rich_style(f"check-list--{name}", partial=True)
        return style

    def _style(self, name: str) -> Style:
        return self.rich_style + self._tone(name)
