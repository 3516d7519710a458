from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ftui.cache.folder import Blobs, TreeFiles, tree_folders, write_atomically


def test_a_file_is_private_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "file"
    write_atomically(str(path), b"1")
    write_atomically(str(path), b"2")
    assert path.read_bytes() == b"2"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_atomically(str(tmp_path / "taken"), b"1")
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


def test_a_blob_comes_back_until_it_is_removed(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    name, size = blobs.write(b"x" * 100_000)
    assert size < 1000
    assert blobs.read(name) == b"x" * 100_000
    blobs.remove(name)
    blobs.remove(name)
    assert blobs.read(name) is None


def test_what_is_kept_of_a_tree_comes_back_and_trees_keep_apart(tmp_path: Path) -> None:
    folder = str(tmp_path / "cache")
    assert TreeFiles(folder, "/a").save("index", b"1")
    assert TreeFiles(folder, "/a").load("index") == b"1"
    assert TreeFiles(folder, "/b").load("index") is None
    assert TreeFiles(folder, "/a").load("memo") is None
    assert [root for _, root, _, _ in tree_folders(folder)] == ["/a"]


def test_a_folder_that_cannot_be_written_loses_the_index_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not TreeFiles(str(tmp_path / "file"), "/a").save("index", b"1")
    assert list(tree_folders(str(tmp_path / "file"))) == []


def test_what_is_added_to_a_file_is_taken_once_and_is_bounded(tmp_path: Path) -> None:
    files = TreeFiles(str(tmp_path), "/srv/app")
    files.append("notes", b"nowhere to write this\n", 100)
    assert files.take("notes") == b""
    files.save("index", b"")
    for number in range(30):
        files.append("notes", b"%02d\n" % number, 30)
    assert files.take("notes") == b"".join(b"%02d\n" % number for number in range(10))
    assert files.take("notes") == b""
