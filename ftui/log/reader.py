"""Reads the log, what is added to it included."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.log.lines import LEVELS, Level, LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from ftui.log.writer import LogFiles

POLL_S = 0.2
"""Seconds between two looks at whether there is more."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which lines are asked for."""

    root: str | None = None
    """Those of one project, and those of none."""
    run: str | None = None
    """Those of the runs whose id begins so."""
    check: str | None = None
    level: Level = "info"
    """Those that are at least as urgent."""

    def __contains__(self, line: LogLine) -> bool:
        return (
            (self.root is None or line.root in (self.root, ""))
            and (self.run is None or line.run_id.startswith(self.run))
            and (self.check is None or line.check_id == self.check)
            and LEVELS.index(line.level) >= LEVELS.index(self.level)
        )


class Reader:
    """Reads the lines that are asked for.

    Args:
        files: of the log.
        wanted: which lines.
    """

    def __init__(self, files: LogFiles, wanted: Wanted) -> None:
        *self._older, self._current = files.paths()
        self._wanted = wanted
        self._inode = self._place = 0

    def last(self, limit: int) -> list[LogLine]:
        """The last lines, the latest last."""
        found: deque[LogLine] = deque(maxlen=limit)
        for path in self._older:
            try:
                with open(path, "rb") as file:
                    found.extend(self._lines(file))
            except OSError:  # there is none, or another process has just set it aside
                continue
        self._inode = self._place = 0
        found.extend(self._more())
        return list(found)

    def follow(self, wait: Callable[[float], None] = time.sleep) -> Iterator[LogLine]:
        """What is added to what was read, for ever; goes on when the file is another one.

        Args:
            wait: lets seconds go by.
        """
        while True:
            yield from self._more()
            wait(POLL_S)

    def _more(self) -> Iterator[LogLine]:
        """What the current file has beyond what was read of it."""
        try:
            with open(self._current, "rb") as file:
                st = os.fstat(file.fileno())
                if st.st_ino != self._inode or st.st_size < self._place:
                    self._inode, self._place = st.st_ino, 0
                file.seek(self._place)
                yield from self._lines(file)
        except FileNotFoundError:
            return

    def _lines(self, file: BinaryIO) -> Iterator[LogLine]:
        for raw in file:
            if not raw.endswith(b"\n"):  # the rest of it is still being written
                break
            self._place += len(raw)
            line = _decoded(raw)
            if line is not None and line in self._wanted:
                yield line


def _decoded(raw: bytes) -> LogLine | None:
    try:
        return msgspec.json.decode(raw, type=LogLine)
    except (msgspec.MsgspecError, UnicodeDecodeError):  # of another version, or cut off by a full disk
        return None
