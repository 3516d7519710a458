"""The adapter, on recorded output and with the real bandit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ftui_bandit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.hookspecs import Project
    from ftui.model import Check
    from ftui.testing import Judge, MakeProject, Offers, RunChecks

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]

CONFIGURED = {"pyproject.toml": "[tool.bandit]\n"}
SHELL = "import subprocess\n\n\ndef run(line):\n    subprocess.call(line, shell=True)\n"
CRASH = "Traceback (most recent call last):\n  File ...\nImportError: no module named yaml\n"


def recorded(name: str) -> str:
    """What bandit 1.9 printed."""
    return Path(__file__).with_name("recorded").joinpath(name).read_text(encoding="utf-8")


@pytest.fixture
def check(project: MakeProject, offers: Ask) -> Check:
    return offers(project({**CONFIGURED, "src/app.py": ""}), ftui_bandit).check("bandit")


# Recorded output


def test_each_issue_is_a_finding_with_its_rule_severity_and_confidence(check: Check, judge: Judge) -> None:
    verdict = judge(check, 1, recorded("issues.json"))
    assert verdict.outcome == "failed"
    found = [(item.path, item.line, item.column, item.rule, item.severity.value) for item in verdict.findings]
    assert found == [
        ("src/app.py", 1, 1, "B404", "info"),
        ("src/app.py", 5, 5, "B602", "error"),
        ("src/app.py", 6, 5, "B102", "warning"),
        ("src/broken.py", None, None, None, "warning"),
    ]
    assert [item.message for item in verdict.findings[1:]] == [
        "subprocess call with shell=True identified, security issue. (severity high, confidence high)",
        "Use of exec detected. (severity medium, confidence high)",
        "not read: syntax error while parsing AST from file",
    ]


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "outcome", "because"),
    [
        (0, recorded("nothing.json"), "", "passed", ""),
        (0, recorded("unread.json"), "", "broken", "could not read src/broken.py: syntax error while parsing AST"),
        (0, recorded("no_file.json"), "", "broken", "was left no file to read"),
        (0, "", "", "broken", "bandit gave no report"),
        (1, "", CRASH, "broken", "bandit gave no report: ImportError: no module named yaml"),
        (2, "", "bandit: error: unrecognized arguments: --no", "broken", "(exit code 2): bandit: error: unrecognized"),
        (3, "", "", "broken", "(exit code 3)"),
    ],
)
def test_exit_codes_and_reports_are_taken_for_what_they_are(
    check: Check, judge: Judge, code: int, stdout: str, stderr: str, outcome: str, because: str
) -> None:
    verdict = judge(check, code, stdout, stderr)
    assert verdict.outcome == outcome
    assert because in verdict.because


def test_of_a_report_without_its_middle_the_exit_code_is_left(check: Check, judge: Judge) -> None:
    assert judge(check, 1, '{"errors": [], … left out … }', truncated=True).outcome == "failed"


def test_a_path_beyond_the_root_stays_absolute(check: Check, judge: Judge) -> None:
    report = recorded("issues.json").replace("./src/app.py", "../shared/app.py")
    assert judge(check, 1, report, root="/home/me/project").findings[0].path == "/home/me/shared/app.py"


# Where it is found


@pytest.mark.parametrize(
    ("files", "because"),
    [
        (CONFIGURED, "[tool.bandit] in pyproject.toml"),
        ({".bandit": "[bandit]\n"}, ".bandit"),
        ({"ftui.toml": "[checks.bandit]\ntimeout = 60\n"}, "checks.bandit in the configuration"),
    ],
)
def test_it_says_where_the_project_uses_it(
    project: MakeProject, offers: Ask, files: dict[str, str], because: str
) -> None:
    assert offers(project({"app.py": "", **files}), ftui_bandit).check("bandit").because == because


def test_a_bandit_in_the_projects_own_environment_is_used(project: MakeProject, offers: Ask) -> None:
    check = offers(project({"app.py": ""}, tools={"bandit": ""}), ftui_bandit).check("bandit")
    assert check.because == "installed in .venv"


def test_a_bandit_that_came_with_the_plugin_says_nothing_about_the_project(project: MakeProject, offers: Ask) -> None:
    made = project({"app.py": ""})
    assert made.tool("bandit") is not None
    assert "no [tool.bandit] in pyproject.toml" in offers(made, ftui_bandit).unused["bandit"]


def test_a_project_without_python_has_nothing_for_it(project: MakeProject, offers: Ask) -> None:
    assert offers(project(CONFIGURED), ftui_bandit).unused == {"bandit": "no Python files"}


def test_a_missing_tool_names_the_command_that_installs_it(project: MakeProject, offers: Ask) -> None:
    check = offers(project({**CONFIGURED, "app.py": ""}, without=["bandit"]), ftui_bandit).check("bandit")
    assert str(check.unavailable).endswith("and is not installed: run `pip install bandit`")


# The real tool


def test_a_known_issue_fails_at_its_place(project: MakeProject, engine: RunChecks) -> None:
    events = engine(project({**CONFIGURED, "src/app.py": SHELL, "setup.py": "x = 1\n"}), ftui_bandit)
    events.expect("bandit", "failed", ("src/app.py", 1, 1, "B404"), ("src/app.py", 5, 5, "B602"))
    events.expect_no_problem()


def test_what_pyproject_leaves_out_is_left_out(project: MakeProject, engine: RunChecks) -> None:
    config = "[tool.bandit]\nexclude_dirs = ['tests']\nskips = ['B404', 'B602']\n"
    files = {"pyproject.toml": config, "src/app.py": SHELL, "tests/test_app.py": "assert True\n"}
    engine(project(files), ftui_bandit).expect("bandit", "passed")


def test_what_an_ini_leaves_out_is_left_out(project: MakeProject, engine: RunChecks) -> None:
    files = {".bandit": "[bandit]\nexclude = ./tests\n", "src/app.py": "x = 1\n", "tests/test_app.py": "assert True\n"}
    engine(project(files), ftui_bandit).expect("bandit", "passed")


def test_targets_of_an_ini_hold(project: MakeProject, engine: RunChecks) -> None:
    files = {".bandit": "[bandit]\ntargets = src\n", "src/app.py": "x = 1\n", "tests/test_app.py": "assert True\n"}
    engine(project(files), ftui_bandit).expect("bandit", "passed")


def test_an_edit_of_the_configuration_runs_it_again(project: MakeProject, engine: RunChecks) -> None:
    made = project({**CONFIGURED, "app.py": "x = 1\n"})
    assert [engine(made, ftui_bandit).result("bandit").bucket for _ in range(2)] == ["miss", "hit"]
    edited = project({"pyproject.toml": "[tool.bandit]\nskips = ['B101']\n"})
    assert engine(edited, ftui_bandit).result("bandit").bucket == "miss"


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"app.py": "def (\n"}, "bandit could not read app.py: syntax error while parsing AST from file"),
        ({"app.py": "", "ftui.toml": "[checks.bandit]\nargs = ['--no-such']\n"}, "unrecognized arguments: --no-such"),
        ({"tests/a.py": "", "pyproject.toml": "[tool.bandit]\nexclude_dirs = ['tests']\n"}, "was left no file to read"),
    ],
    ids=["a file that cannot be parsed", "wrong usage", "nothing left to read"],
)
def test_what_is_no_verdict_is_broken(
    project: MakeProject, engine: RunChecks, files: dict[str, str], because: str
) -> None:
    events = engine(project({**CONFIGURED, **files}), ftui_bandit)
    events.expect("bandit", "broken")
    assert because in str(events.result("bandit").broken_because)
