"""How many processes the tests of a project take, and what makes that so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import pytest

from ftui.adapters import _xdist
from ftui.adapters import pytest as adapter
from ftui.model import CheckConfig
from tests.adapters.kit import check_of, project_at, run, write

if TYPE_CHECKING:
    from pathlib import Path

    from ftui.model import Dist

CORES = _xdist.cores()


@pytest.mark.parametrize(
    ("words", "slots"),
    [
        ((), 1),
        (("-q", "tests"), 1),
        (("-n", "3"), 3),
        (("-n3",), 3),
        (("--numprocesses=3",), 3),
        (("--numprocesses", "3"), 3),
        (("-n", "0"), 1),
        (("-n", "auto"), CORES),
        (("-nlogical",), CORES),
        (("-n", "8", "--maxprocesses=2"), 2),
        (("-n", "2", "-n", "5"), 5),
        (("-n", "5", "-n0"), 1),
        (("-n", "many"), 1),
        (("-n",), 1),
        (("--no-cov", "--new"), 1),
    ],
)
def test_workers_take_as_many_slots_as_they_are(words: tuple[str, ...], slots: int) -> None:
    assert _xdist.slots(words, {}) == slots


def test_what_auto_means_may_be_set() -> None:
    assert _xdist.slots(("-n", "auto"), {"PYTEST_XDIST_AUTO_NUM_WORKERS": "7"}) == 7


def made(root: Path, addopts: str = "", **settings: object) -> tuple[tuple[str, ...], int]:
    """The arguments that ftui adds, and the weight."""
    write(root, {"pytest.ini": f"[pytest]\naddopts = {addopts}\n"})
    project = project_at(root, {"pytest": CheckConfig(**settings)})  # type: ignore[arg-type]
    check = check_of(adapter, project, "pytest")
    return check.argv[1:], check.weight


def test_nothing_is_spread_that_nobody_asked_for(tmp_path: Path) -> None:
    assert made(tmp_path) == ((), 1)
    assert made(tmp_path, workers="auto") == ((), 1)


def test_the_users_own_arguments_count_as_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(tmp_path, "-n 4") == ((), 4)
    assert made(tmp_path, args=("-n", "3", "tests")) == ((), 3)
    assert made(tmp_path, "-n 4", args=("-n", "3")) == ((), 3)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-n 6")
    assert made(tmp_path, "-n 4") == ((), 6)


@pytest.mark.parametrize("dist", ["loadfile", "worksteal"])
def test_workers_of_the_configuration_are_arguments_and_slots(
    tmp_path: Path, dist: Literal["loadfile", "worksteal"]
) -> None:
    assert made(tmp_path, workers=3) == (("-n", "3"), 3)
    assert made(tmp_path, "-n 8", workers=3, dist=dist) == (("-n", "3", "--dist", dist), 3)
    assert made(tmp_path, workers=0) == ((), 1)
    assert made(tmp_path, "-n 8", workers=0) == (("-n", "0"), 1)


@pytest.mark.parametrize(
    ("workers", "dist", "expected"),
    [
        (2, "loadfile", ("-n", "2", "--dist", "loadfile")),
        (2, "worksteal", ("-n", "2", "--dist", "worksteal")),
        (0, None, ()),
    ],
)
def test_auto_is_what_was_measured_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, dist: Dist | None, expected: tuple[str, ...]
) -> None:
    kept = json.dumps({"workers": workers, "dist": dist, "cores": CORES})
    monkeypatch.setattr("ftui.project.TreeProject.kept", lambda self, adapter, name: kept)
    assert made(tmp_path, workers="auto") == (expected, max(workers, 1))
    assert made(tmp_path) == ((), 1)


@pytest.mark.parametrize(
    "kept",
    [
        {"workers": 2, "cores": CORES + 1},
        {"workers": -1, "cores": CORES},
        {"workers": 2, "dist": "; rm", "cores": CORES},
        {"cores": CORES},
        [],
    ],
)
def test_what_was_measured_elsewhere_or_cannot_be_read_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: object
) -> None:
    monkeypatch.setattr("ftui.project.TreeProject.kept", lambda self, adapter, name: json.dumps(kept))
    assert made(tmp_path, workers="auto") == ((), 1)


def test_without_pytest_xdist_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    write(tmp_path, {"pytest.ini": "[pytest]\n", "test_a.py": "def test_a(): pass\n"})
    check = check_of(adapter, project_at(tmp_path, {"pytest": CheckConfig(workers=2, dist="loadfile")}), "pytest")
    verdict = run(check, tmp_path)
    assert verdict.because.startswith("pytest-xdist is not installed, and workers are asked for")


@pytest.mark.parametrize(("workers", "usable"), [(0, True), (2, False)])
def test_workers_that_would_share_a_database_do_not_run(tmp_path: Path, workers: int, usable: bool) -> None:
    write(tmp_path, {"pytest.ini": "[pytest]\n"})
    settings = CheckConfig(workers=workers, isolate=("URL",), env=("PYTHONPATH=src",))
    check = check_of(adapter, project_at(tmp_path, {"pytest": settings}), "pytest")
    assert (check.unavailable is None) == usable
    assert usable or "workers would share what is isolated" in (check.unavailable or "")
