"""A pass that is steered while it goes on: real files, a real cache, and processes that end when the test says so."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.engine.emitter import Emitter
from ftui.engine.execute import Execution
from ftui.engine.memory import Folders, Memory, recipes_of
from ftui.engine.onepass import OnePass
from ftui.engine.select import Selection, affected
from ftui.events import CheckFinished, CheckQueued, TreeChanged
from ftui.history.comparable import command_digest
from ftui.history.expect import LEAST, Expectations
from ftui.model import Bucket, Check, CheckResult, Expectation, Outcome, Phase
from ftui.plugins import Plugins
from ftui.tree import list_files
from tests.conftest import write
from tests.engine.living import home, run
from tests.history.made import MACHINE, sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from ftui.events import Event

__all__ = ["home"]
pytestmark = pytest.mark.usefixtures("home")

PLUGINS = Plugins()


def check(name: str, **fields: object) -> Check:
    """A check of `NAME.txt`, whose results are not cached."""
    fields = {"inputs": (f"{name}.txt",), "phase": Phase.FAST, "cache": False, **fields}
    return Check(id=name, adapter=name, argv=(name,), **fields)  # type: ignore[arg-type]


class Processes:
    """Stands in for the executor: a check runs until it is told how it ends."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.expected: dict[str, Expectation | None] = {}
        self._ends: dict[str, asyncio.Future[Outcome]] = {}

    async def execute(
        self,
        check: Check,
        *,
        bucket: Bucket,
        reason: str,
        queued_s: float,
        folders: Folders,
        expected: Expectation | None = None,
    ) -> Execution:
        """As `Executor.execute`."""
        self.started.append(check.id)
        self.expected[check.id] = expected
        self._ends[check.id] = end = asyncio.get_running_loop().create_future()
        try:
            outcome = await end
        except asyncio.CancelledError:
            outcome = Outcome.CANCELLED
        finally:
            del self._ends[check.id]
        shown = CheckResult(
            id=check.id,
            adapter=check.adapter,
            phase=check.phase,
            argv=check.argv,
            outcome=outcome,
            attempts=1,
            exit_code=0,
            duration_s=0.0,
        )
        return Execution(shown, "")

    @property
    def running(self) -> set[str]:
        """Ids of what runs."""
        return set(self._ends)

    def end(self, check_id: str, outcome: Outcome = Outcome.PASSED) -> None:
        """Ends a check that runs."""
        self._ends[check_id].set_result(outcome)


class Passing:
    """A pass that goes on."""

    def __init__(self, root: Path, memory: Memory, checks: Sequence[Check], **options: object) -> None:
        self.root = root
        self.events: list[Event] = []
        self.processes = Processes()
        self.moved: list[Mapping[str, Sequence[str]]] = []
        settings = {"workers": 4, "fail_fast": False, **options}
        self.one = OnePass(
            Selection(profile="dev", checks=tuple(checks), skipped={}),
            self.processes,  # type: ignore[arg-type]
            memory,
            Emitter(self.events.append),
            affected=lambda paths: affected(checks, PLUGINS, paths),
            on_moved=self.moved.append,
            **settings,  # type: ignore[arg-type]
        )
        self.task = asyncio.create_task(self.one.complete())

    async def until(self, condition: Callable[[], object]) -> None:
        """Returns when a condition holds; nothing tells of what only the fake processes know."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def runs(self, *check_ids: str) -> None:
        """Waits until exactly these run."""
        await self.until(lambda: self.processes.running == set(check_ids))

    async def done(self) -> None:
        """Waits for the end of the pass."""
        async with asyncio.timeout(30):
            await self.task

    def outcomes(self) -> list[tuple[str, str]]:
        """The results in the order in which they came."""
        return [(event.check_id, str(event.outcome)) for event in self.events if isinstance(event, CheckFinished)]

    def queued(self) -> list[str]:
        """What was queued, in that order."""
        return [event.check_id for event in self.events if isinstance(event, CheckQueued)]


@asynccontextmanager
async def passing(root: Path, *checks: Check, **options: object) -> AsyncIterator[Passing]:
    """A pass over checks, with a file for each of them."""
    write(root, {f"{check.id}.txt": "" for check in checks})
    memory = Memory(root, recipes_of(checks, PLUGINS, root), {}, lambda: list_files(root).files)
    await memory.look()
    going = Passing(root, memory, checks, **options)
    try:
        yield going
    finally:
        going.one.stop()
        await asyncio.wait((going.task,))
        await memory.close()


# Again


def test_a_check_that_runs_ends_first_and_runs_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b")) as going:
            await going.runs("a", "b")
            going.one.again(["a"])
            going.processes.end("a")
            await going.until(lambda: going.processes.started == ["a", "b", "a"])
            going.processes.end("a", Outcome.FAILED)
            going.processes.end("b")
            await going.done()
            assert going.outcomes() == [("a", "passed"), ("a", "failed"), ("b", "passed")]

    run(test())


def test_a_check_that_is_to_restart_is_cancelled_and_runs_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a")) as going:
            await going.runs("a")
            for _ in range(3):
                going.one.again(["a"], restart=["a"])
            await going.until(lambda: len(going.processes.started) == 2)
            going.processes.end("a")
            await going.done()
            assert going.outcomes() == [("a", "cancelled"), ("a", "passed")]

    run(test())


def test_a_check_that_has_ended_runs_again_with_those_that_require_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b", requires=("a",)), check("c")) as going:
            await going.runs("a", "c")
            going.processes.end("a")
            await going.runs("b", "c")
            going.processes.end("b")
            await going.runs("c")
            going.one.again(["a"])
            await going.runs("a", "c")
            going.processes.end("a")
            await going.runs("b", "c")
            going.processes.end("b")
            going.processes.end("c")
            await going.done()
            assert going.queued() == ["a", "b", "c", "a", "b"]

    run(test())


def test_what_waits_is_not_queued_twice(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b"), workers=1) as going:
            await going.runs("a")
            going.one.again(["b"], restart=["b"])
            going.processes.end("a")
            await going.runs("b")
            going.processes.end("b")
            await going.done()
            assert going.queued() == going.processes.started == ["a", "b"]

    run(test())


def test_what_it_does_not_know_or_comes_too_late_is_missed_and_can_be_asked_for(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a")) as going:
            await going.runs("a")
            going.one.again(["z"], forced=["z"])
            going.one.stop()
            going.one.again(["a"], forced=["a"])
            await going.done()
            assert going.outcomes() == [("a", "cancelled")]
            assert going.one.missed == going.one.forced == {"a", "z"}
            assert going.one.unfinished == {"a"}
            assert going.one.stopped

    run(test())


# Cancel, workers, stop


def test_a_check_is_cancelled_while_it_runs_while_it_waits_and_before_it_would_run_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b"), check("c", requires=("b",)), workers=1) as going:
            await going.runs("a")
            going.one.cancel("b")
            going.one.again(["a"])
            going.one.cancel("a")
            going.one.cancel("no such check")
            await going.done()
            assert going.processes.started == ["a"]
            assert sorted(going.outcomes()) == [("a", "cancelled"), ("b", "cancelled"), ("c", "skipped")]
            assert going.one.unfinished == set()

    run(test())


def test_a_cancelled_check_runs_when_it_is_asked_for_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b")) as going:
            await going.runs("a", "b")
            going.one.cancel("a")
            await going.runs("b")
            going.one.again(["a"])
            await going.runs("a", "b")
            going.processes.end("a")
            going.processes.end("b")
            await going.done()
            assert going.outcomes() == [("a", "cancelled"), ("a", "passed"), ("b", "passed")]

    run(test())


def test_workers_come_and_go_and_what_runs_goes_on(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, *map(check, "abcd"), workers=1) as going:
            await going.runs("a")
            going.one.set_workers(3)
            await going.runs("a", "b", "c")
            going.one.set_workers(1)
            going.processes.end("a")
            going.processes.end("b")
            await going.runs("c")
            going.processes.end("c")
            await going.runs("d")
            going.processes.end("d")
            await going.done()

    run(test())


def test_what_is_stopped_names_all_that_it_has_not_decided_on(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b"), check("c", phase=Phase.SLOW)) as going:
            await going.runs("a", "b")
            going.processes.end("a")
            await going.runs("b")
            going.one.stop()
            await going.done()
            assert sorted(going.outcomes()) == [("a", "passed"), ("b", "cancelled"), ("c", "skipped")]
            assert going.one.unfinished == {"b", "c"}

    run(test())


def test_the_first_failure_stops_it_where_that_is_asked_for(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b"), check("c", phase=Phase.SLOW), fail_fast=True) as going:
            await going.runs("a", "b")
            going.processes.end("a", Outcome.FAILED)
            await going.done()
            assert sorted(going.outcomes()) == [("a", "failed"), ("b", "cancelled"), ("c", "skipped")]
            assert going.one.unfinished == {"b", "c"}

    run(test())


def test_outcomes_that_stand_are_left_alone_and_block_what_requires_them(tmp_path: Path) -> None:
    async def test() -> None:
        earlier = {"a": Outcome.FAILED, "c": Outcome.PASSED}
        async with passing(tmp_path, check("a"), check("b", requires=("a",)), check("c"), earlier=earlier) as going:
            await going.done()
            assert going.outcomes() == [("b", "skipped")]
            assert going.processes.started == []

    run(test())


# Files that move


def test_inputs_that_move_under_a_check_are_told_of(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("a"), check("b")) as going:
            await going.runs("a", "b")
            write(tmp_path, {"a.txt": "edited"})
            going.processes.end("a")
            going.processes.end("b")
            await going.done()
            assert going.moved == [{"a": ["a.txt"]}]

    run(test())


def test_what_a_mutating_check_writes_has_others_decided_on_anew_also_when_it_is_cancelled(tmp_path: Path) -> None:
    async def test() -> None:
        format = check("format", phase=Phase.MUTATING, inputs=("*.txt",))
        async with passing(tmp_path, check("a"), format, check("b", phase=Phase.SLOW)) as going:
            await going.runs("a")
            going.processes.end("a")
            await going.runs("format")
            assert going.one.is_written("a.txt")
            write(tmp_path, {"a.txt": "formatted"})
            going.one.cancel("format")
            await going.until(lambda: going.processes.started == ["a", "format", "a"])
            going.processes.end("a")
            await going.runs("b")
            going.processes.end("b")
            await going.done()
            changes = [event for event in going.events if isinstance(event, TreeChanged)]
            assert [(event.paths, event.caused_by, event.affects) for event in changes] == [
                (("a.txt",), "format", ("a", "format"))
            ]

    run(test())


# Ahead


def test_a_part_runs_just_before_its_whole_whatever_it_comes_to(tmp_path: Path) -> None:
    async def test() -> None:
        async with passing(tmp_path, check("whole"), check("part", ahead_of="whole"), check("other")) as going:
            await going.runs("part", "other")
            going.processes.end("part", Outcome.FAILED)
            await going.runs("whole", "other")
            going.one.again(["part", "whole"], restart=["whole"])
            await going.runs("part", "other")
            going.processes.end("part")
            await going.runs("whole", "other")
            going.processes.end("whole")
            going.processes.end("other")
            await going.done()
            assert going.outcomes()[-2:] == [("whole", "passed"), ("other", "passed")]

    run(test())


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BROKEN])
def test_the_failure_of_a_part_ends_no_fail_fast_run_in_which_its_whole_decides(
    tmp_path: Path, outcome: Outcome
) -> None:
    checks = check("part", ahead_of="whole"), check("whole"), check("other"), check("last", phase=Phase.SLOW)

    async def test() -> None:
        async with passing(tmp_path, *checks, fail_fast=True) as going:
            await going.runs("part", "other")
            going.processes.end("part", outcome)
            await going.runs("whole", "other")
            going.processes.end("whole", Outcome.FAILED)
            await going.done()
            assert going.outcomes() == [
                ("part", outcome), ("whole", "failed"), ("last", "skipped"), ("other", "cancelled")
            ]  # fmt: skip

    run(test())


def test_the_failure_of_a_part_ends_a_fail_fast_run_without_its_whole(tmp_path: Path) -> None:
    async def test() -> None:
        checks = check("part", ahead_of="whole"), check("last", phase=Phase.SLOW)
        async with passing(tmp_path, *checks, fail_fast=True) as going:
            await going.runs("part")
            going.processes.end("part", Outcome.FAILED)
            await going.done()
            assert going.outcomes() == [("part", "failed"), ("last", "skipped")]

    run(test())


def test_a_part_is_skipped_where_the_result_of_its_whole_stands(tmp_path: Path) -> None:
    program = (sys.executable,)  # a key tells which program it was
    checks = check("part", ahead_of="whole"), replace(check("whole", cache=True), argv=program)

    async def test() -> None:
        async with passing(tmp_path, *checks) as first:
            await first.runs("part")
            first.processes.end("part")
            await first.runs("whole")
            first.processes.end("whole")
            await first.done()
        async with passing(tmp_path, *checks) as second:
            await second.done()
            assert second.outcomes() == [("part", "skipped"), ("whole", "passed")]
            skipped = next(event for event in second.events if isinstance(event, CheckFinished))
            assert skipped.skipped_because == "whole need not run"

    run(test())


def test_a_part_whose_whole_has_been_decided_on_runs_only_where_it_is_asked_for(tmp_path: Path) -> None:
    checks = check("part", ahead_of="whole"), check("whole")

    async def test() -> None:
        async with passing(tmp_path, *checks, earlier={"whole": Outcome.FAILED}) as going:
            await going.done()
            assert going.outcomes() == [("part", "skipped")]
        options = {"earlier": {"whole": Outcome.FAILED}, "forced": frozenset({"part"})}
        async with passing(tmp_path, *checks, **options) as going:
            await going.runs("part")
            going.processes.end("part")
            await going.done()

    run(test())


@pytest.mark.parametrize(
    "checks",
    [
        (check("part", ahead_of="whole", requires=("whole",)), check("whole")),
        (check("part", ahead_of="whole", phase=Phase.SLOW), check("whole")),
        (check("part", ahead_of="whole"), check("whole", ahead_of="part")),
        (check("part", ahead_of="gone"), check("whole")),
    ],
)
def test_parts_that_cannot_run_ahead_hold_nothing_up(tmp_path: Path, checks: tuple[Check, ...]) -> None:
    async def test() -> None:
        async with passing(tmp_path, *checks) as going:
            while not going.task.done():
                await going.until(lambda: going.task.done() or going.processes.running)
                for name in going.processes.running:
                    going.processes.end(name)
                await asyncio.sleep(0)
            assert dict(going.outcomes()).keys() == {"part", "whole"}

    run(test())


# Expectations


def expecting(root: Path, **seconds: float) -> Expectations:
    """What checks whose results are not cached take as a rule."""
    expectations = Expectations(str(root))
    expectations.set_machine(MACHINE.name, MACHINE.cores, on_battery=False)
    for name, took in seconds.items():
        command = command_digest((name,), str(root))
        expectations.add([sample(took, check=name, command=command, changed_inputs=None)] * LEAST)
    return expectations


def test_inside_a_phase_what_takes_longest_starts_first_behind_what_nothing_is_known_of(tmp_path: Path) -> None:
    checks = [check(name) for name in ("short", "long", "new", "middle")]
    last = check("last", phase=Phase.SLOW)
    known = expecting(tmp_path, short=1.0, middle=2.0, long=3.0, last=60.0)

    async def test() -> None:
        async with passing(tmp_path, *checks, last, workers=1, expectations=known) as going:
            for name in ("new", "long", "middle", "short", "last"):
                await going.runs(name)
                going.processes.end(name)
            await going.done()

    run(test())


def test_checks_that_write_keep_their_order(tmp_path: Path) -> None:
    checks = [check(name, phase=Phase.MUTATING) for name in ("sorts", "formats")]

    async def test() -> None:
        known = expecting(tmp_path, sorts=1.0, formats=9.0)
        async with passing(tmp_path, *checks, workers=1, expectations=known) as going:
            for name in ("sorts", "formats"):
                await going.runs(name)
                going.processes.end(name)
            await going.done()

    run(test())


def test_who_starts_a_check_is_told_what_it_takes(tmp_path: Path) -> None:
    async def test() -> None:
        known = expecting(tmp_path, one=2.0)
        async with passing(tmp_path, check("one"), check("two"), expectations=known) as going:
            await going.runs("one", "two")
            one, two = (going.processes.expected[name] for name in ("one", "two"))
            assert one is not None
            assert (one.samples, one.median_s, two) == (LEAST, 2.0, None)
            going.processes.end("one")
            going.processes.end("two")
            await going.done()

    run(test())
