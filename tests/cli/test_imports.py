"""What a command imports, told by another process: only that shows that a deferral defers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, python_check
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

NEVER = {"textual", "rich", "watchfiles"}
"""What only the screen, and only watching, has a use for."""
GIT = "git"

MAIN = """\
import sys
from ftui.cli import main
code = main(sys.argv[1:])
sys.stderr.write("imported " + " ".join(sorted(sys.modules)))
sys.exit(code)
"""


@pytest.fixture
def root(project: Project) -> Path:
    """A repository with one check."""
    root = project(NO_RUFF + python_check("one", "pass"))
    commit(root)
    return root


def imported(ftui: Ftui, root: Path, code: str, *arguments: str) -> set[str]:
    """The modules that are loaded at the end of a Python program."""
    argv = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(argv, cwd=root, env=ftui.environ, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return set(done.stderr.rpartition("imported ")[2].split())


@pytest.mark.parametrize("module", ["ftui", "ftui.engine.core", "ftui.state", "ftui.plugins", "ftui.hookspecs"])
def test_no_module_below_the_screen_imports_it_or_git(ftui: Ftui, root: Path, module: str) -> None:
    code = f"import sys, {module}; sys.stderr.write('imported ' + ' '.join(sys.modules))"
    found = imported(ftui, root, code)
    assert module in found
    assert found.isdisjoint({*NEVER, GIT})


@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "--help",
        "run",
        "run --force",
        "run --format json --junit junit.xml --record run.ndjson",
        "run --format ndjson",
        "run no-such-check",
        "list",
        "tune",
        "plugins",
        "init",
        "schema",
        "schema --config",
        "replay run.ndjson",
        "demo",
    ],
)
def test_no_command_without_a_screen_imports_one_or_git(ftui: Ftui, root: Path, line: str) -> None:
    if line.startswith("replay"):
        ftui("run", "--record", "run.ndjson", cwd=root)
    found = imported(ftui, root, MAIN, *line.split())
    assert "ftui.cli" in found
    assert found.isdisjoint({*NEVER, GIT})


def test_asking_what_changed_imports_git_and_still_no_screen(ftui: Ftui, root: Path) -> None:
    found = imported(ftui, root, MAIN, "run", "--changed")
    assert GIT in found
    assert found.isdisjoint(NEVER)


def test_the_version_needs_next_to_nothing(ftui: Ftui, root: Path) -> None:
    found = imported(ftui, root, MAIN, "--version")
    assert found.isdisjoint({"argparse", "asyncio", "msgspec", "pluggy", "importlib.metadata", "subprocess"})


def test_entry_points_are_read_only_where_plugins_are_asked_for(ftui: Ftui, root: Path) -> None:
    assert "importlib.metadata" not in imported(ftui, root, MAIN, "schema")
    assert "importlib.metadata" in imported(ftui, root, MAIN, "plugins")


def test_before_its_first_picture_the_screen_imports_neither_engine_nor_panes(ftui: Ftui, root: Path) -> None:
    code = "import sys, ftui.cli.watch, ftui.cli.screen; sys.stderr.write('imported ' + ' '.join(sys.modules))"
    found = imported(ftui, root, code)
    assert {"textual", "ftui.tui.app", "ftui.tui.main_screen"} <= found
    below = {"ftui.engine.live", "ftui.engine.workspace", "ftui.plugins", "watchfiles", "pluggy", "psutil", "sqlite3"}
    panes = {f"ftui.tui.widgets.{name}" for name in ("check_list", "detail", "output", "findings", "why", "timeline")}
    assert found.isdisjoint(below | panes)
