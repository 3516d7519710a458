"""The base of a pane that follows the end of what it shows, until the user looks at something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from ftui.tui.rows import Place
from ftui.tui.widgets.document_view import DocumentView

if TYPE_CHECKING:
    from textual.geometry import Size


class FollowingView(DocumentView):
    """Follows the end of a document until the user scrolls away, and again when the user is back at the end.

    Where it does not follow the end, what the user looked at last stays at the top, also when rows come and go above
    it, and comes back there when it was gone for a while.
    """

    following: reactive[bool] = reactive(True, repaint=False)
    """Whether the end of the output is kept in sight."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._place = Place(0)
        self._placing = False

    @property
    def top(self) -> Place:
        """What the first row in sight shows."""
        rows = self.document.rows
        return rows.at(min(self.scroll_offset.y, rows.count - 1)) if rows.count else Place(0)

    def reach(self, size: Size) -> None:
        """Takes note of how far there is to scroll; where that is less than before, nobody has scrolled."""
        self._placing = True
        super().reach(size)
        self._placing = False

    def keep_place(self) -> None:
        """Scrolls to the end where it is followed, or else to what the user looked at."""
        last = self.max_scroll_y
        row = last if self.following else min(self.document.rows.row(self._place), last)
        if row != round(self.scroll_y):
            self._go(None, row)
        if self.following:
            self._place = self.top

    def _go(self, x: int | None, y: int | None) -> None:
        """Scrolls without this being taken for the user's doing."""
        if self.is_attached:
            self._placing = True
            self.scroll_to(x, y, animate=False, force=True)
            self._placing = False

    def stay_at(self, x: int | None, y: int | None) -> None:
        """Scrolls to a cell or a row or both, and does not follow the end."""
        self._go(x, y)
        self._place = self.top
        self.following = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Takes note of what the user looks at."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            self._place = self.top

    def watch_scroll_target_y(self, target: float) -> None:
        """Follows the end only where the user goes there: before the first step of a scroll that is animated."""
        if not self._placing:
            self.following = target >= self.max_scroll_y

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Puts a new scrollbar where the pane is already."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_show_horizontal_scrollbar(self) -> None:
        """Keeps the place in a pane that is now a row higher or lower."""
        self.keep_place()

    def watch_following(self) -> None:
        """Goes to the end where it is followed from now on; stays otherwise."""
        self.keep_place()

    def action_cursor_last(self) -> None:
        """To the last line, and on with every further one."""
        self.following = True
