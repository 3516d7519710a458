"""A child process where pipes cannot be watched in the event loop: threads read and wait.

A job object with KILL_ON_JOB_CLOSE would hold the whole tree without looking for markers, and account for its CPU
time; it has to be assigned through kernel32 while the process is suspended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ftui.engine.child import CHUNK, UNKILLABLE_S, Ended
from ftui.engine.family import MARKER, Family, marker
from ftui.engine.measure import sampler
from ftui.engine.signals import kill_group, terminate_group

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.engine.patience import Patience
    from ftui.engine.process import Command

_NEW_GROUP = 0x200
"""CREATE_NEW_PROCESS_GROUP, which `subprocess` defines on Windows only."""

_CHUNKS_WAITING = 4
"""Chunks of one pipe that wait for the loop; then its thread waits, the pipe fills up, and so the child waits."""


class Child:
    """One started process; the same as `ftui.engine.child_posix.Child`, which says more."""

    def __init__(
        self, command: Command, on_stdout: Callable[[bytes], None], on_stderr: Callable[[bytes], None]
    ) -> None:
        self.exited = asyncio.Event()
        self.failure: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._ended_s = 0.0
        self._stopped = False
        token = os.urandom(8).hex()
        self._process = subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env={**command.env, MARKER: marker(token)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if command.split else subprocess.STDOUT,
            creationflags=_NEW_GROUP if os.name == "nt" else 0,
        )
        self._family = Family(self._process.pid, token)
        self._meter = sampler.add(self._family, self._loop)
        self._open_pipes = 0
        for pipe, receive in ((self._process.stdout, on_stdout), (self._process.stderr, on_stderr)):
            if pipe is not None:
                self._open_pipes += 1
                self._thread(self._read, pipe.fileno(), receive)
        self._thread(self._wait)

    async def stop(self, grace: float, patience: Patience) -> None:
        """Asks its group to end, and ends its tree when it has not after `grace` seconds."""
        terminate_group(self._process.pid)
        await patience.until(self.exited.is_set, grace)
        if not self.exited.is_set():
            kill_group(self._process.pid)
        self._stopped = True
        await patience.until(self.exited.is_set, UNKILLABLE_S)

    async def finish(self, patience: Patience) -> Ended:
        """Ends what it left behind and takes its last output; to be called once, when it has exited."""
        await patience.until(self._nothing_left, UNKILLABLE_S)
        await patience.until(lambda: self._open_pipes == 0, UNKILLABLE_S)
        sampler.remove(self._meter)
        self._family.forget()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        code = self._process.poll()
        killed = code is None or code < 0
        return Ended(
            code=None if killed else code,
            signal=signal.SIGTERM if code is None else -code if killed else None,
            ended_s=self._ended_s or time.monotonic(),
            cpu_s=None,
            peak_rss_bytes=self._meter.peak or None,
        )

    def _nothing_left(self) -> bool:
        left = self._family.left_behind(thorough=self._stopped)
        for pid in left:
            kill_group(pid)
        return not left

    def _thread(self, target: Callable[..., None], *args: object) -> None:
        threading.Thread(target=target, args=args, name=f"child-{self._process.pid}", daemon=True).start()

    def _wait(self) -> None:
        self._process.wait()
        self._call(self._on_exit)

    def _on_exit(self) -> None:
        self._ended_s = time.monotonic()
        self.exited.set()

    def _read(self, pipe: int, receive: Callable[[bytes], None]) -> None:
        room = threading.Semaphore(_CHUNKS_WAITING)
        while data := os.read(pipe, CHUNK):
            room.acquire()
            self._call(self._hand_on, receive, data, room)
        self._call(self._on_eof)

    def _on_eof(self) -> None:
        self._open_pipes -= 1

    def _hand_on(self, receive: Callable[[bytes], None], data: bytes, room: threading.Semaphore) -> None:
        room.release()
        if self.failure is None:
            try:
                receive(data)
            except Exception as error:
                self.failure = error
                kill_group(self._process.pid)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(function, *args)
