from __future__ import annotations

from pathlib import Path

import pytest

from ftui.cache.memo import Memo


class Work:
    """Reads a file, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times = 0

    def __call__(self) -> tuple[list[str], str]:
        self.times += 1
        return [str(self.path)], self.path.read_text() if self.path.exists() else "missing"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftui.cache.memo.time.time_ns", lambda: 4 * 10**18)


@pytest.mark.usefixtures("later")
def test_a_value_is_worked_out_again_only_when_a_file_has_moved(tmp_path: Path) -> None:
    work = Work(tmp_path / "f")
    memo = Memo({})
    assert memo.get("f", work) == "missing"
    assert Memo(memo.entries).get("f", work) == "missing"
    assert work.times == 1
    work.path.write_text("here")
    changed = Memo(memo.entries)
    assert changed.get("f", work) == "here"
    assert changed.dirty
    assert Memo.load(changed.dump()).get("f", work) == "here"
    assert work.times == 2


def test_what_has_not_settled_is_worked_out_in_every_run_and_once_in_each(tmp_path: Path) -> None:
    work = Work(tmp_path / "f")
    work.path.write_text("fresh")
    memo = Memo({})
    for _ in range(3):
        memo = Memo(memo.entries)
        assert memo.get("f", work) == memo.get("f", work) == "fresh"
    assert work.times == 3


def test_a_damaged_memo_is_an_empty_one() -> None:
    assert Memo.load(None).entries == Memo.load(b"junk").entries == {}
