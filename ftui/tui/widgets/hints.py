"""The last line: the keys that one wants most, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.message import Message

from ftui.report.width import width
from ftui.tui import keys
from ftui.tui.widgets.line import LineWidget

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.events import Click

_FIRST = ("help", "quit")
"""Those that stay when the others have given way."""


class Hint(NamedTuple):
    """A key and what it does."""

    id: str
    key: str
    words: str


def hints(keymap: Mapping[str, str], columns: int, without: Collection[str] = ()) -> list[Hint]:
    """The hints that there is room for, in the order of the table.

    Args:
        keymap: the user's own keys by id.
        columns: that there are.
        without: ids of keys that do nothing here.
    """
    offered = [
        Hint(key.id, keys.shown(key, keymap, first=True), key.hint)
        for key in keys.TABLE
        if key.hint and key.id not in without
    ]
    chosen: set[str] = set()
    room = columns - 1
    for hint in sorted(offered, key=lambda hint: hint.id not in _FIRST):
        if (taken := _columns(hint)) <= room:
            chosen.add(hint.id)
            room -= taken
    return [hint for hint in offered if hint.id in chosen]


def _columns(hint: Hint) -> int:
    return width(hint.key) + 1 + width(hint.words) + 2


class Hints(LineWidget):
    """The line as a widget.

    Args:
        keymap: the user's own keys by id.
        without: ids of keys that do nothing here.
    """

    class Chosen(Message):
        """Somebody has clicked on one of them."""

        def __init__(self, key_id: str) -> None:
            super().__init__()
            self.key_id = key_id

    def __init__(self, keymap: Mapping[str, str], without: Collection[str] = ()) -> None:
        super().__init__(id="hints")
        self._keymap = keymap
        self._without = without

    def _hints(self) -> list[Hint]:
        return hints(self._keymap, self.size.width, self._without)

    def line(self) -> Content:
        """The line as it is now."""
        pieces: list[tuple[str, str]] = [(" ", "")]
        for hint in self._hints():
            pieces += [(hint.key, "bold $text-accent"), (f" {hint.words}  ", "dim")]
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        end = 1
        for hint in self._hints():
            start, end = end, end + _columns(hint)
            if start <= event.x < end - 2:
                self.post_message(self.Chosen(hint.id))
