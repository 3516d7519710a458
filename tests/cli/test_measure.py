"""`ftui tune --measure`, on suites of which it is certain which way passes."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import NO_RUFF
from tests.conftest import write

if TYPE_CHECKING:
    from tests.cli.conftest import Ftui

INI = {"pytest.ini": "[pytest]\naddopts = -p xdist -p no:cacheprovider\n"}
AUTO = NO_RUFF + '[checks.pytest]\nworkers = "auto"\n'
ONLY_ALONE = "import os\ndef test_a():\n    assert 'PYTEST_XDIST_WORKER' not in os.environ, 'not alone'\n"
NEVER = "def test_a():\n    assert 0\n"

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is only one core")


@pytest.fixture
def env() -> dict[str, str]:
    """Finds the pytest of the tests first, with no plugin that it does not need."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    return {"PATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def kept(ftui: Ftui) -> list[Path]:
    """The files that measurements are kept in."""
    return list(Path(ftui.environ["HOME"]).rglob("workers.json"))


def words(ftui: Ftui, root: Path, env: dict[str, str]) -> Any:
    """The arguments that the check runs with."""
    (check,) = ftui("run", "--format", "json", cwd=root, env=env).report["checks"]
    return check["argv"][1:]


def test_ways_that_do_not_pass_are_out_and_auto_goes_by_what_was_measured(
    ftui: Ftui, tmp_path: Path, env: dict[str, str]
) -> None:
    write(tmp_path, {**INI, "ftui.toml": AUTO + 'dist = "loadfile"\n', "test_a.py": ONLY_ALONE})
    answer = ftui("tune", "--measure", "--format", "json", cwd=tmp_path, env=env)
    assert answer.code == 0, answer.err
    alone, *others = answer.report["ways"]
    assert (alone["name"], len(alone["seconds"]), answer.report["best"]) == ("one process", 5, "one process")
    assert {(each["refused"], len(each["seconds"]), each["median_s"]) for each in others} == {
        ("failed: AssertionError: not alone", 0, None)
    }
    (file,) = kept(ftui)
    found = json.loads(file.read_text())
    assert found["workers"] == 0
    assert words(ftui, tmp_path, env) == []
    file.write_text(json.dumps({**found, "workers": 2, "dist": "worksteal"}))
    assert words(ftui, tmp_path, env) == ["-n", "2", "--dist", "loadfile"]


def test_where_the_tests_do_not_pass_nothing_is_compared_or_kept(
    ftui: Ftui, tmp_path: Path, env: dict[str, str]
) -> None:
    write(tmp_path, {**INI, "ftui.toml": AUTO, "test_a.py": NEVER})
    answer = ftui("tune", "--measure", cwd=tmp_path, env=env)
    assert answer.code == 1
    assert "pytest does not pass, so nothing was compared" in answer.out
    assert kept(ftui) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_an_interrupted_trial_keeps_nothing(ftui: Ftui, tmp_path: Path, env: dict[str, str]) -> None:
    write(tmp_path, {**INI, "ftui.toml": AUTO, "test_a.py": "def test_a(): pass\n"})
    with ftui.popen("tune", "--measure", cwd=tmp_path, env=env) as process:
        assert process.stdout is not None
        assert b"one process" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert kept(ftui) == []


def test_where_there_are_no_tests_it_says_so(ftui: Ftui, tmp_path: Path, env: dict[str, str]) -> None:
    write(tmp_path, {"ftui.toml": NO_RUFF})
    answer = ftui("tune", "--measure", cwd=tmp_path, env=env)
    assert (answer.code, "there is no check pytest to measure here" in answer.err) == (2, True)
