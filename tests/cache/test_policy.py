from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.cache.entry import Entry
from ftui.cache.key import Manifest
from ftui.cache.policy import ago, decide, may_store

if TYPE_CHECKING:
    from ftui.cache.entry import Verdict
    from ftui.cache.policy import Policy

NOW = 1_000_000.0


def entry(outcome: Verdict = "passed", *, age: float = 180, flaky: bool = False) -> Entry:
    return Entry(
        key="k", check="ruff", adapter="ruff", outcome=outcome, exit_code=0, duration_s=1, created_at=NOW - age,
        manifest=Manifest(), flaky=flaky,
    )  # fmt: skip


def test_a_trusted_pass_of_the_same_key_is_a_hit() -> None:
    stored = entry()
    decision = decide(stored, now=NOW)
    assert (decision.bucket, decision.rerun, decision.shown) == ("hit", "never", stored)
    assert decision.reason == "nothing that it depends on has changed since its run 3 minutes ago"


@pytest.mark.parametrize("policy", ["never", "on-idle", "always"])
def test_a_stored_failure_is_shown_and_runs_again_as_its_policy_says(policy: Policy) -> None:
    stored = entry("failed")
    decision = decide(stored, now=NOW, on_failure=policy)
    assert (decision.bucket, decision.rerun, decision.shown) == ("policy-rerun", policy, stored)
    assert decision.reason.startswith("it failed 3 minutes ago")


def test_passes_of_a_flaky_check_are_policy_reruns() -> None:
    assert decide(entry(flaky=True), now=NOW, on_failure="always").rerun == "always"
    assert decide(entry(), now=NOW, flaky=True).bucket == "policy-rerun"


@pytest.mark.parametrize(("age", "bucket"), [(59, "hit"), (60, "policy-rerun"), (-1, "policy-rerun")])
def test_a_ttl_ends_a_hit_and_a_clock_put_back_does_not_prolong_it(age: float, bucket: str) -> None:
    assert decide(entry(age=age), now=NOW, ttl=60).bucket == bucket


def test_a_clock_that_jumps_changes_nothing_without_a_ttl() -> None:
    assert decide(entry(age=-(10**9)), now=NOW).bucket == "hit"


def test_an_audit_waits_for_idle_time_and_a_demoted_check_does_not() -> None:
    assert decide(entry(), now=NOW, audited=True).rerun == "on-idle"
    assert decide(entry(), now=NOW, demoted=True).rerun == "always"


def test_force_runs_whatever_is_stored() -> None:
    assert (decide(entry(), now=NOW, force=True).bucket, decide(entry(), now=NOW, force=True).rerun) == (
        "policy-rerun",
        "always",
    )
    assert decide(None, now=NOW, force=True).bucket == "miss"


def test_an_older_result_is_shown_while_the_check_waits_and_counts_as_a_miss() -> None:
    older = entry()
    decision = decide(None, older, now=NOW, changed="src/app.py changed")
    assert (decision.bucket, decision.reason, decision.shown) == ("miss", "src/app.py changed", older)


def test_without_any_result_it_is_a_miss() -> None:
    assert decide(None, now=NOW).shown is None


@pytest.mark.parametrize("outcome", ["broken", "cancelled", "skipped"])
def test_only_verdicts_can_be_stored(outcome: str) -> None:
    assert not may_store(outcome, 0, moved=False, unstable=False)
    with pytest.raises(ValueError, match="no verdict"):
        entry(outcome)  # type: ignore[arg-type]


def test_a_verdict_is_not_stored_after_a_signal_or_when_its_inputs_moved() -> None:
    assert may_store("failed", 1, moved=False, unstable=False)
    assert not may_store("failed", None, moved=False, unstable=False)
    assert not may_store("passed", 0, moved=True, unstable=False)
    assert not may_store("passed", 0, moved=False, unstable=True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (1, "1 second ago"), (119, "1 minute ago"), (7200, "2 hours ago"), (90_000, "1 day ago")],
)
def test_ages_are_told_in_their_largest_unit(seconds: float, words: str) -> None:
    assert ago(seconds) == words
