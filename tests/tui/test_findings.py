"""The pane of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from ftui.model import Finding, Outcome
from ftui.tui.finding_list import Located
from ftui.tui.paint import text_of
from ftui.tui.widgets.findings import FindingDetail, FindingList, FindingsView
from tests.report.stream_of_events import begun, finished
from tests.tui.pane import Pane, at_rest, lines_of, on_screen
from tests.tui.rows import changed, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from ftui.state import State

SOURCE = "".join(f"\tname_{number} = 1\n" for number in range(1, 30))


def at(line: int, message: str = "undefined name", path: str = "a.py") -> Finding:
    return Finding(message=message, path=path, line=line, column=2, rule="F821")


def state_with(root: Path, **findings: tuple[Finding, ...]) -> State:
    done = [finished(name, Outcome.FAILED, 1.0, findings=found) for name, found in findings.items()]
    return state_of(begun(*findings, root=str(root)), *done)


class Findings(Pane[FindingsView]):
    """The pane, with what it has told."""

    def __init__(self) -> None:
        super().__init__(FindingsView())
        self.highlighted: list[Located | None] = []
        self.chosen: list[Located] = []

    @on(FindingsView.Highlighted)
    def _highlighted(self, message: FindingsView.Highlighted) -> None:
        self.highlighted.append(message.found)

    @on(FindingsView.Chosen)
    def _chosen(self, message: FindingsView.Chosen) -> None:
        self.chosen.append(message.found)


def listed(app: Findings) -> list[str]:
    """The lines of the list that are in sight."""
    return lines_of(app.view.query_one(FindingList))


def source(app: Findings) -> list[str]:
    """The lines of the finding in full that are in sight."""
    return lines_of(app.view.query_one(FindingDetail))


def test_the_first_finding_is_shown_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(20), at(5))), "ruff")
        await at_rest(pilot)
        assert listed(app)[:4] == [
            "✗ ruff failed  2 findings",
            " a.py  2",
            "▌        5:2 ✗ error   F821 undefined name",
            "        20:2 ✗ error   F821 undefined name",
        ]
        assert source(app)[0] == "✗ error F821 a.py:5:2"
        assert "▸5│     name_5 = 1" in source(app)
        assert " │     ^".rjust(9) in source(app)

    on_screen(app, steps, columns=80, lines=24)


def test_keys_move_the_cursor_and_enter_chooses(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(5), at(20)), mypy=(at(7),)), None)
        app.view.focus()
        await pilot.press("j", "down", "down", "k", "G", "g", "G", "enter")
        await at_rest(pilot)
        lines = [found.finding.line for found in app.highlighted if found is not None]
        assert lines == [5, 20, 7, 20, 7, 5, 7]
        assert [(found.check_id, found.finding.line) for found in app.chosen] == [("mypy", 7)]
        assert source(app)[0] == "✗ error F821 a.py:7:2"

    on_screen(app, steps, columns=80, lines=24)


def test_a_click_puts_the_cursor_on_a_finding_and_a_second_one_chooses_it(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(5), at(20))), None)
        await pilot.pause()
        await pilot.click(FindingList, offset=(5, 1))
        await pilot.click(FindingList, offset=(5, 3))
        assert [found.finding.line for found in app.highlighted if found is not None] == [5, 20]
        await pilot.double_click(FindingList, offset=(5, 2))
        assert [found.finding.line for found in app.chosen] == [5]

    on_screen(app, steps, columns=80, lines=24)


def test_the_cursor_stays_on_its_finding_when_a_rerun_moves_it(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        state = state_with(tmp_path, ruff=(at(5), at(20, "other")))
        app.view.show(state, "ruff")
        app.view.go_to(Located("ruff", 1, at(20, "other")))
        state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=(at(1, "more"), at(5), at(24, "other"))))
        app.view.show(state, "ruff")
        assert app.view.highlighted == Located("ruff", 2, at(24, "other"))
        await pilot.pause()
        assert [found.number for found in app.highlighted if found is not None] == [0, 1, 2]
        assert " +new    1:2 ✗ error   F821 more" in listed(app)
        state.apply(finished("ruff", Outcome.PASSED, 1.0))
        app.view.show(state, "ruff")
        await at_rest(pilot)
        assert app.view.highlighted is None
        assert app.highlighted[-1] is None
        assert listed(app)[0] == "✓ ruff passed  3 fixed"
        assert source(app)[0] == ""

    on_screen(app, steps, columns=80, lines=24)


def test_another_check_is_shown_from_its_first_finding_on(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        state = state_with(tmp_path, ruff=(at(5), at(20)), mypy=(at(3), at(7)))
        app.view.show(state, "ruff")
        app.view.go_to(Located("ruff", 1, at(20)))
        app.view.show(state, "mypy")
        assert app.view.highlighted == Located("mypy", 0, at(3))

    on_screen(app, steps, columns=80, lines=24)


def test_findings_of_a_stale_verdict_are_dimmed(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        state = state_with(tmp_path, ruff=(at(5), at(20)))
        view = app.view.query_one(FindingList)
        app.view.show(state, None)
        assert view.style_at(3) == ""
        state.apply(changed("ruff"))
        app.view.show(state, None)
        assert view.style_at(3) == "stale"
        assert listed(app)[0].endswith("2 findings · stale")

    on_screen(app, steps, columns=80, lines=24)


def test_source_that_cannot_be_shown_is_replaced_by_the_reason(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(5, path="../a.py"),)), None)
        await at_rest(pilot)
        assert source(app)[1:3] == ["../a.py is not there any more", "undefined name"]

    on_screen(app, steps, columns=80, lines=24)


def test_a_low_pane_shows_the_findings_alone(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(5),)), None)
        await pilot.pause()
        assert not app.view.query_one(FindingDetail).display
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert app.view.query_one(FindingDetail).display

    on_screen(app, steps, columns=40, lines=6)


def test_the_place_is_seen_in_a_pane_that_is_small(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=(at(5),)), None)
        await at_rest(pilot)
        assert source(app) == ["✗ error F821 a.py:5:2", "▸5│     name_5 = 1", "  │     ^"]

    on_screen(app, steps, columns=40, lines=9)


def test_the_cursor_is_in_sight_whatever_was_fixed_above_it_and_whenever_the_pane_is_shown(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        state = state_with(tmp_path, ruff=(*(at(line, "old") for line in range(1, 200)), at(300), at(301)))
        app.view.show(state, "ruff")
        state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=(at(300), at(301))))
        app.view.show(state, "ruff")
        app.view.focus()
        for key in ("G", "k", "j", "k"):
            await pilot.press(key)
            await pilot.pause()
            assert any(line.startswith("▌") for line in listed(app))
        app.view.display = False
        await pilot.pause()
        state.apply(finished("ruff", Outcome.FAILED, 1.0, findings=tuple(at(line) for line in range(1, 400))))
        app.view.show(state, "ruff")
        app.view.go_to(Located("ruff", 349, at(350)))
        app.view.display = True
        await pilot.pause()
        assert any(line.startswith("▌") and "350:2" in line for line in listed(app))

    on_screen(app, steps, columns=80, lines=24)


def test_of_many_findings_only_those_in_sight_are_drawn(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=tuple(map(at, range(1, 10_001)))), None)
        app.view.focus()
        view = app.view.query_one(FindingList)
        drawn: list[int] = []
        line_at = view.line_at
        view.line_at = lambda y: drawn.append(y) or line_at(y)  # type: ignore[method-assign,func-returns-value]
        await pilot.press("G")
        await pilot.pause()
        assert listed(app)[-1].lstrip("▌ ").startswith("10000:2")
        assert 0 < len(set(drawn)) < 100

    on_screen(app, steps, columns=80, lines=24)


def test_all_findings_can_be_copied(tmp_path: Path) -> None:
    app = Findings()

    async def steps(pilot: Pilot[None]) -> None:
        app.view.show(state_with(tmp_path, ruff=tuple(map(at, range(1, 101)))), None)
        view = app.view.query_one(FindingList)
        view.text_select_all()
        text = app.screen.get_selected_text()
        assert text is not None
        assert text.splitlines()[2:] == [text_of(view.line_at(y)).rstrip() for y in range(2, 102)]

    on_screen(app, steps, columns=80, lines=24)
