"""A live engine on a real tree, followed event by event, and held at each one to what must always be so."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ftui.engine.live import LiveEngine
from ftui.engine.patrol import Pace
from ftui.engine.workspace import Workspace
from ftui.events import (
    CheckFinished,
    CheckOutput,
    CheckPaused,
    CheckRetried,
    CheckStarted,
    Event,
    Problem,
    RunFinished,
    RunStarted,
    TreeChanged,
    Watching,
)
from ftui.model import CheckResult, Outcome
from ftui.state import Row, State
from tests.conftest import commit, write

DEADLINE_S = 30.0
SELDOM = Pace(least_s=3600, most_s=3600, chores_s=3600)
"""Nothing is found but by events."""
BUSY = Pace(least_s=0.05, most_s=0.05, chores_s=0.05)
"""Rounds and chores all the time."""
MARK = "mark"
"""A file that no check reads."""

TOLD = ("check_id", "status", "outcome", "bucket", "reason", "because", "paths", "affects", "caused_by", "message")
"""What a story says of an event."""

VERDICTS = (Outcome.PASSED, Outcome.FAILED)

E = TypeVar("E", bound=Event)


def check(name: str, code: str, **settings: object) -> str:
    """The configuration of a check that runs lines of Python; inputs are `src/**` where nothing else is said."""
    settings = {"phase": "fast", "inputs": ["src/**"], **settings}
    lines = [f"[checks.{name}]", f"command = {json.dumps([sys.executable, '-I', '-S', '-c', code])}"]
    return "\n".join([*lines, *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]) + "\n"


PASSES, FAILS = "pass", "raise SystemExit(1)"
JUDGES = "raise SystemExit('bad' in open('src/a.txt').read())"
"""What a check does: it passes, it fails, it fails where `src/a.txt` says bad."""


class Gate:
    """Lines of Python that say they are there, and then wait to be let through."""

    def __init__(self, folder: Path) -> None:
        self._go = folder / "go"
        self.code = (
            "import os, time\n"
            "print('at the gate', flush=True)\n"
            f"while not os.path.exists({str(self._go)!r}): time.sleep(0.02)\n"
        )
        """What such a check does before anything else."""

    def open(self) -> None:
        """Lets through whoever waits, and whoever comes."""
        self._go.touch()


class Living:
    """What a live engine has told so far.

    Attributes:
        root: of the tree.
        engine: to steer.
        events: all of them.
        state: what they come to.
    """

    def __init__(self, root: Path, make: Callable[[Callable[[Event], None]], LiveEngine]) -> None:
        self.root = root
        self.events: list[Event] = []
        self.state = State()
        self.engine = make(self._take)
        self._running: set[str] = set()
        self._in_run = False
        self._wrong: list[str] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # The engine's life

    def start(self) -> None:
        """Sets the engine going."""
        self._task = asyncio.create_task(self.engine.run())
        self._task.add_done_callback(lambda task: self._news.set())

    async def end(self) -> None:
        """Stops the engine; nothing may be left running."""
        assert self._task is not None
        self.engine.stop()
        async with asyncio.timeout(DEADLINE_S):
            await self._task
        assert not self._running
        assert not self._in_run
        assert self._wrong == []

    async def until(self, condition: Callable[[], object]) -> None:
        """Returns when a condition holds, which is asked after every event."""
        assert self._task is not None
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not condition():
                    assert self._wrong == []
                    if self._task.done():
                        self._task.result()
                        raise AssertionError("the engine has ended")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError("\n".join(["this did not come to hold:", *self.story()])) from None
        assert self._wrong == []

    # What it tells

    def _take(self, event: Event) -> None:
        self._hold(event)
        self.state.apply(event)
        self.events.append(event)
        self._hold_state(event)
        self._news.set()

    def _hold(self, event: Event) -> None:
        """What must be so before each event."""
        if isinstance(event, CheckStarted):
            if event.check_id in self._running:
                self._wrong.append(f"{event.check_id} runs twice at once")
            self._running.add(event.check_id)
        elif isinstance(event, CheckFinished | CheckRetried):
            self._running.discard(event.check_id)
        elif isinstance(event, RunStarted):
            if self._in_run:
                self._wrong.append("a run begins inside another")
            self._in_run = True
        elif isinstance(event, RunFinished):
            self._in_run = False
            if self._running:
                self._wrong.append(f"a run ends while {', '.join(self._running)} runs")

    def _hold_state(self, event: Event) -> None:
        """What must be so after each event."""
        if isinstance(event, CheckFinished):
            if event.outcome in VERDICTS and event.tree is None:
                self._wrong.append(f"the verdict of {event.check_id} names no tree")
        elif isinstance(event, TreeChanged):
            if list(event.paths) != sorted(event.paths):
                self._wrong.append(f"paths are not sorted: {event.paths}")
            current = [name for name in event.affects if (row := self.state.rows.get(name)) and not row.stale]
            if current:
                self._wrong.append(f"{', '.join(current)} not stale at the edit that affects it")
        for row in self.state.rows.values():
            if row.stale and row.outcome in VERDICTS:
                self._wrong.append(f"{row.id} is stale and {row.outcome}")

    def all(self, kind: type[E], since: int = 0) -> list[E]:
        """The events of a kind, from a place on."""
        return [event for event in self.events[since:] if isinstance(event, kind)]

    def starts(self, check_id: str, since: int = 0) -> int:
        """How often a check was started."""
        return sum(event.check_id == check_id for event in self.all(CheckStarted, since))

    def runs(self, since: int = 0) -> int:
        """How many runs began."""
        return len(self.all(RunStarted, since))

    def said(self) -> list[str]:
        """The problems, in words."""
        return [event.message for event in self.all(Problem)]

    def is_running(self, check_id: str) -> bool:
        """Whether a check's process runs."""
        return check_id in self._running

    def at_the_gate(self, check_id: str, since: int = 0) -> bool:
        """Whether a check runs and has come to its gate."""
        last = max(
            (n for n, e in enumerate(self.events) if isinstance(e, CheckStarted) and e.check_id == check_id), default=-1
        )
        return (
            self.is_running(check_id)
            and last >= since
            and any(event.check_id == check_id for event in self.all(CheckOutput, last))
        )

    def outcomes(self) -> dict[str, str]:
        """The outcome of every check by id; `stale` where it is not about the tree as it is."""
        return {row.id: "stale" if _is_old(row) else str(row.outcome) for row in self.state.rows.values()}

    @property
    def quiet(self) -> bool:
        """Whether there was a run, it has ended, and every verdict is about the tree as it is."""
        return not self._in_run and self.state.run_id != "" and not any(map(_is_old, self.state.rows.values()))

    @property
    def watching(self) -> Watching:
        """How the watch stands."""
        assert self.state.watching is not None
        return self.state.watching

    def result(self, check_id: str) -> CheckResult:
        """The last result of a check."""
        result = self.state.rows[check_id].result
        assert result is not None
        return result

    def story(self) -> list[str]:
        """The events in short, for a test that fails."""
        return [_told(event) for event in self.events[-60:]]

    # Edits

    async def verdicts(self, change: Callable[[], object]) -> int:
        """Changes the tree and waits until all verdicts are about it.

        Returns:
            The place of the first event after the change.
        """
        since = len(self.events)
        change()
        await self.until(lambda: self.all(TreeChanged, since) and self.quiet)
        return since

    async def verdicts_or_pause(self, change: Callable[[], object]) -> int:
        """Changes the tree and waits until a check is paused for what it does to it, as `verdicts` does."""
        since = len(self.events)
        change()
        await self.until(lambda: self.all(CheckPaused, since) and not self._in_run)
        return since

    async def save(self, path: str, text: str) -> int:
        """Writes a file, as `verdicts` does."""
        return await self.verdicts(partial(write, self.root, {path: text}))

    async def marked(self) -> None:
        """Waits until every change so far has been taken in, and all that came of it."""
        since = len(self.events)
        (self.root / MARK).write_text(os.urandom(8).hex())
        await self.until(
            lambda: any(MARK in event.paths for event in self.all(TreeChanged, since)) and not self._in_run
        )


def _is_old(row: Row) -> bool:
    """Whether a verdict is not about the tree as it is; what came to no verdict has none."""
    none = row.status == "done" and row.result is not None and row.result.outcome not in VERDICTS
    return row.stale and not none


def _told(event: Event) -> str:
    words = [f"{event.time_s:7.3f}", type(event).__name__]
    named = ((name, getattr(event, name, None)) for name in TOLD)
    words += (f"{name}={value[:4] if isinstance(value, tuple) else value}" for name, value in named if value)
    return " ".join(words)


def project(root: Path, *checks: str, files: Mapping[str, str] | None = None, git: bool = True) -> Path:
    """Makes a tree with these checks, one file to check and one that nothing checks; no other tool is used in it."""
    root.mkdir(exist_ok=True)
    write(root, {"ftui.toml": "".join(checks), "src/a.txt": "good\n", MARK: "", **(files or {})})
    if git:
        commit(root)
    return root


@asynccontextmanager
async def living(
    root: Path, pace: Pace = SELDOM, *, wait: bool = True, workers: int = 2, **more: Any
) -> AsyncIterator[Living]:
    """A live engine on a tree, from its first verdicts on where `wait` is set."""
    workspace = Workspace.open(root)
    slots = partial(_slots, workers)
    told = Living(root, lambda emit: LiveEngine(workspace, emit, slots=slots, pace=pace, **more))
    told.start()
    try:
        if wait:
            await told.until(lambda: told.quiet)
            await told.marked()
        yield told
    finally:
        await told.end()


def _slots(workers: int, configured: int | None) -> int:
    return configured or workers


def run(test: Coroutine[None, None, None]) -> None:
    """Runs a test's coroutine and holds it to its deadline."""

    async def bounded() -> None:
        async with asyncio.timeout(4 * DEADLINE_S):
            await test

    asyncio.run(bounded())


@pytest.fixture
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """A gate that checks can wait at."""
    return Gate(tmp_path_factory.mktemp("gate"))


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, with an empty cache."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder
