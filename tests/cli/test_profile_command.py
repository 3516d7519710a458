"""Where the time of a check goes, on the command line and with the real tools."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.cli.conftest import NO_RUFF

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

TESTS = """\
def test_slow():
    assert sum(i * i for i in range(1_000_000))

def test_quick():
    pass
"""


def test_pytest_says_which_tests_take_longest_and_nothing_is_kept(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + "[checks.mypy]\nenabled = false\n")
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / "test_a.py").write_text(TESTS)
    found = ftui("profile", "pytest", "--format", "json", cwd=root).report
    assert found["spent"][0]["what"] == "test_a.py::test_slow (call)"
    run = ftui("run", "pytest", "--format", "json", cwd=root).report
    assert run["totals"]["miss"] == 1, "a run that was looked at certifies nothing"
    assert len(ftui("history", "--format", "json", cwd=root).report["runs"]) == 1


def test_mypy_says_which_modules_take_longest(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF)
    (root / "mypy.ini").write_text("[mypy]\n")
    (root / "module.py").write_text("import collections\nx: int = 'a'\n")
    answer = ftui("profile", "mypy", cwd=root)
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].startswith("mypy: ")
    assert lines[1] == "mypy itself says; this run stands for nothing and is not kept"
    assert any(line.endswith("  builtins") for line in lines)


def test_a_check_that_is_not_there_is_named_with_the_nearest(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + f"[checks.mine]\ncommand = ['{sys.executable}', '-c', 'pass']\n")
    answer = ftui("profile", "mina", cwd=root)
    assert answer.code == 2
    assert "did you mean 'mine'?" in answer.err
    assert ftui("profile", "mine", cwd=root).code == 2
