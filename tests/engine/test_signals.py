from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from ftui.engine.signals import exit_code, interruptible, kill_group, terminate_group

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@posix_only
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_reported_in_the_loop_and_the_old_handler_comes_back(name: str) -> None:
    signum = signal.Signals[name]

    async def receive() -> int:
        loop = asyncio.get_running_loop()
        received: asyncio.Future[int] = loop.create_future()
        with interruptible(loop, received.set_result):
            os.kill(os.getpid(), signum)
            return await asyncio.wait_for(received, 10)

    def handler(signum: int, frame: object) -> None: ...

    before = signal.signal(signum, handler)
    try:
        assert asyncio.run(receive()) == signum
        assert signal.getsignal(signum) is handler
    finally:
        signal.signal(signum, before)


@posix_only
def test_a_signal_that_was_ignored_stays_ignored() -> None:
    async def receive() -> int:
        loop = asyncio.get_running_loop()
        first: asyncio.Future[int] = loop.create_future()
        with interruptible(loop, first.set_result):
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            return await asyncio.wait_for(first, 10)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert asyncio.run(receive()) == signal.SIGTERM
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_exit_code_of_a_signal_is_the_one_of_shells() -> None:
    assert (exit_code(2), exit_code(15)) == (130, 143)


@posix_only
@pytest.mark.parametrize(("end", "code"), [(terminate_group, -signal.SIGTERM), (kill_group, -signal.SIGKILL)])
def test_a_whole_group_is_signalled(end: object, code: int) -> None:
    assert callable(end)
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo started; wait"], stdout=-1, start_new_session=True) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        end(shell.pid)
        assert shell.stdout.read() == b"", "the sleeper holds the pipe until it is gone"
        assert shell.wait(10) == code


@pytest.mark.parametrize("end", [terminate_group, kill_group])
def test_a_group_that_is_gone_is_no_error(end: object) -> None:
    assert callable(end)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(30)
    end(gone.pid)


@posix_only
def test_children_die_of_a_closed_pipe() -> None:
    shown = subprocess.run(["sh", "-c", "trap"], capture_output=True, text=True, check=True).stdout
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
    assert "PIPE" not in shown


@pytest.mark.skipif(sys.platform != "win32", reason="Windows has SIGBREAK in place of SIGTERM and SIGHUP")
def test_on_windows_a_signal_handler_is_installed_and_taken_back() -> None:
    async def installed() -> object:
        with interruptible(asyncio.get_running_loop(), lambda signum: None):
            return signal.getsignal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    assert asyncio.run(installed()) is not before
    assert signal.getsignal(signal.SIGINT) is before
