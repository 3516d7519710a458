"""isort, with the real tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.adapters import isort
from ftui.model import CheckConfig, Outcome, Phase
from tests.adapters.kit import check_of, install, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyproject.toml": "[tool.isort]\n"}


def test_sorted_imports_pass(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "import os\nimport sys\n"})
    assert run(check_of(isort, project_at(tmp_path), "isort"), tmp_path).outcome is Outcome.PASSED


def test_each_unsorted_file_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "my pkg/a.py": "import sys\nimport os\n"})
    verdict = run(check_of(isort, project_at(tmp_path), "isort"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("my pkg/a.py", None, None, "unsorted")]
    assert (tmp_path / "my pkg/a.py").read_text() == "import sys\nimport os\n"


def test_fixing_is_a_mutating_check_that_writes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "import sys\nimport os\n"})
    check = check_of(isort, project_at(tmp_path, {"isort": CheckConfig(fix=True)}), "isort")
    assert check.phase is Phase.MUTATING
    assert run(check, tmp_path).outcome is Outcome.PASSED
    assert (tmp_path / "a.py").read_text() == "import os\nimport sys\n"


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert run(check_of(isort, project_at(tmp_path), "isort"), tmp_path, "--nope").outcome is Outcome.BROKEN


def test_no_readable_path_is_no_verdict_although_isort_exits_with_1(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    verdict = run(replace(check_of(isort, project_at(tmp_path), "isort"), args=("nowhere",)), tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, "isort could read none of the paths: Broken 1 paths")


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({".isort.cfg": ""}, ".isort.cfg"),
        ({"tox.ini": "[isort]\n"}, "[isort] in tox.ini"),
        ({"requirements/dev.txt": "isort\n"}, "declared in requirements/dev.txt"),
    ],
)
def test_it_says_where_the_project_uses_it(tmp_path: Path, files: dict[str, str], because: str) -> None:
    write(tmp_path, {"a.py": "", **files})
    assert check_of(isort, project_at(tmp_path), "isort").because == because


def test_an_isort_that_only_lies_in_the_environment_is_not_used(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import sys\nimport os\n"})
    install(tmp_path, ".venv", "isort")
    assert ".isort.cfg" in unused_because(isort, project_at(tmp_path), "isort")


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    check = check_of(isort, project_at(tmp_path, without=["isort"]), "isort")
    assert check.unavailable is not None
    assert check.unavailable.endswith("run `pip install isort`")


CRASH = "Traceback (most recent call last):\n  File ...\nUnicodeError: x\n"


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [(0, "", "passed"), (1, "", "failed"), (1, CRASH, "broken"), (2, "", "broken")],
)
def test_exit_codes_mean_what_isort_documents(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert judge(check_of(isort, project_at(tmp_path), "isort"), left_behind(code, output)).outcome == outcome
