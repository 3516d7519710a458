"""The pane of findings: what checks have found, file by file, with the source around one of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message

from ftui.errors import FtuiError
from ftui.report.looks import look_of
from ftui.tui.finding_history import FindingHistory
from ftui.tui.finding_list import CheckItem, FindingItem, Item, Located, PathItem, detail_lines, items_of, line_of, same
from ftui.tui.snippet import Snippet, snippet_of
from ftui.tui.widgets.painted import PaintedLines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from textual.app import ComposeResult
    from textual.events import Click, Resize

    from ftui.model import Finding
    from ftui.state import State
    from ftui.tui.paint import Line

LEAST_LINES = 9
"""Lines of the pane from which on there is room for the source."""
MARK = "▌"


class FindingList(PaintedLines):
    """The findings, with a cursor that stands on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "open the finding", id="finding", show=False)]

    class Moved(Message):
        """The cursor stands on another finding, or on none any more."""

        def __init__(self, found: Located | None) -> None:
            super().__init__()
            self.found = found

    class Opened(Message):
        """The user has asked for the finding under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._items: Sequence[Item] = ()
        self._found: list[Located] = []
        """The findings among the items."""
        self._places: list[int] = []
        """The line of each."""
        self._at = 0
        """The place under the cursor."""
        self._stale: frozenset[str] = frozenset()

    @property
    def cursor(self) -> Located | None:
        """The finding under the cursor; None where there are no findings."""
        return self._found[self._at] if self._found else None

    def show(self, items: Sequence[Item], stale: frozenset[str], *, others: bool = False) -> None:
        """Lists findings; the cursor stays on the one that it is on.

        Args:
            items: what to list.
            stale: ids of the checks whose findings are not about the tree as it is.
            others: whether they are findings of other checks; else the cursor stays near where its finding was.
        """
        before = self.cursor
        self._items = items
        self._stale = stale
        self._found = [item.located for item in items if isinstance(item, FindingItem)]
        self._places = [y for y, item in enumerate(items) if isinstance(item, FindingItem)]
        now = self._place_of(before) if before is not None else None
        if now is not None:
            self._at = now
        else:
            self._at = 0 if others else max(0, min(self._at, len(self._places) - 1))
        self._cursor_moved(before)

    def go_to(self, finding: Located) -> None:
        """Puts the cursor on a finding, where it is listed."""
        at = self._place_of(finding)
        if at is not None:
            self._move_to(at)

    def _place_of(self, finding: Located) -> int | None:
        now = finding if finding in self._found else same(self._found, finding)
        return self._found.index(now) if now is not None else None

    def _move_to(self, at: int) -> None:
        if self._places:
            before, self._at = self.cursor, max(0, min(at, len(self._places) - 1))
            self._cursor_moved(before)

    def _cursor_moved(self, before: Located | None) -> None:
        self.lines_changed(len(self._items))
        self._reveal()
        if self.cursor != before:
            self.post_message(self.Moved(self.cursor))

    def _reveal(self) -> None:
        """Scrolls so that the cursor is seen, and the headings where they stand right above."""
        if not self._places or not self.size.height:
            return
        y = top = self._places[self._at]
        while top and isinstance(self._items[top - 1], CheckItem | PathItem):
            top -= 1
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif y >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=y - self.size.height + 1, animate=False)

    def on_resize(self, event: Resize) -> None:
        """Keeps the cursor in sight."""
        self._reveal()

    # Drawing

    def line_at(self, y: int) -> Line:
        """The line of an item, with a mark before the one under the cursor."""
        here = bool(self._places) and y == self._places[self._at]
        line = line_of(self._items[y], self.columns)
        return ((MARK, "cursor"), (line[0][0][1:], line[0][1]), *line[1:]) if here else line

    def style_at(self, y: int) -> str:
        """The cursor lies under its line; findings of a stale verdict are dimmed."""
        item = self._items[y]
        if self._places and y == self._places[self._at]:
            return "cursor"
        if isinstance(item, FindingItem) and item.located.check_id in self._stale:
            return "stale"
        return ""

    # Moving about

    def action_cursor_up(self) -> None:
        self._move_to(self._at - 1)

    def action_cursor_down(self) -> None:
        self._move_to(self._at + 1)

    def action_page_up(self) -> None:
        self._move_to(self._at - max(1, self.size.height - 1))

    def action_page_down(self) -> None:
        self._move_to(self._at + max(1, self.size.height - 1))

    def action_cursor_first(self) -> None:
        self._move_to(0)
        self.scroll_home(animate=False)

    def action_cursor_last(self) -> None:
        self._move_to(len(self._places) - 1)

    def action_choose(self) -> None:
        if self._places:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        """Puts the cursor on a finding; the second click opens it."""
        y = event.y + self.scroll_offset.y
        if y < len(self._items) and isinstance(self._items[y], FindingItem):
            self._move_to(self._places.index(y))
            if event.chain > 1:
                self.post_message(self.Opened())


class FindingDetail(PaintedLines):
    """One finding: the source around it, and all of its message."""

    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self._source: Snippet | str = ""
        self._lines: Sequence[Line] = ()

    def show(self, finding: Finding | None, source: Snippet | str) -> None:
        """Shows a finding.

        Args:
            finding: what to show; None for nothing.
            source: the lines around it, or why there are none.
        """
        before, self._finding = self._finding, finding
        self._source = source
        self._draw()
        if finding != before:
            self.scroll_home(animate=False)

    def on_resize(self, event: Resize) -> None:
        """Wraps the message to the new width."""
        self._draw()

    def line_at(self, y: int) -> Line:
        """A line of source or of message."""
        return self._lines[y]

    def _draw(self) -> None:
        self._lines = (
            [] if self._finding is None else detail_lines(self._finding, self._source, self.columns, self.size.height)
        )
        self.lines_changed(len(self._lines))


class FindingsView(Vertical):
    """The findings of one check, or of all of them.

    Give it the state whenever that has changed; it draws again only what differs.
    """

    DEFAULT_CSS = """
    FindingsView {
        & > FindingList { height: 1fr; }
        & > FindingDetail { height: 45%; max-height: 14; border-top: solid $foreground 20%; }
        &.-flat > FindingDetail { display: none; }
    }
    """

    class Highlighted(Message):
        """Another finding is looked at, or none any more."""

        def __init__(self, found: Located | None) -> None:
            super().__init__()
            self.found = found

    class Chosen(Message):
        """The user has asked for a finding."""

        def __init__(self, found: Located) -> None:
            super().__init__()
            self.found = found

    _list = query_one(FindingList)
    _detail = query_one(FindingDetail)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._history = FindingHistory()
        self._root = ""
        self._shown: tuple[str | None, list[tuple[str, str, bool]]] = (None, [])

    def compose(self) -> ComposeResult:
        yield FindingList()
        yield FindingDetail()

    def on_resize(self, event: Resize) -> None:
        """Leaves out the source where there is no room for it."""
        self.set_class(event.size.height < LEAST_LINES, "-flat")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Gives the list the focus."""
        self._list.focus(scroll_visible)
        return self

    @property
    def highlighted(self) -> Located | None:
        """The finding that is looked at."""
        return self._list.cursor

    def show(self, state: State, check_id: str | None) -> None:
        """Shows the findings of a check, or of all checks; draws nothing where they are as they were.

        Call it for every change of the state, in sight or not: what is new is told by the results that it was shown.

        Args:
            state: as the events left it.
            check_id: the check; None for all of them.
        """
        self._root = state.root
        changed = self._history.take_in(state.rows.values())
        rows = [row for row in state.rows.values() if check_id in (None, row.id)]
        shown = (check_id, [(row.id, look_of(row).word, row.stale) for row in rows])
        if shown != self._shown or not changed.isdisjoint(row.id for row in rows):
            others, self._shown = check_id != self._shown[0], shown
            items = items_of(rows, self._history.of, alone=check_id is not None)
            self._list.show(items, frozenset(row.id for row in rows if row.stale), others=others)
            self._show_source(self.highlighted)

    def go_to(self, found: Located) -> None:
        """Puts the cursor on a finding of those that are shown."""
        self._list.go_to(found)

    def on_finding_list_moved(self, moved: FindingList.Moved) -> None:
        """Shows the source of the finding under the cursor."""
        moved.stop()
        self._show_source(moved.found)
        self.post_message(self.Highlighted(moved.found))

    def on_finding_list_opened(self, opened: FindingList.Opened) -> None:
        """Tells which finding was chosen."""
        opened.stop()
        if self.highlighted is not None:
            self.post_message(self.Chosen(self.highlighted))

    @work(exclusive=True, group="source", exit_on_error=False)
    async def _show_source(self, found: Located | None) -> None:
        finding = found.finding if found is not None else None
        source: Snippet | str = ""
        if finding is not None and finding.path is not None and finding.line is not None:
            try:
                source = await asyncio.to_thread(snippet_of, self._root, finding.path, finding.line, finding.column)
            except FtuiError as error:
                source = str(error)
        self._detail.show(finding, source)
