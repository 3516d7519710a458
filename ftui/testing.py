"""Fixtures for the tests of a plugin: `pytest_plugins = ["ftui.testing"]` in a test file or a conftest brings them.

    project   makes a project of some files, with tools that are there or not
    offers    what a plugin answers for a project
    judge     the verdict on recorded output: the check's own parser, and the rules of the engine
    engine    runs the checks of a project for real, and collects the events
    clock     the clock of that engine, which stands still until a test moves it

Types are imported under `TYPE_CHECKING`: `from ftui.testing import MakeProject`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from msgspec import Struct

from ftui.ansi import strip
from ftui.config import Config, load
from ftui.engine import process, verdict
from ftui.engine.core import Engine
from ftui.engine.memory import recipes_of
from ftui.engine.reading import parsed
from ftui.engine.select import chosen, configured
from ftui.engine.workspace import Workspace
from ftui.errors import NothingToDo, NoVerdict
from ftui.events import CheckFinished, Event, Problem
from ftui.hookspecs import Project, Tool
from ftui.model import Check, CheckResult, Finding, Outcome, ProcessResult
from ftui.plugins import Plugins
from ftui.project import TreeProject

E = TypeVar("E", bound=Event)

Place = tuple[str | None, int | None, int | None, str | None]
"""Path, line, column and rule of a finding."""

TOLD = ("source", "message", "check_id", "outcome", "bucket", "exit_code", "reason", "broken_because", "paths")
"""What a list of events says of each, where it has it."""


def places(findings: Collection[Finding]) -> list[Place]:
    """Where findings are and by which rule, sorted."""
    return sorted(((each.path, each.line, each.column, each.rule) for each in findings), key=str)


class Verdict(Struct, frozen=True):
    """What a check says of the tree."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    because: str = ""
    """Why there is no verdict."""

    def places(self) -> list[Place]:
        """Path, line, column and rule of each finding, sorted."""
        return places(self.findings)


class MadeProject(TreeProject):
    """A project on disk.

    Args:
        root: absolute path.
        config: what its `ftui.toml` or pyproject.toml says.
        without: names of tools that are not to be found, wherever they are installed.
    """

    def __init__(self, root: Path, config: Config, without: Collection[str] = ()) -> None:
        super().__init__(root, config)
        self.config = config
        self._without = without

    def tool(self, name: str) -> Tool | None:
        """The executable `name`, as `Project.tool` finds it."""
        return None if name in self._without else super().tool(name)


class MakeProject(Protocol):
    """What the fixture `project` hands out."""

    def __call__(
        self, files: Mapping[str, str], *, tools: Mapping[str, str] | None = None, without: Collection[str] = ()
    ) -> MadeProject:
        """Writes the files of a project; a second call changes them, and gives the project as it is then.

        Args:
            files: text by path; an `ftui.toml` among them configures it.
            tools: programs in its `.venv`, the Python source by name; `{"bandit": ""}` is there and says nothing.
            without: names of tools that are not to be found, wherever they are installed.
        """


class Offers(Struct, frozen=True):
    """What a plugin answers for a project."""

    checks: Mapping[str, Check]
    """By id."""
    unused: Mapping[str, str]
    """Why not, by id."""

    def check(self, check_id: str) -> Check:
        """The check of this id; it fails the test where the plugin does not offer it."""
        __tracebackhide__ = True
        if check_id not in self.checks:
            why = self.unused.get(check_id, f"the plugin offers {', '.join(self.checks) or 'no check'}")
            pytest.fail(f"there is no check {check_id}: {why}")
        return self.checks[check_id]


class Events(list[Event]):
    """What an engine has told, in order."""

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self if isinstance(event, kind)]

    def result(self, check_id: str) -> CheckResult:
        """The last result of a check; it fails the test where there is none."""
        __tracebackhide__ = True
        finished = [event for event in self.of(CheckFinished) if event.check_id == check_id]
        if not finished:
            self._fail(f"{check_id} has no result")
        return finished[-1].result()

    def expect(self, check_id: str, outcome: str, *expected: Place) -> None:
        """Fails the test unless a check ended with this outcome, and with findings at these places and no others."""
        __tracebackhide__ = True
        result = self.result(check_id)
        found = places(result.findings)
        if result.outcome != outcome:
            self._fail(f"{check_id} was expected to be {outcome} and is {result.outcome}")
        if found != sorted(expected, key=str):
            self._fail(f"{check_id} was expected to have findings at {sorted(expected, key=str)} and has {found}")

    def expect_order(self, *kinds: type[Event], check_id: str | None = None) -> None:
        """Fails the test unless events of these kinds come in this order, whatever else is between them.

        Args:
            kinds: of the events.
            check_id: only what is about this check counts.
        """
        __tracebackhide__ = True
        rest = iter(event for event in self if check_id in (None, getattr(event, "check_id", None)))
        for place, kind in enumerate(kinds):
            if not any(isinstance(event, kind) for event in rest):
                after = f" after {kinds[place - 1].__name__}" if place else ""
                self._fail(f"there is no {kind.__name__}{after}{f' of {check_id}' if check_id else ''}")

    def expect_no_problem(self) -> None:
        """Fails the test if anything went wrong beside the checks."""
        __tracebackhide__ = True
        if self.of(Problem):
            self._fail("there was a problem")

    def told(self) -> list[str]:
        """A line for each event."""
        return [_line(event) for event in self]

    def _fail(self, message: str) -> None:
        __tracebackhide__ = True
        pytest.fail("\n".join([f"{message}; the events were:", *(f"  {line}" for line in self.told())]))


def _line(event: Event) -> str:
    named = ((name, getattr(event, name, None)) for name in TOLD)
    return " ".join([type(event).__name__, *(f"{name}={value}" for name, value in named if value not in (None, ""))])


class Clock:
    """A clock that stands still. It begins where the real one is, because the times of processes are always real."""

    def __init__(self) -> None:
        self._now = time.monotonic()

    def __call__(self) -> float:
        """Seconds, as `time.monotonic()` gives them."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        self._now += seconds


class RunChecks(Protocol):
    """What the fixture `engine` hands out."""

    def __call__(self, project: MadeProject, *plugins: object, names: tuple[str, ...] = ()) -> Events:
        """Runs the checks that plugins offer for a project, with real processes, to their end.

        Results are kept from one call of a test to the next, and nowhere else.

        Args:
            project: where.
            plugins: modules, or objects with hooks; no other adapter takes part.
            names: ids of the checks to run, with what they require; all of the profile by default.
        """


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Makes a project of some files."""
    root = tmp_path.resolve() / "project"

    def make(
        files: Mapping[str, str], *, tools: Mapping[str, str] | None = None, without: Collection[str] = ()
    ) -> MadeProject:
        root.mkdir(exist_ok=True)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for name, source in (tools or {}).items():
            _install(root / ".venv", name, source)
        return MadeProject(root, load(root), without)

    return make


def _install(environment: Path, name: str, source: str) -> None:
    windows = os.name == "nt"
    programs = environment / ("Scripts" if windows else "bin")
    programs.mkdir(parents=True, exist_ok=True)
    (environment / "pyvenv.cfg").touch()
    script = programs / (f"{name}.py" if windows else name)
    script.write_text(f"#!{sys.executable} -IS\n{source}\n", encoding="utf-8")
    script.chmod(0o755)
    if windows:
        (programs / f"{name}.cmd").write_text(f'@"{sys.executable}" -IS "%~dp0{name}.py" %*\n', encoding="utf-8")


@pytest.fixture
def offers() -> Callable[[Project, object], Offers]:
    """Asks a plugin for the checks of a project; what it does wrong fails the test."""
    return _offers


def _offers(project: Project, plugin: object) -> Offers:
    __tracebackhide__ = True
    plugins = _registered((plugin,))
    discovery = plugins.discover(project)
    if plugins.problems:
        pytest.fail("\n".join(f"{source}: {message}" for source, message in plugins.problems))
    return Offers(
        checks={check.id: check for check in discovery.checks},
        unused={unused.id: unused.because for unused in discovery.unused},
    )


def _registered(plugins: Collection[object]) -> Plugins:
    registered = Plugins()
    for number, plugin in enumerate(plugins, 1):
        registered.register(plugin, str(getattr(plugin, "__name__", f"plugin-{number}")))
    return registered


class Judge(Protocol):
    """What the fixture `judge` hands out."""

    def __call__(
        self,
        check: Check,
        exit_code: int,
        stdout: str = "",
        stderr: str = "",
        *,
        root: str = "/project",
        truncated: bool = False,
    ) -> Verdict:
        """The verdict on what the tool of a check printed, and how it exited. What the parser raises is raised.

        Args:
            check: how it is read.
            exit_code: of the tool.
            stdout: as it was printed, colours and all.
            stderr: likewise; part of `stdout` to a parser whose check does not split the two.
            root: absolute path of the project, where the tool printed it.
            truncated: whether the middle of the output is missing.
        """


@pytest.fixture
def judge() -> Judge:
    """Judges recorded output."""
    return _judge


def _judge(
    check: Check,
    exit_code: int,
    stdout: str = "",
    stderr: str = "",
    *,
    root: str = "/project",
    truncated: bool = False,
) -> Verdict:
    if not check.split_output:
        stdout, stderr = stdout + stderr, ""
    result = ProcessResult(
        argv=check.command,
        exit_code=exit_code,
        stdout=strip(stdout),
        stderr=strip(stderr),
        truncated=truncated,
        root=root,
        scratch="",
    )
    return judged(check, result)


def judged(check: Check, result: ProcessResult) -> Verdict:
    """The verdict of the engine on what a process left behind; what the parser raises is raised."""
    try:
        findings = parsed(check, result)
    except NoVerdict as reason:
        return Verdict(Outcome.BROKEN, because=str(reason))
    except NothingToDo as reason:
        return Verdict(Outcome.SKIPPED, because=str(reason))
    end = process.Exit(code=result.exit_code, stdout=result.stdout, stderr=result.stderr, started_s=0.0, ended_s=0.0)
    outcome, because = verdict.judge(check, end, findings)
    return Verdict(outcome, findings, because or "")


@pytest.fixture
def clock() -> Clock:
    """The clock of `engine`."""
    return Clock()


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> RunChecks:
    """Runs checks for real; results of the developer's own runs are neither read nor touched."""
    kept = str(tmp_path_factory.mktemp("cache"))
    monkeypatch.setattr("ftui.engine.memory.cache_folder", lambda: kept)
    return partial(_run, clock)


def _run(clock: Clock, project: MadeProject, *plugins: object, names: tuple[str, ...] = ()) -> Events:
    events, registered = Events(), _registered(plugins)
    discovery = registered.discover(project)
    checks, unused = configured(discovery.checks, discovery.unused, project.config)
    workspace = Workspace(
        root=project.root,
        config=project.config,
        project=project,
        plugins=registered,
        checks=checks,
        unused=unused,
    )
    selection = chosen(checks, project.config, profile=None, names=names)
    engine = Engine(project.root, registered, events.append, workers=2, clock=clock)
    for source, message in registered.problems:
        engine.problem(source, message)
    registered.on_problem = engine.problem
    recipes = recipes_of(selection.checks, registered, project.root)
    asyncio.run(engine.run(selection, workspace.files, workspace.list_again, recipes))
    return events
