"""Standard output that is closed, full, or has lost its reader: one line, an exit code, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import python_check
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

PASS = "pass"

COMMANDS = [["--version"], ["list"], ["plugins"], ["schema"], ["run"], ["run", "--format", "json"]]


@pytest.fixture
def root(project: Project) -> Path:
    """A repository with one check, which has already passed."""
    root = project(python_check("one", PASS))
    commit(root)
    return root


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_named(ftui: Ftui, root: Path, command: list[str], unbuffered: str) -> None:
    for _ in range(2):  # the second run finds its results in the cache
        with open("/dev/full", "wb") as full:
            answer = ftui(*command, cwd=root, stdout=full, env={"PYTHONUNBUFFERED": unbuffered})
        assert answer.code == 2
        assert answer.err.endswith("No space left on device\n")
        assert len(answer.err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="how a POSIX shell closes a stream")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_closed_streams_are_as_good_as_ignored_ones(ftui: Ftui, root: Path, command: list[str]) -> None:
    for _ in range(2):
        argv = ["/bin/sh", "-c", '"$@" <&- >&- 2>&-', "sh", sys.executable, "-m", "ftui", *command]
        assert subprocess.run(argv, cwd=root, env=ftui.environ, check=False, timeout=60).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_goes_away_is_no_error_to_talk_about(ftui: Ftui, root: Path, command: list[str]) -> None:
    for _ in range(2):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            answer = ftui(*command, cwd=root, stdout=writing)
        finally:
            os.close(writing)
        assert (answer.code, answer.err) == (141, "")
