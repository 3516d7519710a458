"""One check from its first attempt to its result: environment, process, parser, verdict, retries."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ftui.ansi import strip
from ftui.engine import process
from ftui.engine.memory import Folders
from ftui.engine.reading import parsed
from ftui.engine.verdict import judge
from ftui.environment import child_environment
from ftui.errors import NothingToDo, NoVerdict
from ftui.events import CheckOutput, CheckRetried, CheckStarted
from ftui.model import Bucket, Check, CheckResult, Expectation, Finding, Outcome, ProcessResult
from ftui.plugins import Plugins
from ftui.plugins.answers import Fault
from ftui.redact import Secrets
from ftui.tree import display

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ftui.engine.emitter import Emitter

PARSED_IN_PLACE = 256 * 1024
"""Characters of output up to which parsing is too short to be worth a thread."""

RETRY_BASE, RETRY_CAP = 0.5, 30.0
"""Seconds: the n-th wait is uniform in [0, min(cap, base * 2**n)], "full jitter" as in the AWS architecture blog's
"Exponential Backoff And Jitter" (2015)."""


def retry_delay(attempt: int, uniform: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after the failed `attempt`, from 1."""
    return uniform(0.0, min(RETRY_CAP, RETRY_BASE * 2.0**attempt))


class Execution(Struct, frozen=True):
    """What came of running a check."""

    result: CheckResult
    output: str
    """What it printed for people, sanitised: not the machine output of a check with `split_output`."""


class _Judged(Struct, frozen=True):
    """What the end of a process says."""

    outcome: Outcome
    because: str | None = None
    """Of a broken or a skipped one: why."""
    findings: tuple[Finding, ...] = ()
    note: str = ""
    infrastructure: str | None = None
    """The infrastructure failure behind it, if any."""


class Executor:
    """Runs checks of one run and reports what happens to them as events.

    Args:
        root: the project's root.
        emitter: takes the events.
        environ: the environment that the base variables and the allowed ones come from.
    """

    def __init__(self, root: Path, emitter: Emitter, environ: Mapping[str, str]) -> None:
        self._root = root
        self._emitter = emitter
        self._environ = environ

    async def execute(
        self,
        check: Check,
        *,
        bucket: Bucket,
        reason: str,
        queued_s: float,
        folders: Folders,
        expected: Expectation | None = None,
    ) -> Execution:
        """Runs a check until it has a verdict, or none can be had.

        Cancelling ends its process first; the result is then `cancelled`.

        Args:
            check: what to run.
            bucket: why it runs, for the result.
            reason: the sentence behind the bucket.
            queued_s: when it was queued, on the clock of the events.
            folders: those that stay; for what is missing it gets a temporary one.
            expected: what it takes as a rule, for who sees it start.
        """
        life = _Life(check, bucket, reason, queued_s, expected)
        lasting = {"{cache}": folders.cache, "{kept}": folders.kept}
        wanted = ("{scratch}", *(placeholder for placeholder, folder in lasting.items() if not folder))
        try:
            if not any(placeholder in entry for entry in check.env for placeholder in wanted):
                return await self._attempts(check, life, "", folders)
            try:
                scratch = await asyncio.to_thread(tempfile.mkdtemp, prefix="ftui-")
            except OSError as error:
                because = f"no temporary folder could be made: {error}"
                return Execution(life.result(_Judged(Outcome.BROKEN, because)), "")
            try:
                folders = Folders(folders.cache or scratch, folders.kept or scratch, folders.more)
                return await self._attempts(check, life, scratch, folders)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        except asyncio.CancelledError:
            life.cancelled(self._emitter.now())
            return Execution(life.result(_Judged(Outcome.CANCELLED)), "")

    async def _attempts(self, check: Check, life: _Life, scratch: str, folders: Folders) -> Execution:
        environ = child_environment(
            self._environ,
            check.allowed,
            scratch=scratch or None,
            cache=folders.cache,
            kept=folders.kept,
            more=folders.more,
            colour=True,
        )
        secrets = Secrets(environ)
        if not check.isolate:
            return await self._run(check, life, scratch, environ, secrets)
        from ftui.engine.isolate import isolated

        def say(message: str) -> None:
            self._emitter.problem(f"check {check.id}", secrets.hide(message))

        try:
            async with isolated(check, environ, self._root, say) as isolation:
                done = await self._run(check, life, scratch, isolation.environ, secrets)
                isolation.cut_short = done.result.exit_code is None
        except NoVerdict as error:
            return Execution(life.result(_Judged(Outcome.BROKEN, secrets.hide(str(error)))), "")
        if isolation.missing and done.result.outcome is not Outcome.PASSED:
            say(isolation.NOT_MADE)
        return done

    async def _run(
        self, check: Check, life: _Life, scratch: str, environ: dict[str, str], secrets: Secrets
    ) -> Execution:
        command = process.Command(
            argv=check.command,
            cwd=str(self._root / check.cwd),
            env=environ,
            timeout=check.timeout,
            split=check.split_output,
        )

        def on_output(stream: Literal["stdout", "stderr"], text: str) -> None:
            if stream == "stderr" or not check.split_output:
                self._emitter.emit(
                    CheckOutput(
                        run_id=self._emitter.run_id,
                        time_s=self._emitter.now(),
                        check_id=check.id,
                        stream=stream,
                        text=text,
                    )
                )

        while True:
            life.start(self._emitter.now())
            self._emitter.emit(
                CheckStarted(
                    run_id=self._emitter.run_id,
                    time_s=self._emitter.now(),
                    check_id=check.id,
                    argv=command.argv,
                    attempt=life.attempts,
                    expected=life.expected,
                )
            )
            end = await process.run(command, on_output, secrets=secrets)
            life.ended(end, self._emitter.origin)
            judged = await self._verdict(check, end, scratch, secrets)
            shown = end.stderr if check.split_output else end.stdout
            failure = judged.infrastructure
            if failure is None:
                return Execution(life.result(judged), shown)
            if life.attempts > check.retries:
                because = f"infrastructure: {failure}"
                return Execution(life.result(_Judged(Outcome.BROKEN, because, judged.findings)), shown)
            delay = retry_delay(life.attempts)
            self._emitter.emit(
                CheckRetried(
                    run_id=self._emitter.run_id,
                    time_s=self._emitter.now(),
                    check_id=check.id,
                    reason=failure,
                    duration_s=end.ended_s - end.started_s,
                    delay_s=delay,
                )
            )
            await asyncio.sleep(delay)

    async def _verdict(self, check: Check, end: process.Exit, scratch: str, secrets: Secrets) -> _Judged:
        if end.code is None:
            return _Judged(*judge(check, end, ()))
        output = ProcessResult(
            argv=check.command,
            exit_code=end.code,
            stdout=strip(end.stdout),
            stderr=strip(end.stderr),
            truncated=end.truncated,
            root=str(self._root),
            scratch=scratch,
        )
        reading = partial(_read, check, output, end, secrets)
        apart = len(output.stdout) + len(output.stderr) > PARSED_IN_PLACE or bool(scratch)
        plugins = self._emitter.plugins or Plugins()
        try:
            return await plugins.read(check, reading, apart=apart)
        except NoVerdict as error:
            return _Judged(Outcome.BROKEN, secrets.hide(str(error)))
        except NothingToDo as error:
            return _Judged(Outcome.SKIPPED, secrets.hide(str(error)))
        except Exception as error:  # an adapter is foreign code: it may lose its own check and nothing else
            said = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
            message = secrets.hide(f"could not read the output of {check.id}: {said}")
            self._emitter.problem(f"adapter {check.adapter}", message)
            return _Judged(Outcome.BROKEN, f"adapter {check.adapter} {message}")


def _read(check: Check, output: ProcessResult, end: process.Exit, secrets: Secrets) -> _Judged:
    """What the functions of a check make of its output; what they raise is raised."""
    findings = parsed(check, output, secrets.hide)
    outcome, because = judge(check, end, findings)
    failure = check.infrastructure(output) if outcome is not Outcome.PASSED else None
    note = check.note(output) if outcome in (Outcome.PASSED, Outcome.FAILED) else ""
    for name, value, kinds in (("infrastructure", failure, str | None), ("note", note, str)):
        if not isinstance(value, kinds):
            raise TypeError(f"{name} gave {type(value).__name__!r}")
    return _Judged(outcome, because, findings, secrets.hide(note), failure)


class _Life:
    """The moments and costs of one check over its attempts; times on the clock of the events."""

    def __init__(
        self, check: Check, bucket: Bucket, reason: str, queued_s: float, expected: Expectation | None
    ) -> None:
        self.expected = expected
        self._check = check
        self._bucket = bucket
        self._reason = reason
        self._queued_s = queued_s
        self.attempts = 0
        self._attempt_start: float | None = None
        self._started_s: float | None = None
        self._first_output_s: float | None = None
        self._ended_s: float | None = None
        self._duration_s = 0.0
        self._cpu_s: float | None = None
        self._peak: int | None = None
        self._exit_code: int | None = None
        self._truncated = False

    def start(self, now: float) -> None:
        self.attempts += 1
        self._attempt_start = now
        if self._started_s is None:
            self._started_s = now

    def ended(self, end: process.Exit, origin: float) -> None:
        self._attempt_start = None
        self._ended_s = end.ended_s - origin
        self._duration_s += end.ended_s - end.started_s
        if self._first_output_s is None and end.first_output_s is not None:
            self._first_output_s = end.first_output_s - origin
        if end.cpu_s is not None:
            self._cpu_s = (self._cpu_s or 0.0) + end.cpu_s
        if end.peak_rss_bytes is not None:
            self._peak = max(self._peak or 0, end.peak_rss_bytes)
        self._exit_code = end.code
        self._truncated = end.truncated

    def cancelled(self, now: float) -> None:
        self._exit_code = None
        if self._attempt_start is not None:
            self._duration_s += now - self._attempt_start
            self._ended_s = now

    def result(self, judged: _Judged) -> CheckResult:
        ran, outcome = self.attempts > 0, judged.outcome
        because = None if judged.because is None else display(strip(judged.because))
        decided = outcome not in (Outcome.CANCELLED, Outcome.SKIPPED)
        return CheckResult(
            id=self._check.id,
            adapter=self._check.adapter,
            phase=self._check.phase,
            argv=self._check.command,
            outcome=outcome,
            bucket=self._bucket if decided else None,
            reason=self._reason,
            exit_code=self._exit_code,
            duration_s=self._duration_s if ran else None,
            cpu_s=self._cpu_s,
            peak_rss_bytes=self._peak,
            skipped_because=because if outcome is Outcome.SKIPPED else None,
            note=display(strip(judged.note)),
            findings=judged.findings,
            broken_because=because if outcome is not Outcome.SKIPPED else None,
            attempts=self.attempts,
            queued_s=self._queued_s,
            started_s=self._started_s,
            first_output_s=self._first_output_s,
            ended_s=self._ended_s,
            output_truncated=self._truncated,
        )
