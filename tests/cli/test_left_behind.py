"""However a run ends, no process that it started lives on."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.conftest import Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Project = Callable[[str], Path]

# A tool with a child, and a grandchild that leaves the group and its session; all ignore SIGTERM and write their ids.
STUBBORN = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
here = pathlib.Path(os.environ["PIDS"])
def settle(name):
    (here / (name + ".new")).write_text(str(os.getpid()))
    (here / (name + ".new")).rename(here / name)
    while True:
        time.sleep(60)
if os.fork() == 0:
    settle("child")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        settle("daemon")
    os._exit(0)
settle("tool")
"""
NAMES = {"child", "daemon", "tool"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, sessions and signals are POSIX")


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    """Whether the condition comes to hold within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Stubborn:
    """A project whose one check is the stubborn tool, and the processes that it came to."""

    def __init__(self, root: Path, pids: Path) -> None:
        self.root = root
        self.pids = pids
        self.env = {"PIDS": str(pids)}

    def ready(self) -> bool:
        return {path.name for path in self.pids.iterdir()} >= NAMES

    def ids(self) -> dict[str, int]:
        return {path.name: int(path.read_text()) for path in self.pids.iterdir() if path.name in NAMES}


@pytest.fixture
def stubborn(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubborn]:
    found = Stubborn(project(python_check("stubborn", STUBBORN, env=["PIDS"])), tmp_path_factory.mktemp("pids"))
    yield found
    for pid in found.ids().values():
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_after_a_signal(ftui: Ftui, stubborn: Stubborn, number: signal.Signals) -> None:
    with ftui.popen("run", "--format", "json", cwd=stubborn.root, env=stubborn.env) as process:
        assert eventually(stubborn.ready)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert b'"outcome":"cancelled"' in out.replace(b": ", b":")
    assert b"Traceback" not in err
    assert [name for name, pid in stubborn.ids().items() if alive(pid)] == []


def test_after_a_deadline(ftui: Ftui, stubborn: Stubborn) -> None:
    config = stubborn.root / "ftui.toml"
    config.write_text(config.read_text() + "timeout = 5\n")
    answer = ftui("run", cwd=stubborn.root, env=stubborn.env)
    assert answer.code == 3
    assert stubborn.ready()
    assert [name for name, pid in stubborn.ids().items() if alive(pid)] == []


def test_after_the_tool_itself_is_killed(ftui: Ftui, stubborn: Stubborn) -> None:
    with ftui.popen("run", cwd=stubborn.root, env=stubborn.env) as process:
        assert eventually(stubborn.ready)
        os.kill(stubborn.ids()["tool"], signal.SIGKILL)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 3
    assert b"SIGKILL" in out
    assert [name for name, pid in stubborn.ids().items() if alive(pid)] == []


def test_after_the_reader_of_the_output_goes_away(ftui: Ftui, stubborn: Stubborn) -> None:
    config = stubborn.root / "ftui.toml"
    speak = python_check("speak", "import time\nwhile True: print('x' * 100, flush=True); time.sleep(0.01)")
    config.write_text(config.read_text() + speak)
    with ftui.popen("run", "--workers", "2", "--format", "ndjson", cwd=stubborn.root, env=stubborn.env) as process:
        assert process.stdout is not None
        assert eventually(stubborn.ready)
        process.stdout.readline()
        process.stdout.close()
        process.wait(timeout=30)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert [name for name, pid in stubborn.ids().items() if alive(pid)] == []


def test_a_daemon_that_a_passing_check_leaves_is_ended_with_it(ftui: Ftui, project: Project, tmp_path: Path) -> None:
    leave = (
        "import os, signal, sys, time\n"
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(w, b'x')\n"
        "    time.sleep(600)\n"
        "os.read(r, 1)\n"
    )
    marker = f"left-{os.getpid()}-{tmp_path.name}"
    root = project(python_check("leave", leave + f"# {marker}"))
    assert ftui("run", cwd=root).code == 0
    left = [p.pid for p in psutil.process_iter(["cmdline"]) if marker in " ".join(p.info["cmdline"] or [])]
    assert left == []
