from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftui.cache.folder import DATABASE, INLINE
from ftui.cache.ledger import contradictions, suspect
from ftui.cache.portable import Root
from ftui.cache.store import Store
from tests.cache.entries import entry

HERE, THERE = Root("/srv/app"), Root("/home/ana/clone")
TREE = "/srv/app"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


class Kept:
    """A store, the messages it said, and a way to open it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.store = self.open()

    def open(self) -> Store:
        self.store = Store(str(self.folder), self.said.append)
        return self.store


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "cache" / "ftui")
    yield kept
    kept.store.close()


def test_an_entry_comes_back_whole(kept: Kept) -> None:
    finding = ("F821 undefined", "src/app.py", 41, 9, "error", "F821")
    stored = entry(
        outcome="failed",
        output=b"\x1b[31mred\x1b[0m \xff\0\n",
        findings=(finding, ("text", None, None, None, "info", None)),
    )
    assert kept.store.put(stored, TREE, HERE)
    kept.store.close()
    found = kept.open().get(stored.key, HERE)
    assert found is not None
    for name in (
        "key",
        "check",
        "adapter",
        "outcome",
        "exit_code",
        "duration_s",
        "cpu_s",
        "peak_rss_bytes",
        "created_at",
    ):
        assert getattr(found, name) == getattr(stored, name)
    assert (found.findings, found.output, found.manifest) == (stored.findings, stored.output, stored.manifest)
    assert not kept.said


@posix
def test_another_clone_gets_its_own_paths(kept: Kept) -> None:
    outside = ("see /srv/app/x.py", "/srv/app/x.py", 1, None, "error", None)
    stored = entry(output=b"/srv/app/x.py:1\n", findings=(outside,))
    kept.store.put(stored, TREE, HERE)
    found = kept.store.get(stored.key, THERE)
    assert found is not None
    assert found.output == b"/home/ana/clone/x.py:1\n"
    assert found.findings == (("see /home/ana/clone/x.py", "/home/ana/clone/x.py", 1, None, "error", None),)
    assert b"/srv/app" not in (kept.folder / DATABASE).read_bytes().replace(TREE.encode() + b"ruff", b"")


def test_a_key_nobody_stored_is_a_miss(kept: Kept) -> None:
    assert kept.store.get("0" * 64, HERE) is None


def test_the_last_entry_of_a_check_in_a_tree_is_known_under_whatever_key(kept: Kept) -> None:
    old, new = entry("old"), entry("new")
    kept.store.put(old, TREE, HERE)
    kept.store.put(new, TREE, HERE)
    for key in (new.key, old.key):
        kept.store.mark(TREE, "ruff", key)
        latest = kept.store.latest(TREE, "ruff", HERE)
        assert latest is not None
        assert latest.key == key
    assert kept.store.latest("/other", "ruff", HERE) is None


@pytest.mark.parametrize("size", [INLINE - 5_000, INLINE + 1, 3_000_000])
def test_large_payloads_lie_beside_the_database(kept: Kept, size: int) -> None:
    stored = entry(output=os.urandom(1000) * (size // 1000 + 1))
    kept.store.put(stored, TREE, HERE)
    assert bool(list(kept.store.blobs.names())) == (size > INLINE)
    found = kept.store.get(stored.key, HERE)
    assert found is not None
    assert found.output == stored.output


def test_a_huge_output_keeps_its_beginning_and_its_end(kept: Kept) -> None:
    stored = entry(output=b"first" + bytes(40_000_000) + b"last")
    kept.store.put(stored, TREE, HERE)
    found = kept.store.get(stored.key, HERE)
    assert found is not None
    assert found.output.startswith(b"first")
    assert found.output.endswith(b"last")
    assert len(found.output) < 17_000_000


def damage_blob(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)


def empty_blob(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_blob, empty_blob, Path.unlink])
def test_a_blob_that_is_not_what_was_written_is_a_miss_and_one_line(kept: Kept, damage: object) -> None:
    assert callable(damage)
    stored = entry(output=os.urandom(INLINE * 2))
    kept.store.put(stored, TREE, HERE)
    (blob,) = [path for path in (kept.folder / "blobs").rglob("*") if path.is_file()]
    damage(blob)
    assert kept.store.get(stored.key, HERE) is None
    assert kept.store.get(stored.key, HERE) is None
    assert kept.said == ["a stored result of ruff was damaged and has been dropped"]


@pytest.mark.parametrize("change", ["outcome = 'passed'", "exit_code = 0", "payload = x'00'", "manifest = x'00'"])
def test_a_row_that_is_not_what_was_written_is_a_miss(kept: Kept, change: str) -> None:
    stored = entry(outcome="failed")
    kept.store.put(stored, TREE, HERE)
    with sqlite3.connect(kept.folder / DATABASE) as raw:
        raw.execute(f"UPDATE results SET {change}")
    raw.close()
    assert kept.store.get(stored.key, HERE) is None
    assert len(kept.said) == 1


def truncate(path: Path) -> None:
    os.truncate(path, 5000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


def not_a_database(path: Path) -> None:
    path.write_text("this is a text file, and long enough to be read as a database header" * 100)


@pytest.mark.parametrize("damage", [truncate, empty, scribble, not_a_database])
def test_a_damaged_database_is_set_aside_with_one_line_and_a_fresh_one_started(kept: Kept, damage: object) -> None:
    assert callable(damage)
    stored = entry()
    kept.store.put(stored, TREE, HERE)
    kept.store.close()
    damage(kept.folder / DATABASE)
    store = kept.open()
    assert store.get(stored.key, HERE) is None
    assert store.put(stored, TREE, HERE)
    assert store.get(stored.key, HERE) is not None
    assert len(kept.said) == 1
    assert "has been set aside as results-1.sqlite.damaged-" in kept.said[0]
    assert any("damaged" in path.name for path in kept.folder.iterdir())


def test_a_store_of_a_newer_version_is_another_file(kept: Kept) -> None:
    newer = kept.folder / "results-2.sqlite"
    newer.write_text("whatever a later version keeps")
    stored = entry()
    kept.store.put(stored, TREE, HERE)
    assert kept.store.get(stored.key, HERE) is not None
    assert newer.read_text() == "whatever a later version keeps"
    assert not kept.said


def test_a_store_that_another_process_holds_is_done_without(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.store.close()
    monkeypatch.setattr("ftui.database.BUSY_S", 0.01)
    store = kept.open()
    other = sqlite3.connect(kept.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    stored = entry()
    assert not store.put(stored, TREE, HERE)
    assert store.get(stored.key, HERE) is None
    other.close()
    assert len(kept.said) == 1
    assert "another process has held the result store for too long" in kept.said[0]


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    said: list[str] = []
    store = Store(str(tmp_path / "home" / "ftui"), said.append)
    assert not store.put(entry(output=os.urandom(INLINE * 2)), TREE, HERE)
    assert store.get("k", HERE) is None
    assert not store.usable
    store.close()
    assert len(said) == 1
    assert str(tmp_path) in said[0]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_done_without(kept: Kept) -> None:
    stored = entry()
    kept.store.put(stored, TREE, HERE)
    kept.store.close()
    for path in (*kept.folder.iterdir(), kept.folder):
        path.chmod(0o500)
    store = kept.open()
    store.put(stored, TREE, HERE)
    kept.folder.chmod(0o700)
    assert len(kept.said) == 1


def test_without_a_home_there_is_no_store_and_one_line() -> None:
    said: list[str] = []
    store = Store(None, said.append)
    assert not store.put(entry(), TREE, HERE)
    assert store.latest(TREE, "ruff", HERE) is None
    store.close()
    assert said == ["no home directory, so results are not kept: set HOME or XDG_CACHE_HOME"]


def test_one_key_with_two_outcomes_is_flaky_and_the_ledger_shows_both(kept: Kept) -> None:
    kept.store.put(entry(output=b"fine"), TREE, HERE)
    second = entry(outcome="failed", output=b"boom")
    kept.store.put(second, TREE, HERE)
    assert second.flaky
    third = entry(outcome="failed")
    kept.store.put(third, TREE, HERE)
    found = kept.store.get(third.key, HERE)
    assert found is not None
    assert found.flaky
    (seen,) = contradictions(kept.store, TREE)
    assert (seen.kind, seen.first, seen.second) == ("flake", ("passed", b"fine"), ("failed", b"boom"))
    assert suspect(kept.store, TREE, "ruff", "flake")
    assert not suspect(kept.store, "/other", "ruff", "flake")


def test_a_listing_is_made_once_for_each_name(kept: Kept) -> None:
    made: list[str] = []

    def listing() -> bytes:
        made.append("x")
        return b"listing"

    kept.store.put(entry("1", inputs="digest"), TREE, HERE, listing)
    kept.store.put(entry("2", inputs="digest"), TREE, HERE, listing)
    assert kept.store.listing("digest") == b"listing"
    assert kept.store.listing("other") is None
    assert made == ["x"]


WRITER = """
import sys
from ftui.cache.portable import Root
from ftui.cache.store import Store
from tests.cache.entries import entry
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = Store(folder, lambda text: print(text, flush=True))
for turn in range(count):
    stored = entry(f"{name}-{turn}", output=b"x" * (turn % 7) * 20_000)
    store.put(stored, "/tree", Root("/tree"))
    assert store.get(stored.key, Root("/tree")) is not None
    if turn == 20:
        print("under way", flush=True)
store.close()
"""


def writer(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(count)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_four_writers_that_start_on_an_empty_store_lose_nothing_and_show_no_lock(tmp_path: Path) -> None:
    folder = tmp_path / "ftui"
    writers = [writer(folder, str(number), 30) for number in range(4)]
    assert [process.communicate()[0] for process in writers] == ["under way\n"] * 4
    said: list[str] = []
    store = Store(str(folder), said.append)
    found = [store.get(entry(f"{number}-{turn}").key, HERE) for number in range(4) for turn in range(30)]
    store.close()
    assert None not in found
    assert not said
    assert not list(folder.glob("*.new"))


@posix
def test_kill_9_in_the_middle_of_a_put_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    folder = tmp_path / "ftui"
    process = writer(folder, "killed", 100_000)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    said: list[str] = []
    store = Store(str(folder), said.append)
    assert all(store.get(entry(f"killed-{turn}").key, HERE) is not None for turn in range(21))
    assert store.put(entry("after"), TREE, HERE)
    assert not said
    store.close()


@posix
def test_a_store_whose_folder_is_deleted_meanwhile_is_no_traceback(kept: Kept) -> None:
    kept.store.put(entry("1"), TREE, HERE)
    shutil.rmtree(kept.folder)
    kept.store.put(entry("2", output=os.urandom(INLINE * 2)), TREE, HERE)
    kept.store.get(entry("1").key, HERE)
    kept.store.close()
    assert kept.open().put(entry("3"), TREE, HERE)


def test_a_store_that_is_only_read_leaves_everything_as_it_is(kept: Kept) -> None:
    def state() -> tuple[object, ...]:
        connection = sqlite3.connect(kept.folder / DATABASE)
        rows = [connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("results", "latest", "ledger")]
        connection.close()
        return (*rows, sorted(path.name for path in kept.folder.rglob("*") if path.is_file()))

    stored, damaged = entry("1"), entry("2")
    kept.store.put(stored, TREE, HERE)
    kept.store.put(damaged, TREE, HERE)
    execute = kept.store.ask
    execute(lambda db: db.execute("UPDATE results SET used_at = 5"), None)
    execute(lambda db: db.execute("UPDATE results SET payload = x'00' WHERE key = ?", (damaged.key,)), None)
    kept.store.close()
    before = state()
    looking = Store(str(kept.folder), kept.said.append, read_only=True)
    assert looking.get(stored.key, HERE) is not None
    assert looking.get(damaged.key, HERE) is None
    looking.mark(TREE, "other", stored.key)
    assert not looking.put(entry("3"), TREE, HERE)
    looking.close()
    assert state() == before
    assert "`ftui cache verify`" in kept.said[0]


def test_a_store_that_is_only_read_is_not_made_and_not_mended(tmp_path: Path) -> None:
    said: list[str] = []
    Store(str(tmp_path / "none"), said.append, read_only=True).close()
    assert (said, list(tmp_path.iterdir())) == ([], [])
    (tmp_path / DATABASE).write_bytes(b"no database " * 1000)
    assert not Store(str(tmp_path), said.append, read_only=True).usable
    assert [path.name for path in tmp_path.iterdir()] == [DATABASE]
    assert len(said) == 1
