"""The screen, driven by keys."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import pytest
from msgspec import structs
from textual.events import Key
from textual.widgets import Input

from ftui.events import CheckQueued
from ftui.model import Finding, Outcome, Phase, Severity
from ftui.report.recording import replay
from ftui.tui import clipboard
from ftui.tui.app import FtuiApp, suitable_theme
from ftui.tui.changes import taken_in
from ftui.tui.inbox import Inbox
from tests.report.stream_of_events import begun, ended, finished, started, takes
from tests.tui.controls import Controlled
from tests.tui.pictures import DATA, SIZES, Picture, app_of, settle, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from textual.pilot import Pilot

P = ParamSpec("P")

FAILED = Picture("failed", "session", 87.3)
MUTATING = Picture("mutating", "session", 80.37)
WIDE = (120, 40)


def in_a_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Runs a coroutine as a test."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def shown(picture: Picture, size: tuple[int, int] = WIDE) -> AsyncIterator[tuple[Pilot[None], FtuiApp]]:
    """The screen in a state."""
    app = app_of(picture)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield pilot, app


def calls(app: FtuiApp) -> list[tuple[object, ...]]:
    """What the engine was asked for."""
    assert isinstance(app.controls, Controlled)
    return app.controls.calls


def screen(app: FtuiApp) -> str:
    return "\n".join(text_of(app))


@in_a_loop
async def test_keys_steer_the_engine() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("r", "j", "R", "f", "x", "p", "3", "plus", "minus", "q")
        assert calls(app) == [
            ("rerun", "ruff"),
            ("rerun", "ruff-format", "force"),
            ("rerun", "ruff", "mypy", "pytest"),
            ("cancel", "ruff-format"),
            ("pause",),
            ("set_profile", "full"),
            ("set_workers", 5),
            ("set_workers", 3),
            ("stop",),
        ]
    assert app.return_code == 0


@in_a_loop
async def test_quitting_asks_first_while_a_mutating_check_runs() -> None:
    async with shown(MUTATING) as (pilot, app):
        await pilot.press("q")
        assert "ruff-fix is writing files of the tree" in screen(app)
        await pilot.press("escape", "q", "r")
        assert calls(app) == []
        await pilot.press("q")
        assert calls(app) == [("stop",)]


@in_a_loop
async def test_the_cursor_follows_what_happens_until_the_user_moves_it_or_reads() -> None:
    async with shown(Picture("before", "session", 4.0)) as (pilot, app):
        checks = app.main.checks

        async def fail(name: str) -> str | None:
            app.inbox.put(finished(name, Outcome.FAILED, 0.1))
            await settle(pilot)
            return checks.cursor

        assert await fail("docs") == "docs"
        app.inbox.put(finished("docs", Outcome.PASSED, 0.1))
        assert await fail("mypy") == "mypy"
        await pilot.press("enter")
        app.inbox.put(finished("mypy", Outcome.PASSED, 0.1))
        assert await fail("docs") == "mypy"
        await pilot.press("escape", "escape")
        assert checks.cursor == "docs"
        await pilot.press("g")
        assert await fail("pytest") == "ruff"


@in_a_loop
async def test_escape_goes_back_step_by_step() -> None:
    async with shown(FAILED) as (pilot, app):
        main = app.main
        await pilot.press("z")
        assert not main.detail.display
        await pilot.press("escape")
        assert main.detail.display
        await pilot.press("slash", *"fixable", "enter")
        assert main.focused is main.detail.output
        assert main.detail.searching
        await pilot.press("escape")
        assert not main.detail.searching
        await pilot.press("escape")
        assert main.focused is main.checks


@in_a_loop
async def test_one_key_shows_a_pane_alone_and_then_both_again() -> None:
    async with shown(FAILED) as (pilot, app):
        checks, detail = app.main.checks, app.main.detail
        for into, seen in (([], (True, False)), (["enter"], (False, True))):
            await pilot.press(*into, "z")
            assert (checks.display, detail.display) == seen
            await pilot.press("z")
            assert (checks.display, detail.display) == (True, True)


@in_a_loop
async def test_what_is_typed_into_a_search_is_no_key() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("slash", "a", "q", "1")
        assert calls(app) == []
        assert "/aq1" in screen(app)
        await pilot.press("enter", "F")
        assert "/aq1" not in screen(app)
        await pilot.press("O")
        assert "/aq1" in screen(app)


@in_a_loop
async def test_findings_are_walked_through_across_checks() -> None:
    async with shown(FAILED) as (pilot, app):
        seen = []
        for _ in range(5):
            await pilot.press("n")
            await pilot.pause()
            found = app.main.detail.findings.highlighted
            assert found is not None
            seen.append(f"{app.main.checks.cursor} {found.finding.path}:{found.finding.line}")
        assert len(set(seen)) == 5
        assert {each.split()[0] for each in seen} == {"ruff", "mypy", "pytest"}
        await pilot.press("N")
        await pilot.pause()
        assert app.main.detail.findings.highlighted is not None


@in_a_loop
async def test_a_filter_shows_only_what_matches_and_says_so() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("b")
        left = [line.partition("│")[0].split() for line in text_of(app)]
        assert [words[words.index("failed") - 1] for words in left if "miss" in words and "failed" in words] == [
            "ruff",
            "mypy",
            "pytest",
        ]
        assert "only failed: 3 of 8 checks" in screen(app)
        assert "npm:lint" not in screen(app)
        await pilot.press("escape")
        assert "npm:lint" in screen(app)


@in_a_loop
async def test_the_palette_knows_everything_that_has_a_key() -> None:
    async with shown(FAILED) as (pilot, app):
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Run all checks again", "Quit", "Theme", "Profile full"} <= titles
        await pilot.press("ctrl+p", *"run all", "enter")
        await pilot.pause()
        await pilot.pause()
        assert [call[0] for call in calls(app)] == ["rerun"]


@in_a_loop
async def test_keys_that_the_user_has_set_replace_the_built_in_ones() -> None:
    app = app_of(FAILED, keymap={"rerun-all": "ctrl+r", "rerun": "f5"})
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("r", "a")
        assert calls(app) == []
        await pilot.press("f5")
        assert calls(app) == [("rerun", "ruff")]
        assert "f5 rerun" in screen(app)


@in_a_loop
async def test_a_recording_is_not_steered() -> None:
    app = app_of(FAILED, controlled=False)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("r", "a", "p", "x", "1", "plus")
        assert "▶ recording" in screen(app)
        assert "rerun" not in text_of(app)[-1]
        await pilot.press("q")
    assert app.return_code == 0


@in_a_loop
async def test_problems_are_shown_until_somebody_has_read_them() -> None:
    async with shown(Picture("problem", "session", 106.0), (80, 24)) as (pilot, app):
        assert "! plugin bandit" in screen(app)
        await pilot.press("exclamation_mark")
        assert "or disable the plugin" in " ".join(screen(app).split())
        await pilot.press("escape")
        assert "! plugin bandit" not in screen(app)


@in_a_loop
async def test_what_is_copied_is_the_finding_or_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "program", lambda *args: [])
    async with shown(FAILED) as (pilot, app):
        await pilot.press("y")
        assert app.clipboard.startswith("src/shop/pricing.py:9:15: F821 Undefined name")
        assert "\x1b" not in app.clipboard
        await pilot.press("F", "y")
        assert app.clipboard.splitlines() == ["src/shop/basket.py:3:8: warning F401 `os` imported but unused"]


@in_a_loop
async def test_an_output_without_its_harmless_lines_says_so() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("o")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Output (errors)" in screen(app)
        assert "def total" not in screen(app)
        await pilot.press("o")
        await pilot.pause()
        assert "def total" in screen(app)


@in_a_loop
async def test_a_long_line_is_folded_when_asked_to() -> None:
    async with shown(FAILED, (40, 12)) as (pilot, app):
        wide = app.main.detail.output.virtual_size.width
        assert wide > 40
        await pilot.press("W")
        await pilot.pause()
        assert app.main.detail.output.virtual_size.width <= 40
        await pilot.press("W")
        await pilot.pause()
        assert app.main.detail.output.virtual_size.width == wide


@in_a_loop
async def test_help_names_the_profiles_by_their_numbers() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("question_mark")
        assert "profile 1 fast, 2 dev, 3 full, 4 quick" in screen(app)


@in_a_loop
async def test_a_finding_that_cannot_be_opened_says_why() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.press("e")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "src/shop/basket.py is not there any more" in " ".join(screen(app).split())


@in_a_loop
async def test_the_mouse_reaches_everything_and_is_not_needed() -> None:
    async with shown(FAILED) as (pilot, app):
        await pilot.click(app.main.checks, offset=(5, 9))
        assert app.main.checks.cursor == "pytest"
        await pilot.click("#tab-timeline")
        assert app.main.detail.tab == "timeline"
        await pilot.click(app.main.checks, offset=(5, 9), times=2)
        assert app.main.focused is app.main.detail.timeline
        last = text_of(app)[-1]
        await pilot.click("#hints", offset=(last.index("rerun failed"), 0))
        await pilot.click("#hints", offset=(last.index("help"), 0))
        assert calls(app) == [("rerun", "ruff", "mypy", "pytest")]
        assert "Keys" in screen(app)


@in_a_loop
async def test_a_tree_that_goes_red_is_told_outside_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "WezTerm")
    monkeypatch.delenv("TMUX", raising=False)
    app = app_of(Picture("green", "session", 4.0), notify="on")
    async with app.run_test() as pilot:
        await settle(pilot)
        written: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        app.inbox.put(finished("mypy", Outcome.FAILED, 0.1))
        app.inbox.put(ended(5.0))
        await settle(pilot)
        assert [text for text in written if text.startswith("\x1b]9;✗ shop failed: ")]


@in_a_loop
async def test_a_short_terminal_shows_one_pane_at_a_time() -> None:
    async with shown(FAILED, (40, 12)) as (pilot, app):
        assert "CHECK" in screen(app)
        assert "Output" not in screen(app)
        await pilot.press("enter")
        assert "Output" in screen(app)
        assert "CHECK" not in screen(app)
        await pilot.press("escape")
        assert "CHECK" in screen(app)


@in_a_loop
async def test_a_terminal_that_is_too_small_says_so() -> None:
    async with shown(FAILED, (28, 6)) as (_, app):
        assert "ftui needs a terminal" in screen(app)


@in_a_loop
async def test_a_failure_of_the_screen_itself_ends_it_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    app = app_of(FAILED)

    async def fail() -> None:
        async with app.run_test() as pilot:
            await settle(pilot)
            app.call_later(lambda: 1 / 0)
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert isinstance(app.failure, ZeroDivisionError)
    assert capsys.readouterr() == ("", "")


@in_a_loop
async def test_the_last_run_is_given_back_with_its_figures() -> None:
    async with shown(FAILED) as (_, app):
        run = app.last_run()
        assert run is not None
        assert run.run is not None
        assert run.run.outcome is Outcome.FAILED
        app.inbox.put(ended(90.0, interrupted=True))


@in_a_loop
async def test_every_moment_of_a_recording_can_be_drawn_in_every_size() -> None:
    app = FtuiApp(Inbox(), None, now=lambda: app.state.time_s)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        for number, event in enumerate(replay(DATA / "session.ndjson")):
            app.main.show(taken_in(app.state, [event]))
            app.main.tick()
            if number % 20 == 0:
                await pilot.resize_terminal(*SIZES[number // 20 % 3])
                await pilot.press("twFO"[number // 20 % 4])
        assert "run 13" in screen(app)


@in_a_loop
async def test_the_time_that_is_left_goes_down_while_nothing_comes() -> None:
    now = [0.0]
    app = FtuiApp(Inbox(), None, now=lambda: now[0])
    queued = CheckQueued(run_id="r1", time_s=0.0, check_id="slow", phase=Phase.FAST)
    async with app.run_test(size=WIDE) as pilot:
        for event in (begun("slow"), queued, started("slow", expected=takes(20.0))):
            app.inbox.put(event)
        await settle(pilot)
        assert "~20 s left" in screen(app)
        now[0] = 8.0
        app.main.tick()
        await pilot.pause()
        assert "~12 s left" in screen(app)


@in_a_loop
async def test_nothing_moves_while_nothing_happens() -> None:
    async with shown(Picture("green", "session", 4.0)) as (pilot, app):
        while app.moving:
            await pilot.pause(0.01)
        app.inbox.put(ended(90.0))
        assert app.moving


def test_the_theme_suits_the_background_where_the_terminal_tells_it() -> None:
    assert suitable_theme({"COLORFGBG": "0;15"}) == "textual-light"
    assert suitable_theme({"COLORFGBG": "15;default;0"}) == "textual-dark"
    assert suitable_theme({}) == "textual-dark"


@in_a_loop
async def test_keys_that_come_all_at_once_are_answered_in_their_order() -> None:
    async with shown(FAILED) as (pilot, app):
        for name, character in (("slash", "/"), ("1", "1"), ("q", "q"), ("enter", None), ("escape", None), ("f", "f")):
            app.post_message(Key(name, character))
        app.post_message(Key("slash", "/"))
        app.post_message(Key("x", "x"))
        await pilot.pause()
        assert app.main.query_one("#query", Input).value == "x"
        assert [name for name, *_ in calls(app)] == ["rerun"]
        assert app.is_running


@in_a_loop
async def test_findings_stand_in_for_an_output_that_was_for_ftui_alone() -> None:
    async with shown(FAILED) as (pilot, app):
        run = app.state.run_id
        for found in (
            (Finding(path="a.py", line=3, severity=Severity.ERROR, rule="F821", message="no such name"),),
            (),
        ):
            outcome = Outcome.FAILED if found else Outcome.PASSED
            app.inbox.put(structs.replace(started("ruff", at=89.0), run_id=run))
            app.inbox.put(structs.replace(finished("ruff", outcome, 1.0, at=90.0, findings=found), run_id=run))
            await settle(pilot)
            app.main.checks.go_to("ruff")
            await pilot.pause()
            expected = "a.py:3: error F821 no such name\n" if found else ""
            assert app.main.detail.output.plain_text() == expected
            app.main.detail.show("mypy")
            app.main.detail.show("ruff")
            assert app.main.detail.output.plain_text() == expected


@in_a_loop
async def test_the_first_picture_is_that_of_an_empty_screen_on_which_keys_do_nothing_yet() -> None:
    seen: list[tuple[str, list[bool | None]]] = []
    app = app_of(FAILED)

    def first_picture() -> None:
        allowed = [app.main.check_action(action, ()) for action in ("rerun", "why", "maximize", "search")]
        seen.append((screen(app), allowed))

    app.main._on_first_picture = first_picture
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        ((text, allowed),) = seen
        assert "Looking for checks" in text
        assert "quit" in text
        assert "pytest" not in text
        assert allowed == [False] * 4
        assert "pytest" in screen(app)
        await pilot.press("r")
        assert calls(app) == [("rerun", "ruff")]


@in_a_loop
async def test_an_engine_that_comes_later_is_steered_from_then_on() -> None:
    app = FtuiApp(Inbox(), None, replaying=False, now=lambda: 0.0)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("p")
        app.main.show(taken_in(app.state, replay(DATA / "session.ndjson")))
        app.attach(Controlled())
        await pilot.press("x", "q")
    assert [call[0] for call in calls(app)] == ["cancel", "stop"]
    assert "recording" not in app.main.header.line().plain


@in_a_loop
async def test_lines_that_read_as_before_are_not_drawn_again() -> None:
    async with shown(FAILED) as (_, app):
        drawn: list[str] = []
        lines = (app.main.header, app.main.totals, app.main.banner, app.main.hints)
        for line in lines:
            line.refresh = lambda *regions, name=line.id, **_: drawn.append(name)  # type: ignore[method-assign,assignment]
        app.main.show(taken_in(app.state, ()))
        for line in lines:
            line.bring_up_to_date()
        assert drawn == []
        app.state.number += 1
        app.main.show(taken_in(app.state, ()))
        assert drawn == ["header"]
