"""What is drawn of the main screen: all that has changed, as Textual itself would draw it, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.widget import Widget

from ftui.tui import main_screen
from ftui.tui.compositor import SparingCompositor
from tests.tui.pictures import PICTURES, app_of, drawn, settle, text_of

if TYPE_CHECKING:
    from ftui.tui.app import FtuiApp

KEYS = (*"tOjFwtzz", "tab", *"kOW", "slash", "f", "enter", "n", "escape", "b", "escape")
RUNNING = next(picture for picture in PICTURES if picture.name == "running")


def differences(compositor: Compositor, update: ChopsUpdate) -> list[str]:
    """Where an update is not what Textual draws there."""
    theirs = Compositor._render_chops(compositor, compositor.size.region, lambda y: True)
    found = []
    for y, first, last in update.spans:
        for end, (start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if start < last and end > first and strip != theirs[y][start]:
                found.append(f"{y}:{start} {strip} instead of {theirs[y][start]}")
    return found


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("running", (120, 40)),
        ("failed", (120, 40)),
        ("failed", (80, 24)),
        ("many", (80, 24)),
        ("problem", (80, 24)),
        ("failed", (40, 12)),
    ],
)
def test_what_has_changed_is_drawn_as_textual_draws_it(
    name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        seen: list[str] = []
        updates = 0
        draw = SparingCompositor.render_partial_update

        def checked(self: SparingCompositor) -> ChopsUpdate | None:
            nonlocal updates
            update = draw(self)
            if update is not None:
                updates += 1
                seen.extend(differences(self, update))
            return update

        monkeypatch.setattr(SparingCompositor, "render_partial_update", checked)
        app = app_of(next(picture for picture in PICTURES if picture.name == name))
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for key in KEYS:
                await pilot.press(key)
                await pilot.pause()
                assert seen == [], key
            assert updates > len(KEYS) / 2
            whole = [strip.text.rstrip() for strip in Compositor.render_strips(app.main._compositor)]
            assert text_of(app) == whole

    asyncio.run(run())


def test_of_a_screen_in_which_two_lines_have_changed_only_those_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> None:
        async with drawn(RUNNING, (120, 40)) as app:
            rendered: list[tuple[str | None, int]] = []
            render = Widget.render_lines

            def noted(self: Widget, crop: Any) -> Any:
                rendered.append((self.id, crop.height))
                return render(self, crop)

            monkeypatch.setattr(Widget, "render_lines", noted)
            app.main.header.refresh()
            app.main.totals.refresh()
            app.main._compositor.update_widgets({app.main.header, app.main.totals})
            assert app.main._compositor.render_partial_update() is not None
            assert sorted(rendered) == [("header", 1), ("totals", 1)]

    asyncio.run(run())


def test_the_answer_to_a_key_does_not_wait_for_the_next_sixtieth_of_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(main_screen, "HURRY_S", 60.0)

    async def run() -> None:
        app = app_of(RUNNING)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            monkeypatch.setattr(app.main._update_timer, "resume", lambda: None)
            shown: list[str] = []
            display = app._display

            def noted(screen: Any, update: Any) -> None:
                if isinstance(update, ChopsUpdate):
                    shown.append("".join(strip.text for chops in update.chops for strip in chops.values() if strip))
                display(screen, update)

            monkeypatch.setattr(app, "_display", noted)
            await pilot.press("t")
            await pilot.pause()
            assert "critical path" in "".join(shown)

    asyncio.run(run())


def test_a_frame_is_given_up_for_the_answer_to_a_key_but_not_two() -> None:
    async def run() -> None:
        app = app_of(RUNNING)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            assert counted_frames(app) == 1
            app.main.hurry()
            assert [counted_frames(app), counted_frames(app)] == [0, 1]

    asyncio.run(run())


def counted_frames(app: FtuiApp) -> int:
    """How many frames were taken in by one that was due."""
    before = app._frame_number
    app._frame()
    return app._frame_number - before
