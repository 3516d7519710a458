"""What changes around the checks while the watch is up: configuration, tools, the root itself, and idle time."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from ftui.engine import watch
from ftui.engine.chores import AUDIT_S
from ftui.engine.patrol import Pace
from ftui.events import CheckFinished, RunFinished, RunStarted, TreeChanged
from ftui.model import Bucket
from tests.conftest import write
from tests.engine.living import FAILS, JUDGES, PASSES, Gate, check, gate, home, living, project, run
from tests.engine.test_watch import nobody

__all__ = ["gate", "home"]
pytestmark = pytest.mark.usefixtures("home")

CHORES = Pace(least_s=3600, most_s=3600, chores_s=0.05)
"""Nothing but events and chores."""


# The configuration


def test_a_check_that_is_added_runs_and_one_that_is_taken_out_vanishes(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = len(told.events)
            write(root, {"ftui.toml": check("a", PASSES) + check("b", FAILS)})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed", "b": "failed"})
            assert told.starts("a", since) == 0
            assert told.all(RunStarted, since)[0].because == "ftui.toml changed"
            write(root, {"ftui.toml": check("b", FAILS)})
            await told.until(lambda: told.quiet and told.outcomes() == {"b": "failed"})
            assert told.starts("b", since) == 1

    root = project(tmp_path / "p", check("a", PASSES))
    run(test())


def test_a_check_that_is_taken_out_while_it_runs_is_cancelled(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            write(root, {"ftui.toml": check("b", PASSES)})
            await told.until(lambda: told.quiet and told.outcomes() == {"b": "passed"})
            await told.marked()
            assert told.all(CheckFinished)[0].outcome == "cancelled"
            assert told.runs() <= 3
            assert told.said() == []

    root = project(tmp_path / "p", check("a", gate.code))
    run(test())


def test_a_command_that_is_edited_runs_anew(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            write(root, {"ftui.toml": check("a", FAILS)})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})
            write(root, {"ftui.toml": check("a", PASSES)})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed"})
            assert told.result("a").bucket is Bucket.HIT

    root = project(tmp_path / "p", check("a", PASSES))
    run(test())


def test_an_ignored_file_that_a_command_names_and_that_comes_to_be_counts(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, pace=CHORES) as told:
            assert told.outcomes() == {"a": "passed"}
            write(root, {"conf/local.ini": "strict"})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})

    code = "import os, sys; sys.exit(os.path.exists('conf/local.ini'))"
    command = json.dumps([sys.executable, "-c", code, "--config=conf/local.ini"])
    root = project(tmp_path / "p", f'[checks.a]\ncommand = {command}\ninputs = ["src/**"]\n')
    write(root, {".gitignore": "conf/\n"})
    run(test())


def test_a_time_limit_that_was_too_short_is_raised_and_the_check_runs_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "broken"}
            write(root, {"ftui.toml": check("a", "import time; time.sleep(0.5)", timeout=60)})
            await told.until(lambda: told.outcomes() == {"a": "passed"})

    root = project(tmp_path / "p", check("a", "import time; time.sleep(0.5)", timeout=0.1))
    run(test())


def test_a_configuration_that_cannot_be_used_is_said_once_and_the_last_good_one_stays(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            write(root, {"ftui.toml": "[checks.a\n"})
            await told.until(lambda: told.watching.status == "invalid")
            (said,) = told.said()
            assert "ftui.toml" in said
            assert said.endswith("the last good one stays in force")
            await told.save("src/new.txt", "")
            await told.save("src/a.txt", "bad\n")
            assert told.outcomes() == {"a": "failed"}
            assert len(told.said()) == 1
            write(root, {"ftui.toml": check("a", PASSES)})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed"})
            assert told.watching.status == "watching"
            write(root, {"ftui.toml": "[checks.a\n"})
            await told.until(lambda: told.watching.status == "invalid")
            assert len(told.said()) == 2

    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


def test_workers_and_profile_of_an_edited_configuration_hold(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            write(root, {"ftui.toml": f'workers = 7\nprofile = "fast"\n{checks}'})
            await told.until(lambda: told.watching.workers == 7 and told.watching.profile == "fast")
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed"})

    checks = check("a", PASSES) + check("b", PASSES, phase="slow")
    root = project(tmp_path / "p", checks)
    run(test())


def test_a_pyproject_that_is_edited_takes_effect(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            text = (root / "pyproject.toml").read_text()
            write(root, {"pyproject.toml": text.replace(PASSES, FAILS)})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})

    root = project(tmp_path / "p", files={"pyproject.toml": check("a", PASSES).replace("[checks", "[tool.ftui.checks")})
    (root / "ftui.toml").unlink()
    run(test())


# Tools


def tool(folder: Path, version: str, code: int) -> None:
    """Installs a program into the environment of a tree."""
    program = folder / ".venv/bin/judge"
    write(folder, {".venv/pyvenv.cfg": f"home = {Path(sys.executable).parent}\n"})
    program.parent.mkdir(exist_ok=True)
    draft = program.with_name("draft")
    draft.write_text(f"#!{sys.executable}\n# {version}\nraise SystemExit({code})\n")
    draft.chmod(0o755)
    draft.replace(program)


def test_a_tool_that_is_installed_and_replaced_while_the_watch_is_up_is_used(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, CHORES, wait=False) as told:
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "broken"}
            tool(root, "1", 1)
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})
            tool(root, "2", 0)
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed"})
            assert told.said() == []

    config = '[checks.a]\ncommand = ["judge"]\ninputs = ["src/**"]\n'
    root = project(tmp_path / "p", config, files={".gitignore": ".venv\n"})
    run(test())


def test_what_changes_outside_the_tree_each_time_that_a_check_runs_does_not_start_it_for_ever(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, CHORES, wait=False) as told:
            await told.until(lambda: told.all(RunFinished) and told.said())
            runs = told.runs()
            for _ in range(3):
                await told.marked()
            assert told.runs() == runs
            assert told.starts("a") == 2

    code = f"import time; open({str(tmp_path / 'shared.ini')!r}, 'w').write(str(time.time_ns()))"
    (tmp_path / "shared.ini").write_text("")
    root = project(tmp_path / "p", check("a", code, inputs=["src/**"]), files={})
    os.symlink("../../shared.ini", root / "src/link.ini")
    run(test())


# The root


@pytest.mark.parametrize("phase", ["fast", "mutating"])
def test_a_root_that_is_removed_and_made_again_is_judged_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    async def test() -> None:
        async with living(root, CHORES) as told:
            runs = told.runs()
            root.rename(tmp_path / "away")
            await told.until(lambda: any("is gone: waiting for it to come back" in line for line in told.said()))
            told.engine.rerun(["a"])
            await told.until(lambda: told.watching.status == "held")
            assert "cannot be looked at" in told.watching.reason
            assert told.runs() == runs
            project(root, config, files={"src/a.txt": "bad\n"})
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})
            assert told.watching.status == "watching"
            await told.marked()
            await told.save("src/a.txt", "good\n")
            assert len(told.said()) <= 3

    monkeypatch.setattr(watch, "ROOT_S", 0.01)
    config = check("a", JUDGES, phase=phase)
    root = project(tmp_path / "p", config)
    run(test())


@pytest.mark.parametrize("phase", ["fast", "mutating"])
def test_a_root_that_is_removed_while_checks_run_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate, phase: str
) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            root.rename(tmp_path / "away")
            gate.open()
            await told.until(lambda: told.watching.status == "held" and told.state.finished)
            assert told.runs() == 1
            (tmp_path / "away").rename(root)
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "passed", "b": "passed"})
            assert told.runs() <= 4

    monkeypatch.setattr(watch, "ROOT_S", 0.01)
    root = project(tmp_path / "p", check("a", gate.code, phase=phase), check("b", PASSES, phase="slow"))
    run(test())


def test_a_folder_that_may_not_be_read_is_said_and_the_watch_goes_on(tmp_path: Path, home: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            assert any("secret cannot be watched" in line for line in told.said())
            since = await told.save("src/a.txt", "good 2\n")
            assert told.runs(since) == 1

    async def nothing() -> None:
        async with living(root):
            pass

    root = project(tmp_path / "p", check("a", PASSES), files={"secret/a.txt": ""})
    run(nothing())  # nobody may not be able to read the modules that are imported when they are first used
    shutil.rmtree(home / ".cache")
    home.chmod(0o777)
    with nobody(root):
        (root / "secret").chmod(0)
        try:
            run(test())
        finally:
            (root / "secret").chmod(0o755)


def test_a_folder_of_10_000_files_is_one_change_and_one_run(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = len(told.events)
            many.rename(root / "src/many")
            await told.until(lambda: told.quiet and told.all(TreeChanged, since))
            await told.marked()
            assert told.starts("a", since) == 1
            assert max(len(event.paths) for event in told.all(TreeChanged, since)) == 10_000
            assert told.said() == []

    many = tmp_path / "many"
    many.mkdir()
    for number in range(10_000):
        (many / f"{number}.txt").touch()
    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


# Idle time


def test_in_idle_time_one_hit_is_audited_and_one_that_lies_is_named_and_trusted_no_more(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root, CHORES, clock=lambda: now[0]) as told:
            since = len(told.events)
            now[0] += AUDIT_S + 1
            await told.until(lambda: told.all(RunFinished, since))
            assert told.starts("a", since) == 1
            assert told.all(RunStarted, since)[0].because == "audit of a hit"
            assert told.outcomes() == {"a": "passed", "bad": "failed"}
            assert told.said() == []
            await told.marked()
            assert told.runs(since) == 1

            world.write_text("bad")
            since = len(told.events)
            now[0] += AUDIT_S + 1
            await told.until(lambda: told.all(RunFinished, since))
            (said,) = told.said()
            assert said.startswith("the stored result of a did not hold")
            assert told.outcomes() == {"a": "failed", "bad": "failed"}

            await told.save("src/a.txt", "good 2\n")
            since = await told.save("src/a.txt", "good\n")
            assert told.starts("a", since) == 1

    now = [1000.0]
    world = tmp_path / "world"
    world.write_text("good")
    code = f"raise SystemExit('bad' in open({str(world)!r}).read())"
    root = project(tmp_path / "p", check("a", code), check("bad", FAILS, inputs=["docs/**"]), files={"docs/b": ""})
    run(test())
