"""A thread that listens to the system's file events."""

from __future__ import annotations

import sys
import threading
import time
from enum import Enum
from typing import TYPE_CHECKING

from watchfiles._rust_notify import RustNotify

from ftui.engine.bell import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, TypeAlias

STEP_S: Final = 0.04
"""How often to ask for events where the system does not tell that there are any. A save is heard of half of this and
`QUIET_S` later at the median; with a longer step less of the processor is used while nothing happens."""
LOOK_S: Final = 0.1
"""How often to ask for them where it does: what watchfiles has read before this thread wakes, as it may where the
machine is busy, is not told of."""
QUIET_S: Final = 0.01
"""Changes that come closer together than this are told together, as the steps in which an editor saves a file."""
LONGEST_S: Final = 0.3
"""How long to wait for quiet."""
MANY: Final = 2_000
"""Paths from which on they are not told one by one. The system drops events beyond 16,384 without a word."""
GAP_S: Final = 5.0
"""Seconds between two steps from which on the machine, or this process, is taken to have slept."""

RECURSIVE: Final = sys.platform != "linux"
"""Whether one watch covers all that lies below a folder, at no cost. Linux has one for each folder."""


class News(Enum):
    """What is heard beside changed paths; each means that everything has to be looked at."""

    LISTENING = "listening"
    """From now on changes are told of; what was before is not known."""
    MANY = "many"
    """So much has changed that events may have been lost."""
    AWAKE = "awake"
    """The machine was asleep, or the process stopped."""


Heard: TypeAlias = "frozenset[str] | News | Exception"
"""Absolute paths that may have changed; or news; or why listening has ended."""


class Listener(threading.Thread):
    """Listens until it is closed.

    Args:
        tell: called in this thread with what is heard.
        clock: seconds since any moment, which go on while the machine sleeps.
    """

    def __init__(self, tell: Callable[[Heard], None], *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(name="ftui-watch", daemon=True)
        self._tell = tell
        self._clock = clock
        self._last_step = 0.0
        self._turn = threading.Event()
        self._folders: Sequence[str] = ()
        self._closed = False
        self._bell = Bell(STEP_S)

    def listen(self, folders: Sequence[str]) -> None:
        """Listens to these folders from now on, given as absolute paths, and to no others."""
        self._folders = folders
        self._turn.set()
        self._bell.ring()

    def close(self) -> None:
        """Ends the thread, and returns when that is done: after a step at most."""
        self._closed = True
        self._turn.set()
        self._bell.ring()
        self.join()
        self._bell.close()

    def run(self) -> None:
        """The thread's own loop."""
        while True:
            self._turn.wait()
            self._turn.clear()
            if self._closed:
                return
            try:
                self._listen()
            except (OSError, RuntimeError) as error:  # what watchfiles raises, from a limit to a name that is no text
                self._tell(error)

    def _listen(self) -> None:
        with self._bell.hang(lambda: RustNotify(list(self._folders), False, False, 0, RECURSIVE, False)) as notify:
            now = self._clock()
            self._tell(News.LISTENING)
            longest_s = STEP_S
            while not self._turn.is_set():
                rang = self._bell.wait(longest_s)
                if rang:
                    time.sleep(QUIET_S)  # for watchfiles to read what it rang for
                before, now = now, self._clock()
                if now - before > GAP_S:
                    self._tell(News.AWAKE)
                if paths := _heard(notify):
                    self._tell(_until_quiet(notify, paths))
                elif rang:  # for what nobody is told of, as that a file was opened; or watchfiles is late
                    self._turn.wait(STEP_S)
                # Where something happens more of it follows.
                longest_s = STEP_S if paths or rang else LOOK_S


def _until_quiet(notify: RustNotify, paths: set[str]) -> Heard:
    """These paths, and those that come until nothing has come for `QUIET_S`."""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end and len(paths) <= MANY:
        time.sleep(QUIET_S)
        more = _heard(notify)
        if not more:
            break
        paths |= more
    return News.MANY if len(paths) > MANY else frozenset(paths)


class _NothingYetError(Exception):
    """watchfiles has heard of nothing."""


class _AtOnce:
    """A stop event for watchfiles that lets it look twice, which it does before it tells of anything.

    It then raises, since watchfiles would forget what it hears of while it is being stopped.
    """

    def __init__(self) -> None:
        self._asked = 0

    def is_set(self) -> bool:
        self._asked += 1
        if self._asked > 2:
            raise _NothingYetError
        return False


def _heard(notify: RustNotify) -> set[str]:
    """The paths that watchfiles has heard of by now.

    Left to itself it sleeps for a step before each of its two looks, so that a save would be heard of 1.5 steps later
    at the median instead of half a step.
    """
    try:
        changes = notify.watch(0, 0, 0, _AtOnce())
    except _NothingYetError:
        return set()
    return set() if isinstance(changes, str) else {path for _, path in changes}
