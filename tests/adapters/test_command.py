"""Commands from the configuration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ftui.adapters import command
from ftui.model import CheckConfig, Outcome, Phase
from ftui.project import TreeProject
from tests.adapters.kit import check_of, checks_of, install, judge, left_behind, project_at, run, write

if TYPE_CHECKING:
    from pathlib import Path


def _project(root: Path, *words: str) -> TreeProject:
    return project_at(root, {"docs": CheckConfig(command=words), "mypy": CheckConfig(args=("src",))})


@pytest.mark.parametrize(("code", "outcome"), [("0", Outcome.PASSED), ("3", Outcome.FAILED)])
def test_the_exit_code_is_the_verdict(tmp_path: Path, code: str, outcome: Outcome) -> None:
    check = check_of(command, _project(tmp_path, sys.executable, "-c", f"raise SystemExit({code})"), "docs")
    assert run(check, tmp_path).outcome is outcome
    assert (check.phase, check.inputs, check.adapter) == (Phase.SLOW, ("**",), "command")


def test_only_entries_with_a_command_are_checks(tmp_path: Path) -> None:
    assert set(checks_of(command, _project(tmp_path, sys.executable))) == {"docs"}


def test_a_bare_name_is_looked_up_in_the_projects_own_environment(tmp_path: Path) -> None:
    install(tmp_path, ".venv", "mkdocs")
    check = check_of(command, _project(tmp_path, "mkdocs", "build", "-q"), "docs")
    assert check.command == (str(tmp_path / ".venv" / "bin" / "mkdocs"), "build", "-q")


def test_a_path_is_relative_to_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"scripts/check.sh": ""})
    check = check_of(command, _project(tmp_path, "./scripts/check.sh"), "docs")
    assert check.argv == (str(tmp_path / "scripts/check.sh"),)
    assert check.unavailable is None


@pytest.mark.parametrize("program", ["no-such-program", "./no-such-script"])
def test_a_program_that_is_not_there_is_named(tmp_path: Path, program: str) -> None:
    check = check_of(command, _project(tmp_path, program), "docs")
    assert check.unavailable == f"{program} was not found: install it, or correct checks.docs.command"


@pytest.mark.parametrize(
    ("code", "outcome"), [(0, "passed"), (1, "failed"), (125, "failed"), (126, "broken"), (127, "broken")]
)
def test_exit_codes_of_a_command_that_could_not_run_are_no_verdict(tmp_path: Path, code: int, outcome: str) -> None:
    assert judge(check_of(command, _project(tmp_path, sys.executable), "docs"), left_behind(code)).outcome == outcome
