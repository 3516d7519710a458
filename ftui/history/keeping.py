"""Makes records of a run and its results, and keeps them: what the thread of a `Recorder` does."""

from __future__ import annotations

import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui import __version__
from ftui.history.comparable import command_digest
from ftui.history.expect import Expectations
from ftui.history.machine import Moment, between, clock_was_wrong, cores, look, processor
from ftui.history.records import QuickRuns, ResultRecord, RunRecord, Sample
from ftui.history.repository import Head, head_of, histories_folder, history_file, repository_of
from ftui.history.store import History
from ftui.history.upkeep import FINDINGS_OF_ONE, remove_forgotten
from ftui.model import Finding, Outcome, Severity
from ftui.tree import display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from ftui.events import CheckFinished, PlannedCheck, RunFinished, RunStarted
    from ftui.likely_secrets import LikelySecrets

    Finished: TypeAlias = tuple[CheckFinished, float | None]
    """A result, and the longest time that it ran in silence, in seconds."""

LONGEST_MESSAGE = 400
"""Characters that are kept of a finding's message, of its path and of its rule."""
SAMPLES_OF_ONE = 40
"""Results of each check that are looked through for comparable ones."""


class Keeper:
    """Keeps the runs of one tree in the history of its repository. Not for use by two threads at once.

    Args:
        root: absolute path of the tree.
        say: takes a message for the user: one line.
        expectations: told what is there, and what is kept.
        environ: the variables whose values may be secrets.
        quick_runs: takes what was noted of quick runs, so that nobody else does.
        forced: whether the command is to run everything, whatever is stored; what else makes runs begin asks for less.
    """

    def __init__(
        self,
        root: str,
        say: Callable[[str], None],
        expectations: Expectations,
        environ: Mapping[str, str] = os.environ,
        quick_runs: Callable[[], QuickRuns] = QuickRuns,
        *,
        forced: bool = False,
    ) -> None:
        self._quick_runs = quick_runs
        self._root = root
        self._say = say
        self._expectations = expectations
        self._environ = environ
        self._secrets: LikelySecrets | None = None
        self._forced = forced
        self._history: History | None = None
        self._head: Head | None = None
        self._begin: Moment | None = None

    def begin(self) -> None:
        """Looks at the machine as a run begins; where it is the first one, opens the history."""
        self._begin = look()
        self._expectations.set_machine(processor(), cores(), on_battery=bool(self._begin.on_battery))
        if self._history is None:
            self._history = history = self._opened()
            for check in history.checks():
                self._expectations.add(history.samples(check, fresh=True, limit=SAMPLES_OF_ONE))
            self._head = head_of(self._root)

    def keep(self, began: RunStarted, ended: RunFinished, results: Sequence[Finished]) -> None:
        """Keeps a run.

        Args:
            began: its first event.
            ended: its last one, with its figures.
            results: in the order in which they came.
        """
        end = look()
        history, begin = self._history, self._begin
        if history is None or not history.writable or begin is None or ended.run is None or ended.totals is None:
            return
        # HEAD is where the run began, unless it is not the first one: then it is asked for now, after the verdict.
        head, self._head = self._head or head_of(self._root), None
        used = sum(event.cpu_s or 0.0 for event, _ in results if event.attempts)
        run = RunRecord(
            summary=replace(ended.run, root=self._text(ended.run.root)),
            totals=ended.totals,
            started_at=began.started_at,
            took_s=max(0.0, ended.time_s - began.time_s),
            forced=self._forced and not began.because,
            because=self._text(began.because),
            interrupted=ended.interrupted,
            machine=between(begin, end, used),
            wrong_clock=clock_was_wrong(begin, end),
            commit=head.commit,
            branch=head.branch,
            version=__version__,
            quick=self._quick_runs(),
            python=".".join(map(str, sys.version_info[:3])),
        )
        plans = {plan.id: plan for plan in began.checks}
        made = [self._result(event, silence, plans.get(event.check_id), began.time_s) for event, silence in results]
        verdicts = {event.check_id: event for event, _ in results if _ran_to_a_verdict(event)}
        found = [(check, self._findings(event.findings)) for check, event in verdicts.items()]
        if history.keep(run, made, found) and (kept := history.run(run.id)) is not None:
            self._expectations.add([Sample(kept, result) for result in reversed(made)])

    def close(self) -> None:
        """Closes the history."""
        if self._history is not None:
            self._history.close()

    def _opened(self) -> History:
        path = history_file(repository_of(self._root))
        if path is None:
            self._say("there is no home directory, so no history is kept: set HOME or XDG_DATA_HOME")
        fresh = path is not None and not os.path.exists(path)
        history = History(path, self._say)
        folder = histories_folder()
        if fresh and folder is not None and history.usable:
            remove_forgotten(folder)
        return history

    def _result(
        self, event: CheckFinished, silence_s: float | None, plan: PlannedCheck | None, origin: float
    ) -> ResultRecord:
        def since(moment: float | None) -> float | None:
            return None if moment is None else max(0.0, moment - origin)

        return ResultRecord(
            check=event.id,
            adapter=event.adapter,
            phase=event.phase,
            outcome=event.outcome,
            bucket=event.bucket,
            reason=self._text(event.reason),
            command=command_digest(event.argv, self._root),
            tool=event.tool,
            exit_code=event.exit_code,
            duration_s=event.duration_s,
            cpu_s=event.cpu_s,
            peak_rss_bytes=event.peak_rss_bytes,
            attempts=event.attempts,
            queued_s=since(event.queued_s),
            started_s=since(event.started_s),
            first_output_s=since(event.first_output_s),
            ended_s=since(event.ended_s),
            silence_s=silence_s,
            changed_inputs=event.changed_inputs,
            key=event.key,
            tree=event.tree,
            recorded_at=event.recorded_at,
            skipped_because=None if event.skipped_because is None else self._text(event.skipped_because),
            broken_because=None if event.broken_because is None else self._text(event.broken_because),
            findings=len(event.findings),
            errors=sum(finding.severity is Severity.ERROR for finding in event.findings),
            weight=1 if plan is None else plan.weight,
            requires=() if plan is None else plan.requires,
            budget=None if plan is None else plan.budget,
        )

    def _text(self, text: str) -> str:
        """A text without secrets, and fit for a database: the bytes of a path need not be UTF-8."""
        if self._secrets is None:
            from ftui.likely_secrets import LikelySecrets  # only when there is something to keep, after the verdict

            self._secrets = LikelySecrets(self._environ)
        return self._secrets.hide(text).encode(errors="backslashreplace").decode()

    def _findings(self, findings: Iterable[Finding]) -> list[Finding]:
        return [
            Finding(
                message=self._text(finding.message[: 2 * LONGEST_MESSAGE])[:LONGEST_MESSAGE],
                path=finding.path and display(finding.path[:LONGEST_MESSAGE]),
                line=finding.line,
                severity=finding.severity,
                rule=finding.rule and display(finding.rule[:LONGEST_MESSAGE]),
            )
            for finding in islice(findings, FINDINGS_OF_ONE)
        ]


def _ran_to_a_verdict(event: CheckFinished) -> bool:
    return bool(event.attempts) and event.outcome in (Outcome.PASSED, Outcome.FAILED)
