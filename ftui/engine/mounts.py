"""Where the system's file events do not tell of everything: file systems that others write to as well."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_SHARED: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "drvfs", "glusterfs", "lustre", "nfs", "nfs4", "ncpfs", "prl_fs", "smb3", "smbfs"}
    | {"fakeowner", "fuse", "vboxsf", "virtiofs", "vmhgfs"}
)
"""Network file systems, and those that show a host's files inside a virtual machine or a container."""


def unheard(root: Path) -> str | None:
    """Why events alone will not do for a tree, or None where they do. Answered for Linux; elsewhere always None."""
    if sys.platform != "linux":
        return None
    if is_wsl(_text("/proc/version")):
        return "this is WSL, where changes made from Windows cause no events"
    kind = file_system(_text("/proc/self/mounts"), str(root))
    return f"the tree is on {kind}, where changes made elsewhere cause no events" if is_shared(kind) else None


def is_wsl(version: str) -> bool:
    """Whether /proc/version is that of a kernel in the Windows Subsystem for Linux."""
    return "microsoft" in version.lower()


def is_shared(kind: str) -> bool:
    """Whether a file system of this kind can be written to by others than this kernel."""
    return kind in _SHARED or kind.startswith("fuse.")


def file_system(mounts: str, path: str) -> str:
    """The kind of file system that a path is on.

    Args:
        mounts: what /proc/self/mounts says: device, mount point, kind, options, one mount a line.
        path: absolute.

    Returns:
        Such as `ext4` or `nfs4`; empty where nothing is said of it.
    """
    best = kind = ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[1])
        # A later mount lies over an earlier one at the same place.
        if f"{path}/".startswith(f"{point.rstrip('/')}/") and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
