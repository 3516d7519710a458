"""One child process, from its start to the end of its last descendant."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from ftui.ansi import Sanitizer
from ftui.engine.patience import Patience
from ftui.engine.spawn_error import explain
from ftui.output import HeadTail
from ftui.redact import Redactor, Secrets

if sys.platform == "win32":
    from ftui.engine.child_windows import Child
else:
    from ftui.engine.child_posix import Child

Stream: TypeAlias = Literal["stdout", "stderr"]
OnOutput: TypeAlias = Callable[[Stream, str], None]


class Command(Struct, frozen=True, kw_only=True):
    """What is to be run; never handed to a shell."""

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    """All of its environment, but for a marker that `run` adds."""
    timeout: float | None = None
    """Seconds from its start until it is ended; None for no deadline."""
    split: bool = False
    """Keep stdout and stderr apart; otherwise both are stdout, in the order in which they were written."""


class Exit(Struct, frozen=True, kw_only=True):
    """How a process ended, and what it left. Times are those of `time.monotonic()`."""

    code: int | None = None
    """None when a signal ended it, or it was never started."""
    signal: int | None = None
    """The signal that ended it, whoever sent it."""
    timed_out: bool = False
    spawn_error: str | None = None
    """Why it could not be started and what to do, for people; then everything but the times is empty."""
    stdout: str = ""
    """Sanitised, with its colours."""
    stderr: str = ""
    """As `stdout`; empty where `Command.split` is false."""
    truncated: bool = False
    """Whether the middle of either was left out."""
    started_s: float
    first_output_s: float | None = None
    ended_s: float
    cpu_s: float | None = None
    """User and system seconds of it and of all descendants that have ended; None where the system does not say."""
    peak_rss_bytes: int | None = None
    """Largest resident size seen of its process tree; None when it was too short and too small to be measured."""


class _Output:
    """What one stream of a process says: handed on as it comes, and kept."""

    def __init__(self, stream: Stream, on_output: OnOutput, secrets: Secrets | None) -> None:
        self._stream = stream
        self._on_output = on_output
        self._sanitizer = Sanitizer()
        self._redactor = Redactor(secrets) if secrets else None
        self.kept = HeadTail()
        self.first_s: float | None = None

    def feed(self, data: bytes) -> None:
        if self.first_s is None:
            self.first_s = time.monotonic()
        text = self._sanitizer.feed(data)
        self._hand_on(self._redactor.feed(text) if self._redactor else text)

    def finish(self) -> None:
        text = self._sanitizer.finish()
        self._hand_on(self._redactor.feed(text) + self._redactor.finish() if self._redactor else text)

    def _hand_on(self, text: str) -> None:
        if text:
            self.kept.append(text)
            self._on_output(self._stream, text)


async def run(command: Command, on_output: OnOutput, *, secrets: Secrets | None = None, grace: float = 2.0) -> Exit:
    """Runs a command to its end, and to the end of all that it has started.

    No descendant survives: not those that outlive the tool, nor those that left its group or session. Cancelling the
    task, as well as the deadline, sends SIGTERM to the group and after `grace` seconds SIGKILL; a cancellation is
    raised only when everything is gone.

    Args:
        command: what is run.
        on_output: called in the event loop for each piece of sanitised text, in order. What it raises ends the
            command and is raised from here.
        secrets: what is taken out of its output.
        grace: seconds between SIGTERM and SIGKILL.

    Returns:
        How it ended, also when it could not be started.
    """
    stdout, stderr = (_Output(stream, on_output, secrets) for stream in ("stdout", "stderr"))
    started_s = time.monotonic()
    try:
        child = Child(command, stdout.feed, stderr.feed)
    except (OSError, ValueError) as error:
        reason = explain(error, argv=command.argv, cwd=command.cwd, path=command.env.get("PATH"))
        return Exit(spawn_error=reason, started_s=started_s, ended_s=time.monotonic())
    patience, timed_out = Patience(), False
    try:
        async with asyncio.timeout(command.timeout):
            await child.exited.wait()
    except TimeoutError:
        timed_out = not child.exited.is_set()
    except asyncio.CancelledError as cancelled:
        patience.cancelled = cancelled
    if not child.exited.is_set():
        await child.stop(grace, patience)
    ended = await child.finish(patience)
    if patience.cancelled is not None:
        raise patience.cancelled
    if child.failure is not None:
        raise child.failure
    stdout.finish()
    stderr.finish()
    return Exit(
        code=ended.code,
        signal=ended.signal,
        timed_out=timed_out,
        stdout=stdout.kept.text(),
        stderr=stderr.kept.text(),
        truncated=stdout.kept.truncated or stderr.kept.truncated,
        started_s=started_s,
        first_output_s=min((first for first in (stdout.first_s, stderr.first_s) if first is not None), default=None),
        ended_s=ended.ended_s,
        cpu_s=ended.cpu_s,
        peak_rss_bytes=ended.peak_rss_bytes,
    )
