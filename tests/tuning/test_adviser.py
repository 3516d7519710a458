"""What is advised, from what evidence, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.engine.jobs import jobs_of
from ftui.model import Bucket, Outcome, Phase
from ftui.tuning.advice import Advice, Change, Lacking
from ftui.tuning.adviser import tuning_of
from ftui.tuning.by_commands import others
from ftui.tuning.machine import Work
from tests.tuning.evidence import check, evidence, result, samples

if TYPE_CHECKING:
    from ftui.tuning.evidence import Evidence


def advised(known: Evidence) -> dict[str, Advice]:
    return {advice.kind: advice for advice in tuning_of(known).advice}


def changes(known: Evidence) -> dict[str, list[tuple[tuple[str, ...], object]]]:
    return {kind: [(c.keys, c.value) for c in advice.changes] for kind, advice in advised(known).items()}


def waiting(count: int, seconds: float = 1.0) -> dict[str, tuple[float, float]]:
    return {f"w{number}": (seconds, 0.01) for number in range(count)}


def test_too_few_runs_of_any_check_are_said_and_nothing_else_is() -> None:
    checks = [check("a"), check("b")]
    known = evidence(checks, {"a": (1, 1), "b": (1, 1)}, runs=4)
    found = tuning_of(known)
    assert found.lacking == (Lacking("a", 4, 5), Lacking("b", 4, 5))
    assert (found.wall, found.advice, found.curve) == (None, (), ())


def test_checks_that_wait_get_more_workers_than_there_are_cores() -> None:
    times = waiting(4)
    known = evidence([check(name) for name in times], times)
    assert changes(known) == {"workers": [(("workers",), 4)]}
    advice = advised(known)["workers"]
    assert advice.saves.middle_s == pytest.approx(1.0, rel=0.05)
    assert advice.confidence == "high"
    assert advice.because.startswith("4 of 4 checks wait")


def test_as_many_workers_as_cores_are_written_as_auto() -> None:
    names = "abcd"
    known = evidence([check(name) for name in names], dict.fromkeys(names, (1.0, 1.0)), workers=1)
    assert changes(known) == {"workers": [(("workers",), "auto")]}


def test_checks_that_once_kept_a_core_busy_get_no_more_workers_than_cores() -> None:
    checks = [check(name) for name in "abcd"]
    half = evidence(checks, dict.fromkeys("abcd", (2.0, 0.8)))
    whole = evidence(checks, dict.fromkeys("abcd", (1.0, 1.0)), runs=1)
    assert changes(half) == {"workers": [(("workers",), 4)]}
    assert changes(replace(half, runs=(*half.runs, *whole.runs))) == {}


def test_a_saving_within_the_noise_is_no_advice() -> None:
    times = {"long": (10.0, 10.0), **waiting(4, 0.2)}
    known = evidence([check(name) for name in times], times)
    assert changes(known) == {}


def test_a_long_slow_check_begins_with_the_fast_ones_where_a_slot_is_idle() -> None:
    checks = [check("lint"), check("tests", phase=Phase.SLOW)]
    known = evidence(checks, {"lint": (2.0, 2.0), "tests": (3.0, 3.0)})
    found = advised(known)["phase"]
    assert found.saves.middle_s == pytest.approx(2.0, rel=0.05)
    assert found.changes in (
        (Change(("checks", "tests", "phase"), "fast"),),
        (Change(("checks", "lint", "phase"), "slow"),),
    )
    assert "the profile fast" in found.beware


def test_no_check_moves_across_one_that_writes_what_it_reads_nor_before_what_it_requires() -> None:
    checks = [
        check("lint"),
        check("fix", phase=Phase.MUTATING, writes=("*.py",)),
        check("tests", phase=Phase.SLOW, inputs=("*.py",)),
    ]
    known = evidence(checks, {"lint": (2.0, 2.0), "fix": (0.1, 0.1), "tests": (3.0, 3.0)})
    known = replace(known, jobs=tuple(jobs_of(checks, ["a.py"])))
    assert "phase" not in changes(known)
    chained = [check("lint"), check("tests", phase=Phase.SLOW, requires=("lint",))]
    assert changes(evidence(chained, {"lint": (2.0, 2.0), "tests": (3.0, 3.0)})) == {}


def test_a_check_that_computes_alone_is_split_by_the_paths_that_it_is_given() -> None:
    checks = [check("mypy", "mypy", args=("src", "tests"), phase=Phase.SLOW, inputs=("*.py",))]
    paths = frozenset({"src/a.py", "src/b.py", "tests/a.py", "tests/b.py"})
    known = evidence(checks, {"mypy": (4.0, 4.0)}, paths=paths)
    found = advised(known)["split"]
    assert found.saves.middle_s == pytest.approx(2.0, rel=0.05)
    assert found.confidence == "low"
    assert dict((change.keys[1:], change.value) for change in found.changes) == {
        ("mypy", "args"): ("src",),
        ("mypy-2", "command"): ("mypy", "tests"),
        ("mypy-2", "inputs"): ("*.py",),
        ("mypy-2", "phase"): "slow",
    }


def test_tests_are_spread_where_xdist_is_there_and_they_compute_alone() -> None:
    checks = [check("pytest", "pytest")]
    known = evidence(checks, {"pytest": (8.0, 8.0)}, boot_s=1.0, has_xdist=True)
    assert changes(known) == {"xdist": [(("checks", "pytest", "workers"), 2)]}
    assert advised(known)["xdist"].saves.middle_s == pytest.approx(8.0 - (2.0 + 3.5), rel=0.1)
    assert changes(evidence(checks, {"pytest": (8.0, 8.0)}, boot_s=1.0)) == {}
    assert changes(evidence(checks, {"pytest": (8.0, 0.5)}, boot_s=1.0, has_xdist=True)) == {}


def test_a_small_suite_is_not_spread_because_every_process_has_to_begin() -> None:
    known = evidence([check("pytest", "pytest")], {"pytest": (1.2, 1.2)}, boot_s=0.9, has_xdist=True)
    assert changes(known) == {}


def test_another_command_is_advised_from_its_own_runs_alone() -> None:
    checks = [check("ruff", "ruff", args=("--no-cache", "."))]
    (other,) = others(checks[0], 2)
    quick = tuple(Work(alone_s=0.1, cpu_s=0.1, outcome=Outcome.PASSED) for _ in range(5))
    known = evidence(checks, {"ruff": (1.0, 1.0)}, tried={("ruff", other): quick})
    assert changes(known) == {"mode": [(("checks", "ruff", "args"), (".",))]}
    assert advised(known)["mode"].saves.middle_s == pytest.approx(0.9, rel=0.05)
    untried = tuning_of(evidence(checks, {"ruff": (1.0, 1.0)}))
    assert untried.advice == ()
    assert untried.untried[0].startswith("--no-cache keeps ruff from its own cache")


def test_workers_that_were_tried_are_judged_by_their_runs_and_not_by_an_assumption() -> None:
    checks = [check("pytest", "pytest")]
    other = next(other for other in others(checks[0], 2) if other.kind == "xdist")
    assert other.command == ("/bin/pytest", "-n", "2")
    times = {"pytest": (8.0, 8.0)}
    slow = tuple(Work(alone_s=9.0, cpu_s=16.0, threads=2, outcome=Outcome.PASSED) for _ in range(5))
    assert changes(evidence(checks, times, has_xdist=True, tried={("pytest", other): slow})) == {}
    quick = tuple(replace(work, alone_s=5.0, cpu_s=9.0) for work in slow)
    found = advised(evidence(checks, times, has_xdist=True, tried={("pytest", other): quick}))["xdist"]
    assert found.changes == (Change(("checks", "pytest", "workers"), 2),)
    assert found.saves.middle_s == pytest.approx(3.0, rel=0.05)
    assert found.confidence == "high"


def test_a_file_that_changes_with_every_run_is_left_out_of_what_a_check_depends_on() -> None:
    checks = [check("docs", inputs=("docs/**",)), check("lint")]
    missed = [result("docs", reason="docs/build.txt changed") for _ in range(8)]
    missed += [result("docs", reason="3 files changed: docs/a.md, docs/build.txt, docs/b.md") for _ in range(2)]
    known = evidence(
        checks,
        {"docs": (4.0, 4.0), "lint": (1.0, 1.0)},
        paths=frozenset({"docs/build.txt", "docs/a.md"}),
        samples={"docs": samples(missed, commits=3)},
    )
    assert changes(known) == {"inputs": [(("checks", "docs", "inputs"), ("docs/**", "!/docs/build.txt"))]}
    advice = advised(known)["inputs"]
    assert advice.saves.middle_s == pytest.approx(3.0 * 0.8, rel=0.05)
    assert advice.beware == "only where the verdict of docs does not depend on it"


@pytest.mark.parametrize(
    ("commits", "hits", "reason"),
    [
        (1, 0, "docs/build.txt changed"),  # somebody may be at work on it
        (3, 1, "docs/build.txt changed"),
        (3, 0, "docs/a.md changed; docs/build.txt changed"),  # it would have run all the same
    ],
)
def test_a_file_is_not_left_out_without_proof(commits: int, hits: int, reason: str) -> None:
    results = [result("docs", Bucket.HIT) for _ in range(hits)]
    results += [result("docs", reason=reason) for _ in range(10 - hits)]
    known = evidence(
        [check("docs")],
        {"docs": (4.0, 4.0)},
        paths=frozenset({"docs/build.txt", "docs/a.md"}),
        samples={"docs": samples(results, commits=commits)},
    )
    assert changes(known) == {}


def test_a_variable_that_changes_with_every_run_is_not_let_through_any_more() -> None:
    missed = [result("build", reason="environment variable BUILD_ID changed") for _ in range(10)]
    known = evidence(
        [check("build", env=("BUILD_ID", "MODE"))],
        {"build": (4.0, 4.0)},
        env={"build": ("BUILD_ID", "MODE")},
        samples={"build": samples(missed)},
    )
    assert changes(known) == {"inputs": [(("checks", "build", "env"), ("MODE",))]}


def test_reruns_that_never_turn_green_are_left_until_something_changes() -> None:
    again = [result("pytest", Bucket.POLICY_RERUN, reason="it failed 2 minutes ago", outcome=Outcome.FAILED)] * 5
    known = evidence([check("pytest"), check("lint")], {"pytest": (4.0, 4.0), "lint": (1.0, 1.0)})
    known = replace(known, samples={"pytest": samples([*again, *[result("pytest")] * 5])})
    assert changes(known) == {"rerun": [(("checks", "pytest", "on_failure"), "never")]}
    assert advised(known)["rerun"].saves.middle_s == pytest.approx(1.5, rel=0.05)
    green = [*again, result("pytest", Bucket.POLICY_RERUN, reason="it failed just now")]
    assert changes(replace(known, samples={"pytest": samples(green)})) == {}


def test_of_two_that_do_the_same_one_goes_where_they_always_agreed() -> None:
    checks = [check("black", "black"), check("ruff-format", "ruff-format")]
    times = {"black": (2.0, 2.0), "ruff-format": (0.1, 0.1)}
    agreed = {each.id: samples([result(each.id)] * 5) for each in checks}
    assert changes(evidence(checks, times, samples=agreed)) == {"duplicate": [(("checks", "black", "enabled"), False)]}
    differ = {**agreed, "black": samples([result("black", outcome=Outcome.FAILED), *[result("black")] * 4])}
    assert changes(evidence(checks, times, samples=differ)) == {}
    assert changes(evidence(checks, times)) == {}


def test_an_npm_script_that_runs_the_tool_of_another_check_is_one_too_many() -> None:
    checks = [check("eslint", "eslint"), check("npm:lint", "npm", argv=("npm", "run", "lint"))]
    times = {"eslint": (2.0, 2.0), "npm:lint": (3.0, 3.0)}
    agreed = {each.id: samples([result(each.id)] * 5) for each in checks}
    known = evidence(checks, times, samples=agreed, scripts={"npm:lint": "npx eslint ."})
    assert changes(known) == {"duplicate": [(("checks", "npm:lint", "enabled"), False)]}
    assert changes(evidence(checks, times, samples=agreed, scripts={"npm:lint": "tsc && eslint ."})) == {}


def test_under_load_only_what_hardly_computes_at_all_is_known_to_wait() -> None:
    times = waiting(4)
    checks = [check(name) for name in times]
    assert advised(evidence(checks, times, under_load=True))["workers"].confidence == "low"
    kept_waiting = dict.fromkeys(times, (1.0, 0.3))
    assert changes(evidence(checks, kept_waiting)) == {"workers": [(("workers",), 4)]}
    assert changes(evidence(checks, kept_waiting, under_load=True)) == {}


def test_three_pieces_of_advice_are_given_at_most_what_saves_most_first() -> None:
    names = [f"c{number}" for number in range(8)]
    checks = [check(name, argv=("/bin/same",)) for name in names]
    agreed = {name: samples([result(name)] * 5) for name in names}
    found = tuning_of(evidence(checks, dict.fromkeys(names, (1.0, 1.0)), workers=1, samples=agreed)).advice
    assert len(found) == 3
    assert [each.saves.middle_s for each in found] == sorted((each.saves.middle_s for each in found), reverse=True)


def test_what_is_foreseen_stands_beside_what_was_measured_of_just_that() -> None:
    checks = [check("a"), check("b")]
    times = {"a": (1.0, 1.0), "b": (2.0, 2.0)}
    found = tuning_of(evidence(checks, times, workers=1))
    assert found.wall is not None
    assert found.measured is not None
    assert found.wall.middle_s == pytest.approx(found.measured.middle_s, rel=0.02)
    assert tuning_of(evidence(checks, times, workers=2)).measured is None, "the runs had one worker"


def test_trends_and_the_share_of_a_core_are_told_of_every_check() -> None:
    known = evidence([check("a", budget=0.5), check("b")], {"a": (1.0, 0.9), "b": (1.0, 0.1)})
    a, b = tuning_of(known).trends
    assert (a.check, a.budget, len(a.durations)) == ("a", 0.5, 10)
    assert a.cpu_share == pytest.approx(0.9)
    assert b.cpu_share == pytest.approx(0.1)


def test_a_change_is_told_as_the_line_of_the_configuration() -> None:
    assert list(Change(("workers",), 4).lines()) == ["workers = 4"]
    assert list(Change(("workers",), "auto").lines("tool.ftui")) == ["[tool.ftui]", 'workers = "auto"']
    assert list(Change(("checks", "npm:lint", "enabled"), False).lines()) == ['[checks."npm:lint"]', "enabled = false"]
    assert list(Change(("checks", "a", "inputs"), ("a/**", "!b")).lines()) == ["[checks.a]", 'inputs = ["a/**", "!b"]']
