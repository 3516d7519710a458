"""The live engine as a whole: real files, real git, real processes, and no waiting without a deadline."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ftui.engine import chores
from ftui.engine.patrol import Pace
from ftui.events import CheckFinished, CheckPaused, RunFinished, TreeChanged
from ftui.model import Bucket, Outcome
from tests.conftest import commit, git, write
from tests.engine.living import BUSY, JUDGES, MARK, PASSES, Gate, check, gate, home, living, project, run
from tests.engine.test_watch import Lossy, emacs, jetbrains, rename_over, vim_in_place, vs_code

__all__ = ["gate", "home"]
pytestmark = pytest.mark.usefixtures("home")


READS_ALL = (
    "from pathlib import Path\nraise SystemExit(any('bad' in path.read_text() for path in Path('src').rglob('*.txt')))"
)


# What is watched, and whom it affects


def test_an_edit_reruns_what_it_affects_once_and_says_so(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            assert told.outcomes() == {"a": "passed", "b": "passed"}
            since = await told.save("src/a.txt", "bad\n")
            (changed,) = told.all(TreeChanged, since)
            assert (changed.paths, changed.affects, changed.uncovered) == (("src/a.txt",), ("a",), ())
            assert told.outcomes() == {"a": "failed", "b": "passed"}
            await told.marked()
            assert (told.starts("a", since), told.starts("b", since), told.runs(since)) == (1, 0, 1)

    root = project(tmp_path / "p", check("a", JUDGES), check("b", PASSES, inputs=["docs/**"]), files={"docs/b": ""})
    run(test())


def test_an_edit_taken_back_is_a_hit(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            await told.save("src/a.txt", "good 0\n")
            trees = [told.result("a").tree]
            for text in ("bad\n", "good 0\n"):
                since = await told.save("src/a.txt", text)
                trees.append(told.result("a").tree)
            assert trees[0] == trees[2] != trees[1]
            assert told.starts("a", since) == 0
            assert told.result("a").bucket is Bucket.HIT

    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


def test_a_file_that_no_check_reads_is_named_and_starts_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = await told.save("notes/new.md", "text")
            (changed,) = told.all(TreeChanged, since)
            assert (changed.paths, changed.affects, changed.uncovered) == (("notes/new.md",), (), ("notes/new.md",))
            await told.marked()
            assert told.runs(since) == 0
            assert list(told.state.uncovered) == [MARK, "notes/new.md"]

    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


def test_files_in_new_folders_are_found_and_watched(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            await told.save("src/deep/er/b.txt", "bad\n")
            assert told.outcomes() == {"a": "failed"}
            await told.marked()
            await told.save("src/deep/er/b.txt", "fine\n")
            assert told.outcomes() == {"a": "passed"}
            since = await told.verdicts(lambda: shutil.rmtree(root / "src/deep"))
            assert told.all(TreeChanged, since)[0].paths == ("src/deep/er/b.txt",)

    root = project(tmp_path / "p", check("a", READS_ALL))
    run(test())


def test_ignored_files_start_nothing_and_unchanged_content_neither(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = len(told.events)
            write(root, {"src/a.log": "line\n", "src/a.txt": "good\n"})
            (root / "src/a.txt").touch()
            await told.marked()
            assert [event.paths for event in told.all(TreeChanged, since)] == [(MARK,)]
            assert told.runs(since) == 0

    root = project(tmp_path / "p", check("a", JUDGES), files={".gitignore": "*.log\n"})
    run(test())


def test_checks_that_require_an_affected_one_wait_for_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = await told.save("src/a.txt", "bad\n")
            assert told.all(TreeChanged, since)[0].affects == ("a", "b")
            assert told.outcomes() == {"a": "failed", "b": "skipped"}
            await told.save("src/a.txt", "better\n")
            assert told.outcomes() == {"a": "passed", "b": "passed"}

    root = project(
        tmp_path / "p", check("a", JUDGES), check("b", PASSES, inputs=["docs/**"], requires=["a"]), files={"docs/b": ""}
    )
    run(test())


def vim(path: Path, text: str) -> None:
    """vim itself, without a screen."""
    command = ("vim", "-es", "-u", "NONE", "-c", f"call setline(1, '{text.strip()}')", "-c", "wq", str(path))
    subprocess.run(command, check=True, capture_output=True)


def vim_with_backup(path: Path, text: str) -> None:
    """vim, with a backup that stays, a swap file and a rename of the file."""
    options = "set backup backupcopy=no swapfile writebackup"
    command = (
        "vim",
        "-es",
        "-u",
        "NONE",
        "-c",
        options,
        "-c",
        f"call setline(1, '{text.strip()}')",
        "-c",
        "wq",
        str(path),
    )
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("save", [vim, vim_with_backup, vim_in_place, emacs, vs_code, jetbrains, rename_over])
def test_a_save_by_an_editor_is_one_run(tmp_path: Path, save: Callable[[Path, str], None]) -> None:
    async def test() -> None:
        async with living(root) as told:
            for number in range(3):
                since = await told.verdicts(partial(save, root / "src/a.txt", f"good {number}\n"))
                await told.marked()
                assert (told.starts("a", since), told.runs(since)) == (1, 1)

    if save in (vim, vim_with_backup) and shutil.which("vim") is None:
        pytest.skip("vim is not installed")
    root = project(tmp_path / "p", check("a", JUDGES), files={".gitignore": "*~\n"})
    run(test())


# What no event tells of


@pytest.mark.parametrize("path", ["src/a.txt", "src/new.txt", "src/new/b.txt"])
def test_an_edit_whose_event_is_lost_is_found_at_the_next_round(tmp_path: Path, path: str) -> None:
    async def test() -> None:
        async with living(root, BUSY, listener=Lossy) as told:
            await told.save(path, "bad\n")
            assert told.outcomes() == {"a": "failed"}

    root = project(tmp_path / "p", check("a", READS_ALL))
    run(test())


def test_after_a_sleep_of_the_machine_everything_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with living(root, pace, listener=Lossy, wait=False) as told:
            await told.until(lambda: told.quiet)
            write(root, {"src/a.txt": "bad\n"})
            clock.jump = 3600.0
            await told.until(lambda: told.outcomes() == {"a": "failed"})

    class Clock:
        jump = 0.0
        monotonic = staticmethod(time.monotonic)

        def time(self) -> float:
            return time.time() + self.jump

    clock = Clock()
    monkeypatch.setattr(chores, "time", clock)
    pace = Pace(least_s=3600, most_s=3600, chores_s=0.05)
    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


# Inputs that change under a running check


def test_a_check_whose_inputs_change_is_cancelled_and_begins_anew(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            since = len(told.events)
            write(root, {"src/a.txt": "good 2\n"})
            await told.until(lambda: told.at_the_gate("a", since))
            (finished,) = told.all(CheckFinished, since)
            assert finished.outcome is Outcome.CANCELLED
            gate.open()
            await told.until(lambda: told.quiet)
            assert told.outcomes() == {"a": "passed"}
            assert told.runs() == 1

    root = project(tmp_path / "p", check("a", gate.code + JUDGES))
    run(test())


def test_a_check_that_is_to_wait_ends_first_and_its_result_is_not_shown_as_current(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("a"))
            since = len(told.events)
            write(root, {"src/a.txt": "bad\n"})
            await told.until(lambda: told.all(TreeChanged, since))
            gate.open()
            await told.until(lambda: told.all(CheckFinished, since))
            assert told.all(CheckFinished, since)[0].outcome is Outcome.PASSED
            assert told.outcomes() == {"a": "stale"}
            await told.until(lambda: told.quiet)
            assert told.outcomes() == {"a": "failed"}
            assert told.starts("a") == 2

    root = project(
        tmp_path / "p",
        check("a", f"bad = 'bad' in open('src/a.txt').read()\n{gate.code}raise SystemExit(bad)", on_change="wait"),
    )
    run(test())


def test_what_is_saved_time_and_again_ends_with_a_verdict_on_the_last_state(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            for number in range(500):
                (root / f"src/{number % 3}.txt").write_text(f"good {number}\n")
                await asyncio.sleep(0.01)
            (root / "src/a.txt").write_text("bad\n")
            await told.until(
                lambda: told.quiet and told.outcomes() == {"a": "failed", "slow": "failed", "patient": "failed"}
            )
            await told.marked()
            assert told.said() == []
            assert told.all(CheckPaused) == []

    slow = f"import time; time.sleep(0.3)\n{JUDGES}"
    root = project(
        tmp_path / "p", check("a", JUDGES), check("slow", slow), check("patient", slow, on_change="wait", phase="slow")
    )
    run(test())


# Bursts


def test_while_git_is_at_work_nothing_begins_and_then_one_run_does(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = len(told.events)
            (root / ".git/index.lock").touch()
            await told.until(lambda: told.watching.status == "held")
            for number in range(3):
                write(root, {f"src/{number}.txt": "bad\n", "src/a.txt": f"{number}\n"})
            write(root, {"src/a.txt": "bad\n"})
            assert told.watching.reason == "git is at work"
            assert told.runs(since) == 0
            (root / ".git/index.lock").unlink()
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed"})
            await told.marked()
            assert (told.runs(since), told.starts("a", since)) == (1, 1)
            assert told.watching.status == "watching"

    root = project(tmp_path / "p", check("a", JUDGES))
    run(test())


def test_an_edit_while_git_is_at_work_does_not_restart_what_runs_time_and_again(tmp_path: Path, gate: Gate) -> None:
    async def test() -> None:
        async with living(root, wait=False) as told:
            await told.until(lambda: told.at_the_gate("b"))
            (root / ".git/MERGE_HEAD").touch()
            await told.until(lambda: told.watching.status == "held")
            since = len(told.events)
            write(root, {"src/a.txt": "bad\n"})
            gate.open()
            await told.until(lambda: told.all(RunFinished))
            assert told.outcomes() == {"a": "stale", "b": "stale"}
            assert told.starts("a", since) == 0
            (root / ".git/MERGE_HEAD").unlink()
            await told.until(lambda: told.quiet and told.outcomes() == {"a": "failed", "b": "passed"})
            assert (told.starts("a", since), told.starts("b", since)) == (1, 1)

    root = project(tmp_path / "p", check("a", JUDGES), check("b", gate.code))
    run(test())


def test_a_branch_and_back_is_all_hits(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            await told.verdicts(lambda: git(root, "checkout", "-q", "other"))
            assert told.outcomes() == {"a": "failed"}
            await told.until(lambda: told.watching.branch == "other")
            await told.marked()
            since = await told.verdicts(lambda: git(root, "checkout", "-q", "main"))
            assert (told.starts("a", since), told.runs(since)) == (0, 1)
            assert told.result("a").bucket is Bucket.HIT
            await told.until(lambda: told.watching.branch == "main")

    root = project(tmp_path / "p", check("a", JUDGES))
    git(root, "checkout", "-qb", "other")
    write(root, {f"src/{number}.txt": "" for number in range(30)} | {"src/a.txt": "bad\n"})
    commit(root)
    git(root, "checkout", "-q", "main")
    run(test())


def test_a_checkout_of_20_000_files_is_one_run(tmp_path: Path) -> None:
    async def test() -> None:
        async with living(root) as told:
            since = await told.verdicts(lambda: git(root, "checkout", "-q", "many"))
            await told.marked()
            assert told.starts("a", since) == 1
            assert told.runs(since) == 1
            assert len({path for event in told.all(TreeChanged, since) for path in event.paths}) == 20_001
            assert told.said() == []

    root = project(tmp_path / "p", check("a", JUDGES))
    git(root, "checkout", "-qb", "many")
    write(root, {f"src/{number // 200}/{number}.txt": "" for number in range(20_000)})
    commit(root)
    git(root, "checkout", "-q", "main")
    run(test())
