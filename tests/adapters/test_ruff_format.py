"""ruff format, with the real tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.adapters import ruff_format
from ftui.config import Config
from ftui.hookspecs import Tool
from ftui.model import CheckConfig, Outcome, Phase
from ftui.project import TreeProject
from ftui.tree import Globs
from tests.adapters.kit import check_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyproject.toml": "[tool.ruff.format]\n"}


class OldRuff(TreeProject):
    """A project whose ruff claims to be older, so that it is asked for text."""

    def tool(self, name: str) -> Tool | None:
        found = super().tool(name)
        assert found is not None
        return Tool(path=found.path, origin=found.origin, version="0.15.22")


def test_formatted_code_passes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    assert run(check_of(ruff_format, project_at(tmp_path), "ruff-format"), tmp_path).outcome is Outcome.PASSED


def test_an_unformatted_file_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x=1\n"})
    verdict = run(check_of(ruff_format, project_at(tmp_path), "ruff-format"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert [(path, rule) for path, _, _, rule in verdict.places()] == [("a.py", "unformatted")]
    assert (tmp_path / "a.py").read_text() == "x=1\n"


def test_a_file_that_cannot_be_parsed_fails_although_ruff_exits_with_2(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "def f(:\n"})
    verdict = run(check_of(ruff_format, project_at(tmp_path), "ruff-format"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.py", 1, 7, "invalid-syntax")]


def test_fixing_is_a_mutating_check_that_writes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x=1\n"})
    project = project_at(tmp_path, {"ruff-format": CheckConfig(fix=True)})
    check = check_of(ruff_format, project, "ruff-format")
    assert check.phase is Phase.MUTATING
    assert run(check, tmp_path).outcome is Outcome.PASSED
    assert (tmp_path / "a.py").read_text() == "x = 1\n"


def test_fixing_fails_on_a_file_that_cannot_be_parsed(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "def f(:\n"})
    project = project_at(tmp_path, {"ruff-format": CheckConfig(fix=True)})
    verdict = run(check_of(ruff_format, project, "ruff-format"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.py", 1, 7, "invalid-syntax")]


def test_an_old_ruff_is_asked_for_text_and_understood(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x=1\n"})
    check = check_of(ruff_format, OldRuff(tmp_path, Config()), "ruff-format")
    assert "--output-format" not in check.argv
    output = "error: Failed to parse pkg/syn.py:1:7: Expected a parameter\nWould reformat: my pkg/a.py\n"
    verdict = judge(check, left_behind(2, stderr=output))
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("my pkg/a.py", None, None, "unformatted"), ("pkg/syn.py", 1, 7, "invalid-syntax")]


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n"})
    assert run(check_of(ruff_format, project_at(tmp_path), "ruff-format"), tmp_path, "--nope").outcome is Outcome.BROKEN


@pytest.mark.parametrize("fix", [False, True])
def test_python_in_markdown_is_formatted_too(tmp_path: Path, fix: bool) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n", "docs/a.md": "```python\nx  =  1\n```\n"})
    check = check_of(ruff_format, project_at(tmp_path, {"ruff-format": CheckConfig(fix=fix)}), "ruff-format")
    assert Globs(check.writes if fix else check.inputs).matches("docs/a.md")
    assert run(check, tmp_path).outcome is (Outcome.PASSED if fix else Outcome.FAILED)
    assert ((tmp_path / "docs/a.md").read_text() == "```python\nx = 1\n```\n") == fix


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x = 1\n", "docs/index.rst": ""})
    verdict = run(replace(check_of(ruff_format, project_at(tmp_path), "ruff-format"), args=("docs",)), tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, "no Python files found under the given paths")


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"ruff.toml": "[format]\n"}, "[format] in ruff.toml"),
        ({".pre-commit-config.yaml": "- id: ruff-format\n"}, "hook ruff-format in .pre-commit-config.yaml"),
        ({"Makefile": "fmt:\n\truff format .\n"}, "`ruff format` in Makefile"),
        ({"noxfile.py": "session.run('ruff', 'format')\n"}, "`ruff format` in noxfile.py"),
    ],
)
def test_it_says_what_shows_that_ruff_formats_here(tmp_path: Path, files: dict[str, str], because: str) -> None:
    write(tmp_path, {"a.py": "", **files})
    assert check_of(ruff_format, project_at(tmp_path), "ruff-format").because == because


def test_a_project_that_only_lints_with_ruff_is_not_held_to_its_format(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x=1\n", "pyproject.toml": "[tool.ruff]\n"})
    assert "no sign that ruff formats here" in unused_because(ruff_format, project_at(tmp_path), "ruff-format")


def test_naming_it_in_the_configuration_is_enough(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})
    project = project_at(tmp_path, {"ruff-format": CheckConfig()})
    assert check_of(ruff_format, project, "ruff-format").because == "checks.ruff-format in the configuration"


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    check = check_of(ruff_format, project_at(tmp_path, without=["ruff"]), "ruff-format")
    assert check.unavailable is not None
    assert check.unavailable.endswith("run `pip install ruff`")


@pytest.mark.parametrize(("code", "outcome"), [(0, "passed"), (1, "failed"), (2, "broken"), (101, "broken")])
def test_exit_codes_mean_what_ruff_documents(tmp_path: Path, code: int, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert judge(check_of(ruff_format, project_at(tmp_path), "ruff-format"), left_behind(code)).outcome == outcome
