"""Checks that write to the tree they judge, and a person who saves in the meantime."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from ftui.engine import breaker
from ftui.events import CheckPaused, RunFinished, TreeChanged
from tests.conftest import write
from tests.engine.living import JUDGES, PASSES, Gate, check, gate, home, living, project, run

__all__ = ["gate", "home"]
pytestmark = pytest.mark.usefixtures("home")

MOST = 3 * breaker.ROUNDS
"""Runs of a check that starts itself, where the machine is so busy that it does not write at the same moment of each
one."""
LOGS = "import time\nopen('src/run.log', 'a').write(f'{time.time_ns()}\\n')\n"
"""Writes something else into a file of the tree each time."""
FORMATS = (
    "from pathlib import Path\n"
    "for path in Path('src').glob('*.txt'):\n"
    "    if (text := path.read_text()) != text.lower(): path.write_text(text.lower())\n"
)
"""Does what a formatter does."""


@pytest.mark.parametrize("on_change", ["restart", "wait"])
@pytest.mark.parametrize("seconds", [0, 0.5])
def test_a_check_that_starts_itself_is_paused_after_a_few_runs(tmp_path: Path, on_change: str, seconds: float) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(CheckPaused) and not told.state.running)
            await told.marked()
            assert breaker.ROUNDS <= told.starts("a") <= MOST
            (said,) = told.said()
            assert said.startswith("it changes src/run.log each time it runs")
            assert "add `/src/run.log` to .gitignore" in said
            assert "`!/src/run.log` to the inputs of a" in said
            assert told.outcomes() == {"a": "stale"}
            assert told.state.rows["a"].paused == said

    root = project(tmp_path / "p", check("a", f"{LOGS}time.sleep({seconds})", on_change=on_change))
    run(test())


def test_the_line_that_is_advised_ends_the_loop(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(CheckPaused) and told.state.finished)
            line = told.said()[0].partition("add `")[2].partition("`")[0]
            since = await told.save(".gitignore", f"{line}\n")
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed"})
            await told.marked()
            assert told.starts("a", since) == 1
            await told.save("src/a.txt", "good 2\n")
            assert told.starts("a", since) == 2

    root = project(tmp_path / "p", check("a", LOGS))
    run(test())


def test_a_check_that_makes_a_file_of_another_name_each_time_is_paused_too(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(CheckPaused) and told.state.finished)
            assert breaker.ROUNDS <= told.starts("a") <= MOST
            assert "add `/src/report-" in told.said()[0]
            assert "*.xml` to .gitignore" in told.said()[0]

    root = project(tmp_path / "p", check("a", "import time; open(f'src/report-{time.time_ns()}.xml', 'w')"))
    run(test())


@pytest.mark.parametrize("workers", [1, 2])
def test_checks_that_start_each_other_are_stopped_with_what_ends_it(tmp_path: Path, workers: int) -> None:
    async def test() -> None:
        async with living(root, wait=False, workers=workers) as told:
            await told.until(lambda: told.all(CheckPaused) and not told.state.running)
            said = told.said()[0]
            paused = next(row.id for row in told.state.rows.values() if row.paused == said)
            other = {"a": "b", "b": "a"}[paused]
            changes = f"changes src/{other}.log each time it runs, which starts {paused} again and again"
            assert said.partition(":")[0] in [f"{who} {changes}" for who in (other, "a or b")]
            assert f"add `/src/{other}.log` to .gitignore" in said
            await told.marked()
            assert told.starts("a") + told.starts("b") <= 2 * MOST

    code = "import time\nopen('src/{}.log', 'a').write(f'{{time.time_ns()}}')"
    checks = [check(one, code.format(one), inputs=[f"src/{other}.log"]) for one, other in ("ab", "ba")]
    root = project(tmp_path / "p", *checks, files={"src/a.log": "", "src/b.log": ""})
    run(test())


def test_a_paused_check_runs_when_it_is_asked_for_and_when_somebody_else_edits(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(CheckPaused) and told.state.finished)
            since = await told.verdicts_or_pause(partial(write, root, {"src/a.txt": "good 2\n"}))
            assert told.starts("a", since) >= 1
            since = len(told.events)
            told.engine.rerun(["a"])
            await told.until(lambda: told.all(CheckPaused, since) and told.state.finished)
            assert breaker.ROUNDS <= told.starts("a", since) <= MOST

    root = project(tmp_path / "p", check("a", LOGS))
    run(test())


def test_what_tools_keep_for_themselves_starts_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = await told.save("src/a.txt", "good 2\n")
            await told.marked()
            assert told.starts("a", since) == 1
            assert told.all(TreeChanged, since)[0].paths == ("src/a.txt",)
            assert len(told.all(TreeChanged, since)) == 2

    caches = (".mypy_cache", ".ruff_cache", ".pytest_cache", "src/__pycache__")
    writes = "import time\nfrom pathlib import Path\n" + "".join(
        f"Path({name!r}).mkdir(exist_ok=True); Path({name!r}, 'x.pyc').write_text(str(time.time_ns()))\n"
        for name in caches
    )
    root = project(
        tmp_path / "p", check("a", writes, inputs=["**", f"!/{'mark'}"]), files={".gitignore": ".*_cache/\n"}
    )
    run(test())


def test_a_person_who_saves_while_a_long_check_runs_is_not_accused(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            for number, seconds in enumerate((0.7, 0.0, 1.4, 0.3, 0.9)):  # a person does not keep time
                await asyncio.sleep(seconds)
                since = len(told.events)
                write(root, {"src/a.txt": f"good {number}\n"})
                await told.until(partial(told.at_the_gate, "a", since))
            gate.open()
            await told.until(lambda: told.quiet)
            assert told.outcomes() == {"a": "passed"}
            assert told.said() == []

    root = project(tmp_path / "p", check("a", gate.code + JUDGES))
    run(test())


def test_what_a_formatter_writes_updates_the_tree_once_and_starts_what_depends_on_it_once(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = await told.save("src/a.txt", "GOOD 2\n")
            await told.marked()
            changes = [event for event in told.all(TreeChanged, since) if "src/a.txt" in event.paths]
            assert [(event.caused_by, event.affects) for event in changes] == [
                (None, ("first", "format", "last")),
                ("format", ("first", "format", "last")),
            ]
            assert (root / "src/a.txt").read_text() == "good 2\n"
            assert told.runs(since) == 1
            assert (told.starts("first", since), told.starts("format", since), told.starts("last", since)) == (2, 2, 1)
            assert told.outcomes() == {"first": "passed", "format": "passed", "last": "passed"}
            assert told.said() == []

    root = project(
        tmp_path / "p",
        check("first", PASSES),
        check("format", FORMATS, phase="mutating", inputs=["src/*.txt"]),
        check("last", PASSES, phase="slow"),
    )
    run(test())


def test_a_formatter_that_never_comes_to_an_end_does_not_start_itself_for_ever(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(RunFinished))
            await told.marked()
            assert told.outcomes()["format"] == "broken"
            assert told.outcomes()["last"] == "passed"
            assert told.starts("format") == 3
            assert "rewrites src/a.txt each time" in (told.result("format").broken_because or "")

    code = "import time; open('src/a.txt', 'w').write(str(time.time_ns()))"
    root = project(
        tmp_path / "p",
        check("format", code, phase="mutating", inputs=["src/*.txt"]),
        check("last", PASSES, phase="slow"),
    )
    run(test())


def test_what_a_cancelled_formatter_has_written_is_judged(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("format"))
            told.engine.cancel("format")
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "failed", "format": "cancelled"}

    code = f"open('src/a.txt', 'w').write('bad')\n{gate.code}"
    root = project(tmp_path / "p", check("a", JUDGES), check("format", code, phase="mutating"))
    run(test())
