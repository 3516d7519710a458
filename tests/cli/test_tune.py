"""Advice for projects whose best setting is known, told from real runs, and written into their configuration."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import NO_RUFF, python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
RUNS = 5
MOST_RUNS = 20
"""While other programs come and go, some runs are calm and some are not, and they are not mixed."""

WAIT = "import time; time.sleep(0.12)"
COMPUTE = "sum(i * i for i in range(1_000_000))"
LITTLE = "pass"


def checks(count: int, code: str) -> str:
    # Of the same command twice, one would be told to go.
    made = (python_check(f"check-{n}", f"{code}  # {n}", inputs=["a.txt"]) for n in range(count))
    return NO_RUFF + "".join(made)


def chain(count: int, code: str) -> str:
    text = checks(count, code)
    for n in range(1, count):
        text = text.replace(f"[checks.check-{n}]\n", f'[checks.check-{n}]\nrequires = ["check-{n - 1}"]\n')
    return text


def tuned(ftui: Ftui, root: Path) -> Any:
    """What is advised after as many runs as it takes."""
    for run in range(1, MOST_RUNS + 1):
        assert ftui("run", "--force", cwd=root).code == 0
        if run >= RUNS:
            found = ftui("tune", "--format", "json", cwd=root).report
            if not found["lacking"]:
                return found
    pytest.fail(f"{MOST_RUNS} runs did not suffice: {found['lacking']}")


def advised(found: Any) -> dict[str, list[Any]]:
    return {advice["kind"]: advice["changes"] for advice in found["advice"]}


def test_checks_that_wait_get_as_many_workers_as_there_are_of_them_up_to_twice_the_cores(
    ftui: Ftui, project: Project
) -> None:
    root = project("workers = 1\n" + checks(4, WAIT))
    found = tuned(ftui, root)
    ((change,),) = advised(found).values()
    assert change["keys"] == ["workers"]
    wanted = min(4, 2 * CORES)
    # On a machine that others keep busy, what waits and what is kept waiting may look the same.
    sure = not found["under_load"]
    assert change["value"] in (["auto" if wanted == CORES else wanted] if sure else [wanted, "auto"])


def test_checks_that_compute_get_as_many_workers_as_there_are_cores(ftui: Ftui, project: Project) -> None:
    found = tuned(ftui, project("workers = 1\n" + checks(4, COMPUTE)))
    if CORES == 1:
        assert found["advice"] == []
    elif found["under_load"]:  # others had the cores that more workers would take
        assert set(advised(found)) <= {"workers"}
    else:
        wanted = min(4, CORES)
        assert advised(found) == {"workers": [{"keys": ["workers"], "value": "auto" if wanted == CORES else wanted}]}


def test_checks_that_compute_on_all_cores_are_as_well_set_as_can_be(ftui: Ftui, project: Project) -> None:
    found = tuned(ftui, project(f"workers = {CORES}\n" + checks(2 * CORES, COMPUTE)))
    assert found["advice"] == []


def test_nothing_is_worth_it_for_one_long_chain(ftui: Ftui, project: Project) -> None:
    root = project("workers = 1\n" + chain(4, WAIT))
    found = tuned(ftui, root)
    assert found["advice"] == []
    assert [span["check"] for span in found["critical_path"]] == [f"check-{n}" for n in range(4)]
    assert "no change is worth it" in ftui("tune", cwd=root).out


def test_many_small_checks_get_more_workers_or_nothing_where_starting_them_takes_as_long(
    ftui: Ftui, project: Project
) -> None:
    found = tuned(ftui, project("workers = 1\n" + checks(12, LITTLE)))
    assert set(advised(found)) <= {"workers"}
    if found["advice"]:
        value = found["advice"][0]["changes"][0]["value"]
        assert value == "auto" or 1 < value <= 2 * CORES


def test_too_little_data_is_said_with_the_runs_that_are_missing(ftui: Ftui, project: Project) -> None:
    root = project(checks(2, LITTLE))
    ftui("run", "--force", cwd=root)
    answer = ftui("tune", cwd=root)
    assert answer.code == 0
    assert "too little is known: 5 runs of each check are needed" in answer.out
    assert "check-0  1 of 5: 4 more runs" in answer.out
    found = ftui("tune", "--format", "json", cwd=root).report
    assert found["wall"] is None
    assert found["advice"] == []


def test_a_project_that_never_ran_or_has_no_checks_is_no_error(ftui: Ftui, project: Project) -> None:
    assert "0 of 5: 5 more runs" in ftui("tune", cwd=project(checks(1, LITTLE))).out
    assert "there is no check to tune" in ftui("tune", cwd=project(NO_RUFF)).out


def test_advice_is_written_into_the_users_file_and_told_how_to_take_back(ftui: Ftui, project: Project) -> None:
    text = "# mine\nworkers = 1  # for now\n\n" + checks(4, WAIT)
    root = project(text)
    (change,) = tuned(ftui, root)["advice"][0]["changes"]
    value = json.dumps(change["value"])
    answer = ftui("tune", "--apply", cwd=root)
    assert answer.code == 0, answer.err
    assert (root / "ftui.toml").read_text() == text.replace("workers = 1 ", f"workers = {value} ")
    shown = [line.strip() for line in answer.out.splitlines()]
    assert f"workers = {value}" in shown
    assert "workers = 1" in shown[shown.index("to take it back, put this in its place:") :]
    none = ftui("tune", "--apply", "3", cwd=root)
    assert none.code == 2
    assert "so none is number 3" in none.err
