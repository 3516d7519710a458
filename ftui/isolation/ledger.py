"""Which names there are, and whose: so that what a killed run leaves behind is found and cleaned up by a later one.

Each run has a file of its own in the user's state folder, and holds a lock on it for as long as it lives. The system
lets go of the lock however the run ends, so a file of this machine that can be locked is that of a run that is dead. It
holds no URL and no password.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from typing import IO, TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from ftui.location import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".json"
FOLDER_PREFIX = "ftui-isolated-"
"""Of the temporary folder of a run's files; the run follows."""
_EMPTY_S = 3600.0
"""Age from which a file with nothing in it is rubbish: its run was killed before it could say anything."""


class Noted(Struct, frozen=True):
    """What one run has made, or may have made."""

    run: str
    """The part of its names that no other run has."""
    servers: tuple[str, ...] = ()
    """Where databases of its own may be."""
    folder: str = ""
    """Where its files are; empty where there are none."""
    host: str = field(default_factory=platform.node)
    """The machine that it ran on: where a home is shared, others may not see its lock."""


class Entry:
    """The file of one run, locked.

    Attributes:
        noted: what it says.
    """

    def __init__(self, path: str, file: IO[bytes], noted: Noted) -> None:
        self._path = path
        self._file = file
        self.noted = noted

    def close(self, *, done: bool) -> None:
        """Lets go of the file.

        Args:
            done: nothing is left that it stands for.
        """
        if done and sys.platform != "win32":
            _remove(self._path)
        self._file.close()
        if done:
            _remove(self._path)


class Ledger:
    """The files of all runs of a user.

    Args:
        folder: where they lie; made when it is needed.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def note(self, noted: Noted) -> Entry:
        """Makes the file of a run that begins.

        Raises:
            OSError: it cannot be written.
        """
        os.makedirs(self._folder, 0o700, exist_ok=True)
        path = os.path.join(self._folder, noted.run + SUFFIX)
        # Opened where others may see it before it is locked: they leave an empty file alone.
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b")
        try:
            if not _lock(file):
                raise OSError(f"{path} cannot be locked")
            file.write(msgspec.json.encode(noted))
            file.flush()
        except OSError:
            file.close()
            _remove(path)
            raise
        return Entry(path, file, noted)

    def dead(self) -> Iterator[Entry]:
        """The files of runs that are dead, each to be closed."""
        try:
            names = sorted(os.listdir(self._folder))
        except OSError:
            return
        for name in names:
            if name.endswith(SUFFIX) and (entry := self._dead(os.path.join(self._folder, name))) is not None:
                yield entry

    def _dead(self, path: str) -> Entry | None:
        try:
            file = open(path, "r+b")  # noqa: SIM115 - the lock lives as long as the file is open
        except OSError:  # another run was quicker
            return None
        if not _lock(file):
            file.close()
            return None
        try:
            noted = msgspec.json.decode(file.read(), type=Noted)
            if noted.run + SUFFIX != os.path.basename(path) or not re.fullmatch(r"[a-z2-7]{12}", noted.run):
                raise msgspec.ValidationError("the file of another run")
        except (OSError, msgspec.DecodeError):
            old = time.time() - os.fstat(file.fileno()).st_mtime > _EMPTY_S
            file.close()
            if old:
                _remove(path)
            return None
        if noted.host != platform.node():
            file.close()
            return None
        return Entry(path, file, noted)


def ledger_folder() -> str | None:
    """Where the files of the user's runs lie; None without a home."""
    folder = state_folder()
    return None if folder is None else os.path.join(folder, "isolated")


def _lock(file: IO[bytes]) -> bool:
    """Locks a file until it is closed; whether nobody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 30)  # beyond its end: on Windows a locked byte cannot even be read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # gone already; or it cannot go, and a later run will meet it again
        return
