"""Tasks of other runners through the command."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import commit, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ftui

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def test_a_tree_with_a_makefile_and_nothing_else_is_checked_by_it_anew_each_time(ftui: Ftui, tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "test:\n\t@grep -q fine a.txt\n", "a.txt": "fine\n"})
    commit(tmp_path)
    for _ in range(2):
        (check,) = ftui("run", "--format", "json", cwd=tmp_path).report["checks"]
        assert (check["id"], check["outcome"], check["bucket"]) == ("make:test", "passed", "miss")
    write(tmp_path, {"a.txt": "bad\n"})
    answer = ftui("run", "--format", "json", cwd=tmp_path)
    assert (answer.code, answer.outcomes()) == (1, {"make:test": "failed"})


def test_a_task_that_the_configuration_names_runs_beside_the_tools_that_are_found(ftui: Ftui, tmp_path: Path) -> None:
    config = '[checks.ruff]\nenabled = false\n[checks."make:test"]\ncache = true\n'
    write(tmp_path, {"Makefile": "test:\n\t@true\n", "setup.py": "", "ftui.toml": config})
    commit(tmp_path)
    buckets = [ftui("run", "--format", "json", cwd=tmp_path).report["checks"][0]["bucket"] for _ in range(2)]
    assert buckets == ["miss", "hit"]
    write(tmp_path, {"ftui.toml": "[checks.ruff]\nenabled = false\n"})
    listed = ftui("list", cwd=tmp_path).out
    assert ' on request, as by [checks."make:test"]: test in Makefile' in listed
    assert ftui("run", cwd=tmp_path).code == 3
