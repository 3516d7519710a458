"""The fixtures for authors of plugins, used as they use them."""

from __future__ import annotations

import re
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ftui.events import CheckFinished, CheckOutput, CheckQueued, CheckStarted, Problem
from ftui.hookspecs import hookimpl
from ftui.model import Check, Finding, Outcome, Severity, Unused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ftui.hookspecs import Project
    from ftui.model import ProcessResult
    from ftui.testing import Clock, Judge, MakeProject, Offers, RunChecks

    Ask = Callable[[Project, object], Offers]

FINDS = "print('a.txt:3: too long'); raise SystemExit(1)"
LINE = re.compile(r"(?P<path>\S+):(?P<line>\d+): (?P<message>.+)")
Failed = pytest.fail.Exception


def parse(result: ProcessResult) -> Iterator[Finding]:
    for found in LINE.finditer(result.stdout):
        yield Finding(found["message"], found["path"], int(found["line"]), severity=Severity.WARNING)


class Lines:
    """An adapter for a tool that prints lines."""

    __name__ = "lines"

    @hookimpl
    def ftui_checks(self, project: Project) -> Iterable[Check | Unused]:
        tool = project.tool("lines")
        if tool is None:
            return [Unused(id="lines", adapter="lines", because="lines is not installed")]
        return [
            Check(
                id="lines",
                adapter="lines",
                argv=(tool.path,),
                args=project.options("lines").args or (),
                inputs=("*.txt",),
                failed_codes=(1,),
                parse=parse,
            )
        ]


# project


def test_a_project_finds_its_files_its_tools_and_its_configuration_as_any_does(project: MakeProject) -> None:
    made = project({"src/a.txt": "", "ftui.toml": "[checks.lines]\ncommand = 'x'\n"}, tools={"lines": ""})
    assert list(made.files) == ["ftui.toml", "src/a.txt"]
    tool = made.tool("lines")
    assert tool is not None
    assert tool.origin == ".venv"
    assert made.options("lines").command == ("x",)


def test_a_tool_that_a_project_is_without_is_not_found_though_it_is_installed(project: MakeProject) -> None:
    assert project({}).tool("ruff") is not None
    assert project({}, without=["ruff"]).tool("ruff") is None


def test_a_second_call_changes_the_project(project: MakeProject) -> None:
    project({"a.txt": "one"})
    assert project({"b.txt": "two"}).text("a.txt") == "one"


# offers


def test_what_a_plugin_offers_is_there_by_id(project: MakeProject, offers: Ask) -> None:
    assert offers(project({}, tools={"lines": ""}), Lines()).check("lines").inputs == ("*.txt",)
    assert offers(project({}, without=["lines"]), Lines()).unused == {"lines": "lines is not installed"}


def test_a_check_that_is_not_offered_fails_the_test_with_the_reason(project: MakeProject, offers: Ask) -> None:
    with pytest.raises(Failed, match="there is no check lines: lines is not installed"):
        offers(project({}), Lines()).check("lines")
    with pytest.raises(Failed, match="there is no check lnies: the plugin offers lines"):
        offers(project({}, tools={"lines": ""}), Lines()).check("lnies")


def test_a_plugin_that_raises_fails_the_test(project: MakeProject, offers: Ask) -> None:
    module = ModuleType("raising")
    module.ftui_checks = hookimpl(lambda project: 1 / 0)  # type: ignore[attr-defined]
    with pytest.raises(Failed, match="plugin raising: ftui_checks raised ZeroDivisionError"):
        offers(project({}), module)


# judge


def test_recorded_output_is_judged_as_the_engine_does(judge: Judge) -> None:
    check = Check(id="lines", adapter="lines", argv=("lines",), failed_codes=(1,), parse=parse)
    verdict = judge(check, 1, "\x1b[31ma.txt:3: too long\x1b[0m\n", "b.txt:1: also on stderr\n")
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.txt", 3, None, None), ("b.txt", 1, None, None)]
    assert judge(check, 0).outcome is Outcome.PASSED
    assert judge(check, 2, stderr="lines: no such option").because == (
        "lines gave no verdict (exit code 2): lines: no such option"
    )


def test_what_a_parser_raises_is_shown_to_its_author(judge: Judge) -> None:
    check = Check(id="lines", adapter="lines", argv=("lines",), parse=lambda result: [][1])
    with pytest.raises(IndexError):
        judge(check, 0)


# engine


def test_checks_run_for_real_and_their_events_can_be_asked_about(project: MakeProject, engine: RunChecks) -> None:
    events = engine(project({"a.txt": "x"}, tools={"lines": FINDS}), Lines())
    events.expect("lines", "failed", ("a.txt", 3, None, None))
    events.expect_order(CheckQueued, CheckStarted, CheckOutput, CheckFinished, check_id="lines")
    events.expect_no_problem()


def test_an_expectation_that_does_not_hold_shows_the_events(project: MakeProject, engine: RunChecks) -> None:
    events = engine(project({"a.txt": "x"}, tools={"lines": FINDS}), Lines())
    with pytest.raises(Failed) as raised:
        events.expect("lines", "passed")
    first, *told = str(raised.value).splitlines()
    assert first == "lines was expected to be passed and is failed; the events were:"
    assert told[0] == "  RunStarted"
    assert "  CheckFinished check_id=lines outcome=failed bucket=miss exit_code=1" in str(raised.value)
    with pytest.raises(Failed, match=r"expected to have findings at \[\] and has \[\('a.txt', 3, None, None\)\]"):
        events.expect("lines", "failed")
    with pytest.raises(Failed, match="there is no CheckStarted after CheckFinished of lines"):
        events.expect_order(CheckFinished, CheckStarted, check_id="lines")
    with pytest.raises(Failed, match="other has no result"):
        events.result("other")
    events.append(Problem(run_id="1", time_s=0.0, source="plugin lines", message="it is wrong"))
    with pytest.raises(Failed, match=r"there was a problem(.|\n)*source=plugin lines message=it is wrong"):
        events.expect_no_problem()


def test_results_are_kept_within_a_test_and_an_edit_is_seen(project: MakeProject, engine: RunChecks) -> None:
    made = project({"a.txt": "x"}, tools={"lines": ""})
    assert [engine(made, Lines()).result("lines").bucket for _ in range(2)] == ["miss", "hit"]
    assert engine(project({"a.txt": "y"}), Lines()).result("lines").bucket == "miss"


def test_a_plugin_that_does_wrong_is_a_problem_among_the_events(project: MakeProject, engine: RunChecks) -> None:
    module = ModuleType("raising")
    module.ftui_event = hookimpl(lambda event: 1 / 0)  # type: ignore[attr-defined]
    events = engine(project({"a.txt": ""}, tools={"lines": ""}), Lines(), module)
    events.expect("lines", "passed")
    assert [problem.source for problem in events.of(Problem)] == ["plugin raising"]


def test_the_configuration_of_the_project_holds(project: MakeProject, engine: RunChecks) -> None:
    files = {"a.txt": "", "ftui.toml": "[checks.lines]\nargs = ['--strict']\n"}
    tools = {"lines": "import sys; sys.exit('--strict' in sys.argv)"}
    engine(project(files, tools=tools), Lines(), names=("lines",)).expect("lines", "failed")


def test_the_clock_of_events_stands_still_until_it_is_moved(
    project: MakeProject, engine: RunChecks, clock: Clock
) -> None:
    made = project({"a.txt": ""}, tools={"lines": ""})
    assert {event.time_s for event in engine(made, Lines())} == {0.0}

    class Slow(Lines):
        @hookimpl
        def ftui_event(self, event: object) -> None:
            if isinstance(event, CheckStarted):
                clock.advance(5.0)

    project({"a.txt": "changed"})
    (finished,) = engine(made, Slow()).of(CheckFinished)
    assert finished.time_s == 5.0
