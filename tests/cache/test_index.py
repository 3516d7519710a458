from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ftui.cache.index import Snapshot, changed_paths, glance, sweep
from tests.cache.disks import LaterDisk, SecondsDisk

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX kinds and modes")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.py", "b.py", "sub/c.py"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(name)
    return tmp_path / "tree"


PATHS = ["a.py", "b.py", "sub/c.py"]


def settled_sweep(tree: Path, before: Snapshot, paths: list[str] | None = None) -> Snapshot:
    disk = LaterDisk(tree)
    try:
        return sweep(str(tree), paths or PATHS, before, disk=disk)
    finally:
        disk.close()


def total(snapshot: Snapshot) -> bytes:
    return snapshot.inputs("all", lambda paths: paths).digest


def test_settled_files_are_not_read_again(tree: Path) -> None:
    first = settled_sweep(tree, Snapshot())
    assert first.read == 3
    again = settled_sweep(tree, first)
    assert again is first
    assert again.read == 0


def test_an_unsettled_file_is_hashed_at_each_look_up_until_it_settles(tree: Path) -> None:
    first = sweep(str(tree), PATHS, Snapshot())
    second = sweep(str(tree), PATHS, first)
    assert second.read == 3
    third = settled_sweep(tree, second)
    assert third.read == 3
    assert settled_sweep(tree, third).read == 0


def test_a_file_of_the_future_is_hashed_for_ever_and_is_right(tree: Path) -> None:
    os.utime(tree / "a.py", ns=(10**9, 4 * 10**18))
    snapshot = settled_sweep(tree, Snapshot())
    for content in ("A.py", "B.py"):
        (tree / "a.py").write_text(content)
        os.utime(tree / "a.py", ns=(10**9, 4 * 10**18))
        snapshot = settled_sweep(tree, snapshot)
        assert snapshot.read == 1
        assert snapshot.digest(0) == sha256(b"file\0" + content.encode()).digest()


def test_600_rewrites_of_equal_size_on_a_clock_of_whole_seconds_give_no_wrong_digest(tmp_path: Path) -> None:
    disk = SecondsDisk(tmp_path)
    chance = random.Random(1)
    snapshot, wrong, hashed = Snapshot(), 0, 0
    for turn in range(600):
        content = b"%06d" % turn
        disk.write("f", content)
        for _ in range(chance.randrange(1, 4)):
            disk.clock += chance.choice([1, 10**8, 4 * 10**8, 10**9, 3 * 10**9])
            snapshot = sweep(str(tmp_path), ["f"], snapshot, disk=disk)
            hashed += snapshot.read
            wrong += snapshot.digest(0) != sha256(b"file\0" + content).digest()
    disk.close()
    assert wrong == 0
    assert hashed >= 600


@pytest.mark.parametrize("trust", ["full", "minimal", "none"])
def test_every_trust_sees_an_edit(tree: Path, trust: str) -> None:
    before = sweep(str(tree), PATHS, Snapshot(), trust=trust)  # type: ignore[arg-type]
    (tree / "a.py").write_text("other")
    after = sweep(str(tree), PATHS, before, trust=trust)  # type: ignore[arg-type]
    assert after.digest(0) != before.digest(0)


def test_without_trust_even_settled_files_are_read(tree: Path) -> None:
    disk = LaterDisk(tree)
    first = sweep(str(tree), PATHS, Snapshot(), trust="none", disk=disk)
    assert sweep(str(tree), PATHS, first, trust="none", disk=disk).read == 3
    disk.close()


def test_another_trust_reads_the_tree_anew(tree: Path) -> None:
    first = settled_sweep(tree, Snapshot())
    disk = LaterDisk(tree)
    assert sweep(str(tree), PATHS, first, trust="minimal", disk=disk).read == 3
    disk.close()


def rewrite_same_size_mtime_back(tree: Path) -> None:
    status = (tree / "a.py").stat()
    (tree / "a.py").write_text("A.PY")
    os.utime(tree / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_rename(tree: Path) -> None:
    status = (tree / "a.py").stat()
    (tree / "new").write_text("A.PY")
    os.utime(tree / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(tree / "new", tree / "a.py")


@pytest.mark.parametrize("edit", [rewrite_same_size_mtime_back, replace_by_rename])
@posix
def test_the_sweep_alone_finds_changes_that_no_event_told_of(tree: Path, edit: Callable[[Path], None]) -> None:
    before = settled_sweep(tree, Snapshot())
    edit(tree)
    after = settled_sweep(tree, before)
    assert after.digest(0) != before.digest(0)
    assert total(after) != total(before)


def test_a_touch_is_read_once_and_leaves_the_inputs_as_they_were(tree: Path) -> None:
    before = settled_sweep(tree, Snapshot())
    expected = total(before)
    os.utime(tree / "a.py", ns=(5, 5))
    after = settled_sweep(tree, before)
    assert after.read == 1
    assert total(after) == expected
    assert settled_sweep(tree, after).read == 0


def test_new_and_deleted_files_change_the_inputs(tree: Path) -> None:
    before = settled_sweep(tree, Snapshot())
    (tree / "d.py").write_text("")
    added = settled_sweep(tree, before, [*PATHS[:2], "d.py", "sub/c.py"])
    assert added.read == 1
    (tree / "d.py").unlink()
    gone = settled_sweep(tree, added, [*PATHS[:2], "d.py", "sub/c.py"])
    assert gone.paths == PATHS
    assert total(added) != total(before) == total(gone)


@posix
def test_the_x_bit_and_the_target_of_a_symlink_change_the_inputs(tree: Path) -> None:
    (tree / "b.py").unlink()
    (tree / "b.py").symlink_to("a.py")
    plain = settled_sweep(tree, Snapshot())
    (tree / "a.py").chmod(0o755)
    executable = settled_sweep(tree, plain)
    (tree / "b.py").unlink()
    (tree / "b.py").symlink_to("./a.py")
    swapped = settled_sweep(tree, executable)
    assert len({total(snapshot) for snapshot in (plain, executable, swapped)}) == 3


@posix
def test_an_unstable_file_is_named_by_the_inputs_that_hold_it(tree: Path) -> None:
    (tree / "a.py").unlink()
    os.mkfifo(tree / "a.py")
    snapshot = settled_sweep(tree, Snapshot())
    assert snapshot.inputs("all", lambda paths: paths).unstable == ["a.py"]
    assert snapshot.inputs("sub", lambda paths: [p for p in paths if p.startswith("sub/")]).unstable == []


def test_the_choice_of_inputs_is_made_once_for_each_list_of_paths(tree: Path) -> None:
    chosen: list[int] = []

    def choose(paths: list[str]) -> list[str]:
        chosen.append(len(paths))
        return [path for path in paths if path.endswith("c.py")]

    first = settled_sweep(tree, Snapshot())
    before = first.inputs("c", choose)
    loaded = Snapshot.load(first.dump())
    assert loaded.inputs("c", choose).digest == before.digest
    (tree / "a.py").write_text("changed")
    assert settled_sweep(tree, loaded).inputs("c", choose).digest == before.digest
    assert chosen == [3]
    (tree / "e.py").write_text("")
    settled_sweep(tree, loaded, [*PATHS[:2], "e.py", "sub/c.py"]).inputs("c", choose)
    assert chosen == [3, 4]


def test_an_edit_changes_a_total_that_was_remembered(tree: Path) -> None:
    first = settled_sweep(tree, Snapshot())
    before = total(first)
    (tree / "a.py").write_text("changed")
    assert total(settled_sweep(tree, Snapshot.load(first.dump()))) != before


def test_an_index_comes_back_from_the_store_as_it_was(tree: Path) -> None:
    first = settled_sweep(tree, Snapshot())
    loaded = Snapshot.load(first.dump())
    assert (loaded.paths, loaded.signatures, loaded.digests) == (first.paths, first.signatures, first.digests)
    assert settled_sweep(tree, loaded) is loaded


@posix
def test_names_that_are_no_utf8_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \n.py")
    (tmp_path / name).write_text("x")
    disk = LaterDisk(tmp_path)
    first = sweep(str(tmp_path), [name], Snapshot(), disk=disk)
    loaded = Snapshot.load(first.dump())
    assert sweep(str(tmp_path), [name], loaded, disk=disk) is loaded
    disk.close()


@pytest.mark.parametrize("blob", [None, b"", b"junk", b"ftui index 9\nxxxx"])
def test_a_missing_or_foreign_index_is_an_empty_one(blob: bytes | None) -> None:
    assert len(Snapshot.load(blob)) == 0


def test_a_damaged_or_truncated_index_is_an_empty_one(tree: Path) -> None:
    blob = settled_sweep(tree, Snapshot()).dump()
    for place in range(len(blob)):
        damaged = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        assert len(Snapshot.load(damaged)) == 0
        assert len(Snapshot.load(blob[:place])) == 0


def test_a_sweep_of_a_root_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sweep(str(tmp_path / "gone"), ["a"], Snapshot())


# A glance at a few files


def test_a_glance_reads_what_moved_and_takes_the_rest_as_it_was(tree: Path) -> None:
    before = settled_sweep(tree, Snapshot())
    (tree / "a.py").write_text("another")
    (tree / "b.py").write_text("not looked at")
    now = glance(str(tree), before, ["a.py", "sub/c.py"])
    assert now is not None
    assert now.read == 1
    assert changed_paths(before, now) == ["a.py"]
    assert now.digest(0) == sha256(b"file\0another").digest()
    assert total(now) != total(before)
    swept = sweep(str(tree), PATHS, now)
    assert changed_paths(now, swept) == ["b.py"]


def test_a_glance_where_nothing_moved_gives_the_snapshot_back(tree: Path) -> None:
    before = settled_sweep(tree, Snapshot())
    assert glance(str(tree), before, ["a.py", "sub/c.py"]) is before
    assert before.read == 0


def test_a_glance_reads_an_unsettled_file_again_though_its_signature_is_the_same(tree: Path) -> None:
    before = sweep(str(tree), PATHS, Snapshot())
    now = glance(str(tree), before, ["a.py"])
    assert now is not None
    assert now.read == 1
    assert changed_paths(before, now) == []


@pytest.mark.parametrize("change", ["gone", "new", "its folder is gone", "its folder is a file"])
def test_a_glance_cannot_tell_when_files_come_or_go(tree: Path, change: str) -> None:
    before = settled_sweep(tree, Snapshot())
    path = {"gone": "a.py", "new": "new.py"}.get(change, "sub/c.py")
    if change == "new":
        (tree / path).write_text("")
    else:
        (tree / path).unlink()
    if change.startswith("its folder"):
        (tree / "sub").rmdir()
    if change == "its folder is a file":
        (tree / "sub").write_text("")
    assert glance(str(tree), before, [path]) is None


def test_a_glance_and_a_sweep_come_to_the_same_tree(tree: Path) -> None:
    """Whatever becomes of the files that a glance looks at, so long as they are there."""
    chance = random.Random(2)
    snapshot = settled_sweep(tree, Snapshot())
    for turn in range(100):
        path = chance.choice(PATHS)
        if chance.random() < 0.2:
            (tree / path).chmod(chance.choice([0o644, 0o755]))
        else:
            (tree / path).write_text(chance.choice(["x", "y", str(turn)]))
        now = glance(str(tree), snapshot, [path])
        assert now is not None
        assert now.name == sweep(str(tree), PATHS, Snapshot()).name
        snapshot = now


def test_a_glance_at_a_root_that_is_gone_is_an_error(tree: Path) -> None:
    before = settled_sweep(tree, Snapshot())
    tree.rename(tree.with_name("away"))
    with pytest.raises(OSError, match="No such file"):
        glance(str(tree), before, ["a.py"])
