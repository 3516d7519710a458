"""A child process on POSIX: a session of its own, pipes, and what is left of it.

The process is reaped last of all. Until then its zombie holds its id, so that no signal that is meant for its group
can reach another's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ftui.engine.child import CHUNK, UNKILLABLE_S, Ended
from ftui.engine.family import MARKER, Family, adopt_orphans, marker, reap_strangers
from ftui.engine.measure import peak_memory, sampler
from ftui.engine.signals import kill_group, terminate_group

if TYPE_CHECKING:
    from collections.abc import Callable
    from resource import struct_rusage

    from ftui.engine.patience import Patience
    from ftui.engine.process import Command

assert sys.platform != "win32"  # so that type checkers for Windows leave this file alone

_TRICKLE, _PAUSE_S = 1024, 0.002
"""After a piece this small, further ones are awaited together: a tool that flushes every line costs a twentieth."""

_LARGEST_PIPE = 1024 * 1024
"""Bytes that a pipe may hold when nobody writes any more (`/proc/sys/fs/pipe-max-size`)."""


class Child:
    """One started process.

    Args:
        command: what to start.
        on_stdout: called in the event loop with each piece of output.
        on_stderr: the same for stderr; not called where `command.split` is false.

    Attributes:
        exited: set when the process itself has ended, whatever it left behind.
        failure: what `on_stdout` or `on_stderr` raised; the child has been killed then.

    Raises:
        OSError: it could not be started.
        ValueError: an argument cannot be passed to a process.
    """

    def __init__(
        self, command: Command, on_stdout: Callable[[bytes], None], on_stderr: Callable[[bytes], None]
    ) -> None:
        self.exited = asyncio.Event()
        self.failure: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._pipes: dict[int, Callable[[bytes], None]] = {}
        self._pidfd: int | None = None
        self._waited: tuple[int, struct_rusage] | None = None
        self._ended_s = 0.0
        self._cpu_s = 0.0
        self._stopped = False
        adopt_orphans()
        token = os.urandom(8).hex()
        self._pid = self._spawn(command, token, (on_stdout, on_stderr) if command.split else (on_stdout,))
        try:
            for pipe in self._pipes:
                self._loop.add_reader(pipe, self._on_readable, pipe)
            self._watch()
        except BaseException:  # such as no room to watch one more descriptor
            kill_group(self._pid)
            os.waitpid(self._pid, 0)
            self._close_pipes()
            self._close_pidfd()
            raise
        self._family = Family(self._pid, token)
        self._meter = sampler.add(self._family, self._loop)

    def _spawn(self, command: Command, token: str, receivers: tuple[Callable[[bytes], None], ...]) -> int:
        ends: list[int] = []
        try:
            for receiver in receivers:
                pipe, end = os.pipe()
                ends.append(end)
                self._pipes[pipe] = receiver
                os.set_blocking(pipe, False)
            process = subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                env={**command.env, MARKER: marker(token)},
                stdin=subprocess.DEVNULL,
                stdout=ends[0],
                stderr=ends[-1],
                start_new_session=True,
            )
        except BaseException:
            self._close_pipes()
            raise
        finally:
            for end in ends:
                os.close(end)
        process.returncode = 0  # it is reaped here: Popen must neither wait for it nor warn that nobody did
        return process.pid

    def _watch(self) -> None:
        if sys.platform == "linux":
            with suppress(AttributeError, OSError):  # an old kernel, or no descriptor left
                self._pidfd = os.pidfd_open(self._pid)
                self._loop.add_reader(self._pidfd, self._on_exit)
                return
        threading.Thread(target=self._wait_in_thread, name=f"wait-{self._pid}", daemon=True).start()

    def _wait_in_thread(self) -> None:
        # macOS can only wait and reap at once (no waitid before Python 3.13), so here the id is free a moment too soon.
        _, status, usage = os.wait4(self._pid, 0)
        self._waited = status, usage
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._on_exit)

    def _on_exit(self) -> None:
        self._ended_s = time.monotonic()
        self.exited.set()
        self._close_pidfd()

    def _on_readable(self, pipe: int) -> None:
        size = self._read(pipe)
        if size < _TRICKLE and pipe in self._pipes:
            self._loop.remove_reader(pipe)
            self._loop.call_later(_PAUSE_S, self._resume, pipe)

    def _resume(self, pipe: int) -> None:
        if pipe in self._pipes:
            self._loop.add_reader(pipe, self._on_readable, pipe)

    def _read(self, pipe: int) -> int:
        """Hands on one chunk, and says how long it was."""
        try:
            data = os.read(pipe, CHUNK)
        except BlockingIOError:
            return 0
        if not data:
            self._close_pipe(pipe)
            return 0
        try:
            self._pipes[pipe](data)
        except Exception as error:
            self.failure = error
            self._close_pipes()
            kill_group(self._pid)
        return len(data)

    async def stop(self, grace: float, patience: Patience) -> None:
        """Asks its group to end, and ends it when it has not after `grace` seconds."""
        terminate_group(self._pid)
        await patience.until(lambda: self.exited.is_set() and not self._group_lives(), grace)
        kill_group(self._pid)
        self._stopped = True
        await patience.until(self.exited.is_set, UNKILLABLE_S)

    async def finish(self, patience: Patience) -> Ended:
        """Ends what it left behind, takes its last output, and reaps it; to be called once, when it has exited."""
        kill_group(self._pid)
        if self._kill_left_behind():
            await patience.until(lambda: not self._kill_left_behind(), UNKILLABLE_S)
        for pipe in tuple(self._pipes):
            # Everyone who could write is gone, but for a process of another user: what the pipe holds is the rest.
            for _ in range(_LARGEST_PIPE // CHUNK):
                if pipe not in self._pipes or not self._read(pipe):
                    break
        self._close_pipes()
        self._close_pidfd()
        sampler.remove(self._meter)
        self._family.forget()
        reap_strangers()
        return self._reap()

    def _reap(self) -> Ended:
        if not self.exited.is_set():  # it hangs in the kernel: its zombie stays until ftui ends
            sampled = self._meter.peak or None
            return Ended(code=None, signal=signal.SIGKILL, ended_s=time.monotonic(), cpu_s=None, peak_rss_bytes=sampled)
        status, usage = self._waited or os.wait4(self._pid, 0)[1:]
        code = os.waitstatus_to_exitcode(status)
        return Ended(
            code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            ended_s=self._ended_s,
            cpu_s=self._cpu_s + usage.ru_utime + usage.ru_stime,
            peak_rss_bytes=peak_memory(usage.ru_maxrss, self._meter.peak),
        )

    def _kill_left_behind(self) -> bool:
        """Kills what has outlived its parents, and says whether there was anything."""
        left = self._left_alive()
        for pid in left:
            with suppress(ProcessLookupError):
                kill_group(os.getpgid(pid))
        return bool(left)

    def _group_lives(self) -> bool:
        for pid in self._left_alive():
            with suppress(ProcessLookupError):
                if os.getpgid(pid) == self._pid:
                    return True
        return False

    def _left_alive(self) -> list[int]:
        alive = []
        for pid in self._family.left_behind(thorough=self._stopped):
            try:
                reaped, _, usage = os.wait4(pid, os.WNOHANG)
            except ChildProcessError:  # where orphans go elsewhere
                alive.append(pid)
                continue
            if reaped:
                self._cpu_s += usage.ru_utime + usage.ru_stime
            else:
                alive.append(pid)
        return alive

    def _close_pipe(self, pipe: int) -> None:
        if self._pipes.pop(pipe, None) is not None:
            self._loop.remove_reader(pipe)
            os.close(pipe)

    def _close_pipes(self) -> None:
        for pipe in tuple(self._pipes):
            self._close_pipe(pipe)

    def _close_pidfd(self) -> None:
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
