"""What comes up over the main screen: help, problems, and the question before quitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ftui.report.figures import counted
from ftui.report.safe import one_line
from ftui.report.width import pad, width
from ftui.tui import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ftui.events import Problem

_CLOSING: list[BindingType] = [Binding("escape,q,enter,question_mark,exclamation_mark", "dismiss", "close", show=False)]


class Text(VerticalScroll):
    """Scrolls by the keys that a list is moved about in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]


class Page(ModalScreen[None]):
    """Text to read, and to close again.

    Args:
        title: above it.
        contents: the text, in parts that stand beside one another where there is room.
    """

    BINDINGS: ClassVar[list[BindingType]] = _CLOSING

    def __init__(self, title: str, *contents: Content) -> None:
        super().__init__()
        self._title = title
        self._contents = contents

    def compose(self) -> ComposeResult:
        with Text(id="page") as page:
            page.border_title = self._title
            page.border_subtitle = "esc closes"
            page.set_class(len(self._contents) > 1, "-parts")
            with Container():
                for content in self._contents:
                    yield Static(content, markup=False)


def help_text(keymap: Mapping[str, str], groups: Sequence[str], profiles: Sequence[str]) -> Content:
    """The keys of some groups, as the table has them and the user has changed them.

    Args:
        keymap: the user's own keys by id.
        groups: which of them.
        profiles: those that there are, in the order of their numbers.
    """
    numbered = ", ".join(f"{number} {one_line(name)}" for number, name in enumerate(profiles, 1))
    shown = {key.id: keys.shown(key, keymap) for key in keys.TABLE}
    columns = max(map(width, shown.values()))
    pieces: list[tuple[str, str]] = []
    for group in groups:
        pieces.append((f"{group}\n", "bold $text-primary"))
        for key in keys.TABLE:
            if key.group == group:
                words = f"profile {numbered}" if key.id == "profile" and numbered else key.words
                pieces += [(f"  {pad(shown[key.id], columns)}  ", "bold"), (f"{words}\n", "")]
        pieces.append(("\n", ""))
    return Content.assemble(*pieces)


def problems_text(problems: Iterable[Problem], unused: Iterable[tuple[str, str]]) -> Content:
    """What went wrong beside the checks, the last first, and what was looked for in vain.

    Args:
        problems: in the order in which they came.
        unused: checks that there might be, and why there are not.
    """
    pieces: list[tuple[str, str]] = []
    for problem in reversed(list(problems)):
        pieces += [("! ", "$text-warning"), (one_line(problem.source), "bold")]
        pieces.append((f"\n  {one_line(problem.message)}\n", ""))
    if not pieces:
        pieces.append(("Nothing went wrong beside the checks.\n", "dim"))
    rest = list(unused)
    if rest:
        pieces.append((f"\nNot in use: {counted(len(rest), 'check')}\n", "bold $text-primary"))
    for name, because in rest:
        pieces += [(f"  {one_line(name)}", "bold"), (f"  {one_line(because)}\n", "dim")]
    return Content.assemble(*pieces)


class Question(ModalScreen[bool]):
    """Asks whether to quit although checks are writing files; gives back whether to do so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,y,enter,ctrl+c", "dismiss(True)", "quit", show=False),
        Binding("escape,n", "dismiss(False)", "stay", show=False),
    ]

    def __init__(self, checks: Sequence[str]) -> None:
        super().__init__()
        self._checks = checks

    def compose(self) -> ComposeResult:
        names = ", ".join(map(one_line, self._checks))
        verb = "is writing" if len(self._checks) == 1 else "are writing"
        content = Content.assemble(
            (names, "bold"),
            f" {verb} files of the tree, and would be ended in the middle of that.\n\n",
            ("q", "bold $text-accent"),
            " quit anyway   ",
            ("esc", "bold $text-accent"),
            " stay",
        )
        yield Static(content, id="question", markup=False)
