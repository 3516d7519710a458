"""The page that shows what could be tuned, and lets a change be applied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ftui.errors import FtuiError
from ftui.report.safe import one_line
from ftui.tui.tune_lines import Painted, tune_lines
from ftui.tui.widgets.painted import PaintedLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize

    from ftui.state import State
    from ftui.tui.controls import Tuner
    from ftui.tui.paint import Line
    from ftui.tuning.advice import Advice, Tuned

ASKING = "asking the history …"


class TuneLines(PaintedLines):
    """The page; the cursor stands on a piece of advice, where there is any.

    Args:
        now: seconds since 1970.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(id="tune")
        self._now = now
        self._tuned: Tuned | str = ASKING
        self._painted = Painted([], [])
        self.chosen = 0

    def show(self, tuned: Tuned | str) -> None:
        """Shows what is known, or a sentence in place of it."""
        self._tuned = tuned
        self.chosen = 0
        self._draw()

    @property
    def advice(self) -> Advice | None:
        """The piece of advice that the cursor stands on."""
        if isinstance(self._tuned, str) or not self._painted.advice:
            return None
        return self._tuned.tuning.advice[self.chosen]

    @property
    def prefix(self) -> str:
        """Of the tables of the configuration, see `Change.lines`."""
        return "" if isinstance(self._tuned, str) else self._tuned.prefix

    def on_resize(self, event: Resize) -> None:
        """Lays the page out anew."""
        self._draw()

    def line_at(self, y: int) -> Line:
        """A line of the page."""
        return self._painted.lines[y]

    def style_at(self, y: int) -> str:
        """Where the cursor stands."""
        places = self._painted.advice
        return "cursor" if places and y == places[self.chosen].start else ""

    def action_cursor_down(self) -> None:
        """To the next piece of advice, and from the last one a line down."""
        if self.chosen + 1 < len(self._painted.advice):
            self._choose(self.chosen + 1)
        else:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        """A line up as far as that goes, and then to the piece of advice before."""
        above = not self._painted.advice or self.scroll_offset.y > self._painted.advice[self.chosen].start
        if above or self.chosen == 0:
            super().action_cursor_up()
        else:
            self._choose(self.chosen - 1)

    def _choose(self, number: int) -> None:
        self.chosen = number
        place = self._painted.advice[number]
        seen = max(1, self.size.height)
        if place.start < self.scroll_offset.y:
            self.scroll_to(y=place.start, animate=False)
        elif place.stop > self.scroll_offset.y + seen:
            self.scroll_to(y=min(place.start, place.stop - seen), animate=False)
        self.lines_changed(len(self._painted.lines))

    def _draw(self) -> None:
        if isinstance(self._tuned, str):
            self._painted = Painted([((self._tuned, "faint"),)], [])
        else:
            self._painted = tune_lines(self._tuned, self._now(), self.columns)
        self.lines_changed(len(self._painted.lines))


class TuneScreen(ModalScreen[None]):
    """Asks what could be tuned, shows it, and applies what the user asks for and confirms.

    Args:
        tuner: knows.
        state: with the profile and the workers as they are.
        now: seconds since 1970.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "dismiss", "close", show=False),
        Binding("enter", "apply", "apply", show=False),
    ]

    def __init__(self, tuner: Tuner, state: State, now: Callable[[], float]) -> None:
        super().__init__()
        self._tuner = tuner
        self._state = state
        self.page = TuneLines(now)

    def compose(self) -> ComposeResult:
        with Container(id="tune-frame") as frame:
            frame.border_title = "Tune"
            frame.border_subtitle = "enter applies  esc closes"
            yield self.page

    def on_mount(self) -> None:
        self.page.focus()
        self._ask()

    @work(exclusive=True, group="tune", exit_on_error=False)
    async def _ask(self) -> None:
        self.page.show(ASKING)
        try:
            standing = self._state.watching or self._state
            self.page.show(await self._tuner.tuned(standing.profile, standing.workers))
        except FtuiError as error:
            self.page.show(one_line(str(error)))
        except Exception as error:  # plugins have a say in it: whatever they raise, the screen stays
            self.page.show(one_line(f"it cannot be told: {type(error).__name__}: {error}"))

    def action_apply(self) -> None:
        """Asks whether to write the chosen piece of advice down."""
        advice = self.page.advice
        if advice is None:
            self.app.notify("there is nothing to apply", markup=False)
        else:
            self.app.push_screen(Confirm(advice, self.page.prefix), partial(self._apply_if, advice))

    def _apply_if(self, advice: Advice, wanted: bool | None) -> None:
        if wanted:
            self._apply(advice)

    @work(exclusive=True, group="tune", exit_on_error=False)
    async def _apply(self, advice: Advice) -> None:
        try:
            told = await self._tuner.apply(advice)
        except FtuiError as error:
            self.app.notify(one_line(str(error)), severity="error", markup=False)
            return
        self.app.notify("\n".join(map(one_line, told)), timeout=20, markup=False)
        self._ask()


class Confirm(ModalScreen[bool]):
    """Asks whether to write a piece of advice into the configuration; gives back whether to do so.

    Args:
        advice: what to write.
        prefix: of the tables of the configuration, see `Change.lines`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "write", show=False),
        Binding("escape,n,q", "dismiss(False)", "leave it", show=False),
    ]

    def __init__(self, advice: Advice, prefix: str) -> None:
        super().__init__()
        self._advice = advice
        self._prefix = prefix

    def compose(self) -> ComposeResult:
        lines = [line for change in self._advice.changes for line in change.lines(self._prefix)]
        content = Content.assemble(
            ("Write this into the configuration?\n\n", "bold"),
            "\n".join(f"  {one_line(line)}" for line in lines),
            "\n\n",
            ("enter", "bold $text-accent"),
            " write   ",
            ("esc", "bold $text-accent"),
            " leave it",
        )
        yield Static(content, id="question", markup=False)
