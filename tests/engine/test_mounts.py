"""Tests of where events do not tell of everything, on what real systems say of themselves."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.engine.mounts import file_system, is_shared, is_wsl

WSL1 = "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0 (GCC) ) #1237-Microsoft"
WSL2 = "Linux version 5.15.90.1-microsoft-standard-WSL2 (oe-user@oe-host) (x86_64-msft-linux-gcc (GCC) 9.3.0)"
DEBIAN = "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0)"

MOUNTS = r"""
sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0
/dev/sda1 / ext4 rw,relatime,errors=remount-ro 0 0
tmpfs /tmp tmpfs rw 0 0
server:/export/home /home nfs4 rw,relatime,vers=4.2 0 0
/dev/sdb1 /home/me/local xfs rw,relatime 0 0
//nas/share /mnt/my\040share cifs rw,relatime,vers=3.1.1 0 0
C:\134 /mnt/c 9p rw,dirsync,aname=drvfs;path=C:\;uid=1000 0 0
me@host:/srv /mnt/remote fuse.sshfs rw,nosuid,nodev,relatime 0 0
/dev/sdc1 /mnt/disk fuseblk rw,relatime 0 0
overlay /mnt/over overlay rw 0 0
nothing /mnt/over tmpfs rw 0 0
"""


@pytest.mark.parametrize(("version", "expected"), [(WSL1, True), (WSL2, True), (DEBIAN, False), ("", False)])
def test_a_kernel_of_wsl_is_known_by_its_version(version: str, expected: bool) -> None:
    assert is_wsl(version) is expected


@pytest.mark.parametrize(
    ("path", "kind", "shared"),
    [
        ("/srv/project", "ext4", False),
        ("/", "ext4", False),
        ("/home/me/project", "nfs4", True),
        ("/home", "nfs4", True),
        ("/homework", "ext4", False),
        ("/home/me/local/project", "xfs", False),
        ("/mnt/my share/project", "cifs", True),
        ("/mnt/c/Users/me", "9p", True),
        ("/mnt/remote/project", "fuse.sshfs", True),
        ("/mnt/disk", "fuseblk", False),
        ("/mnt/over/x", "tmpfs", False),
    ],
)
def test_the_nearest_and_latest_mount_above_a_path_tells_its_file_system(path: str, kind: str, shared: bool) -> None:
    assert file_system(MOUNTS, path) == kind
    assert is_shared(kind) is shared


@given(st.text())
def test_whatever_the_system_says_is_read_without_a_failure(mounts: str) -> None:
    assert isinstance(file_system(mounts, "/srv/project"), str)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is there on Linux")
def test_this_system_has_a_file_system_at_its_root() -> None:
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        assert file_system(mounts.read(), "/")
