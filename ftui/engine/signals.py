"""Signals in and out: being told to stop, and telling process groups to.

SIGPIPE stays as Python sets it: ignored here, where a closed pipe is a `BrokenPipeError` at the write, and put back
to its default in children (`Popen(restore_signals=True)`), which die of it as their authors expect.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator
    from types import FrameType

STOPPING = ("SIGINT", "SIGTERM", "SIGHUP") if sys.platform != "win32" else ("SIGINT", "SIGBREAK")
"""The signals that end a run in good order."""


@contextmanager
def interruptible(loop: AbstractEventLoop, on_signal: Callable[[int], None]) -> Iterator[None]:
    """Calls `on_signal` in the loop for each signal that asks ftui to stop, until the block is left.

    A signal that ftui was started to ignore (`nohup`, a shell's background job) stays ignored. To be used in the main
    thread, with the loop that runs there.
    """
    previous = {}
    for signum in (signal.Signals[name] for name in STOPPING):
        handler = signal.getsignal(signum)
        if handler is signal.SIG_IGN:
            continue
        previous[signum] = handler
        _install(loop, signum, on_signal)
    try:
        yield
    finally:
        for signum, handler in previous.items():
            if sys.platform != "win32":
                loop.remove_signal_handler(signum)
            signal.signal(signum, handler)


def _install(loop: AbstractEventLoop, signum: signal.Signals, on_signal: Callable[[int], None]) -> None:
    if sys.platform != "win32":
        loop.add_signal_handler(signum, on_signal, int(signum))
        return

    def handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(on_signal, number)

    signal.signal(signum, handler)


def exit_code(signum: int) -> int:
    """What a command exits with when a signal ended it (the convention of shells, POSIX 2.8.2)."""
    return 128 + signum


def terminate_group(group: int) -> None:
    """Asks every process of a group to end; a group that is gone is no error."""
    if sys.platform != "win32":
        _signal_group(group, signal.SIGTERM)
    else:
        with suppress(OSError):
            os.kill(group, signal.CTRL_BREAK_EVENT)


def kill_group(group: int) -> None:
    """Ends every process of a group at once; a group that is gone is no error.

    Windows has no such call for a group: there it ends the tree of the process with that id.
    """
    if sys.platform != "win32":
        _signal_group(group, signal.SIGKILL)
        return
    import psutil

    with suppress(psutil.Error):
        leader = psutil.Process(group)
        for process in (*leader.children(recursive=True), leader):
            with suppress(psutil.Error):
                process.kill()


if sys.platform != "win32":

    def _signal_group(group: int, signum: int) -> None:
        # macOS answers with PermissionError where only zombies are left in the group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signum)
