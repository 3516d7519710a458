from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from ftui.engine import child_windows, family, process
from ftui.engine.process import Command, Exit, Stream, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tools in these tests are POSIX ones")

T = TypeVar("T")
DEADLINE_S = 20.0

DAEMON = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    if "setsid" in sys.argv: os.setsid()
    if "twice" in sys.argv and os.fork(): os._exit(0)
    with open(sys.argv[1] + ".new", "w") as file: file.write(str(os.getpid()))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    time.sleep(600)
while not os.path.exists(sys.argv[1]): time.sleep(0.001)
print("ready", flush=True)
if "stay" in sys.argv: time.sleep(600)
"""
"""Leaves a process that ignores SIGTERM and holds stdout; writes its id into the file named first."""


def command(*argv: str, timeout: float = DEADLINE_S, split: bool = False, cwd: str = "/", **env: str) -> Command:
    return Command(argv=argv, cwd=cwd, env={"PATH": os.environ["PATH"], **env}, timeout=timeout, split=split)


def python(script: str, *args: str, timeout: float = DEADLINE_S, split: bool = False) -> Command:
    return command(sys.executable, "-c", script, *args, timeout=timeout, split=split)


def ignore(stream: Stream, text: str) -> None: ...


def result(of: Command, *, grace: float = 0.2) -> Exit:
    return asyncio.run(run(of, ignore, grace=grace))


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - other processes make it true
            await asyncio.sleep(0.002)


async def cancelled_when(condition: Callable[[], bool], of: Command, *, grace: float = 0.2) -> float:
    """Cancels a command once `condition` holds; the seconds that it took until it was over."""
    task = asyncio.create_task(run(of, ignore, grace=grace))
    await eventually(lambda: condition() or task.done())
    start = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.monotonic() - start


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def within(main: Coroutine[object, object, T]) -> T:
    return asyncio.run(asyncio.wait_for(main, DEADLINE_S))


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))


@pytest.mark.parametrize("code", [0, 1, 42, 127, 255])
def test_the_exit_code_is_the_tools(code: int) -> None:
    ended = result(command("sh", "-c", f"exit {code}"))
    assert (ended.code, ended.signal, ended.timed_out, ended.spawn_error) == (code, None, False, None)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGSEGV"])
def test_a_tool_that_a_signal_ends_has_no_exit_code(name: str) -> None:
    signum = signal.Signals[name]
    ended = result(command("sh", "-c", f"kill -{signum.value} $$"))
    assert (ended.code, ended.signal, ended.timed_out) == (None, signum, False)


def test_killing_the_tool_from_outside_ends_what_it_started(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/tool; sleep 600 & echo $! > {tmp_path}/child.new; "
    script += f"mv {tmp_path}/child.new {tmp_path}/child; wait"

    async def main() -> Exit:
        task = asyncio.create_task(run(command("sh", "-c", script), ignore))
        await eventually((tmp_path / "child").exists)
        os.kill(int((tmp_path / "tool").read_text()), signal.SIGKILL)
        return await task

    assert within(main()).signal == signal.SIGKILL
    assert not lives(int((tmp_path / "child").read_text()))


def test_times_are_in_order() -> None:
    before = time.monotonic()
    ended = result(command("sh", "-c", "echo x"))
    assert ended.first_output_s is not None
    assert before <= ended.started_s <= ended.first_output_s
    assert ended.first_output_s <= time.monotonic()
    assert ended.started_s < ended.ended_s <= time.monotonic()


def test_a_silent_tool_has_no_first_output() -> None:
    assert result(command("true")).first_output_s is None


def test_both_streams_are_one_in_the_order_of_writing() -> None:
    ended = result(command("sh", "-c", "echo a; echo b >&2; echo c"))
    assert (ended.stdout, ended.stderr) == ("a\nb\nc\n", "")


def test_both_streams_are_kept_apart_on_request_however_much_they_hold() -> None:
    script = "import sys\nfor i in range(50_000): print('out', i); print('err', i, file=sys.stderr)"
    pieces: dict[str, list[str]] = {"stdout": [], "stderr": []}
    ended = within(run(python(script, split=True), lambda stream, text: pieces[stream].append(text)))
    assert ended.stdout == "".join(f"out {i}\n" for i in range(50_000)) == "".join(pieces["stdout"])
    assert ended.stderr == "".join(f"err {i}\n" for i in range(50_000)) == "".join(pieces["stderr"])


def test_output_is_sanitised_and_keeps_its_colours() -> None:
    ended = result(command("printf", r"\033]0;title\007\033[31mred\033[0m\033[2J \377\n\033[3"))
    assert ended.stdout == "\x1b[31mred\x1b[0m \ufffd\n"


def test_output_is_handed_on_while_the_tool_runs(tmp_path: Path) -> None:
    go = tmp_path / "go"
    script = f"echo first; until [ -e {go} ]; do sleep 0.01; done; echo second"
    said: list[str] = []

    async def main() -> Exit:
        task = asyncio.create_task(run(command("sh", "-c", script), lambda stream, text: said.append(text)))
        await eventually(lambda: "first\n" in said)
        go.touch()
        return await task

    assert within(main()).stdout == "first\nsecond\n"


def test_stdin_is_empty() -> None:
    assert result(command("cat")).code == 0


def test_the_tool_sees_its_folder_and_its_environment_alone(tmp_path: Path) -> None:
    ended = result(command("sh", "-c", "pwd; env | cut -d= -f1", cwd=str(tmp_path), DECLARED="x"))
    folder, *names = ended.stdout.split()
    assert folder == str(tmp_path)
    assert set(names) - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "DECLARED", family.MARKER}


def test_no_descriptor_of_ftui_reaches_the_tool() -> None:
    with open(os.devnull, "rb") as file:
        os.set_inheritable(file.fileno(), True)
        script = "import os\nfor n in range(3, 64):\n  try: os.fstat(n); print(n)\n  except OSError: pass"
        assert result(python(script)).stdout == ""


def test_the_deadline_ends_a_tool_and_keeps_what_it_said() -> None:
    ended = result(command("sh", "-c", "echo said; sleep 600", timeout=0.3))
    assert (ended.timed_out, ended.signal, ended.stdout) == (True, signal.SIGTERM, "said\n")


def test_after_the_deadline_a_tool_may_end_in_good_order() -> None:
    script = "trap 'echo saved; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
    ended = result(command("sh", "-c", script, timeout=0.3), grace=DEADLINE_S)
    assert (ended.timed_out, ended.code) == (True, 3)
    assert ended.stdout.startswith("ready\n")
    assert ended.stdout.endswith("saved\n")


def test_what_a_tool_started_has_the_grace_too(tmp_path: Path) -> None:
    inner = f"trap 'sleep 0.1; echo saved > {tmp_path}/inner; exit' TERM; echo ready; while :; do sleep 0.01; done"
    ended = result(command("sh", "-c", 'sh -c "$1" & wait', "sh", inner, timeout=0.3), grace=DEADLINE_S)
    assert ended.signal == signal.SIGTERM, "the outer shell goes at once"
    assert (tmp_path / "inner").read_text() == "saved\n"


def test_a_tool_that_ignores_sigterm_is_killed_after_the_grace() -> None:
    ended = result(command("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done", timeout=0.3))
    assert (ended.timed_out, ended.signal) == (True, signal.SIGKILL)


def test_a_cancelled_tool_is_gone_before_the_cancellation_is_raised(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    within(
        cancelled_when(
            lambda: bool(file.exists() and file.read_text()), command("sh", "-c", f"echo $$ > {file}; sleep 600")
        )
    )
    assert not lives(int(file.read_text()))
    assert not psutil.pid_exists(int(file.read_text())), "reaped"


def test_a_second_cancellation_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    async def main() -> None:
        task = asyncio.create_task(run(python(DAEMON, str(file), "stay"), ignore, grace=0.5))
        await eventually(file.exists)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await task

    within(main())
    assert not lives(int(file.read_text()))


KINDS = [("fork",), ("setsid",), ("setsid", "twice")]


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_nothing_outlives_a_tool_that_ends_by_itself(tmp_path: Path, kind: tuple[str, ...]) -> None:
    start = time.monotonic()
    ended = result(python(DAEMON, str(tmp_path / "pid"), *kind))
    assert (ended.code, ended.stdout) == (0, "ready\n")
    assert time.monotonic() - start < DEADLINE_S, "the pipe that it holds is not waited for"
    assert not lives(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_nothing_outlives_a_tool_that_is_cancelled(tmp_path: Path, kind: tuple[str, ...]) -> None:
    file = tmp_path / "pid"
    within(cancelled_when(file.exists, python(DAEMON, str(file), "stay", *kind)))
    assert not lives(int(file.read_text()))


def test_nothing_outlives_a_tool_that_meets_its_deadline(tmp_path: Path) -> None:
    ended = result(python(DAEMON, str(tmp_path / "pid"), "stay", "setsid", "twice", timeout=2.0))
    assert ended.timed_out
    assert not lives(int((tmp_path / "pid").read_text()))


def test_sweeping_after_one_tool_spares_the_processes_of_another(tmp_path: Path) -> None:
    other = tmp_path / "other"

    async def main() -> bool:
        task = asyncio.create_task(run(python(DAEMON, str(other), "stay", "setsid", "twice"), ignore, grace=0.1))
        await eventually(other.exists)
        await run(python(DAEMON, str(tmp_path / "pid"), "setsid", "twice"), ignore)
        lived = lives(int(other.read_text()))
        task.cancel()
        await asyncio.wait([task])
        return lived

    assert within(main())
    assert not lives(int((tmp_path / "pid").read_text()))
    assert not lives(int(other.read_text()))


def test_a_child_that_other_code_started_is_left_alone() -> None:
    with subprocess.Popen(["sh", "-c", "read line; exit 7"], stdin=-1, start_new_session=True) as other:
        result(command("true"))
        assert other.poll() is None
        other.communicate(b"go\n")
        result(command("true"))
        assert other.returncode == 7


def test_a_daemon_without_the_marker_is_known_by_its_session(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    script = f"env -i setsid sh -c 'echo $$ > {file}; exec sleep 600' & until [ -s {file} ]; do sleep 0.01; done; "

    async def main() -> None:
        task = asyncio.create_task(
            run(command("sh", "-c", script + "read _ < $0; exit 0", str(tmp_path / "go")), ignore)
        )
        await eventually(lambda: bool(file.exists() and file.read_text()))
        [check] = family._families.values()
        check.members(100)  # as the sampler does within its first half second
        (tmp_path / "go").write_text("\n")
        await task

    os.mkfifo(tmp_path / "go")
    within(main())
    assert not lives(int(file.read_text()))


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_where_orphans_go_elsewhere_the_marker_finds_them(
    tmp_path: Path, kind: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "_adopting", False)
    assert result(python(DAEMON, str(tmp_path / "pid"), *kind)).stdout == "ready\n"
    assert not lives(int((tmp_path / "pid").read_text()))


def test_without_pidfd_a_thread_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    ended = result(command("sh", "-c", "echo x; exit 3"))
    assert (ended.code, ended.stdout) == (3, "x\n")
    assert ended.cpu_s is not None
    assert result(command("sleep", "600", timeout=0.2)).signal == signal.SIGTERM


def test_what_the_receiver_raises_ends_the_tool_and_comes_out(tmp_path: Path) -> None:
    def refuse(stream: Stream, text: str) -> None:
        raise BrokenPipeError("nobody reads")

    file = tmp_path / "pid"
    with pytest.raises(BrokenPipeError, match="nobody reads"):
        within(run(command("sh", "-c", f"echo $$ > {file}; echo x; sleep 600"), refuse))
    assert not lives(int(file.read_text()))


def script_file(folder: Path, content: str, *, mode: int = 0o755) -> str:
    path = folder / "tool"
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def test_a_missing_tool_is_an_error_for_people() -> None:
    ended = result(command("no-such-tool"))
    assert ended.spawn_error == "no such file in PATH: install no-such-tool, or correct the command"
    assert (ended.code, ended.signal, ended.stdout, ended.cpu_s) == (None, None, "", None)


def test_a_missing_path_is_an_error_for_people() -> None:
    assert (result(command("./bin/none")).spawn_error or "").startswith("no such file: install ./bin/none")


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        ("#!/bin/sh\n", 0o644, "is not executable"),
        ("#!/no/such/python\n", 0o755, "the interpreter /no/such/python"),
        ("neither\x00nor", 0o755, "neither a program for this machine nor a script"),
    ],
)
def test_a_file_that_cannot_be_run_is_an_error_for_people(tmp_path: Path, content: str, mode: int, words: str) -> None:
    assert words in (result(command(script_file(tmp_path, content, mode=mode))).spawn_error or "")


def test_a_bad_interpreter_of_a_tool_in_path_is_told_from_a_missing_tool(tmp_path: Path) -> None:
    script_file(tmp_path, "#!/no/such/python\n")
    ended = result(command("tool", PATH=str(tmp_path)))
    assert "the interpreter /no/such/python" in (ended.spawn_error or "")


def test_a_folder_is_no_tool(tmp_path: Path) -> None:
    assert "is a folder" in (result(command(str(tmp_path))).spawn_error or "")


def test_a_folder_that_vanished_is_an_error_for_people(tmp_path: Path) -> None:
    assert "gone to run it in does not exist" in (result(command("true", cwd=str(tmp_path / "gone"))).spawn_error or "")


def test_too_many_arguments_are_an_error_for_people() -> None:
    assert "longer than the system allows" in (result(command("true", *["x" * 100_000] * 100)).spawn_error or "")


def test_an_argument_that_no_process_can_have_is_an_error_for_people() -> None:
    assert "cannot be passed to a program" in (result(command("echo", "a\0b")).spawn_error or "")


def test_running_out_of_descriptors_is_an_error_for_people() -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def main() -> list[Exit]:
        lowest_free = os.dup(0)
        os.close(lowest_free)
        exits = []
        for more in range(10):
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + more, limits[1]))
            exits.append(await run(command("true", timeout=5), ignore))
        return exits

    before = descriptors()
    try:
        exits = asyncio.run(main())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert "too many open files" in (exits[0].spawn_error or "")
    assert "too many open files" not in (exits[-1].spawn_error or "")
    assert {ended.code for ended in exits if ended.spawn_error is None} == {0}
    assert descriptors() == before


def test_nothing_leaks_in_a_thousand_runs() -> None:
    async def main() -> tuple[int, int]:
        await run(command("true"), ignore)
        before = descriptors()
        for _ in range(125):
            await asyncio.gather(*(run(command("echo", "x", split=True), ignore) for _ in range(8)))
        return before, descriptors()

    children = psutil.Process().children()
    before, after = asyncio.run(main())
    assert after == before
    assert not family._families
    assert psutil.Process().children() == children


def test_fifty_at_once_keep_their_own_output_and_codes() -> None:
    async def main() -> list[Exit]:
        return await asyncio.gather(
            *(run(command("sh", "-c", f"echo {i}; sleep 0.05; exit {i}"), ignore) for i in range(50))
        )

    exits = asyncio.run(main())
    assert [(ended.code, ended.stdout) for ended in exits] == [(i, f"{i}\n") for i in range(50)]


def test_a_flood_does_not_starve_its_neighbours() -> None:
    async def main() -> float:
        flood = asyncio.create_task(run(command("yes"), ignore, grace=0.1))
        await asyncio.sleep(0)
        start = time.monotonic()
        for _ in range(20):
            assert (await run(command("echo", "x"), ignore)).stdout == "x\n"
        seconds = time.monotonic() - start
        flood.cancel()
        await asyncio.wait([flood])
        return seconds

    assert within(main()) < 2.0


def test_a_tool_that_flushes_each_line_is_read_in_larger_pieces() -> None:
    pieces: list[str] = []
    script = "import sys\nfor i in range(20_000): print(i, flush=True)"
    ended = within(run(python(script), lambda stream, text: pieces.append(text)))
    assert ended.stdout == "".join(pieces) == "".join(f"{i}\n" for i in range(20_000))
    assert len(pieces) < 2_000


FLOODS = {
    "a million lines": (
        "for i in range(1_000_000): print(f'line {i} of a tool that says a lot')",
        "line 0 of",
        "line 999999 of a tool that says a lot\n",
    ),
    "a line of 50 MB": ("print('begin', 'x' * 50_000_000, 'end')", "begin x", "x end\n"),
    "bytes that are not UTF-8": (
        "import sys; write = sys.stdout.buffer.write; write(b'begin\\n')\n"
        "for i in range(500): write(b'\\xff\\xc3\\x28' * 20_000)\n"
        "write(b'\\nend\\n')",
        "begin\n",
        "\nend\n",
    ),
    "escapes": (
        "print('begin')\n"
        "for i in range(300_000): print('\\33]52;c;aGk\\7\\33[2J\\33[31mred\\33[0m\\33Pq#0\\33\\\\ ' * 3)\n"
        "print('\\33]0;' + 'x' * 20_000_000); print('end')",
        "begin\n",
        "end\n",
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="reads VmHWM")
@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_costs_less_than_100_mb_and_keeps_both_ends(kind: str) -> None:
    script, first, last = FLOODS[kind]
    driver = f"""
import asyncio, os, re, sys
from ftui.engine.process import Command, run

async def main():
    command = Command(argv=(sys.executable, "-c", {script!r}), cwd="/", env={{}}, timeout=60)
    ended = await run(command, lambda stream, text: None)
    assert ended.code == 0 and ended.truncated, ended.code
    assert ended.stdout.startswith({first!r}), ended.stdout[:80]
    assert ended.stdout.endswith({last!r}), ended.stdout[-80:]

asyncio.run(main())
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
    root = Path(process.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", driver], capture_output=True, text=True, cwd=root, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100 * 1024


def test_where_pipes_cannot_be_watched_threads_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "Child", child_windows.Child)
    script = "import sys\nfor i in range(50_000): print(i)\nprint('err', file=sys.stderr); sys.exit(3)"
    ended = result(python(script, split=True))
    assert (ended.code, ended.stderr) == (3, "err\n")
    assert ended.stdout == "".join(f"{i}\n" for i in range(50_000))
