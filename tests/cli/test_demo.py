"""`ftui demo`: what the bundled project shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ftui.cli.demo import PROJECT

if TYPE_CHECKING:
    from tests.cli.conftest import Ftui

CHECKS = {"ruff": "passed", "ruff-format": "passed", "mypy": "passed", "pytest": "failed"}


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the command puts its temporary folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_one_planted_bug_is_all_that_its_checks_find(ftui: Ftui, tmp_path: Path) -> None:
    answer = ftui("demo", "--format", "json", cwd=tmp_path)
    assert (answer.code, answer.outcomes()) == (0, CHECKS)
    findings = [finding for check in answer.report["checks"] for finding in check["findings"]]
    assert [(f["path"], f["message"].splitlines()[0]) for f in findings] == [
        ("tests/test_pricing.py", "assert 10.0 == 9.0")
    ]


def test_as_text_it_says_where_the_bug_is_and_what_to_do_next(ftui: Ftui, tmp_path: Path) -> None:
    answer = ftui("demo", cwd=tmp_path)
    assert answer.code == 0
    assert "4 checks: 3 passed, 1 failed" in answer.out
    assert "bug on purpose, in shop/pricing.py" in answer.out
    assert "`ftui run` in a repository of your own" in answer.out


def test_it_leaves_nothing_behind(ftui: Ftui, tmp_path: Path, temporary: Path) -> None:
    bundled = {path: path.stat().st_mtime_ns for path in PROJECT.rglob("*")}
    ftui("demo", cwd=tmp_path, env={"TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in PROJECT.rglob("*")} == bundled


def test_without_its_tools_it_is_not_green(ftui: Ftui, tmp_path: Path) -> None:
    """As after an install without the extra `tools`: the interpreter has ftui alone, and PATH nothing."""
    code = "import sys; sys.executable = '/nowhere/bin/python'; from ftui.cli import main; sys.exit(main(['demo']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=ftui.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "and is not installed: run `pip install ruff`" in done.stdout


def test_its_project_is_judged_the_same_where_it_lies_in_a_package(ftui: Ftui, tmp_path: Path) -> None:
    """In a checkout, folders above the project are packages, which must not confuse its type checker."""
    package = tmp_path / "package"
    shutil.copytree(PROJECT, package / "project", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (package / "__init__.py").touch()
    answer = ftui("run", "--root", "package/project", "--profile", "full", "--format", "json", cwd=tmp_path)
    assert answer.outcomes() == CHECKS
