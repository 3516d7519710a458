"""Evidence made by hand, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.engine.jobs import jobs_of
from ftui.history.records import Machine, ResultRecord, RunRecord, Sample
from ftui.model import Bucket, Check, Outcome, Phase, RunSummary, Totals
from ftui.tuning.evidence import Evidence
from ftui.tuning.timing import PastRun, Timing
from ftui.tuning.whatif import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MACHINE = Machine(name="test", cores=2)


def check(check_id: str, adapter: str = "command", **fields: object) -> Check:
    values = {"argv": (f"/bin/{check_id}",), "phase": Phase.FAST, **fields}
    return Check(id=check_id, adapter=adapter, **values)  # type: ignore[arg-type]


def past_runs(
    checks: Sequence[Check], times: Mapping[str, tuple[float, float]], runs: int = 10, boot_s: float = 0.0
) -> tuple[PastRun, ...]:
    """Runs of one check after the other; `times` gives seconds and CPU seconds of each."""
    made = []
    for number in range(runs):
        now, timings = 0.0, []
        for each in checks:
            took, cpu = (value * (1.0 + 0.01 * (number % 3)) for value in times[each.id])
            timings.append(
                Timing(
                    check=each.id,
                    phase=each.phase,
                    started_s=now,
                    ended_s=now + took,
                    cpu_s=cpu,
                    first_output_s=now + boot_s,
                    outcome=Outcome.PASSED,
                )
            )
            now += took
        made.append(PastRun(workers=1, timings=tuple(timings)))
    return tuple(made)


def evidence(
    checks: Sequence[Check],
    times: Mapping[str, tuple[float, float]],
    *,
    workers: int = 2,
    runs: int = 10,
    boot_s: float = 0.0,
    **more: object,
) -> Evidence:
    return Evidence(
        profile="dev",
        checks=tuple(checks),
        jobs=tuple(jobs_of(checks, [])),
        setting=Setting(workers=workers),
        cores=MACHINE.cores,
        runs=past_runs(checks, times, runs, boot_s),
        **more,  # type: ignore[arg-type]
    )


def run_record(number: int, *, commit: str | None = None, machine: Machine = MACHINE, **more: object) -> RunRecord:
    summary = RunSummary(
        id=f"run-{number}", root="/project", profile="dev", workers=2, wall_s=1.0, busy_s=1.0,
        parallelization_factor=1.0, peak_concurrency=1, outcome=Outcome.PASSED,
    )  # fmt: skip
    totals = Totals(
        checks=1, hit=0, policy_rerun=0, miss=1, structural_efficiency=0.0, time_saved_s=0.0,
        passed=1, failed=0, broken=0, cancelled=0, skipped=0,
    )  # fmt: skip
    fields = {"started_at": 1000.0 + number, "number": number, "commit": commit, "machine": machine, **more}
    return RunRecord(summary=summary, totals=totals, **fields)  # type: ignore[arg-type]


def result(check_id: str, bucket: Bucket = Bucket.MISS, **fields: object) -> ResultRecord:
    values = {"outcome": Outcome.PASSED, "duration_s": 1.0, "attempts": int(bucket is not Bucket.HIT), **fields}
    return ResultRecord(
        check=check_id,
        adapter="command",
        phase=Phase.FAST,
        bucket=bucket,
        **values,  # type: ignore[arg-type]
    )


def samples(results: Sequence[ResultRecord], commits: int = 1) -> tuple[Sample, ...]:
    """One result for each run, the last run first, spread over commits."""
    return tuple(
        Sample(run_record(len(results) - place, commit=f"c{place % commits}"), each)
        for place, each in enumerate(results)
    )
