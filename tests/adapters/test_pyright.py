"""pyright and basedpyright, with the real pyright; basedpyright prints the same report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import pyright
from ftui.model import Outcome
from tests.adapters.kit import check_of, checks_of, install, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyrightconfig.json": "{}"}
NOTHING = '{"generalDiagnostics": [], "summary": {"filesAnalyzed": 0}}'
ONE_FILE = '{"generalDiagnostics": [], "summary": {"filesAnalyzed": 1}}'


def test_well_typed_code_passes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x: int = 1\n"})
    assert run(check_of(pyright, project_at(tmp_path), "pyright"), tmp_path).outcome is Outcome.PASSED


def test_each_error_is_a_finding_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "my pkg/a.py": 'x: int = "a"\n'})
    verdict = run(check_of(pyright, project_at(tmp_path), "pyright"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("my pkg/a.py", 1, 10, "reportAssignmentType")]


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert run(check_of(pyright, project_at(tmp_path), "pyright"), tmp_path, "--nope").outcome is Outcome.BROKEN


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"pyrightconfig.json": '{"exclude": ["a.py"]}', "a.py": ""})
    verdict = run(check_of(pyright, project_at(tmp_path), "pyright"), tmp_path)
    assert verdict.outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("files", "active"),
    [
        ({"pyproject.toml": "[tool.pyright]\n"}, {"pyright": "[tool.pyright] in pyproject.toml"}),
        ({"package.json": '{"devDependencies": {"pyright": "1"}}'}, {"pyright": "devDependencies in package.json"}),
        ({"requirements.txt": "basedpyright\n"}, {"basedpyright": "declared in requirements.txt"}),
        ({**CONFIG, "requirements.txt": "basedpyright\n"}, {"basedpyright": "declared in requirements.txt"}),
        (
            {"requirements.txt": "pyright\nbasedpyright\n"},
            {"pyright": "declared in requirements.txt", "basedpyright": "declared in requirements.txt"},
        ),
    ],
)
def test_the_one_that_the_project_uses_is_active(tmp_path: Path, files: dict[str, str], active: dict[str, str]) -> None:
    write(tmp_path, {"a.py": "", **files})
    project = project_at(tmp_path)
    for check_id in checks_of(pyright, project):
        if check_id in active:
            assert check_of(pyright, project, check_id).because == active[check_id]
        else:
            assert unused_because(pyright, project, check_id)


def test_the_projects_own_python_is_named_where_the_configuration_names_none(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    install(tmp_path, ".venv", "python")
    assert str(tmp_path / ".venv" / "bin" / "python") in check_of(pyright, project_at(tmp_path), "pyright").argv
    write(tmp_path, {"pyrightconfig.json": '{"venvPath": ".", "venv": "env"}'})
    assert "--pythonpath" not in check_of(pyright, project_at(tmp_path), "pyright").argv


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "", "pdm.lock": ""})
    check = check_of(pyright, project_at(tmp_path, without=["pyright"]), "pyright")
    assert check.unavailable is not None
    assert check.unavailable.endswith("run `pdm add -dG dev pyright`")


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, ONE_FILE, "passed"),
        (0, NOTHING, "broken"),
        (0, "", "broken"),
        (1, ONE_FILE, "failed"),
        (1, "", "broken"),
        (2, ONE_FILE, "broken"),
        (3, "", "broken"),
        (4, "", "broken"),
    ],
)
def test_exit_codes_mean_what_pyright_documents(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert judge(check_of(pyright, project_at(tmp_path), "pyright"), left_behind(code, output)).outcome == outcome


def test_a_report_too_long_to_keep_leaves_the_exit_code(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    result = left_behind(1, '{"generalDiagnostics": [', truncated=True)
    assert judge(check_of(pyright, project_at(tmp_path), "pyright"), result).outcome is Outcome.FAILED


def test_what_a_configuration_inherits_or_imports_from_decides_on_the_verdict(tmp_path: Path) -> None:
    """From one file to the next, and round in a circle too."""
    write(
        tmp_path,
        {
            "root/a.py": "",
            "root/pyrightconfig.json": '{"extends": "base/one.json", "extraPaths": ["src", "../lib", "\\u0000"]}',
            "root/base/one.json": '{"extends": "two.json"}',
            "root/base/two.json": '{"extends": "one.json"}',
        },
    )
    check = check_of(pyright, project_at(tmp_path / "root"), "pyright")
    assert check.config_files == (
        *("pyrightconfig.json", "pyproject.toml", "base/one.json", "base/two.json"),
        "../lib/**",
    )
    assert "base/two.json" in check.inputs
