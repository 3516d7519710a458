"""ty, by what ty 0.0.104 printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import ty
from ftui.model import Outcome, Severity
from tests.adapters.kit import check_of, judge, left_behind, project_at, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pyproject.toml": "[tool.ty.rules]\n", "a.py": 'x: int = "a"\n'}
REPORT = """[
  {
    "check_name": "invalid-assignment",
    "description": "invalid-assignment: Object of type `Literal[\\"a\\"]` is not assignable to `int`",
    "severity": "%s",
    "fingerprint": "e6feba7003e5aa77",
    "location": {"path": "a.py", "positions": {"begin": {"line": 1, "column": 10}, "end": {"line": 1, "column": 13}}}
  }
]"""


def test_each_diagnostic_is_a_finding_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    verdict = judge(check_of(ty, project_at(tmp_path), "ty"), left_behind(1, REPORT % "major"))
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("a.py", 1, 10, "invalid-assignment")]
    assert verdict.findings[0].message == 'Object of type `Literal["a"]` is not assignable to `int`'


def test_a_warning_does_not_fail(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    verdict = judge(check_of(ty, project_at(tmp_path), "ty"), left_behind(0, REPORT % "minor"))
    assert verdict.outcome is Outcome.PASSED
    assert verdict.findings[0].severity is Severity.WARNING


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    result = left_behind(0, "[]", "WARN No python files found under the given path(s)\n")
    assert judge(check_of(ty, project_at(tmp_path), "ty"), result).because == "no Python files found"


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [(0, "[]", "passed"), (1, "[]", "failed"), (1, "", "broken"), (2, "[]", "broken"), (101, "", "broken")],
)
def test_exit_codes_mean_what_ty_documents(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, CONFIG)
    assert judge(check_of(ty, project_at(tmp_path), "ty"), left_behind(code, output)).outcome == outcome


def test_it_is_active_where_configured_and_a_missing_tool_is_named(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    check = check_of(ty, project_at(tmp_path, without=["ty"]), "ty")
    assert check.because == "[tool.ty] in pyproject.toml"
    assert check.unavailable is not None
    assert check.unavailable.endswith("run `pip install ty`")


def test_without_a_sign_of_it_it_is_unused(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    assert "[tool.ty]" in unused_because(ty, project_at(tmp_path), "ty")


def test_folders_beyond_the_tree_and_the_settings_of_the_user_decide_on_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/settings")
    write(tmp_path, {"a.py": "", "ty.toml": '[environment]\nextra-paths = ["../lib", "src"]\n'})
    config_files = check_of(ty, project_at(tmp_path), "ty").config_files
    assert {"../lib/**", "/settings/ty/ty.toml"} <= set(config_files)
    assert "src/**" not in config_files
