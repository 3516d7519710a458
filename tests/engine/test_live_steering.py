"""A live engine is paused, told to run and to cancel, given other workers and another profile, and stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftui.events import CheckFinished, RunFinished, RunStarted, TreeChanged, Watching
from tests.conftest import write
from tests.engine.living import FAILS, JUDGES, PASSES, Gate, check, gate, home, living, project, run

__all__ = ["gate", "home"]
pytestmark = pytest.mark.usefixtures("home")


def test_while_paused_nothing_begins_but_what_is_asked_for(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            told.engine.pause()
            assert told.watching.status == "paused"
            since = len(told.events)
            write(root, {"src/a.txt": "bad\n"})
            await told.marked()
            assert told.outcomes() == {"a": "stale", "b": "stale"}
            assert told.runs(since) == 0
            told.engine.rerun(["a"])
            await told.until(lambda: told.all(RunFinished, since))
            assert told.outcomes() == {"a": "failed", "b": "stale"}
            assert told.starts("b", since) == 0
            told.engine.resume()
            await told.until(lambda: told.quiet)
            assert told.outcomes() == {"a": "failed", "b": "passed"}
            assert (told.starts("a", since), told.starts("b", since)) == (1, 1)

    root = project(tmp_path / "p", check("a", JUDGES), check("b", PASSES))
    run(test())


def test_what_is_paused_before_its_first_run_runs_only_what_is_asked_for(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            told.engine.pause()
            await told.until(lambda: told.all(Watching))
            told.engine.rerun(["b"])
            await told.until(lambda: told.all(CheckFinished) and told.state.finished)
            assert (told.starts("b"), told.starts("a")) == (1, 0)
            told.engine.resume()
            await told.until(lambda: told.quiet)
            assert (told.starts("b"), told.starts("a")) == (1, 1)

    root = project(tmp_path / "p", check("a", PASSES), check("b", PASSES))
    run(test())


def test_a_resumed_watch_restarts_what_has_become_stale_while_it_still_runs(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            told.engine.pause()
            since = len(told.events)
            write(root, {"src/a.txt": "good 2\n"})
            await told.until(lambda: told.all(TreeChanged, since))
            told.engine.resume()
            await told.until(lambda: told.at_the_gate("a", since))
            gate.open()
            await told.until(lambda: told.quiet)

    root = project(tmp_path / "p", check("a", gate.code))
    run(test())


def test_a_failed_check_runs_when_it_is_asked_for_and_a_passed_one_is_a_hit(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = len(told.events)
            told.engine.rerun(["bad", "good", "no such check"])
            await told.until(lambda: told.all(RunFinished, since))
            assert (told.starts("bad", since), told.starts("good", since)) == (1, 0)
            assert told.all(RunStarted, since)[0].because == "asked for"
            since = len(told.events)
            told.engine.rerun(["good"], force=True)
            await told.until(lambda: told.all(RunFinished, since))
            assert told.starts("good", since) == 1
            assert told.quiet

    root = project(tmp_path / "p", check("bad", FAILS, on_failure="never"), check("good", PASSES))
    run(test())


def test_a_cancelled_check_stays_so_until_something_changes(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            told.engine.cancel("a")
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "cancelled", "b": "passed"}
            await told.marked()
            since = len(told.events)
            await told.save("docs/b", "2")
            assert told.starts("a", since) == 0
            assert told.outcomes() == {"a": "cancelled", "b": "passed"}
            gate.open()
            await told.save("src/a.txt", "good 2\n")
            assert told.outcomes() == {"a": "passed", "b": "passed"}

    root = project(tmp_path / "p", check("a", gate.code), check("b", PASSES, inputs=["docs/**"]), files={"docs/b": ""})
    run(test())


def test_a_check_that_is_to_run_once_more_is_cancelled_for_good(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            since = len(told.events)
            write(root, {"src/a.txt": "good 2\n"})
            await told.until(lambda: told.all(TreeChanged, since))
            told.engine.cancel("a")
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "cancelled"}
            assert told.starts("a") == 1

    root = project(tmp_path / "p", check("a", gate.code, on_change="wait"))
    run(test())


def test_more_workers_start_what_waits_and_fewer_let_run_what_runs(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False, workers=1) as told:
            await told.until(lambda: told.at_the_gate("a"))
            assert not told.is_running("b")
            told.engine.set_workers(2)
            await told.until(lambda: told.at_the_gate("b"))
            told.engine.set_workers(0)
            await told.until(lambda: told.watching.workers == 1)
            gate.open()
            await told.until(lambda: told.quiet)
            assert told.starts("a") == told.starts("b") == 1

    root = project(tmp_path / "p", check("a", gate.code), check("b", gate.code))
    run(test())


def test_a_profile_is_changed_while_checks_run(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("slow"))
            told.engine.set_profile("fast")
            await told.until(lambda: told.quiet)
            assert told.outcomes() == {"a": "passed"}
            assert told.state.profile == told.watching.profile == "fast"
            assert not told.is_running("slow")
            gate.open()
            told.engine.set_profile("dev")
            await told.until(lambda: told.quiet and len(told.outcomes()) == 2)
            assert told.outcomes() == {"a": "passed", "slow": "passed"}
            told.engine.set_profile("fast")
            await told.until(lambda: told.outcomes() == {"a": "passed"})
            assert told.all(RunStarted)[-1].because == "profile fast"

    root = project(tmp_path / "p", check("a", PASSES), check("slow", gate.code, phase="slow"))
    run(test())


def test_what_fail_fast_skipped_is_decided_on_after_the_failure_is_mended(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False, fail_fast=True) as told:
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "failed", "b": "skipped"}
            await told.save("src/a.txt", "good\n")
            assert told.outcomes() == {"a": "passed", "b": "passed"}

    root = project(
        tmp_path / "p",
        check("a", JUDGES),
        check("b", PASSES, phase="slow", inputs=["docs/**"]),
        files={"docs/b": "", "src/a.txt": "bad\n"},
    )
    run(test())


def test_a_watch_that_is_stopped_ends_what_runs(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            await told.end()
            assert told.outcomes() == {"a": "cancelled", "b": "skipped"}
            assert told.all(RunFinished)[-1].interrupted

    root = project(tmp_path / "p", check("a", gate.code), check("b", PASSES, phase="slow"))
    run(test())


def test_a_watch_that_is_stopped_while_it_looks_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            look = told.engine._memory.look

            async def stopped_meanwhile() -> object:
                told.engine.stop()
                return await look()

            monkeypatch.setattr(told.engine._memory, "look", stopped_meanwhile)
            await told.end()
            assert told.runs() == 0

    root = project(tmp_path / "p", check("a", PASSES), git=False)
    run(test())
