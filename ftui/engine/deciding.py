"""What becomes of one check of a pass: its stored result in place of a run, or a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ftui.engine.memory import Ran
from ftui.engine.results import broken, nothing_to_check, replayed, tool_of
from ftui.engine.select import mutating
from ftui.events import CheckOutput, CheckRecalled
from ftui.model import Bucket, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ftui.cache.entry import Entry
    from ftui.cache.session import Lookup
    from ftui.engine.emitter import Emitter
    from ftui.engine.execute import Executor
    from ftui.engine.memory import Memory
    from ftui.engine.mutation import MutationWatch
    from ftui.history.expect import Expectations
    from ftui.model import Check, CheckResult, Expectation


class Deciding:
    """Looks checks up, and runs those whose result does not stand.

    What was looked up holds for the tree as it was: it is to be forgotten when that has changed.

    Args:
        executor: runs one check.
        memory: the cache.
        emitter: takes the events.
        mutations: told before a check runs.
        audited: ids of checks whose hits run all the same.
        expectations: what checks take as a rule.
    """

    def __init__(
        self,
        executor: Executor,
        memory: Memory,
        emitter: Emitter,
        mutations: MutationWatch,
        audited: frozenset[str],
        expectations: Expectations,
    ) -> None:
        self._executor = executor
        self._memory = memory
        self._emitter = emitter
        self._mutations = mutations
        self._audited = audited
        self._expectations = expectations
        self._found: dict[str, Lookup] = {}

    async def look_up(self, check_ids: Iterable[str], forced: Collection[str]) -> None:
        """Looks checks up together, for what is asked of them next; those that are `forced` run whatever is stored."""
        self._found.update(await self._look_up(check_ids, forced))

    def knows(self, check_ids: Iterable[str]) -> bool:
        """Whether any of these checks has been looked up and not decided on since."""
        return any(check_id in self._found for check_id in check_ids)

    def forget(self) -> None:
        """Whatever was looked up is about a tree that is no more."""
        self._found.clear()

    def will_take(self, check: Check) -> float | None:
        """Seconds that a check takes as a rule; None where that is not known, and for one that need not run."""
        found = self._found.get(check.id)
        if found is None or mutating(check) or (found.decision is not None and found.decision.replays):
            return None
        expected = self._expected(check, found)
        return None if expected is None else expected.median_s

    async def replays(self, check_id: str, forced: Collection[str]) -> bool:
        """Whether a check has a result that stands for a run."""
        found = self._found.get(check_id) or (await self._look_up([check_id], forced))[check_id]
        return found.decision is not None and found.decision.replays

    async def result(self, check: Check, queued_s: float, forced: Collection[str]) -> tuple[CheckResult, Ran | None]:
        """The result of a check, and what there is to keep of its run if it ran.

        Args:
            check: what is decided on.
            queued_s: when it was queued, on the clock of the events.
            forced: ids of checks that run, whatever is stored.
        """
        found = self._found.pop(check.id, None) or (await self._look_up([check.id], forced))[check.id]
        if not found.inputs.positions:
            return broken(check, nothing_to_check(check)), None
        decision = found.decision
        assert decision is not None
        if decision.replays and decision.shown is not None:
            return self._replay(check, found, decision.shown, queued_s), None
        self._recall(check, found)
        await self._mutations.before(check)
        done = await self._executor.execute(
            check,
            bucket=Bucket(decision.bucket),
            reason=f"runs ahead of {check.ahead_of}" if check.ahead_of else decision.reason,
            queued_s=queued_s,
            expected=self._expected(check, found),
            folders=await self._memory.prepare(found),
        )
        result = replace(
            done.result,
            key=found.key or None,
            tree=found.snapshot.name,
            tool=tool_of(found),
            changed_inputs=decision.changed_inputs,
        )
        return result, Ran(check, found, done.result, done.output)

    async def _look_up(self, check_ids: Iterable[str], forced: Collection[str]) -> dict[str, Lookup]:
        return await self._memory.look_up(check_ids, forced=frozenset(forced), audited=self._audited)

    def _expected(self, check: Check, found: Lookup) -> Expectation | None:
        changed_inputs = found.decision.changed_inputs if found.decision is not None else None
        return self._expectations.of(check.id, check.command, changed_inputs)

    def _replay(self, check: Check, found: Lookup, entry: Entry, queued_s: float) -> CheckResult:
        """A stored result in place of a run: its output, findings and duration, and when it was found."""
        if entry.output:
            self._emitter.emit(
                CheckOutput(
                    run_id=self._emitter.run_id,
                    time_s=self._emitter.now(),
                    check_id=check.id,
                    stream="stdout",
                    text=entry.output.decode("utf-8", "surrogatepass"),
                )
            )
        return replayed(check, found, entry, queued_s=queued_s)

    def _recall(self, check: Check, found: Lookup) -> None:
        """Shows the earlier result of a check that is about to run again, as what it is: old."""
        decision = found.decision
        if decision is None or decision.shown is None:
            return
        self._emitter.emit(
            CheckRecalled(
                run_id=self._emitter.run_id,
                time_s=self._emitter.now(),
                check_id=check.id,
                outcome=Outcome(decision.shown.outcome),
                bucket=Bucket.STALE if decision.bucket == "miss" else Bucket(decision.bucket),
                reason=decision.reason,
                recorded_at=decision.shown.created_at,
                duration_s=decision.shown.duration_s,
            )
        )
