"""Writes the log, in a thread of its own; reads no clock but the wall's, which is for people."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from ftui.beside import Beside
from ftui.events import CheckOutput, RunStarted
from ftui.log.lines import LogLine, line_of
from ftui.tree import display

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ftui.events import Event
    from ftui.likely_secrets import LikelySecrets

NAME = "ftui.jsonl"
LARGEST = 4 * 1024 * 1024
"""Bytes from which on a file is set aside and another one begun."""
OLDER = 3
"""Files that are kept beside the current one."""


class LogFiles:
    """The files of the log.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def paths(self) -> list[str]:
        """All that there may be, the oldest first; the last one is the current one."""
        older = [os.path.join(self._folder, f"ftui.{number}.jsonl") for number in range(OLDER, 0, -1)]
        return [*older, os.path.join(self._folder, NAME)]

    def append(self, lines: bytes) -> None:
        """Adds whole lines; another process may do so at the same time.

        Raises:
            OSError: they cannot be written.
        """
        os.makedirs(self._folder, 0o700, exist_ok=True)
        *_, current = paths = self.paths()
        if _size(current) + len(lines) > LARGEST:
            for older, newer in pairwise(paths):
                if os.path.exists(newer):
                    os.replace(newer, older)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(current, flags, 0o600), "ab", buffering=0) as file:
            file.write(lines)


class EventLog:
    """Logs the events of runs, as a front end.

    Args:
        files: where to.
        root: absolute path of the project.
        say: takes a message for the user, in the thread.
        environ: the variables whose values may be secrets.
    """

    def __init__(
        self, files: LogFiles, root: str, say: Callable[[str], None], environ: Mapping[str, str] = os.environ
    ) -> None:
        self._files = files
        self._root = display(root)
        self._say = say
        self._environ = environ
        self._secrets: LikelySecrets | None = None
        self._usable = True
        self._thread = Beside("ftui-log", "the log of this run is not kept", say)

    def write(self, event: Event, state: object = None) -> None:
        """Takes in the next event; only notes it, and never blocks."""
        if not isinstance(event, CheckOutput):
            at = event.started_at if isinstance(event, RunStarted) else time.time()
            self._thread.put(lambda: self._log(event, at))

    def close(self) -> None:
        """Ends the thread when it has written what there is; does not wait for it."""
        self._thread.close()

    async def finish(self) -> None:
        """Waits until all is written, a short time at most."""
        await self._thread.finish()

    def _log(self, event: Event, at: float) -> None:
        if not self._usable:
            return
        if self._secrets is None:
            from ftui.likely_secrets import LikelySecrets  # in the thread: its patterns take a moment to compile

            self._secrets = LikelySecrets(self._environ)
        told = line_of(event, self._secrets.hide)
        if told is None:
            return
        level, message, data = told
        check_id = getattr(event, "check_id", None)
        line = LogLine(
            at=at,
            level=level,
            event=event.__struct_config__.tag if isinstance(event.__struct_config__.tag, str) else "",
            run_id=event.run_id,
            check_id=check_id and display(check_id),
            root=self._root,
            pid=os.getpid(),
            message=display(message),
            data={name: display(value) if isinstance(value, str) else value for name, value in data.items()},
        )
        try:
            self._files.append(encoded(line))
        except OSError as error:
            self._usable = False
            self._say(f"the log of this run is not kept: {error.strerror or error}")


def encoded(line: LogLine) -> bytes:
    """A line as bytes, its newline included."""
    return msgspec.json.encode(line) + b"\n"


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
