from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ftui.cache.guards import could_lie, moved_during_run, mypy_trusts, remember, ruff_trusts
from ftui.cache.index import Snapshot, sweep
from tests.cache.disks import SecondsDisk

posix = pytest.mark.skipif(sys.platform == "win32", reason="ctime is the time of creation there")


def look(root: Path, before: Snapshot | None = None) -> Snapshot:
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())
    return sweep(str(root), paths, before or Snapshot())


def moved(before: Snapshot, after: Snapshot) -> list[str]:
    return moved_during_run(before, after, before.paths, after.paths)


def test_a_still_tree_has_not_moved(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = look(tmp_path)
    assert moved(before, look(tmp_path, before)) == []


def edit(root: Path) -> None:
    (root / "a").write_text("2")


def edit_and_revert_with_mtime(root: Path) -> None:
    status = (root / "a").stat()
    (root / "a").write_text("2")
    (root / "a").write_text("1")
    os.utime(root / "a", ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_and_put_back(root: Path) -> None:
    (root / "new").write_text("1")
    os.replace(root / "new", root / "a")


def add(root: Path) -> None:
    (root / "b").write_text("")


def delete(root: Path) -> None:
    (root / "a").unlink()


@posix
@pytest.mark.parametrize("change", [edit, edit_and_revert_with_mtime, replace_and_put_back, add, delete])
def test_whatever_moves_during_a_run_is_seen(tmp_path: Path, change: Callable[[Path], None]) -> None:
    (tmp_path / "a").write_text("1")
    os.utime(tmp_path / "a", ns=(10**9, 10**9))
    before = look(tmp_path)
    change(tmp_path)
    assert moved(before, look(tmp_path, before)) == (["b"] if change is add else ["a"])


def test_a_file_changed_just_before_the_run_counts_as_moved_where_the_clock_is_too_coarse_to_tell(
    tmp_path: Path,
) -> None:
    disk = SecondsDisk(tmp_path)
    disk.write("a", b"1")
    before = sweep(str(tmp_path), ["a"], Snapshot(), disk=disk)
    disk.write("a", b"2")
    disk.write("a", b"1")
    assert moved(before, sweep(str(tmp_path), ["a"], before, disk=disk)) == ["a"]
    disk.clock += 5 * 10**9
    settled = sweep(str(tmp_path), ["a"], before, disk=disk)
    assert moved(settled, sweep(str(tmp_path), ["a"], settled, disk=disk)) == []
    disk.close()


@posix
def test_unstable_inputs_count_as_moved(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = look(tmp_path)
    assert moved(before, look(tmp_path, before)) == ["pipe"]


def mypy_says(root: Path) -> int:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(root / ".cache"), "a.py"]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode


def test_mypys_cache_is_mistrusted_after_an_edit_of_equal_size_in_the_same_second(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x: int = 1\n")
    os.utime(source, ns=(10**18, 10**18 + 100))
    before = sweep(str(tmp_path), ["a.py"], Snapshot())
    assert mypy_says(tmp_path) == 0
    seen = remember({}, before, ["a.py"], mypy_trusts, reset=False)
    source.write_text("x: str = 1\n")
    os.utime(source, ns=(10**18, 10**18 + 200))
    after = sweep(str(tmp_path), ["a.py"], before)
    assert mypy_says(tmp_path) == 0, "mypy no longer trusts size and whole seconds: this guard can go"
    assert could_lie(seen, after, ["a.py"], mypy_trusts) == ["a.py"]


def ruff_says(root: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--quiet",
        "--cache-dir",
        str(root / ".cache"),
        "a.py",
    ]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode


def test_ruffs_cache_is_mistrusted_after_an_edit_with_the_mtime_put_back(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    os.utime(source, ns=(10**18, 10**18))
    before = sweep(str(tmp_path), ["a.py"], Snapshot())
    assert ruff_says(tmp_path) == 0
    seen = remember({}, before, ["a.py"], ruff_trusts, reset=False)
    source.write_text("x = undefined_name\n")
    os.utime(source, ns=(10**18, 10**18))
    after = sweep(str(tmp_path), ["a.py"], before)
    assert ruff_says(tmp_path) == 0, "ruff no longer trusts mtime and mode: this guard can go"
    assert could_lie(seen, after, ["a.py"], ruff_trusts) == ["a.py"]


def test_an_ordinary_edit_costs_the_tool_nothing(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    before = sweep(str(tmp_path), ["a.py"], Snapshot())
    seen = remember({}, before, ["a.py"], mypy_trusts, reset=False)
    source.write_text("x = 10\n")
    after = sweep(str(tmp_path), ["a.py"], before)
    assert could_lie(seen, after, ["a.py", "unheard"], mypy_trusts) == []


def test_an_older_version_is_remembered_until_the_tools_cache_is_reset(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    snapshot = Snapshot()
    seen: dict[str, dict[tuple[int, int], bytes]] = {}
    for content, second in (("1", 10), ("2", 20), ("3", 10)):
        source.write_text(content)
        os.utime(source, ns=(0, second * 10**9))
        snapshot = sweep(str(tmp_path), ["a.py"], snapshot)
        if content != "3":
            seen = remember(seen, snapshot, ["a.py"], mypy_trusts, reset=False)
    assert could_lie(seen, snapshot, ["a.py"], mypy_trusts) == ["a.py"]
    seen = remember(seen, snapshot, ["a.py"], mypy_trusts, reset=True)
    assert could_lie(seen, snapshot, ["a.py"], mypy_trusts) == []
