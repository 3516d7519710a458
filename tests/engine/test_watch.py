"""Tests of the watcher as a whole: real files, real git, real events, and no waiting without a deadline."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from ftui.cache.index import Snapshot, sweep
from ftui.engine import listen, watch
from ftui.engine.hints import EVERYTHING, GIT, Hints
from ftui.engine.listen import GAP_S, Heard, Listener
from ftui.engine.patrol import Pace
from ftui.engine.watch import SOURCE, Watcher
from ftui.tree import list_files
from tests.conftest import MakeTree, git

DEADLINE_S = 20
SELDOM = Pace(least_s=3600, most_s=3600)
OFTEN = Pace(least_s=0.05, most_s=0.05)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="counts what inotify watches")


class Watched:
    """A tree that is watched, and looked at as an engine would after every hint."""

    def __init__(self, root: Path, watcher: Watcher, said: list[str]) -> None:
        self.root = root
        self.watcher = watcher
        self.said = said
        self.snapshot = Snapshot()

    async def hints(self) -> Hints:
        """The next hints."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.watcher.changes()

    async def look(self) -> set[str]:
        """Looks at the tree and tells the watcher; the paths that were not in the look before."""
        files = await asyncio.to_thread(list_files, self.root)
        before = set(self.snapshot.paths)
        self.snapshot = await asyncio.to_thread(sweep, str(self.root), list(files.files), self.snapshot)
        await self.watcher.looked(self.snapshot)
        return set(self.snapshot.paths) - before

    def has(self, path: str, hints: Hints) -> bool:
        """Whether the last look has found a path."""
        return path in self.snapshot.paths

    async def listening(self) -> None:
        """Looks until every folder is listened to, and what was before has been told."""
        await self.look()
        await self.until(lambda hints: hints == EVERYTHING)
        await self.marked()

    async def marked(self) -> list[Hints]:
        """All hints that come before that for a file which is written now."""
        mark = f"mark-{os.urandom(4).hex()}"
        (self.root / mark).write_text("")
        seen = await self.until(lambda _: mark in self.snapshot.paths)
        only = Hints(seen[-1].paths - {mark}, relist=True)
        return [*seen[:-1], *([only] if only.paths else [])]

    async def until(self, wanted: Callable[[Hints], bool]) -> list[Hints]:
        """Looks after every hint until a wanted one has come; all of them."""
        seen: list[Hints] = []
        while not seen or not wanted(seen[-1]):
            seen.append(await self.hints())
            await self.look()
        return seen


@asynccontextmanager
async def watching(
    root: Path, pace: Pace = SELDOM, listener: Callable[[Callable[[Heard], None]], Listener] = Listener
) -> AsyncIterator[Watched]:
    """Watches a tree; by default without rounds of the patrol."""
    said: list[str] = []

    def say(source: str, message: str) -> None:
        assert source == SOURCE
        said.append(message)

    async with Watcher(root, say, pace=pace, listener=listener) as watcher:
        watched = Watched(root, watcher, said)
        await watched.listening()
        yield watched


def run(test: Coroutine[None, None, None]) -> None:
    """Runs a test's coroutine, and holds it to its deadline."""

    async def bounded() -> None:
        async with asyncio.timeout(3 * DEADLINE_S):
            await test

    asyncio.run(bounded())


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits for what watchfiles does in a thread of its own, such as letting go of what it has watched."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110, nothing tells of it
            await asyncio.sleep(0.001)


def inotify_watches() -> int:
    """How many watches this process has."""
    count = 0
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            count += info.read_text().count("inotify wd:")
        except OSError:
            continue
    return count


def listeners() -> int:
    """How many threads listen to events."""
    return sum(thread.name == "ftui-watch" for thread in threading.enumerate())


# Saves


def vim(path: Path, text: str) -> None:
    """`:w` with `backupcopy=no`: tries the folder, renames the file away, writes it anew, drops the backup."""
    probe, backup = path.with_name("4913"), path.with_name(f"{path.name}~")
    probe.touch()
    probe.unlink()
    path.rename(backup)
    path.write_text(text)
    path.chmod(0o644)
    backup.unlink()


def vim_in_place(path: Path, text: str) -> None:
    """`:w` with `backupcopy=yes` beside a swap file: copies the file away, writes it in place."""
    swap, backup = path.with_name(f".{path.name}.swp"), path.with_name(f"{path.name}~")
    swap.write_bytes(b"b0VIM")
    shutil.copyfile(path, backup)
    path.write_text(text)
    backup.unlink()
    swap.unlink()


def emacs(path: Path, text: str) -> None:
    """A lock that is a link to nowhere, an auto-save file, a write in place, both dropped."""
    lock, auto = path.with_name(f".#{path.name}"), path.with_name(f"#{path.name}#")
    lock.symlink_to("user@host.1:1")
    auto.write_text(text)
    path.write_text(text)
    auto.unlink()
    lock.unlink()


def vs_code(path: Path, text: str) -> None:
    """Truncates and writes in place."""
    with path.open("r+") as file:
        file.truncate(0)
        file.write(text)


def jetbrains(path: Path, text: str) -> None:
    """A safe write: a draft beside the file, the file renamed away, the draft put in its place."""
    draft, old = path.with_name(f"{path.name}___jb_tmp___"), path.with_name(f"{path.name}___jb_old___")
    draft.write_text(text)
    path.rename(old)
    draft.rename(path)
    old.unlink()


def rename_over(path: Path, text: str) -> None:
    """A draft that is renamed over the file."""
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(text)
    draft.replace(path)


@pytest.mark.parametrize("save", [vim, vim_in_place, emacs, vs_code, jetbrains, rename_over])
def test_a_save_gives_one_hint_that_names_the_file_alone(tree: MakeTree, save: Callable[[Path, str], None]) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            for number in range(3):
                save(root / "src/app.py", f"x = {number}\n")
                hints = await watched.hints()
                assert hints == Hints(frozenset({"src/app.py"}), relist=False)
                assert await watched.look() == set()
                assert await watched.marked() == []

    root = tree({"src/app.py": "x = 0\n", "src/b.py": ""}, git=True)
    run(test())


def test_a_backup_that_stays_is_hinted_at_once(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            for number in range(3):
                (root / "app.py~").write_text(str(number))
                (root / "app.py").write_text(str(number))
                seen = await watched.marked()
                expected = {"app.py", "app.py~"} if number == 0 else {"app.py"}
                assert frozenset().union(*(hints.paths for hints in seen)) == expected

    root = tree({"app.py": "", ".gitignore": "*~\n"}, git=True)
    run(test())


def test_an_ignored_file_beside_sources_is_hinted_at_again_once_the_rules_have_changed(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            for _ in range(2):
                (root / "server.log").write_text("a line\n")
                await watched.marked()
            (root / ".gitignore").write_text("")
            await watched.until(lambda hints: ".gitignore" in hints.paths)
            assert "server.log" in watched.snapshot.paths
            (root / "server.log").write_text("another line\n")
            assert (await watched.hints()).paths == {"server.log"}

    root = tree({"app.py": "", ".gitignore": "*.log\n"}, git=True)
    run(test())


def test_500_saves_in_a_row_end_with_a_hint_for_the_last(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:

            def save() -> None:
                for number in range(500):
                    (root / f"m{number % 10}.py").write_text(str(number))
                (root / "last.py").write_text("1")

            saving = asyncio.create_task(asyncio.to_thread(save))
            await watched.until(lambda hints: "last.py" in hints.paths)
            await saving

    root = tree({"last.py": "", **{f"m{number}.py": "" for number in range(10)}}, git=True)
    run(test())


# What is watched


@linux_only
@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
def test_ignored_trees_cost_no_watches(tree: MakeTree, repository: bool) -> None:
    async def test() -> None:
        before = inotify_watches()
        async with watching(root):
            assert inotify_watches() - before == len(("", "src", "src/pkg")) + (2 if repository else 0)
        await eventually(lambda: inotify_watches() == before)

    ignored = {f"{folder}/d{number}/file": "" for number in range(200) for folder in ("build", "src/out", "junk")}
    own_rules = {"venv39/.gitignore": "*\n", "venv39/lib/x.py": "", "src/pkg/__pycache__/x.pyc": ""}
    rules = {".gitignore": "build/\nout\njunk\n*.pyc\n"}
    root = tree({"src/pkg/app.py": "", **rules, **ignored, **(own_rules if repository else {})}, git=repository)
    run(test())


def test_a_new_folder_with_files_in_it_is_watched(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            (root / "new/deep").mkdir(parents=True)
            (root / "new/deep/a.py").write_text("")
            await watched.until(lambda hints: hints == EVERYTHING)
            assert "new/deep/a.py" in watched.snapshot.paths
            (root / "new/deep/b.py").write_text("")
            assert "new/deep/b.py" in (await watched.hints()).paths

    root = tree({"app.py": ""}, git=True)
    run(test())


@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
def test_a_file_in_a_folder_that_was_empty_is_hinted_at(tree: MakeTree, repository: bool) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            (root / empty / "a.py").write_text("")
            assert (await watched.hints()).paths == {f"{empty}/a.py"}

    root = tree({"app.py": ""}, git=repository)
    empty = "empty/inner" if repository else "empty"
    (root / empty).mkdir(parents=True)
    run(test())


def test_a_folder_that_is_removed_and_made_again_is_watched(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            shutil.rmtree(root / "src")
            (root / "src").mkdir()
            (root / "src/app.py").write_text("x = 1\n")
            await watched.until(lambda hints: hints == EVERYTHING)
            await watched.marked()
            (root / "src/app.py").write_text("x = 2\n")
            assert (await watched.hints()).paths == {"src/app.py"}

    root = tree({"src/app.py": "", "b.py": ""}, git=True)
    run(test())


def test_a_repository_that_is_made_in_the_tree_is_watched(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            git(root, "init", "-q")
            git(root, "add", "-A")
            await watched.until(lambda hints: GIT in hints.paths)
            await watched.listening()
            git(root, "commit", "-qm", "a commit")
            await watched.until(lambda hints: GIT in hints.paths)

    root = tree({"app.py": ""})
    run(test())


def test_a_folder_of_10_000_files_is_found_as_a_whole(tree: MakeTree, tmp_path: Path) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            (root / "many").mkdir()
            for number in range(10_000):
                (root / f"many/m{number}.py").touch()
            await watched.until(
                lambda _: len(watched.snapshot.paths) > 10_000 and "many/m9999.py" in watched.snapshot.paths
            )
            await watched.listening()
            (root / "many/m5000.py").write_text("x = 1\n")
            assert "many/m5000.py" in (await watched.hints()).paths
            assert watched.said == []

    root = tree({"app.py": ""}, git=True)
    run(test())


# Git


def test_what_git_does_in_a_worktree_is_hinted_at(tree: MakeTree, tmp_path: Path) -> None:
    async def test() -> None:
        async with watching(linked) as watched:
            git(linked, "commit", "-q", "--allow-empty", "-m", "another")
            git(linked, "checkout", "-q", "--detach", "HEAD~1")
            await watched.until(lambda hints: GIT in hints.paths)

    root = tree({"app.py": ""}, git=True)
    linked = tmp_path / "linked"
    git(root, "worktree", "add", "-q", str(linked))
    run(test())


def test_the_tree_below_the_root_of_a_repository_hears_of_git_too(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root / "part") as watched:
            git(root, "rm", "-q", "--cached", "top.py")
            assert (await watched.hints()).paths == {GIT}

    root = tree({"part/app.py": "", "top.py": ""}, git=True)
    run(test())


def test_listing_files_causes_no_hint(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            await watched.look()
            git(root, "--no-optional-locks", "status")
            assert await watched.marked() == []

    root = tree({"src/app.py": ""}, git=True)
    run(test())


# What goes wrong


def test_a_root_that_is_removed_is_waited_for(tree: MakeTree, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            shutil.rmtree(root)
            waiting = asyncio.create_task(watched.watcher.changes())
            async with asyncio.timeout(DEADLINE_S):
                while not any("gone" in line for line in watched.said):
                    await asyncio.sleep(0.001)
                    if waiting.done():  # a look at what is left, while it is being removed
                        waiting = asyncio.create_task(watched.watcher.changes())
                root.mkdir()
                (root / "new.py").write_text("")
                assert await waiting == EVERYTHING
            await watched.listening()
            assert "new.py" in watched.snapshot.paths
            assert watched.said == [
                f"{root} is gone: waiting for it to come back",
                f"{root} is another folder than before: everything in it is looked at",
            ]

    monkeypatch.setattr(watch, "ROOT_S", 0.01)
    root = tree({"src/app.py": "", "b.py": ""})
    run(test())


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system, which takes Linux and root"
)
def test_a_mount_that_goes_is_said_and_what_is_below_it_is_looked_at(tmp_path: Path) -> None:
    async def test() -> None:
        async with watching(root, OFTEN) as watched:
            umount()
            await watched.until(lambda _: "app.py" not in watched.snapshot.paths)
            assert watched.said == [f"{root} is another folder than before: everything in it is looked at"]
            await watched.listening()

    def umount() -> None:
        subprocess.run(("umount", root), capture_output=True, check=False)

    root = tmp_path / "mounted"
    root.mkdir()
    if subprocess.run(("mount", "-t", "tmpfs", "tmpfs", root), capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        (root / "app.py").write_text("")
        run(test())
    finally:
        umount()


@contextmanager
def nobody(root: Path) -> Iterator[None]:
    """Goes on as an ordinary user, who owns this tree, since root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    for folder in list(root.parents)[:-2]:
        folder.chmod(folder.stat().st_mode | 0o011)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@linux_only
def test_a_folder_that_may_not_be_read_is_said_once(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            for number in range(3):
                (root / f"src{number}").mkdir()
                (root / f"src{number}/b.py").write_text("1")
                await watched.until(partial(watched.has, f"src{number}/b.py"))
            assert watched.said == [
                "secret cannot be watched, as it may not be read or its name is not UTF-8: "
                "changes in it are found late or not at all"
            ]

    root = tree({"app.py": "", "secret/a.py": "", "src/b.py": ""}, git=True)
    with nobody(root):
        (root / "secret").chmod(0)
        try:
            run(test())
        finally:
            (root / "secret").chmod(0o755)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are text there")
def test_names_that_are_not_text_do_not_end_the_watch(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root, OFTEN) as watched:
            for number in range(watch.DEATHS - 1):
                odd.write_text(str(number))
                await watched.until(lambda hints: hints == EVERYTHING)
                await watched.marked()
            assert watched.said == []
            odd.write_text("the last straw")
            await watched.until(lambda _: bool(watched.said))
            assert len(watched.said) == 1
            assert "Unable to decode path" in watched.said[0]
            (root / "src/app.py").write_text("found by a round")
            await watched.until(lambda _: True)

    root = tree({"src/app.py": ""}, git=True)
    odd = root / os.fsdecode(b"caf\xe9.py")
    run(test())


class NoMore(Listener):
    """A listener where the system refuses to give watches."""

    def __init__(self, tell: Callable[[Heard], None], *, error: Exception) -> None:
        super().__init__(tell)
        self._error = error

    def _listen(self) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (OSError('OS file watch limit reached. about ["/x"]'), "fs.inotify.max_user_watches"),
        (RuntimeError("Error creating recommended watcher: Too many open files (os error 24)"), "max_user_instances"),
    ],
)
def test_at_the_limit_of_watches_changes_are_found_all_the_same(tree: MakeTree, error: Exception, setting: str) -> None:
    async def test() -> None:
        async with watching(root, OFTEN, partial(NoMore, error=error)) as watched:
            for number in range(3):
                (root / "app.py").write_text(str(number))
                await watched.until(lambda _: True)
            assert len(watched.said) == 1
            assert setting in watched.said[0]

    root = tree({"app.py": "", "src/b.py": ""}, git=True)
    run(test())


class Lossy(Listener):
    """A listener that loses every event."""

    def __init__(self, tell: Callable[[Heard], None]) -> None:
        super().__init__(lambda heard: None if isinstance(heard, frozenset) else tell(heard))


@pytest.mark.parametrize("change", ["edit", "new", "new in a folder", "deletion", "mode"])
def test_what_events_miss_is_found_by_a_round(tree: MakeTree, change: str) -> None:
    async def test() -> None:
        async with watching(root, OFTEN, Lossy) as watched:
            target = root / "src/app.py"
            if change == "edit":
                target.write_text("x = 1\n")
            elif change == "new":
                (root / "src/new.py").write_text("")
            elif change == "new in a folder":
                (root / "other").mkdir()
                (root / "other/new.py").write_text("")
            elif change == "deletion":
                target.unlink()
            else:
                target.chmod(0o755)
            assert await watched.hints() == EVERYTHING

    root = tree({"src/app.py": "", "b.py": ""}, git=True)
    run(test())


def test_after_a_sleep_of_the_machine_everything_is_looked_at(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root, listener=partial(Listener, clock=lambda: now[0])) as watched:
            now[0] += GAP_S * 100
            assert await watched.hints() == EVERYTHING
            await watched.look()
            (root / "app.py").write_text("1")
            assert (await watched.hints()).paths == {"app.py"}

    now = [1000.0]
    root = tree({"app.py": ""})
    run(test())


def test_waiting_can_be_given_up_without_losing_a_hint(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root) as watched:
            for number in range(5):
                waiting = asyncio.create_task(watched.watcher.changes())
                await asyncio.sleep(0)
                (root / "app.py").write_text(str(number))
                waiting.cancel()
                await asyncio.wait((waiting,))
                assert (await watched.hints()).paths == {"app.py"}
                await watched.look()

    root = tree({"app.py": ""})
    run(test())


# The end


@linux_only
def test_nothing_is_left_when_the_block_is_left(tree: MakeTree) -> None:
    async def test() -> None:
        async with watching(root):  # what is made once and kept, such as the loop's own threads
            pass
        await eventually(lambda: inotify_watches() == 0)
        gc.collect()  # what other tests have left open is not closed in the middle of this one
        before = psutil.Process().num_fds()
        for _ in range(20):
            async with watching(root):
                pass
        assert listeners() == 0
        await eventually(lambda: inotify_watches() == 0 and psutil.Process().num_fds() <= before)

    root = tree({"src/app.py": "", "b.py": ""}, git=True)
    run(test())


@linux_only
def test_memory_descriptors_and_threads_stay_flat_over_a_thousand_edits(
    tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with watching(root) as watched:

            async def edit(numbers: Iterable[int]) -> None:
                for number in numbers:
                    (root / "src/app.py").write_text(str(number))
                    hints = await watched.hints()
                    assert hints.paths == {"src/app.py"}
                    await watched.watcher.looked(watched.snapshot)

            await edit(range(50))
            process = psutil.Process()
            before = (process.num_fds(), process.num_threads(), inotify_watches())
            memory = process.memory_info().rss
            await edit(range(1000))
            assert (process.num_fds(), process.num_threads(), inotify_watches()) == before
            assert process.memory_info().rss - memory < 2 * 2**20

    monkeypatch.setattr(listen, "STEP_S", 0.001)
    monkeypatch.setattr(listen, "QUIET_S", 0.001)
    root = tree({"src/app.py": "", "b.py": ""})
    run(test())
