"""What the schedule promises, whatever the jobs: order, width, requirements, write locks, fail-fast."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ftui.engine.schedule import Job, Schedule, conflict
from ftui.model import Outcome, Phase

PASSED, FAILED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED


def job(job_id: str, phase: Phase = Phase.FAST, **fields: object) -> Job:
    return Job(id=job_id, phase=phase, **fields)  # type: ignore[arg-type]


@st.composite
def job_lists(draw: st.DrawFn) -> list[Job]:
    jobs: list[Job] = []
    for index in range(draw(st.integers(1, 12))):
        phase = draw(st.sampled_from(list(Phase)))
        earlier = [other.id for other in jobs if other.phase.rank <= phase.rank]
        some = st.lists(st.sampled_from(earlier), max_size=2, unique=True) if earlier else st.just([])
        files = st.frozensets(st.sampled_from("abcd"), max_size=2)
        jobs.append(
            Job(
                id=f"j{index}",
                phase=phase,
                weight=draw(st.integers(1, 5)),
                requires=tuple(draw(some)),
                after=tuple(draw(some)),
                reads=draw(files),
                writes=draw(files) if phase is Phase.MUTATING else frozenset(),
                preliminary=draw(st.booleans()),
            )
        )
    return jobs


@given(jobs=job_lists(), slots=st.integers(1, 6), fail_fast=st.booleans(), data=st.data())
def test_every_job_gets_one_outcome_and_no_rule_is_broken_on_the_way(
    jobs: list[Job], slots: int, fail_fast: bool, data: st.DataObject
) -> None:
    by_id = {one.id: one for one in jobs}
    schedule = Schedule(jobs, slots=slots, fail_fast=fail_fast)
    running: dict[str, Job] = {}
    outcomes: dict[str, Outcome] = {}
    failed = False
    while not schedule.done:
        step = schedule.advance()
        for job_id, reason in step.skip:
            assert job_id not in outcomes
            outcomes[job_id] = SKIPPED
            assert reason.startswith(("blocked by ", "fail-fast: "))
        for job_id in step.start:
            started = by_id[job_id]
            assert not (fail_fast and failed)
            assert all(outcomes[required] is PASSED for required in started.requires)
            assert all(first in outcomes for first in started.after)
            assert not any(job_id in other.after or conflict(started, other) for other in running.values())
            unfinished = [one for one in jobs if one.id not in outcomes]
            assert started.phase.rank == min(one.phase.rank for one in unfinished)
            running[job_id] = started
        assert sum(min(one.weight, slots) for one in running.values()) <= slots
        if fail_fast and failed:
            assert set(step.cancel) <= set(running)
        if schedule.done:
            break
        assert running, "something must run until everything is decided"
        ended = data.draw(st.sampled_from(sorted(running)))
        outcome = data.draw(st.sampled_from([PASSED, PASSED, FAILED]))
        failed = failed or (outcome is FAILED and not by_id[ended].preliminary)
        del running[ended]
        outcomes[ended] = outcome
        schedule.finish(ended, outcome)
    assert outcomes.keys() == by_id.keys()


def test_as_many_start_as_there_are_slots() -> None:
    schedule = Schedule([job(name) for name in "abcde"], slots=3)
    assert schedule.advance().start == ("a", "b", "c")
    assert schedule.advance().start == ()
    schedule.finish("b", PASSED)
    assert schedule.advance().start == ("d",)


def test_a_heavy_check_takes_its_slots_and_one_heavier_than_all_runs_alone() -> None:
    schedule = Schedule([job("xdist", weight=2), job("a"), job("b"), job("huge", weight=99)], slots=3)
    assert schedule.advance().start == ("xdist", "a")
    schedule.finish("xdist", PASSED)
    assert schedule.advance().start == ("b",)
    schedule.finish("a", PASSED)
    assert schedule.advance().start == ()
    schedule.finish("b", PASSED)
    assert schedule.advance().start == ("huge",)


def test_a_phase_starts_when_the_one_before_has_ended() -> None:
    schedule = Schedule([job("slow", Phase.SLOW), job("fix", Phase.MUTATING), job("fast")], slots=9)
    for name in ("fast", "fix", "slow"):
        assert schedule.advance().start == (name,)
        schedule.finish(name, PASSED)
    assert schedule.done


def test_a_failed_prerequisite_blocks_all_that_stand_on_it() -> None:
    schedule = Schedule([job("a"), job("b", requires=("a",)), job("c", requires=("b",))], slots=9)
    assert schedule.advance().start == ("a",)
    schedule.finish("a", FAILED)
    assert schedule.advance().skip == (("b", "blocked by a (failed)"), ("c", "blocked by b (skipped)"))
    assert schedule.done


def test_a_prerequisite_that_had_nothing_to_do_blocks_nothing() -> None:
    schedule = Schedule([job("a"), job("b", requires=("a",))], slots=9)
    assert schedule.advance().start == ("a",)
    schedule.finish("a", SKIPPED)
    assert schedule.advance().start == ("b",)


def test_fail_fast_cancels_what_runs_and_skips_the_rest_with_the_reason() -> None:
    schedule = Schedule([job("a"), job("b"), job("c")], slots=2, fail_fast=True)
    assert schedule.advance().start == ("a", "b")
    schedule.finish("a", FAILED)
    step = schedule.advance()
    assert step.cancel == ("b",)
    assert step.skip == (("c", "fail-fast: a failed"),)
    assert not schedule.done
    schedule.finish("b", Outcome.CANCELLED)
    assert schedule.done
    assert schedule.advance().cancel == ()


def test_mutating_checks_share_no_file_while_they_run() -> None:
    schedule = Schedule(
        [
            job("black", Phase.MUTATING, reads=frozenset("ab"), writes=frozenset("ab")),
            job("isort", Phase.MUTATING, reads=frozenset("b"), writes=frozenset("b")),
            job("prettier", Phase.MUTATING, reads=frozenset("z"), writes=frozenset("z")),
        ],
        slots=9,
    )
    assert schedule.advance().start == ("black", "prettier")
    schedule.finish("black", PASSED)
    assert schedule.advance().start == ("isort",)


def test_requeued_checks_run_again_before_the_next_phase_with_all_that_require_them() -> None:
    schedule = Schedule(
        [
            job("lint"),
            job("other"),
            job("docs", requires=("lint",)),
            job("fix", Phase.MUTATING),
            job("tests", Phase.SLOW),
        ],
        slots=9,
    )
    assert schedule.advance().start == ("lint", "other")
    schedule.finish("lint", FAILED)
    schedule.finish("other", PASSED)
    step = schedule.advance()
    assert step.skip == (("docs", "blocked by lint (failed)"),)
    assert step.start == ("fix",)
    schedule.finish("fix", PASSED)
    assert schedule.requeue(["lint", "fix"]) == ("lint", "docs", "fix")
    assert schedule.advance().start == ("lint",)
    schedule.finish("lint", PASSED)
    assert schedule.advance().start == ("docs",)
    schedule.finish("docs", PASSED)
    assert schedule.advance().start == ("fix",)
    schedule.finish("fix", PASSED)
    assert schedule.advance().start == ("tests",)


def test_what_is_requeued_does_not_wait_for_a_later_phase_that_runs() -> None:
    schedule = Schedule([job("lint"), job("tests", Phase.SLOW), job("docs", Phase.SLOW)], slots=2)
    schedule.advance()
    schedule.finish("lint", PASSED)
    assert schedule.advance().start == ("tests", "docs")
    schedule.finish("docs", PASSED)
    schedule.requeue(["lint", "docs"])
    assert schedule.advance().start == ("lint",), "and a later phase begins nothing before it has ended"
    schedule.finish("lint", PASSED)
    assert schedule.advance().start == ("docs",)


def test_what_is_requeued_waits_for_a_job_that_writes_what_it_reads() -> None:
    one = frozenset({"a.py"})
    schedule = Schedule(
        [Job(id="lint", phase=Phase.FAST, reads=one), Job(id="fix", phase=Phase.MUTATING, reads=one, writes=one)],
        slots=9,
    )
    schedule.advance()
    schedule.finish("lint", PASSED)
    assert schedule.advance().start == ("fix",)
    schedule.requeue(["lint"])
    assert schedule.advance().start == ()
    schedule.finish("fix", PASSED)
    assert schedule.advance().start == ("lint",)


def test_outcomes_from_before_stand_until_they_are_taken_back() -> None:
    jobs = [job("lint"), job("types", requires=("lint",)), job("tests", requires=("types",))]
    schedule = Schedule(jobs, slots=9, earlier={"lint": PASSED, "types": FAILED, "gone": PASSED})
    assert schedule.waiting == ("tests",)
    assert schedule.advance().skip == (("tests", "blocked by types (failed)"),)
    assert schedule.requeue(["types"]) == ("types", "tests")
    assert schedule.advance().start == ("types",)


def test_a_job_that_waits_can_be_dropped_and_what_requires_it_is_blocked() -> None:
    schedule = Schedule([job("lint"), job("types"), job("tests", requires=("types",))], slots=1)
    assert schedule.advance().start == ("lint",)
    assert (schedule.drop("types"), schedule.drop("lint")) == (True, False)
    assert schedule.advance().skip == (("tests", "blocked by types (cancelled)"),)
    schedule.finish("lint", PASSED)
    assert schedule.done


@given(jobs=job_lists(), data=st.data())
def test_a_preferred_order_holds_inside_its_phase_and_changes_nothing_else(
    jobs: list[Job], data: st.DataObject
) -> None:
    schedule = Schedule(jobs, slots=1)
    before = schedule.waiting
    order = data.draw(st.permutations(schedule.upcoming()))
    schedule.prefer(order)
    assert schedule.upcoming() == tuple(order)
    assert schedule.waiting == (*order, *before[len(order) :])


def test_what_is_preferred_starts_first_as_far_as_it_may() -> None:
    schedule = Schedule([job("a"), job("b"), job("c", requires=("a",)), job("z", Phase.SLOW)], slots=1)
    schedule.prefer(["c", "b", "a"])
    started = []
    while not schedule.done:
        for job_id in schedule.advance().start:
            started.append(job_id)
            schedule.finish(job_id, PASSED)
    assert started == ["b", "a", "c", "z"]
