from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ftui.cache.database import connect, fault, set_aside
from ftui.cache.folder import DATABASE


def test_a_database_is_made_whole_and_in_write_ahead_mode(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "new" / "folder"))
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM results").fetchone() == (0,)
    connection.close()


def test_a_sound_database_is_not_set_aside_because_another_process_found_a_damaged_one(tmp_path: Path) -> None:
    connect(str(tmp_path)).close()
    assert set_aside(str(tmp_path)) == ""
    assert (tmp_path / DATABASE).exists()


def test_a_database_without_its_tables_is_set_aside(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / DATABASE).close()
    name = set_aside(str(tmp_path))
    assert (tmp_path / name).exists()
    assert not (tmp_path / DATABASE).exists()


def test_no_fault_is_shown_as_a_traceback_or_an_error_code(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file") as problem:
        connect(str(tmp_path / "file"))
    kind, words = fault(problem.value)
    assert kind == "unusable"
    assert words.startswith("the cache folder cannot be used: ")
