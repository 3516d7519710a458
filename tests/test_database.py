from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ftui.database import Database, Kind, connect, fault, set_aside

KIND = Kind(
    schema="PRAGMA journal_mode = WAL; CREATE TABLE things (name TEXT)",
    tables=("things",),
    name="the list of things",
    folder="the folder of things",
    lost="things are not kept",
    hidden="things cannot be looked up",
)


def test_a_database_is_made_whole_and_in_write_ahead_mode(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "new" / "folder" / "things.sqlite"), KIND.schema)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)
    connection.close()


def test_a_sound_database_is_not_set_aside_because_another_process_found_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    connect(str(path), KIND.schema).close()
    assert set_aside(str(path), KIND.tables) == ""
    assert path.exists()


def test_a_database_without_its_tables_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    sqlite3.connect(path).close()
    name = set_aside(str(path), KIND.tables)
    assert (tmp_path / name).exists()
    assert not path.exists()


def test_no_fault_is_shown_as_a_traceback_or_an_error_code(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file") as problem:
        connect(str(tmp_path / "file" / "things.sqlite"), KIND.schema)
    kind, words = fault(problem.value, KIND)
    assert kind == "unusable"
    assert words.startswith("the folder of things cannot be used: ")


def test_what_is_only_looked_at_is_neither_made_nor_mended(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "things.sqlite"
    database = Database(str(path), KIND, said.append, read_only=True)
    assert (database.usable, said, path.exists()) == (False, [], False)
    path.write_text("no database " * 100)
    assert not Database(str(path), KIND, said.append, read_only=True).usable
    assert said == [f"things cannot be looked up: the list of things is damaged ({tmp_path})"]
    assert path.read_text().startswith("no database")


def test_a_transaction_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "things.sqlite"), KIND, lambda message: None)

    def work(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO things VALUES ('one')")
        raise KeyError("two")

    with pytest.raises(KeyError):
        database.transact(work, None)
    assert database.ask(lambda db: db.execute("SELECT * FROM things").fetchall(), None) == []
    database.close()
