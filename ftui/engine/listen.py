"""A thread that listens to the system's file events."""

from __future__ import annotations

import sys
import threading
import time
from enum import Enum
from typing import TYPE_CHECKING

from watchfiles._rust_notify import RustNotify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, TypeAlias

STEP_MS: Final = 30
"""How often watchfiles looks whether there were events. It tells of them when nothing more came for another step: 45 ms
after a save at the median, and 60 at most, for 0.15 processor seconds in an idle minute."""
DEBOUNCE_MS: Final = 300
"""How long it waits at most while there are ever more."""
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

    def listen(self, folders: Sequence[str]) -> None:
        """Listens to these folders from now on, given as absolute paths, and to no others."""
        self._folders = folders
        self._turn.set()

    def close(self) -> None:
        """Ends the thread, and returns when that is done: after a step at most."""
        self._closed = True
        self._turn.set()
        self.join()

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
        with RustNotify(list(self._folders), False, False, 0, RECURSIVE, False) as notify:
            self._last_step = self._clock()
            self._tell(News.LISTENING)
            while True:
                changes = notify.watch(DEBOUNCE_MS, STEP_MS, 0, self)
                if self._turn.is_set():
                    return
                if isinstance(changes, str):
                    self._tell(News.AWAKE)
                else:
                    self._tell(News.MANY if len(changes) > MANY else frozenset(path for _, path in changes))

    def is_set(self) -> bool:
        """Whether watchfiles is to stop waiting; it asks in every step, and forgets what it has not told of yet."""
        before, self._last_step = self._last_step, self._clock()
        return self._turn.is_set() or self._last_step - before > GAP_S
