"""pytest, with the real tool and the report that our plugin writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.adapters import pytest as adapter
from ftui.config import Config
from ftui.model import Check, CheckConfig, Outcome, Unused
from ftui.project import TreeProject
from tests.adapters.kit import (
    Verdict,
    check_of,
    checks_of,
    install,
    judge,
    left_behind,
    project_at,
    run,
    unused_because,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = {"pytest.ini": "[pytest]\n"}
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}


def _run(root: Path, *more: str, environ: dict[str, str] | None = None) -> Verdict:
    return run(check_of(adapter, project_at(root), "pytest"), root, *more, environ={**ENVIRON, **(environ or {})})


def test_passing_tests_pass(tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "def test_a():\n    pass\n"})
    assert _run(tmp_path).outcome is Outcome.PASSED


def test_a_failing_test_is_a_finding_where_it_failed(tmp_path: Path) -> None:
    write(tmp_path, {**CONFIG, "tests/test_a.py": "def test_a():\n    x = 1\n    assert x == 2, 'odd'\n"})
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("tests/test_a.py", 3, None, "tests/test_a.py::test_a")]
    assert verdict.findings[0].message == "AssertionError: odd\nassert 1 == 2"


def test_a_crash_in_the_projects_code_is_placed_there_and_one_in_a_library_in_the_test(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "lib.py": "def f():\n    raise OSError('lost')\n",
            "test_a.py": "import json, lib\ndef test_own():\n    lib.f()\ndef test_other():\n    json.loads('')\n",
        },
    )
    places = _run(tmp_path).places()
    assert places == [("lib.py", 2, None, "test_a.py::test_own"), ("test_a.py", 5, None, "test_a.py::test_other")]


def test_every_kind_of_failure_has_its_finding(tmp_path: Path) -> None:
    code = """
import pytest, unittest

@pytest.fixture
def broken():
    raise ValueError("set-up")

def test_setup(broken): pass

@pytest.fixture
def late():
    yield
    raise ValueError("teardown")

def test_teardown(late): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass

@pytest.mark.parametrize("x", ["a[b]"])
def test_param(x): assert not x

class TestUnit(unittest.TestCase):
    def test_unit(self): self.fail("unit")
"""
    write(tmp_path, {"test_a.py": code})
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert sorted(finding.rule or "" for finding in verdict.findings) == [
        "test_a.py::TestUnit::test_unit",
        "test_a.py::test_param[a[b]]",
        "test_a.py::test_setup",
        "test_a.py::test_strict",
        "test_a.py::test_teardown",
    ]
    assert all(finding.path == "test_a.py" and finding.line for finding in verdict.findings)


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        ("\nimport no_such_module\n", 2, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = 1\ndef f(:\n", 2, "SyntaxError"),
    ],
)
def test_an_error_of_collection_fails_although_pytest_exits_with_2(
    tmp_path: Path, code: str, line: int, message: str
) -> None:
    write(tmp_path, {"tests/test_a.py": code})
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert [(finding.path, finding.line) for finding in verdict.findings] == [("tests/test_a.py", line)]
    assert message in verdict.findings[0].message


@pytest.mark.parametrize("style", ["--tb=native", "--tb=no", "--tb=line", "-q", "-qq", "--no-header", "--no-summary"])
def test_the_findings_do_not_depend_on_how_the_output_looks(tmp_path: Path, style: str) -> None:
    write(tmp_path, {"pytest.ini": f"[pytest]\naddopts = {style}\n", "test_a.py": "def test_a():\n    assert 0\n"})
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.places() == [("test_a.py", 2, None, "test_a.py::test_a")]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pytest.ini": "[pytest]\naddopts = --collect-only\n"}, "no test ran (none was collected)"),
        ({"pytest.ini": "[pytest]\naddopts = -k nothing\n"}, "no test ran (1 deselected)"),
        ({"test_a.py": "x = 1\n"}, "no test ran (none was collected)"),
        ({"test_a.py": "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n"}, "no test ran (1 skipped)"),
        ({"test_a.py": "import pytest\npytest.skip(allow_module_level=True)\n"}, "no test ran (1 skipped)"),
    ],
)
def test_a_run_of_no_test_is_no_verdict(tmp_path: Path, files: dict[str, str], why: str) -> None:
    write(tmp_path, {"test_a.py": "def test_a(): pass\n", **files})
    verdict = _run(tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, why)


def test_an_expected_failure_is_a_test_that_ran(tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "import pytest\n@pytest.mark.xfail\ndef test_a(): assert 0\n"})
    assert _run(tmp_path).outcome is Outcome.PASSED


def test_a_usage_error_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "def test_a(): pass\n"})
    assert _run(tmp_path, "--nope").outcome is Outcome.BROKEN


def test_a_conftest_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"conftest.py": "import no_such_module\n", "test_a.py": "def test_a(): pass\n"})
    verdict = _run(tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, "pytest could not load conftest.py: see its output")


def test_a_run_that_is_cut_short_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "def test_a():\n    raise KeyboardInterrupt\n"})
    assert _run(tmp_path).outcome is Outcome.BROKEN


def test_failures_in_parallel_workers_are_reported_once(tmp_path: Path) -> None:
    tests = "".join(f"def test_{n}():\n    assert {n} != 3\n" for n in range(6))
    write(tmp_path, {"test_a.py": tests, "test_b.py": "import no_such_module\n"})
    verdict = _run(tmp_path, "-n2", "-p", "xdist")
    assert verdict.outcome is Outcome.FAILED
    assert [(path, line) for path, line, _, _ in verdict.places()] == [("test_a.py", 8), ("test_b.py", 1)]


def test_tests_and_their_children_see_the_users_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"""
import os, subprocess, sys
def test_a():
    seen = subprocess.check_output([sys.executable, "-c", "import os; print(dict(os.environ))"], text=True)
    assert "ftui_pytest" not in seen.lower() and "pytest_plugin'" not in seen
    assert os.environ["PYTHONPATH"] == {str(tmp_path / "own")!r}
    assert os.environ["PYTEST_PLUGINS"] == "own_plugin"
    assert not [entry for entry in sys.path if "pytest_plugin" in entry]
    assert "own_plugin" in sys.modules
"""
    write(tmp_path, {"own/own_plugin.py": "", "test_a.py": code})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    monkeypatch.setenv("PYTEST_PLUGINS", "own_plugin")
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.PASSED, verdict.output


def test_where_the_user_has_none_of_the_variables_the_tests_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os\ndef test_a():\n    assert not {'PYTHONPATH', 'PYTEST_PLUGINS'} & os.environ.keys()\n"
    write(tmp_path, {"test_a.py": code})
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)
    verdict = _run(tmp_path)
    assert verdict.outcome is Outcome.PASSED, verdict.output


@pytest.mark.parametrize(
    ("test", "outcome", "places"),
    [
        ("def test_a(): assert 0\n", Outcome.FAILED, [("test_a.py", None, None, "test_a.py::test_a")]),
        ("def test_a(): pass\n", Outcome.PASSED, []),
        ("import nowhere\n", Outcome.FAILED, [("test_a.py", None, None, "test_a.py")]),
        ("", Outcome.BROKEN, []),
    ],
)
def test_without_the_report_the_summary_stands_in(
    tmp_path: Path, test: str, outcome: Outcome, places: list[tuple[str, None, None, str]]
) -> None:
    write(tmp_path, {"pytest.ini": f"[pytest]\naddopts = -p no:{adapter.PLUGIN}\n", "test_a.py": test})
    verdict = _run(tmp_path)
    assert (verdict.outcome, verdict.places()) == (outcome, places), verdict.output


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHON*", "PYTEST_PLUGINS"])
def test_a_variable_of_ours_that_the_user_lets_through_leaves_the_plugin_out(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"test_a.py": ""})
    check = check_of(adapter, project_at(tmp_path, {"pytest": CheckConfig(env=(name,))}), "pytest")
    assert not [entry for entry in check.env if "=" in entry]


def test_a_pythonpath_of_the_checks_own_leaves_the_plugin_out(tmp_path: Path) -> None:
    write(tmp_path, {"src/mine.py": "", "test_a.py": "import mine\ndef test_a(): pass\n"})
    own = (f"PYTHONPATH={tmp_path / 'src'}",)
    check = check_of(adapter, project_at(tmp_path, {"pytest": CheckConfig(env=own)}), "pytest")
    verdict = run(replace(check, env=check.env + own), tmp_path, environ=ENVIRON)
    assert verdict.outcome is Outcome.PASSED, verdict.output


def test_a_pytest_that_cannot_load_the_plugin_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "def test_a(): pass\n"})
    check = check_of(adapter, project_at(tmp_path), "pytest")
    env = tuple(entry for entry in check.env if not entry.startswith("PYTHONPATH="))
    verdict = run(replace(check, env=env), tmp_path, environ=ENVIRON)
    assert verdict.outcome is Outcome.BROKEN
    assert "could not load ftui's report" in verdict.because


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "[tool.pytest] in pyproject.toml"),
        ({"setup.cfg": "[tool:pytest]\n"}, "[tool:pytest] in setup.cfg"),
        ({"conftest.py": ""}, "conftest.py"),
        ({"tests/test_a.py": ""}, "no configuration; test files such as tests/test_a.py"),
        (
            {"tests/test_a.py": "", "requirements.txt": "pytest\n"},
            "declared in requirements.txt; test files such as tests/test_a.py",
        ),
    ],
)
def test_it_says_what_makes_it_run(tmp_path: Path, files: dict[str, str], because: str) -> None:
    write(tmp_path, files)
    assert check_of(adapter, project_at(tmp_path), "pytest").because == because


@pytest.mark.parametrize("files", [{"a.py": ""}, {"a.py": "", "requirements.txt": "pytest\n"}])
def test_without_test_files_it_is_unused(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    assert "no test files" in unused_because(adapter, project_at(tmp_path), "pytest")


def test_a_missing_tool_names_the_command_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    check = check_of(adapter, project_at(tmp_path, without=["pytest"]), "pytest")
    assert check.unavailable == "pytest is used here (pytest.ini) and is not installed: run `pip install pytest`"


def test_another_environments_pytest_does_not_stand_in_for_the_projects_own(tmp_path: Path) -> None:
    write(tmp_path, CONFIG)
    install(tmp_path, ".venv", "python")
    check = check_of(adapter, project_at(tmp_path), "pytest")
    assert check.unavailable is not None
    assert check.unavailable.startswith("pytest is not installed in .venv")


SUMMARY = "=== 1 failed, 2 passed in 0.1s ===\n"
TRACEBACK = "Traceback (most recent call last):\n  File ...\nImportError: pluggy\n"
USAGE = "FAILED test_a.py::test_a - assert 0\n"


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "=== 3 passed in 0.1s ===\n", "passed"),
        (0, "=== no tests ran in 0.1s ===\n", "broken"),
        (0, "=== 2 deselected in 0.1s ===\n", "broken"),
        (1, SUMMARY, "failed"),
        (1, TRACEBACK, "broken"),
        (2, "", "broken"),
        (2, USAGE + SUMMARY, "failed"),
        (3, SUMMARY, "broken"),
        (4, "", "broken"),
        (5, "", "broken"),
    ],
)
def test_exit_codes_mean_what_pytest_documents(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, CONFIG)
    assert judge(check_of(adapter, project_at(tmp_path), "pytest"), left_behind(code, output)).outcome == outcome


def _offered(root: Path, config: CheckConfig | None = None, *, long: bool = True) -> Check | Unused:
    kept = root.parent / f"{root.name}-kept"
    kept.mkdir(exist_ok=True)
    if long:
        (kept / adapter.LONG).touch()
    project = TreeProject(root, Config(checks={"pytest": config} if config else {}), kept=lambda adapter: str(kept))
    return checks_of(adapter, project)[adapter.AHEAD]


def test_a_part_runs_ahead_of_tests_that_take_long_and_is_told_what_they_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"pytest.ini": "[pytest]\naddopts = --cov -n 4\n"})
    config = CheckConfig(args=("-x", "-k", "smoke"), env=("MODE=1",), requires=("ruff",), timeout=5.0)
    part = _offered(tmp_path, config)
    assert isinstance(part, Check)
    assert (part.ahead_of, part.cache, part.requires, part.timeout) == ("pytest", False, ("ruff",), 5.0)
    assert part.args == ("-x", "-k", "smoke", "-n0", "--no-cov")
    assert {"MODE=1", "FTUI_PYTEST_AHEAD=1"} <= set(part.env)


@pytest.mark.parametrize(
    ("config", "long", "because"),
    [
        (None, False, "all tests together are not known to take 10 s or more"),
        (CheckConfig(enabled=False), True, "pytest is disabled"),
        (CheckConfig(args=("--lf",)), True, "pytest is told to run those that failed"),
        (CheckConfig(env=("PYTHONPATH",)), True, "the check pytest sets PYTHONPATH or PYTEST_PLUGINS itself"),
    ],
)
def test_where_no_part_runs_ahead_it_says_why(
    tmp_path: Path, config: CheckConfig | None, long: bool, because: str
) -> None:
    write(tmp_path, CONFIG)
    part = _offered(tmp_path, config, long=long)
    assert isinstance(part, Unused)
    assert part.because == because


@pytest.mark.parametrize(("code", "outcome"), [(1, "broken"), (0, "passed"), (2, "broken")])
def test_what_a_part_exits_with_says_nothing_without_a_test_that_failed(
    tmp_path: Path, code: int, outcome: str
) -> None:
    write(tmp_path, CONFIG)
    part = _offered(tmp_path)
    assert isinstance(part, Check)
    assert judge(part, left_behind(code, "=== 3 passed in 0.1s ===\n")).outcome == outcome
