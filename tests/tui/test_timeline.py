"""The pane that shows a run over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.model import Outcome
from ftui.tui.widgets.timeline import TimelineView
from tests.report.stream_of_events import finished, started
from tests.tui.pane import Pane, lines_of, on_screen
from tests.tui.test_gantt import begun, played, queued

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot

RUNNING = (begun(ruff=1, mypy=1), queued("ruff"), queued("mypy"), started("ruff", 0.0))
DONE = (*RUNNING, finished("ruff", Outcome.FAILED, 2.0, at=2.0, started_s=0.0))
LONG_BAR = "  1 ⠋ ruff ━━━━━━━━━━━━━━━━━━━━━━━━━━━━"


def test_a_run_is_followed_while_it_goes() -> None:
    view = TimelineView()

    async def steps(pilot: Pilot[None]) -> None:
        view.show(played(*RUNNING), 2.0)
        assert lines_of(view)[0] == "wall 2.0 s · critical path 2.0 s"
        assert LONG_BAR in lines_of(view)
        view.show(played(*DONE, started("mypy", 2.0)), 4.0)
        assert any("✗ ruff" in line and "⠋ mypy" in line for line in lines_of(view))

    on_screen(Pane(view), steps, columns=40, lines=12)


def test_a_run_is_drawn_anew_for_another_width() -> None:
    view = TimelineView()

    async def steps(pilot: Pilot[None]) -> None:
        view.show(played(*RUNNING), 2.0)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert max(map(len, lines_of(view))) <= 40
        assert LONG_BAR in lines_of(view)

    on_screen(Pane(view), steps, columns=80, lines=12)


def test_a_run_that_is_as_it_was_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    view = TimelineView()
    drawn: list[int] = []

    async def steps(pilot: Pilot[None]) -> None:
        view.show(played(*DONE), 2.0)
        monkeypatch.setattr(view, "lines_changed", drawn.append)
        view.show(played(*DONE), 60.0)
        assert drawn == []
        view.show(played(*DONE, started("mypy", 2.0)), 60.0)
        assert len(drawn) == 1

    on_screen(Pane(view), steps, columns=80, lines=12)


def test_a_chart_longer_than_the_pane_is_moved_through_with_the_keys() -> None:
    view = TimelineView()

    async def steps(pilot: Pilot[None]) -> None:
        view.show(played(*DONE), 2.0)
        view.focus()
        await pilot.press("G")
        await pilot.pause()
        assert "✗ ruff" in lines_of(view)[-1]
        await pilot.press("g", "j", "k", "j")
        await pilot.pause()
        assert view.scroll_offset.y == 1

    on_screen(Pane(view), steps, columns=40, lines=5)


def test_its_text_can_be_copied() -> None:
    view = TimelineView()

    async def steps(pilot: Pilot[None]) -> None:
        view.show(played(*RUNNING), 2.0)
        view.text_select_all()
        text = view.screen.get_selected_text()
        assert text is not None
        assert text.splitlines()[0] == "wall 2.0 s · critical path 2.0 s · 1 of 2 slots used · idle 50%"
        assert "⠋ ruff" in text

    on_screen(Pane(view), steps, columns=80, lines=12)
