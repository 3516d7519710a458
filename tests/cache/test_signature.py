from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from ftui.cache.signature import SETTLE_NS, Disk, pack, read, settled, signer, unpack

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX kinds and modes")
NOW = 1_700_000_000 * 10**9


def status(**fields: int) -> os.stat_result:
    values = {"size": 3, "mtime": NOW, "ctime": NOW, "ino": 7, "mode": stat.S_IFREG | 0o644} | fields
    times = {"st_mtime_ns": values["mtime"], "st_ctime_ns": values["ctime"]}
    head = (values["mode"], values["ino"], 1, 1, 0, 0, values["size"], 0, 0, 0)
    return os.stat_result(head, times)


@pytest.mark.parametrize(
    "change", [{"size": 4}, {"mtime": NOW + 1}, {"ctime": NOW + 1}, {"ino": 8}, {"mode": 0o100755}]
)
def test_full_trust_sees_every_field(change: dict[str, int]) -> None:
    if sys.platform == "win32" and "ctime" in change:
        pytest.skip("ctime is the time of creation there")
    assert signer("full")(status(**change)) != signer("full")(status())


def test_owner_device_and_other_permissions_do_not_count() -> None:
    other = os.stat_result(
        (stat.S_IFREG | 0o600, 7, 99, 5, 1000, 1000, 3, 0, 0, 0), {"st_mtime_ns": NOW, "st_ctime_ns": NOW}
    )
    assert signer("full")(other) == signer("full")(status())


def test_minimal_trust_keeps_size_whole_seconds_of_mtime_and_kind() -> None:
    sign = signer("minimal")
    assert sign(status(ctime=1, ino=8, mtime=NOW + 999)) == sign(status())
    assert sign(status(mtime=NOW + 10**9)) != sign(status())
    assert sign(status(size=4)) != sign(status())
    assert sign(status(mode=stat.S_IFREG | 0o755)) != sign(status())


def test_no_trust_never_settles() -> None:
    assert not settled(signer("none")(status(mtime=0, ctime=0)), NOW)


@pytest.mark.parametrize("field", ["mtime", "ctime"])
def test_a_change_settles_two_seconds_later_and_a_future_one_never(field: str) -> None:
    if sys.platform == "win32" and field == "ctime":
        pytest.skip("ctime is the time of creation there")
    old = {"mtime": 0, "ctime": 0}
    assert settled(signer("full")(status(**old | {field: NOW - SETTLE_NS})), NOW)
    assert not settled(signer("full")(status(**old | {field: NOW - SETTLE_NS + 1})), NOW)
    assert not settled(signer("full")(status(**old | {field: NOW + 10**18})), NOW)


def test_packing_keeps_apart_what_differs_even_beyond_63_bits() -> None:
    fields = (1, NOW, NOW, 2, 3)
    assert unpack(pack(fields)) == fields
    assert pack((1, 2**63 + 5, NOW, 2**64 - 1, 3)) != pack((1, 2**63 + 6, NOW, 2**64 - 1, 3))


def test_a_file_is_read_with_its_signature(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")
    disk = Disk(str(tmp_path))
    reading = read(disk, "a")
    disk.close()
    assert reading is not None
    assert unpack(reading.signature)[0] == 4
    assert not reading.settled


def test_content_and_nothing_else_decides_the_digest_of_a_file(tmp_path: Path) -> None:
    for name, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).write_bytes(content)
    disk = Disk(str(tmp_path))
    one, same, other = (read(disk, name) for name in "abc")
    disk.close()
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.digest == same.digest != other.digest


@posix
def test_the_x_bit_and_the_kind_change_the_digest(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"file")
    (tmp_path / "tool").write_bytes(b"file")
    (tmp_path / "tool").chmod(0o755)
    (tmp_path / "link").symlink_to("file")
    disk = Disk(str(tmp_path))
    digests = {reading.digest for name in ("file", "tool", "link") if (reading := read(disk, name))}
    disk.close()
    assert len(digests) == 3


@posix
def test_a_symlink_is_its_target_and_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    disk = Disk(str(tmp_path))
    before = read(disk, "link")
    (tmp_path / "nowhere").write_text("now there")
    assert (again := read(disk, "link")) is not None
    assert before is not None
    assert again.digest == before.digest
    link.unlink()
    link.symlink_to("elsewhere")
    assert (swapped := read(disk, "link")) is not None
    disk.close()
    assert swapped.digest != before.digest


@posix
def test_fifo_socket_device_folder_and_missing_file_are_unstable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        (tmp_path / "folder").mkdir()
        disk = Disk(str(tmp_path))
        assert [read(disk, name) for name in ("fifo", "socket", "folder", "missing")] == [None] * 4
        disk.close()
    devices = Disk("/dev")
    assert read(devices, "null") is None
    devices.close()


@posix
def test_a_file_behind_a_symlinked_folder_is_not_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("x")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to("../outside")
    disk = Disk(str(tmp_path / "tree"))
    assert read(disk, "link/secret") is None
    disk.close()


class RestlessDisk(Disk):
    """Moves the file after each of the first `moves` reads."""

    __slots__ = ("moves", "opened", "path")

    def __init__(self, root: Path, moves: int) -> None:
        super().__init__(str(root))
        self.moves = moves
        self.opened = 0
        self.path = root / "a"

    def open(self, path: str) -> int:
        self.opened += 1
        fd = super().open(path)
        if self.opened <= self.moves:
            self.path.write_text("moved " * self.opened)
        return fd


@pytest.mark.parametrize(("moves", "stable"), [(0, True), (2, True), (3, False)])
def test_a_file_that_moves_while_it_is_read_is_read_three_times_at_most(
    tmp_path: Path, moves: int, stable: bool
) -> None:
    (tmp_path / "a").write_text("still")
    disk = RestlessDisk(tmp_path, moves)
    assert (read(disk, "a") is not None) is stable
    assert disk.opened == min(moves + 1, 3)
    disk.close()
