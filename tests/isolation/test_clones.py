"""Suites of pytest with databases of their own: the command itself, in two clones, with workers, and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from ftui.adapters import pytest as adapter
from ftui.isolation import databases
from tests.cli.conftest import NO_RUFF, Ftui
from tests.conftest import write
from tests.isolation.server import PASSWORD

if TYPE_CHECKING:
    from tests.isolation.server import Server

CONFIG = NO_RUFF + '[checks.pytest]\nisolate = ["DATABASE_URL"]\nenv = ["MEET", "HANG"]\nargs = {}\n'

# Each test has a table that must not be there yet, and waits until as many others have made theirs.
SUITE = """
import os, pathlib, time, pytest
from conftest import AT_IMPORT, connect

@pytest.mark.parametrize("n", range(2))
def test_alone(n):
    here = pathlib.Path(os.environ["MEET"])
    assert os.environ["DATABASE_URL"] == AT_IMPORT
    connection = connect()
    connection.execute(f"CREATE TABLE only_mine_{n} (x int)")
    connection.execute(f"INSERT INTO only_mine_{n} VALUES (1)")
    (here / f"{os.getpid()}-{n}").write_text(AT_IMPORT.rpartition("/")[2])
    deadline = time.monotonic() + 60
    while len(list(here.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert connection.execute(f"SELECT count(*) FROM only_mine_{n}").fetchone()[0] == 1
    if "HANG" in os.environ:
        time.sleep(600)
"""
POSTGRESQL = """
import os, psycopg
AT_IMPORT = os.environ["DATABASE_URL"]
assert "FTUI_ISOLATE" not in os.environ
def connect():
    return psycopg.connect(AT_IMPORT, autocommit=True)
"""
SQLITE = """
import os, sqlite3
AT_IMPORT = os.environ["DATABASE_URL"]
def connect():
    return sqlite3.connect(AT_IMPORT.removeprefix("sqlite:///"), isolation_level=None)
"""


@pytest.fixture
def ftui(tmp_path_factory: pytest.TempPathFactory) -> Ftui:
    """The `ftui` command with an empty home."""
    return Ftui(tmp_path_factory.mktemp("home"))


class Clones:
    """Clones of one project, whose tests meet in a folder."""

    def __init__(self, folder: Path, ftui: Ftui, url: str, conftest: str) -> None:
        self.folder = folder
        self.ftui = ftui
        self.conftest = conftest
        self.temporary = folder / "temporary"
        self.meet = folder / "meet"
        self.temporary.mkdir()
        self.meet.mkdir()
        path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
        self.env = {"DATABASE_URL": url, "MEET": str(self.meet), "TMPDIR": str(self.temporary), "PATH": path}
        self.env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # most of the time would go by loading what is not needed

    def make(self, name: str, *args: str) -> Path:
        files = {"ftui.toml": CONFIG.format(["-p", "xdist", *args]), "conftest.py": self.conftest, "test_a.py": SUITE}
        write(self.folder / name, files)
        return self.folder / name

    def start(self, root: Path, *, hang: bool = False) -> subprocess.Popen[bytes]:
        more = {"HANG": "1"} if hang else {}
        return self.ftui.popen("run", "pytest", cwd=root, env={**self.env, **more})

    def run(self, root: Path) -> str:
        answer = self.ftui("run", "pytest", cwd=root, env=self.env)
        assert answer.code == 0, answer.out
        assert PASSWORD.replace("/", "%2F") not in answer.out + answer.err
        return answer.out

    @property
    def names(self) -> set[str]:
        """Of the databases that tests were in."""
        return {path.read_text() for path in self.meet.iterdir()}

    def wait_for(self, tests: int) -> None:
        deadline = time.monotonic() + 60
        while len(list(self.meet.iterdir())) < tests:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def postgresql(tmp_path: Path, ftui: Ftui, postgres: Server) -> Clones:
    return Clones(tmp_path, ftui, postgres.url("app"), POSTGRESQL)


@pytest.fixture
def sqlite(tmp_path: Path, ftui: Ftui) -> Clones:
    return Clones(tmp_path, ftui, "sqlite:///test.db", SQLITE)


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
@pytest.mark.parametrize("args", [(), ("-n", "2")], ids=["serial", "workers"])
def test_two_clones_at_once_do_not_meet_and_leave_nothing(
    kind: str, args: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    clones: Clones = request.getfixturevalue(kind)
    started = [clones.start(clones.make(name, *args)) for name in ("one", "two")]
    for each in started:
        with each:
            out, err = each.communicate(timeout=120)
        assert each.returncode == 0, out.decode() + err.decode()
    workers = {"_main"} if not args else {"_gw0", "_gw1"}
    assert {name.removesuffix(".db")[-len(min(workers)) :] for name in clones.names} <= workers
    assert len(clones.names) == 2 * len(workers)
    assert not list(clones.temporary.glob("ftui-isolated-*"))


def test_a_name_of_each_runs_own_does_not_make_it_run_again(postgresql: Clones) -> None:
    root = postgresql.make("one", "-k", "0")
    (postgresql.meet / "another").write_text("")
    postgresql.run(root)
    assert "hit 1 " in postgresql.run(root)


@pytest.mark.parametrize("args", [(), ("-n", "2")], ids=["serial", "workers"])
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_what_a_killed_run_leaves_the_next_one_cleans_up_in_whichever_clone(
    postgresql: Clones, postgres: Server, args: tuple[str, ...]
) -> None:
    (postgresql.meet / "another").write_text("")
    with postgresql.start(postgresql.make("one", *args), hang=True) as killed:
        postgresql.wait_for(2 + len(args) // 2)
        tests = psutil.Process(killed.pid).children(recursive=True)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    left = postgres.databases()
    assert left - {"app"} >= postgresql.names - {""}
    assert any(each.is_running() for each in tests)
    postgresql.run(postgresql.make("two"))
    assert postgres.databases() == {"app"}
    assert not psutil.wait_procs(tests, timeout=10)[1]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_an_interrupted_run_cleans_up_before_it_ends(postgresql: Clones, postgres: Server) -> None:
    (postgresql.meet / "another").write_text("")
    with postgresql.start(postgresql.make("one", "-n", "2"), hang=True) as stopped:
        postgresql.wait_for(3)
        stopped.send_signal(signal.SIGINT)
        stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert postgres.databases() == {"app"}


def test_workers_that_cannot_have_theirs_do_not_run(postgres: Server, tmp_path: Path) -> None:
    write(tmp_path, {"test_a.py": "def test_a(): pass\n"})
    url = postgres.url("app", password="wr0ngword")
    create = {"URL": {"kind": "postgresql", "base": url, "value": url.replace("/app", "/app_run_main"), "path": ""}}
    told = {"run": "run", "worker": "main", "helper": databases.__file__, "create": create}
    plugin = {"PYTHONPATH": adapter.PLUGIN_FOLDER, "PYTEST_PLUGINS": adapter.ISOLATING}
    environ = {**os.environ, **plugin, "FTUI_ISOLATE": json.dumps(told)}
    argv = [sys.executable, "-m", "pytest", "-n", "1"]
    done = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "what URL stands for could not be made: " in done.stderr
    assert "wr0ngword" not in done.stdout + done.stderr
