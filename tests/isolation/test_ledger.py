"""Whose names there are, and which of their runs are dead."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.isolation.ledger import Ledger, Noted
from ftui.isolation.names import new_run

if TYPE_CHECKING:
    from pathlib import Path

OTHER = """
import sys
from ftui.isolation.ledger import Ledger, Noted
entry = Ledger(sys.argv[1]).note(Noted(sys.argv[2], ("db:5432",), "/tmp/x"))
print("noted", flush=True)
sys.stdin.read()
"""


def dead(folder: Path) -> list[str]:
    """The runs that are dead; they stay noted."""
    found = list(Ledger(str(folder)).dead())
    for entry in found:
        entry.close(done=False)
    return [entry.noted.run for entry in found]


@pytest.fixture
def noted(tmp_path: Path) -> Noted:
    return Noted(new_run(), ("db:5432",), "/tmp/x")


def test_a_run_that_lives_is_left_alone_and_a_dead_one_found_with_what_it_noted(tmp_path: Path, noted: Noted) -> None:
    argv = [sys.executable, "-c", OTHER, str(tmp_path), noted.run]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"noted"
        assert dead(tmp_path) == []
        other.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    (entry,) = Ledger(str(tmp_path)).dead()
    assert entry.noted == noted
    assert dead(tmp_path) == []  # whoever is at it is not disturbed
    entry.close(done=True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_done_leaves_nothing(tmp_path: Path, noted: Noted) -> None:
    Ledger(str(tmp_path / "new")).note(noted).close(done=True)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_run_that_could_not_clean_up_is_found_by_the_next(tmp_path: Path, noted: Noted) -> None:
    Ledger(str(tmp_path)).note(noted).close(done=False)
    assert dead(tmp_path) == [noted.run]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run": "another234567"}', b'{"run": "../../etc"}'])
def test_a_file_that_is_no_note_of_its_run_stands_for_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{new_run()}.json").write_bytes(content)
    assert dead(tmp_path) == []


def test_a_run_of_another_machine_is_not_judged(tmp_path: Path, noted: Noted) -> None:
    Ledger(str(tmp_path)).note(replace(noted, host="elsewhere")).close(done=False)
    assert dead(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_where_there_is_no_folder_nobody_is_dead(tmp_path: Path) -> None:
    assert dead(tmp_path / "none") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_others_cannot_read_it(tmp_path: Path, noted: Noted) -> None:
    entry = Ledger(str(tmp_path / "new")).note(noted)
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_mode & 0o077 == (tmp_path / "new").stat().st_mode & 0o077 == 0
    entry.close(done=True)
