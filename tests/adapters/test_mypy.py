"""mypy, with the real tool."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ftui.adapters import mypy
from ftui.model import Outcome, Severity
from tests.adapters.kit import check_of, install, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"mypy.ini": "[mypy]\n"}
WRONG = 'x: int = "a"\n\n\ndef f(n: int) -> int:\n    return n\n\n\nf("")\n'


def test_well_typed_code_passes(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "x: int = 1\n"})
    assert run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path).outcome is Outcome.PASSED


@pytest.mark.parametrize("settings", ["", "pretty = true\nshow_error_end = true\nhide_error_codes = true\n"])
def test_each_error_is_a_finding_at_its_place_whatever_the_configured_style(tmp_path: Path, settings: str) -> None:
    write(tmp_path, {"mypy.ini": f"[mypy]\n{settings}", "pkg/a.py": WRONG})
    verdict = run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("pkg/a.py", 1, 10, "assignment"), ("pkg/a.py", 8, 3, "arg-type")]
    assert verdict.findings[1].message == 'Argument 1 to "f" has incompatible type "str"; expected "int"'


def test_a_syntax_error_fails_although_mypy_exits_with_2(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "def f(:\n"})
    verdict = run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert [(finding.path, finding.line, finding.rule) for finding in verdict.findings][:1] == [("a.py", 1, "syntax")]


def test_a_note_is_information(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": "reveal_type(1)\n"})
    verdict = run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path)
    assert verdict.outcome is Outcome.PASSED
    assert [finding.severity for finding in verdict.findings] == [Severity.INFO]


@pytest.mark.parametrize("more", ["--nope", "missing.py"])
def test_a_usage_error_is_no_verdict(tmp_path: Path, more: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    assert run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path, more).outcome is Outcome.BROKEN


def test_no_file_left_to_check_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nexclude = a\n", "a.py": ""})
    assert run(check_of(mypy, project_at(tmp_path), "mypy"), tmp_path).outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("files", "args"),
    [
        ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, (".",)),
        ({"pyproject.toml": "[tool.mypy]\nfiles = ['src']\n"}, ()),
        ({"setup.cfg": "[mypy]\npackages = src\n"}, ()),
        ({"setup.cfg": "[mypy-src.*]\nstrict = true\n"}, (".",)),
        ({"mypy.ini": "[mypy]\n", "pyproject.toml": "[tool.mypy]\nfiles = ['src']\n"}, (".",)),
    ],
)
def test_what_the_configuration_names_is_not_named_again(
    tmp_path: Path, files: dict[str, str], args: tuple[str, ...]
) -> None:
    write(tmp_path, {"src/a.py": "", **files})
    assert check_of(mypy, project_at(tmp_path), "mypy").args == args


def test_a_mypy_from_elsewhere_is_given_the_projects_own_python(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    install(tmp_path, ".venv", "python")
    check = check_of(mypy, project_at(tmp_path), "mypy")
    assert check.argv[-1] == f"--python-executable={tmp_path / '.venv' / 'bin' / 'python'}"


def test_the_projects_own_mypy_is_enough_to_use_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    install(tmp_path, ".venv", "mypy", "python")
    check = check_of(mypy, project_at(tmp_path), "mypy")
    assert check.because == "installed in .venv"
    assert not any(argument.startswith("--python-executable") for argument in check.argv)


def test_a_mypy_that_came_with_ftui_says_nothing_about_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": ""})
    install(tmp_path, ".venv", "mypy")
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert "[tool.mypy]" in unused_because(mypy, project_at(tmp_path), "mypy")


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    check = check_of(mypy, project_at(tmp_path, without=["mypy"]), "mypy")
    assert check.unavailable == "mypy is used here (mypy.ini) and is not installed: run `pip install mypy`"


def test_a_pre_commit_hook_alone_does_not_make_it_used(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", ".pre-commit-config.yaml": "- id: mypy\n"})
    assert unused_because(mypy, project_at(tmp_path), "mypy").startswith("not declared")


CRASH = "a.py:1: error: INTERNAL ERROR -- Please try using mypy master on GitHub\n"
TRACEBACK = "Traceback (most recent call last):\n  File ...\nImportError: mypy_extensions\n"


@pytest.mark.parametrize(
    ("code", "stderr", "outcome"),
    [
        (0, "", "passed"),
        (1, "", "failed"),
        (1, TRACEBACK, "broken"),
        (2, "", "broken"),
        (2, CRASH, "broken"),
    ],
)
def test_exit_codes_mean_what_mypy_documents(tmp_path: Path, code: int, stderr: str, outcome: str) -> None:
    write(tmp_path, {**CONFIG, "a.py": ""})
    result = left_behind(code, stderr=stderr)
    assert judge(check_of(mypy, project_at(tmp_path), "mypy"), result).outcome == outcome
