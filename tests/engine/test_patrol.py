"""Tests of the rounds that find what no event told of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.cache.index import Snapshot, sweep
from ftui.engine import patrol
from ftui.engine.patrol import Pace, Patrol
from tests.conftest import MakeTree

FILES = [f"src/m{number}.py" for number in range(10)]


def on_patrol(root: Path, trust: Literal["full", "minimal", "none"] = "full") -> Patrol:
    """A patrol of a tree as it is now."""
    return Patrol(str(root), sweep(str(root), FILES, Snapshot(), trust=trust), ("", "src"))


@pytest.fixture
def root(tree: MakeTree) -> Path:
    return tree(dict.fromkeys(FILES, "x = 1\n"))


@pytest.mark.parametrize("trust", ["full", "minimal", "none"])
def test_a_tree_at_rest_is_as_it_was(root: Path, trust: Literal["full", "minimal", "none"]) -> None:
    rounds = on_patrol(root, trust)
    assert not any(rounds.round() for _ in range(5))


@pytest.mark.parametrize(
    "change",
    [
        lambda src: (src / "m3.py").write_text("x = 2\n"),
        lambda src: (src / "m3.py").chmod(0o755),
        lambda src: (src / "m3.py").unlink(),
        lambda src: (src / "m3.py").rename(src / "m4.py"),
        lambda src: (src / "new").mkdir(),
        lambda src: src.rename(src.with_name("moved")),
        lambda src: src.chmod(0o700),
    ],
)
def test_one_round_finds_a_change(root: Path, change: Callable[[Path], object]) -> None:
    rounds = on_patrol(root)
    change(root / "src")
    assert rounds.round()


def test_an_edit_is_found_when_its_turn_comes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patrol, "SLICE", 4)
    rounds = on_patrol(root)
    (root / "src/m9.py").write_text("x = 2\n")
    assert [rounds.round() for _ in range(6)] == [False, False, True, False, False, True]


def test_a_root_that_is_gone_is_a_change(root: Path) -> None:
    rounds = on_patrol(root)
    root.rename(root.with_name("elsewhere"))
    assert rounds.round()


def test_no_descriptor_stays_open(root: Path) -> None:
    rounds = on_patrol(root)
    rounds.round()
    free = os.dup(0)
    os.close(free)
    assert not any(rounds.round() for _ in range(20))
    again = os.dup(0)
    os.close(again)
    assert again == free


@given(st.floats(0, 1000), st.booleans())
def test_rounds_take_their_share_and_no_more(cost_s: float, alone: bool) -> None:
    pace = Pace()
    interval = pace.interval(cost_s, alone=alone)
    share = pace.share_alone if alone else pace.share
    assert interval <= pace.most_s
    assert interval == pace.most_s or cost_s <= share * interval * (1 + 1e-9)
    assert alone or interval >= pace.least_s


def test_rounds_that_have_to_find_everything_come_more_often() -> None:
    assert Pace().interval(0.02, alone=True) < Pace().interval(0.02, alone=False) / 5


def test_what_came_between_a_look_and_the_patrol_is_told_of_by_its_first_round(root: Path) -> None:
    began_ns = time.time_ns()
    snapshot = sweep(str(root), FILES, Snapshot())
    (root / "src/new.py").write_text("")
    assert Patrol(str(root), snapshot, ("", "src"), began_ns=began_ns).round()
    os.utime(root, ns=(0, 0))
    os.utime(root / "src", ns=(0, 0))
    assert not Patrol(str(root), snapshot, ("", "src"), began_ns=began_ns).round()


def test_a_folder_of_the_future_does_not_make_every_round_tell_of_it(root: Path) -> None:
    later = time.time_ns() + 10**12
    os.utime(root / "src", ns=(later, later))
    snapshot = sweep(str(root), FILES, Snapshot())
    assert not Patrol(str(root), snapshot, ("src",), began_ns=time.time_ns()).round()
