"""A run that finds all in the cache: quick because it imports nothing else, and never quicker than right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Project = Callable[[str], Path]

LONG_AGO = 1_600_000_000
"""Seconds since 1970; what is that old has settled."""

TRIES = 40
"""Runs after which all that a plan was made from has settled."""

HEAVY = {
    *("asyncio", "textual", "rich", "git", "watchfiles", "importlib.metadata", "msgspec", "pluggy", "psutil"),
    *("argparse", "pathlib", "pathspec", "platformdirs", "subprocess", "tomllib", "json", "logging", "dataclasses"),
    *("inspect", "typing", "hashlib", "ftui.engine", "ftui.plugins", "ftui.config", "ftui.model", "ftui.history"),
}
IMPORTED = (
    "import sys; from ftui.cli import main; code = main(sys.argv[1:]); print(*sorted(sys.modules)); sys.exit(code)"
)

CONFIG = (
    NO_RUFF
    + python_check("first", "print('one')", inputs=["*.py"], phase="fast")
    + python_check("second", "import sys; sys.exit('bad' in open('m.py').read())", inputs=["*.py"])
)


@pytest.fixture
def root(project: Project) -> Path:
    """A repository whose files have not been touched for long, so that the first plan of it holds."""
    root = project(CONFIG)
    (root / "m.py").write_text("x = 1\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for path in (root / "m.py", root / "a.txt", root / "ftui.toml"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return root


def modules(ftui: Ftui, root: Path, *arguments: str) -> set[str]:
    """What a command has imported when it ends."""
    argv = [sys.executable, "-c", IMPORTED, *arguments]
    done = subprocess.run(argv, cwd=root, env=ftui.environ, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.splitlines()[-1].split())


def quick(ftui: Ftui, root: Path, *arguments: str) -> bool:
    """Whether a run goes the quick way."""
    return "asyncio" not in modules(ftui, root, *(arguments or ("run",)))


@pytest.fixture
def warm(ftui: Ftui, root: Path) -> Path:
    """The same, when all of it is in the cache, and everything has settled that the plan was made from."""
    for _ in range(TRIES):
        if quick(ftui, root):
            return root
    pytest.fail("the quick way was never taken")


def test_an_all_hit_run_imports_nothing_that_it_does_not_use(ftui: Ftui, warm: Path) -> None:
    assert modules(ftui, warm, "run") & HEAVY == set()


def test_it_says_what_the_ordinary_way_says(ftui: Ftui, warm: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    record = tmp_path_factory.mktemp("record") / "run.ndjson"
    ordinary = ftui("run", "--record", str(record), cwd=warm)
    assert quick(ftui, warm)
    shown = ftui("run", cwd=warm)
    ages = re.compile(r"its run .*")
    assert ages.sub("", shown.out) == ages.sub("", ordinary.out)
    assert shown.out.count("hit") == 3
    assert (shown.code, shown.err) == (0, "")


def test_an_edit_is_judged(ftui: Ftui, warm: Path) -> None:
    (warm / "m.py").write_text("bad\n")
    answer = ftui("run", cwd=warm)
    assert answer.code == 1
    assert "m.py changed" in answer.out


@pytest.mark.parametrize("change", ["new file", "deleted file", "config", "variable", "another tool", "new config"])
def test_whatever_the_plan_was_made_from_may_change(ftui: Ftui, warm: Path, change: str) -> None:
    match change:
        case "new file":
            (warm / "new.txt").write_text("")
        case "deleted file":
            (warm / "a.txt").unlink()
        case "config":
            (warm / "ftui.toml").write_text(CONFIG.replace("'one'", "'two'"))
        case "variable":
            ftui.environ["ANYTHING"] = "new"
        case "another tool":
            programs = warm.parent / f"{warm.name}-programs"
            programs.mkdir()
            ftui.environ["PATH"] = f"{programs}{os.pathsep}{ftui.environ['PATH']}"
        case _:
            (warm / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    assert not quick(ftui, warm)
    assert ftui("run", cwd=warm).code == 0


def test_a_file_that_a_command_names_may_appear_where_git_ignores_it(ftui: Ftui, root: Path) -> None:
    judged = "import os, sys; sys.exit(os.path.exists(sys.argv[1].partition('=')[2]))"
    check = python_check("named", judged, args=["--config=conf/local.ini"], inputs=["*.py"])
    (root / "ftui.toml").write_text(NO_RUFF + check)
    (root / ".gitignore").write_text("/conf/\n")
    (root / "conf").mkdir()
    for path in (root / "ftui.toml", root / ".gitignore", root / "conf"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert any(quick(ftui, root) for _ in range(TRIES))
    (root / "conf" / "local.ini").write_text("")
    answer = ftui("run", cwd=root)
    assert answer.code == 1
    assert "configuration conf/local.ini added" in answer.out


def test_other_arguments_have_a_plan_of_their_own(ftui: Ftui, warm: Path) -> None:
    assert not quick(ftui, warm, "run", "first")
    assert "1 check: 1 passed" in ftui("run", "first", cwd=warm).out


def test_a_failure_that_came_before_is_not_forgotten(ftui: Ftui, warm: Path) -> None:
    (warm / "m.py").write_text("bad\n")
    for _ in range(3):
        assert ftui("run", cwd=warm).code == 1


def test_output_that_cannot_be_written_is_an_error_here_too(ftui: Ftui, warm: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs a device that is always full")
    with open("/dev/full", "wb") as full:
        answer = ftui("run", cwd=warm, stdout=full)
    assert answer.code == 2
    assert "No space left on device" in answer.err
