"""The last line: the keys that one wants most, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from ftui.report.width import width
from ftui.tui import keys

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.app import RenderResult

_FIRST = ("help", "quit")
"""Those that stay when the others have given way."""


def hints(keymap: Mapping[str, str], columns: int, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Keys with what they do, in the order of the table.

    Args:
        keymap: the user's own keys by id.
        columns: that there are.
        without: ids of keys that do nothing here.
    """
    offered = [key for key in keys.TABLE if key.hint and key.id not in without]
    chosen: set[str] = set()
    room = columns - 1
    for key in sorted(offered, key=lambda key: key.id not in _FIRST):
        taken = width(keys.shown(key, keymap, first=True)) + 1 + width(key.hint) + 2
        if taken <= room:
            chosen.add(key.id)
            room -= taken
    return [(keys.shown(key, keymap, first=True), key.hint) for key in offered if key.id in chosen]


class Hints(Widget):
    """The line as a widget.

    Args:
        keymap: the user's own keys by id.
        without: ids of keys that do nothing here.
    """

    def __init__(self, keymap: Mapping[str, str], without: Collection[str] = ()) -> None:
        super().__init__(id="hints")
        self._keymap = keymap
        self._without = without

    def render(self) -> RenderResult:
        """The line as it is now."""
        pieces: list[tuple[str, str]] = [(" ", "")]
        for key, words in hints(self._keymap, self.size.width, self._without):
            pieces += [(key, "bold $text-accent"), (f" {words}  ", "dim")]
        return Content.assemble(*pieces)
