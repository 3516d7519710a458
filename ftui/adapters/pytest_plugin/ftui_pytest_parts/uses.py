"""What code uses beside other code: files that it opens, folders that it lists, and what cannot be followed.

The interpreter tells of it through an audit hook (PEP 578), which stays for the life of the process and is deaf except
while something listens.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_PROCESSES = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"),
    "_winapi.CreateProcess",
}
_FOLDERS = {"os.listdir", "os.scandir"}
_FILES = {"open", "sqlite3.connect", "ctypes.dlopen"}
_HIDDEN = ("/.git/", "/__pycache__/", "/site-packages/", "/node_modules/", "/.venv/", "/.pytest_cache/")
_LOOKED_UP = 8
"""Frames that are looked at for the import system."""


class Uses:
    """What something used.

    Attributes:
        blocks: of the tree's Python code that ran: path and name.
        files: other files of the tree that were opened, whether they exist or not.
        folders: of the tree, that were listed.
        unknown: why it cannot be told what was used; empty when it can.
    """

    def __init__(self) -> None:
        self.blocks: set[tuple[str, str]] = set()
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.unknown = ""

    def add(self, other: Uses) -> None:
        """Takes in what another one used."""
        self.blocks |= other.blocks
        self.files |= other.files
        self.folders |= other.folders
        self.unknown = self.unknown or other.unknown


class Listener:
    """Hears what the process uses.

    Args:
        root: absolute path of the tree.
        threads: whether the start of a thread makes unknown what is used.
    """

    def __init__(self, root: str, *, threads: bool) -> None:
        self._above = os.path.join(root, "")
        self._threads = threads
        self.heard: Uses | None = None
        """Takes what is used from here on; None to be deaf."""
        self.busy = False
        """Whether what is used now is none of the tests' business."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        heard = self.heard
        if heard is None or self.busy:
            return
        if event in _FILES:
            self._opened(heard, args[0])
        elif event in _FOLDERS:
            self._listed(heard, args[0])
        elif event in _PROCESSES:
            heard.unknown = heard.unknown or "starts a process"
        elif event == "_thread.start_new_thread" and self._threads:
            heard.unknown = heard.unknown or "starts a thread"
        elif event == "sys.setprofile" and self._threads:
            heard.unknown = heard.unknown or "uses a profiler"

    def _opened(self, heard: Uses, name: object) -> None:
        path = self._in_tree(name)
        # Modules are known by what runs of them.
        if path and not path.endswith((".pyc", ".pyo")) and not (path.endswith(".py") and self._importing()):
            heard.files.add(path)

    def _listed(self, heard: Uses, name: object) -> None:
        path = self._in_tree(os.curdir if name is None else name)
        if path is not None and not self._importing():
            heard.folders.add(path)

    def _importing(self) -> bool:
        """Whether it is the import system, or pytest itself, that asks for a file."""
        frame: FrameType | None = sys._getframe(3)
        for _ in range(_LOOKED_UP):
            if frame is None:
                return False
            filename = frame.f_code.co_filename
            if filename.startswith("<frozen importlib") or f"{os.sep}_pytest{os.sep}" in filename:
                return True
            if filename.startswith(self._above) and "site-packages" not in filename:
                return False
            frame = frame.f_back
        return False

    def _in_tree(self, name: object) -> str | None:
        """The path of a file below the root, posix and relative to it; None for any other."""
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if not isinstance(name, (str, os.PathLike)):
            return None
        path = os.path.abspath(name)
        if path == self._above[:-1]:
            return ""
        if not path.startswith(self._above):
            return None
        path = path[len(self._above) :].replace(os.sep, "/")
        return None if any(part in f"/{path}" for part in _HIDDEN) else path
