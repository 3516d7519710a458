"""Real packages from the package index: for every check, ftui's verdict is the one its command gives by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Ftui

if TYPE_CHECKING:
    from pathlib import Path

# Each with the tools that must at least have had something to say, and one of them with a lint that fails.
PACKAGES = {
    "itsdangerous==2.2.0": {"ruff", "mypy", "pytest"},
    "click==8.2.1": {"ruff", "mypy", "pytest"},
    "humanize==4.12.3": {"ruff", "mypy", "pytest"},
    "tinycss2==1.3.0": {"ruff", "pytest"},
    "cachetools==6.1.0": {"pytest"},
}
FAILING_LINT = "tinycss2==1.3.0"
NEEDED_BY_TESTS = ["freezegun", "pytest-cov"]

PASSED, FAILED, BROKEN = "passed", "failed", "broken"
# What the documentation of each tool says of its exit codes; all others give no verdict. Nobody interrupts pytest here,
# so its 2 is an error of collection, which is a fault of the tree.
EXIT_CODES = {
    "ruff": {0: PASSED, 1: FAILED},
    "ruff-format": {0: PASSED, 1: FAILED},
    "black": {0: PASSED, 1: FAILED},
    "isort": {0: PASSED, 1: FAILED},
    "mypy": {0: PASSED, 1: FAILED},
    "pyright": {0: PASSED, 1: FAILED},
    "basedpyright": {0: PASSED, 1: FAILED},
    "ty": {0: PASSED, 1: FAILED},
    "pytest": {0: PASSED, 1: FAILED, 2: FAILED},
}

pytestmark = pytest.mark.packages


def run(*argv: str, cwd: Path) -> None:
    done = subprocess.run(argv, cwd=cwd, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def unpacked(requirement: str, folder: Path) -> tuple[Path, Path]:
    """The package's sources as a git repository, and a folder in which it and what its tests need are installed."""
    pip = [sys.executable, "-m", "pip"]
    name = requirement.partition("==")[0]  # and not `:all:`, which would build the tools that build it as well
    run(*pip, "download", "-q", "--no-deps", "--no-binary", name, "--dest", "sdist", requirement, cwd=folder)
    (archive,) = (folder / "sdist").iterdir()
    (folder / "source").mkdir()
    run("tar", "--no-same-owner", "-xf", str(archive), "-C", "source", cwd=folder)
    (source,) = (folder / "source").iterdir()
    run(*pip, "install", "-q", "--target", "site", str(archive), *NEEDED_BY_TESTS, cwd=folder)
    run("git", "init", "-q", cwd=source)
    run("git", "add", "-A", cwd=source)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "sdist", cwd=source)
    return source, folder / "site"


@pytest.mark.parametrize("requirement", PACKAGES)
def test_every_verdict_is_that_of_the_command_run_by_hand(requirement: str, tmp_path: Path, ftui: Ftui) -> None:
    source, site = unpacked(requirement, tmp_path)
    environ = {**ftui.environ, "PYTHONPATH": str(site)}
    answer = ftui("run", "--profile", "full", "--format", "json", cwd=source, env=environ)
    checks = {check["id"]: check for check in answer.report["checks"]}
    assert checks.keys() >= PACKAGES[requirement], ftui("list", cwd=source).out
    verdicts = {check_id: check["outcome"] for check_id, check in checks.items()}
    by_hand = {check_id: verdict_by_hand(check, source, environ) for check_id, check in checks.items()}
    assert verdicts == by_hand
    assert any(verdict in (PASSED, FAILED) for verdict in verdicts.values())
    expected = 1 if FAILED in by_hand.values() else 3 if BROKEN in by_hand.values() else 0
    assert answer.code == expected
    if requirement == FAILING_LINT:
        assert by_hand["ruff"] == FAILED
        assert checks["ruff"]["findings"]


def verdict_by_hand(check: dict[str, Any], source: Path, environ: dict[str, str]) -> str:
    """What the documented exit code of the check's command says, run where a person would run it."""
    if not os.path.exists(check["argv"][0]):
        return BROKEN
    done = subprocess.run(check["argv"], cwd=source, env=environ, check=False, capture_output=True, timeout=300)
    if check["adapter"] == "mypy" and done.returncode == 2 and b": error:" in done.stdout:
        return FAILED  # an error that keeps mypy from going on, such as one of syntax, is the tree's all the same
    return EXIT_CODES[check["adapter"]].get(done.returncode, BROKEN)
