"""Disks with clocks of their own."""

from __future__ import annotations

import os
from pathlib import Path

from ftui.cache.signature import Disk

HOUR = 3600 * 10**9


class LaterDisk(Disk):
    """The same disk, looked at some time later: what was just written has settled."""

    __slots__ = ("later",)

    def __init__(self, root: Path, later: int = HOUR) -> None:
        super().__init__(str(root))
        self.later = later

    def now(self) -> int:
        return super().now() + self.later


class SecondsDisk(Disk):
    """A disk whose clock, and therefore every time stamp, goes in whole seconds; `tick` moves it on."""

    __slots__ = ("clock", "stamps")

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.clock = 1_700_000_000 * 10**9
        self.stamps: dict[str, int] = {}
        self.lstat = self.stamped

    def stamped(self, path: str) -> os.stat_result:
        real = os.lstat(os.path.join(self.root, path))
        stamp = self.stamps[path]
        return os.stat_result(tuple(real)[:10], {"st_mtime_ns": stamp, "st_ctime_ns": stamp})

    def write(self, path: str, content: bytes) -> None:
        with open(os.path.join(self.root, path), "r+b" if path in self.stamps else "wb") as file:
            file.write(content)
        self.stamps[path] = self.clock // 10**9 * 10**9

    def now(self) -> int:
        return self.clock
