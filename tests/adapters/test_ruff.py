"""ruff, with the real tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.adapters import ruff
from ftui.model import CheckConfig, Outcome, Phase
from tests.adapters.kit import check_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyproject.toml": "[tool.ruff]\n"}


def test_clean_code_passes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    check = check_of(ruff, project_at(tmp_path), "ruff")
    assert run(check, tmp_path).outcome is Outcome.PASSED
    assert check.phase is Phase.FAST
    assert check.because == "[tool.ruff] in pyproject.toml"


def test_each_violation_is_a_finding_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "my pkg/a.py": "import os\n\nprint(nowhere)\n"})
    verdict = run(check_of(ruff, project_at(tmp_path), "ruff"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert ("my pkg/a.py", 1, 8, "F401") in verdict.places()
    assert ("my pkg/a.py", 3, 7, "F821") in verdict.places()


def test_a_file_that_cannot_be_parsed_fails(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "def f(:\n"})
    verdict = run(check_of(ruff, project_at(tmp_path), "ruff"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places()[0] == ("a.py", 1, 7, "invalid-syntax")


def test_nothing_is_fixed_even_where_the_project_asks_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"ruff.toml": "fix = true\n", "a.py": "import os\n"})
    assert run(check_of(ruff, project_at(tmp_path), "ruff"), tmp_path).outcome is Outcome.FAILED
    assert (tmp_path / "a.py").read_text() == "import os\n"


def test_fixing_is_a_mutating_check_that_passes_when_nothing_is_left(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "import os\n"})
    check = check_of(ruff, project_at(tmp_path, {"ruff": CheckConfig(fix=True)}), "ruff")
    assert check.phase is Phase.MUTATING
    assert run(check, tmp_path).outcome is Outcome.PASSED
    assert (tmp_path / "a.py").read_text() == ""


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    assert run(check_of(ruff, project_at(tmp_path), "ruff"), tmp_path, "--nope").outcome is Outcome.BROKEN


def test_a_broken_configuration_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"ruff.toml": "line-length = 'long'\n", "a.py": "x = 1\n"})
    assert run(check_of(ruff, project_at(tmp_path), "ruff"), tmp_path).outcome is Outcome.BROKEN


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n", "docs/index.md": ""})
    verdict = run(replace(check_of(ruff, project_at(tmp_path), "ruff"), args=("docs",)), tmp_path)
    assert verdict.outcome is Outcome.BROKEN
    assert "no Python files" in verdict.because


def test_a_missing_tool_names_the_command_of_the_projects_own_package_manager(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "", "uv.lock": ""})
    check = check_of(ruff, project_at(tmp_path, without=["ruff"]), "ruff")
    assert check.unavailable == (
        "ruff is used here ([tool.ruff] in pyproject.toml) and is not installed: run `uv add --dev ruff`"
    )


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"pkg/ruff.toml": ""}, "pkg/ruff.toml"),
        ({"requirements-dev.txt": "Ruff==0.17\n"}, "declared in requirements-dev.txt"),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['ruff>=0.1']\n"}, "declared in pyproject.toml"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\nruff = '*'\n"}, "declared in pyproject.toml"),
        ({"setup.py": "setup(extras_require={'dev': ['ruff>=0.1']})\n"}, "declared in setup.py"),
        ({"setup.cfg": "[options.extras_require]\ndev =\n  ruff\n"}, "declared in setup.cfg"),
        ({"tox.ini": "[testenv:lint]\ndeps =\n  lint: ruff\n"}, "declared in tox.ini"),
        ({".pre-commit-config.yaml": "  - id: ruff-check\n"}, "hook ruff-check in .pre-commit-config.yaml"),
        ({}, "Python files and no linter configured; ruff from PATH"),
    ],
)
def test_it_says_where_the_project_uses_it(tmp_path: Path, files: dict[str, str], because: str) -> None:
    write(tmp_path, {"a.py": "", **files})
    assert check_of(ruff, project_at(tmp_path), "ruff").because == because


@pytest.mark.parametrize(
    "files",
    [{".flake8": ""}, {"setup.cfg": "[flake8]\n"}, {"requirements.txt": "flake8\n"}, {"pylintrc": ""}],
)
def test_a_project_with_another_linter_is_left_to_that(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {"a.py": "", **files})
    assert "lints here" in unused_because(ruff, project_at(tmp_path), "ruff")


def test_without_python_files_it_is_unused(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    assert unused_because(ruff, project_at(tmp_path), "ruff") == "no Python files"


def test_unconfigured_and_not_installed_it_is_unused_and_not_missed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    assert "not installed either" in unused_because(ruff, project_at(tmp_path, without=["ruff"]), "ruff")


def test_an_extended_configuration_and_added_files_belong_to_the_check(tmp_path: Path) -> None:
    write(tmp_path, {"ruff.toml": "extend = './base/shared.toml'\nextend-include = ['*.tool']\n", "a.py": ""})
    check = check_of(ruff, project_at(tmp_path), "ruff")
    assert "base/shared.toml" in check.config_files
    assert "*.tool" in check.inputs


def test_every_link_of_a_chain_of_extended_configurations_belongs_to_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARED", str(tmp_path / "elsewhere"))
    root = tmp_path / "project"
    files = {
        "pyproject.toml": "[tool.ruff]\nextend = 'conf/first.toml'\n",
        "conf/first.toml": "extend = 'second.toml'\n",
        "conf/second.toml": "extend = '../../elsewhere/third.toml'\n",
        "sub/ruff.toml": "extend = '${SHARED}/fifth.toml'\n",
        "sub/a.py": "",
    }
    write(root, files)
    write(tmp_path / "elsewhere", {"third.toml": "extend = 'fourth.toml'\n", "fourth.toml": "extend = 'third.toml'\n"})
    found = check_of(ruff, project_at(root), "ruff").config_files
    assert {"conf/first.toml", "conf/second.toml", "../elsewhere/third.toml", "../elsewhere/fourth.toml"} <= {*found}
    assert str(tmp_path / "elsewhere" / "fifth.toml") in found


@pytest.mark.parametrize(("code", "outcome"), [(0, "passed"), (1, "failed"), (2, "broken"), (101, "broken")])
def test_exit_codes_mean_what_ruff_documents(tmp_path: Path, code: int, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert judge(check_of(ruff, project_at(tmp_path), "ruff"), left_behind(code)).outcome == outcome
