"""Byte code is removed where Python would take it for that of a source which has changed since, and nowhere else."""

from __future__ import annotations

import os
import py_compile
import time
from typing import TYPE_CHECKING

import pytest

from ftui.cache.byte_code import remove_stale
from ftui.cache.folder import TreeFiles
from ftui.cache.index import Snapshot, sweep

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000


def compiled(source: Path, *, later_s: int = 0) -> Path:
    """The byte code of a source, written so many seconds from now."""
    path = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
    py_compile.compile(str(source), cfile=str(path), doraise=True)
    moment = time.time_ns() + later_s * SECOND
    os.utime(path, ns=(moment, moment))
    return path


def clean(root: Path, files: TreeFiles | None = None) -> None:
    looked_ns = time.time_ns()
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.py"))
    remove_stale(str(root), sweep(str(root), paths, Snapshot()), looked_ns, files)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A module in a package."""
    path = tmp_path / "root" / "package" / "a.py"
    path.parent.mkdir(parents=True)
    path.write_text("X = 1\n")
    return path


def test_byte_code_that_is_older_than_the_last_change_goes(source: Path) -> None:
    """Also where the mtime says that nothing has changed: the ctime tells."""
    moment = source.stat().st_mtime_ns
    path = compiled(source)
    source.write_text("X = 2\n")
    os.utime(source, ns=(moment, moment))
    clean(source.parent.parent)
    assert not path.exists()


def test_byte_code_that_was_made_well_after_the_last_change_stays(source: Path) -> None:
    path = compiled(source, later_s=3)
    clean(source.parent.parent)
    assert path.exists()


def test_byte_code_without_a_source_in_the_tree_is_left_alone(source: Path) -> None:
    path = compiled(source)
    other = path.with_name("other.cpython-311.pyc")
    path.rename(other)
    clean(source.parent.parent)
    assert other.exists()


def test_only_sources_changed_since_the_last_time_are_looked_at(source: Path, tmp_path: Path) -> None:
    files = TreeFiles(str(tmp_path / "cache"), str(source.parent.parent))
    old = time.time_ns() - 3600 * SECOND
    clean(source.parent.parent, files)
    path = compiled(source)
    os.utime(path, ns=(old, old))
    # The source has not changed for longer than any clock is coarse, as the next time sees it.
    files.save("byte-code", (time.time_ns() + 2 * SECOND).to_bytes(8, "little"))
    remove_stale(str(source.parent.parent), Snapshot(), time.time_ns() + 3 * SECOND, files)
    assert path.exists()


def test_a_clock_that_was_put_back_makes_all_be_looked_at(source: Path, tmp_path: Path) -> None:
    files = TreeFiles(str(tmp_path / "cache"), str(source.parent.parent))
    files.save("byte-code", (time.time_ns() + 3600 * SECOND).to_bytes(8, "little"))
    path = compiled(source)
    source.write_text("X = 2\n")
    clean(source.parent.parent, files)
    assert not path.exists()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_linked_folder_of_byte_code_is_not_followed(source: Path, tmp_path: Path) -> None:
    path = compiled(source)
    elsewhere = tmp_path / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)
    source.write_text("X = 2\n")
    clean(source.parent.parent)
    assert (elsewhere / path.name).exists()
