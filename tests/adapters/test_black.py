"""black, with the real tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import black
from ftui.model import CheckConfig, Outcome, Phase
from tests.adapters.kit import check_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyproject.toml": "[tool.black]\n"}


def test_formatted_code_passes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    assert run(check_of(black, project_at(tmp_path), "black"), tmp_path).outcome is Outcome.PASSED


def test_each_unformatted_file_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x=1\n", "my pkg/b.py": "x=1\n"})
    verdict = run(check_of(black, project_at(tmp_path), "black"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.py", None, None, "unformatted"), ("my pkg/b.py", None, None, "unformatted")]
    assert (tmp_path / "a.py").read_text() == "x=1\n"


def test_a_file_that_cannot_be_parsed_fails_although_black_exits_with_123(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "def f(:\n"})
    verdict = run(check_of(black, project_at(tmp_path), "black"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.py", 1, 6, "unparsable")]


def test_fixing_is_a_mutating_check_that_writes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x=1\n"})
    check = check_of(black, project_at(tmp_path, {"black": CheckConfig(fix=True)}), "black")
    assert check.phase is Phase.MUTATING
    assert run(check, tmp_path).outcome is Outcome.PASSED
    assert (tmp_path / "a.py").read_text() == "x = 1\n"


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    assert run(check_of(black, project_at(tmp_path), "black"), tmp_path, "--nope").outcome is Outcome.BROKEN


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.black]\nextend-exclude = 'a.py'\n", "a.py": "x = 1\n"})
    verdict = run(check_of(black, project_at(tmp_path), "black"), tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, "no Python files are present to be formatted")


@pytest.mark.parametrize(
    ("files", "because"),
    [
        (CONFIG, "[tool.black] in pyproject.toml"),
        ({"requirements.txt": "black\n"}, "declared in requirements.txt"),
        ({".pre-commit-config.yaml": "    -   id: black\n"}, "hook black in .pre-commit-config.yaml"),
    ],
)
def test_it_says_where_the_project_uses_it(tmp_path: Path, files: dict[str, str], because: str) -> None:
    write(tmp_path, {"a.py": "", **files})
    assert check_of(black, project_at(tmp_path), "black").because == because


def test_a_project_that_never_mentions_it_is_not_held_to_its_format(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x=1\n", "requirements.txt": "blacken-docs\n"})
    assert "[tool.black]" in unused_because(black, project_at(tmp_path), "black")


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "", "poetry.lock": ""})
    check = check_of(black, project_at(tmp_path, without=["black"]), "black")
    assert check.unavailable is not None
    assert check.unavailable.endswith("run `poetry add -G dev black`")


OLD_PARSE_ERROR = "error: cannot format /project/a.py: Cannot parse: 1:6: def f(:\n"
OWN_FAULT = "error: cannot format /project/a.py: INTERNAL ERROR: Black produced invalid code\nwould reformat b.py\n"
CRASH = "Traceback (most recent call last):\n  File ...\nModuleNotFoundError: No module named 'click'\n"


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "", "passed"),
        (1, "", "failed"),
        (1, CRASH, "broken"),
        (2, "", "broken"),
        (123, "", "broken"),
        (123, OLD_PARSE_ERROR, "failed"),
        (123, OWN_FAULT, "broken"),
    ],
)
def test_exit_codes_mean_what_black_documents(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    verdict = judge(check_of(black, project_at(tmp_path), "black"), left_behind(code, output))
    assert verdict.outcome == outcome
    if output == OLD_PARSE_ERROR:
        assert verdict.places() == [("a.py", 1, 6, "unparsable")]
