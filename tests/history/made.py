"""Runs and results that were never run, for histories with known figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.events import CheckFinished, PlannedCheck, RunFinished, RunStarted
from ftui.history.records import Machine, ResultRecord, RunRecord, Sample
from ftui.model import Bucket, CheckResult, Outcome, Phase, RunSummary
from ftui.state import State

if TYPE_CHECKING:
    from ftui.history.store import History

MACHINE = Machine(name="linux x86_64", cores=4)
NOON = 1_800_000_000.0
"""A moment, in seconds since 1970."""


def check_result(name: str = "mypy", duration_s: float = 1.0, **fields: object) -> CheckResult:
    """The result of a check that really ran; `fields` are those of `CheckResult`."""
    result = CheckResult(
        id=name, adapter=name, phase=Phase.SLOW, argv=(name, "src"), outcome=Outcome.PASSED, bucket=Bucket.MISS,
        reason="src/app.py changed", exit_code=0, duration_s=duration_s, cpu_s=0.5, attempts=1, queued_s=0.0,
        started_s=0.0, ended_s=duration_s, changed_inputs=1, key="k" * 64, tree="t" * 16,
    )  # fmt: skip
    return replace(result, **fields)


def events(*results: CheckResult, run_id: str = "run-1", at: float = NOON) -> tuple[RunStarted, RunFinished]:
    """The first and the last event of a run, the last one with the figures that `State` computes."""
    state = State()
    plans = tuple(PlannedCheck(id=r.id, adapter=r.adapter, phase=r.phase) for r in results)
    began = RunStarted(
        run_id=run_id, time_s=0.0, root="/srv/app", profile="dev", workers=2, checks=plans, started_at=at
    )
    state.apply(began)
    for result in results:
        state.apply(CheckFinished.of(result, run_id=run_id, time_s=result.ended_s or 0.0))
    ended = state.apply(RunFinished(run_id=run_id, time_s=9.0))
    assert isinstance(ended, RunFinished)
    return began, ended


def run(run_id: str = "run-1", at: float = NOON, machine: Machine = MACHINE, **fields: object) -> RunRecord:
    """A run; `fields` are those of `RunRecord`."""
    _, ended = events(check_result(), run_id=run_id, at=at)
    assert ended.run is not None
    assert ended.totals is not None
    summary = replace(ended.run, wall_s=2.5, busy_s=4.0, parallelization_factor=1.6)
    record = RunRecord(summary=summary, totals=ended.totals, started_at=at, machine=machine, commit="c" * 40)
    return replace(record, **fields)


def result(check: str = "mypy", duration_s: float = 1.0, **fields: object) -> ResultRecord:
    """A result that really ran; `fields` are those of `ResultRecord`."""
    made = ResultRecord(
        check=check, adapter=check, phase=Phase.SLOW, outcome=Outcome.PASSED, bucket=Bucket.MISS, command="c1",
        duration_s=duration_s, attempts=1, queued_s=0.0, started_s=0.0, ended_s=duration_s, changed_inputs=1,
    )  # fmt: skip
    return replace(made, **fields)


def sample(duration_s: float = 1.0, *, machine: Machine = MACHINE, clock: bool = True, **fields: object) -> Sample:
    """A result that really ran, with its run, whose clock was right or not."""
    return Sample(run(machine=machine, wrong_clock=not clock), replace(result(duration_s=duration_s), **fields))


def keep(history: History, *results: ResultRecord, **fields: object) -> RunRecord:
    """Keeps one more run, an hour after the last one, and gives it back as it is read."""
    last = history.runs(1)
    number = last[0].number + 1 if last else 1
    kept = run(**{"run_id": f"run-{number}", "at": NOON + 3600.0 * number, **fields})  # type: ignore[arg-type]
    assert history.keep(kept, results)
    return history.runs(1)[0]


def summary_of(record: RunRecord, **fields: object) -> RunSummary:
    """The summary of a run with other figures."""
    return replace(record.summary, **fields)
