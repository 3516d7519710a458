"""Hears of changes in a tree. What it says is a hint of where to look, and when; a sweep of the tree decides.

No hint is needed for a change to be found in the end: events that get lost are made up for by rounds of a patrol.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from ftui.cache.index import Snapshot
from ftui.engine.folders import Folders, folders, parents
from ftui.engine.held import TELLING, git_folder
from ftui.engine.hints import EVERYTHING, GIT, Sieve
from ftui.engine.listen import MANY, RECURSIVE, Listener, News
from ftui.engine.mounts import unheard
from ftui.engine.patrol import Pace, Patrol
from ftui.tree import display

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Final

    from ftui.engine.hints import Hints
    from ftui.engine.listen import Heard

SOURCE: Final = "watcher"
ROOT_S: Final = 0.5
"""Seconds between two looks for a root that is gone."""
DEATHS: Final = 5
"""So many failures within `DEATHS_S`, and events are given up for as long."""
DEATHS_S: Final = 60.0


class Watcher:
    """Watches one tree, from the first look until the block is left. One task may wait for changes.

    After each look at the tree it has to be told what was found (`looked`). With the first one it begins to listen;
    when it does, and whenever it may have missed something, the hint is to look at everything.

    Args:
        root: of the tree.
        say: takes a line for the user, with its source.
        pace: how often to look for changes that no event told of.
        listener: makes the thread that hears of events.
    """

    def __init__(
        self,
        root: Path,
        say: Callable[[str, str], None],
        *,
        pace: Pace | None = None,
        listener: Callable[[Callable[[Heard], None]], Listener] = Listener,
    ) -> None:
        self._root = root.resolve()
        self._say = say
        self._said: set[str] = set()
        self._pace = pace or Pace()
        self._listener = listener(self._hear_from_thread)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rounds: asyncio.Task[None] | None = None
        self._patrol: Patrol | None = None

        self._wake = asyncio.Event()
        self._everything = False
        self._pending: set[str] = set()
        self._sieve = Sieve(str(self._root))

        self._paths: list[str] = []
        self._folders = Folders(frozenset(), ())
        self._git: Path | None = None
        self._identity = _identity(self._root)
        self._unheard: str | None = None
        self._deaf_since: float | None = None
        self._deaths: list[float] = []

    async def __aenter__(self) -> Watcher:
        self._loop = asyncio.get_running_loop()
        self._listener.start()
        self._rounds = self._loop.create_task(self._make_rounds())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop = None
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.wait((self._rounds,))
        self._listener.close()

    async def changes(self) -> Hints:
        """Waits until the tree may have changed since it was last looked at. May be cancelled without losing a hint."""
        while True:
            while not (self._everything or self._pending):
                self._wake.clear()
                await self._wake.wait()
            if not self._root_is_there():
                await asyncio.sleep(ROOT_S)
                continue
            everything, pending = self._everything, self._pending
            self._everything, self._pending = False, set()
            if everything:
                return EVERYTHING
            if (hints := self._sieve.take(pending)) is not None:
                return hints

    async def looked(self, snapshot: Snapshot, began_ns: int | None = None) -> None:
        """Tells what a look at the tree has found, before the next changes are waited for.

        Folders that are new to it are watched from here on; then there is a hint to look at everything once more.

        Args:
            snapshot: the tree as it was found.
            began_ns: when the look began, nanoseconds since 1970, where the tree may have changed since.
        """
        anew, self._sieve.folders_moved = self._sieve.folders_moved, False
        before, self._paths = self._paths, snapshot.paths

        def survey() -> tuple[Folders, Path | None, Patrol]:
            found = self._folders
            new_paths = before != snapshot.paths
            if anew or (new_paths and not found.watchable.issuperset(parents(snapshot.paths))):
                found = folders(str(self._root), snapshot.paths)
            patrol = Patrol(str(self._root), snapshot, found.watchable, began_ns=began_ns)
            return found, git_folder(self._root), patrol

        found, git, self._patrol = await asyncio.to_thread(survey)
        self._sieve.learn(snapshot, found.watchable)
        if anew or (found, git) != (self._folders, self._git):
            self._watch(found, git)

    # What the thread hears

    def _hear_from_thread(self, heard: Heard) -> None:
        if (loop := self._loop) is not None:
            loop.call_soon_threadsafe(self._hear, heard)

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, frozenset):
            self._pending.update(hint for path in heard if (hint := self._hint(path)) is not None)
            self._everything = self._everything or len(self._pending) > MANY
        elif isinstance(heard, News):
            self._everything = True
            if heard is News.LISTENING:
                self._deaf_since = None
            elif heard is News.MANY:
                self._sieve.folders_moved = True  # one may have been made again, and the event be lost
        else:
            self._everything = True
            self._fail(heard)
        self._wake.set()

    def _hint(self, path: str) -> str | None:
        """The hint that an absolute path from an event stands for; None for what does not matter."""
        inside = _below(self._git, path)
        if inside is not None:
            return GIT if not inside or inside in TELLING else None
        return _below(self._root, path)

    def _fail(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        self._deaths = [death for death in self._deaths if now - death < DEATHS_S] + [now]
        setting = _setting(error)
        if setting is not None:
            self._deaf_since = now
            self._say_once(
                "the system's limit of file watches is reached: changes are looked for at intervals instead; "
                f"raise it with `sudo sysctl {setting}`"
            )
        elif len(self._deaths) >= DEATHS:
            self._deaf_since = now
            self._say_once(f"listening failed {DEATHS} times ({_words(error)}): changes are looked for at intervals")
        else:
            self._sieve.folders_moved = True  # so that the look that follows makes it listen again

    def _say_once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._say(SOURCE, message)

    # What is watched

    def _watch(self, found: Folders, git: Path | None) -> None:
        self._folders, self._git = found, git
        self._unheard = unheard(self._root)
        if self._unheard is not None:
            self._say_once(f"{self._unheard}: the tree is looked at every few seconds as well")
        if found.denied:
            more = f" and {len(found.denied) - 1} more" if len(found.denied) > 1 else ""
            self._say_once(
                f"{display(found.denied[0]) or 'the root'}{more} cannot be watched, as it may not be read or its name "
                "is not UTF-8: changes in it are found late or not at all"
            )
        self._listener.listen(self._places())

    def _places(self) -> list[str]:
        """The absolute paths to listen to."""
        git = [self._git, self._git / "info"] if self._git is not None else []
        outside = [str(folder) for folder in git if folder.is_dir()]
        if RECURSIVE:
            return [str(self._root), *(path for path in outside if _below(self._root, path) is None)]
        return [*(os.path.join(self._root, folder).rstrip("/") for folder in sorted(self._folders.watchable)), *outside]

    def _root_is_there(self) -> bool:
        """Whether there is a tree to look at; sees to it that a root that was made again is watched."""
        before, self._identity = self._identity, _identity(self._root)
        if self._identity is None:
            if before is not None:
                self._say(SOURCE, f"{self._root} is gone: waiting for it to come back")
        elif self._identity != before:
            self._say(SOURCE, f"{self._root} is another folder than before: everything in it is looked at")
            self._sieve.folders_moved = self._everything = True
        return self._identity is not None

    # What no event told of

    async def _make_rounds(self) -> None:
        loop, cost_s = asyncio.get_running_loop(), 0.0
        while True:
            alone = self._deaf_since is not None or self._unheard is not None
            await asyncio.sleep(self._pace.interval(cost_s, alone=alone))
            if self._deaf_since is not None and loop.time() - self._deaf_since > DEATHS_S:
                self._deaf_since = loop.time()
                self._listener.listen(self._places())
            patrol, begin = self._patrol, loop.time()
            if patrol is None:
                continue
            moved = await asyncio.to_thread(patrol.round)
            cost_s = loop.time() - begin
            if moved and patrol is self._patrol:
                self._everything = True
                self._wake.set()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        st = os.stat(folder)
    except OSError:
        return None
    return st.st_dev, st.st_ino


def _below(folder: Path | None, path: str) -> str | None:
    """The posix path relative to a folder; None where it is not in it."""
    if folder is None:
        return None
    prefix = os.path.join(folder, "")
    if path + os.sep == prefix:
        return ""
    return path.removeprefix(prefix).replace(os.sep, "/") if path.startswith(prefix) else None


def _setting(error: Exception) -> str | None:
    """The setting to raise, where an error says that the system has no watch left to give."""
    words = str(error)
    if "watch limit reached" in words or "No space left" in words:
        return "fs.inotify.max_user_watches=524288"
    if "os error 24" in words:
        return "fs.inotify.max_user_instances=1024"
    return None


def _words(error: Exception) -> str:
    return display(" ".join(str(error).split()))[:200]
