"""`ftui slo`: exit codes, the commit that is named, and what a CI job gets."""

from __future__ import annotations

import re
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from ftui.history.comparable import command_digest
from ftui.history.machine import cores, processor
from ftui.history.records import Machine
from ftui.history.repository import DATABASE, repository_of
from ftui.history.store import History
from ftui.model import Bucket, Outcome
from tests.cli.conftest import Answer, Ftui, python_check
from tests.conftest import commit, git
from tests.history.made import keep, result, run
from tests.report.test_schema import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

HERE = Machine(name=processor(), cores=cores())
CHECK = python_check("one", "pass", inputs=["a.txt"], budget="2s")
LOOSE = python_check("loose", "pass", inputs=["a.txt"], cache=False)


class Past:
    """What is kept of earlier runs of a project with the check `one`."""

    def __init__(self, ftui: Ftui, root: Path) -> None:
        self.root = root
        path = Path(ftui.environ["HOME"]) / ".local/share/ftui/history" / repository_of(str(root)) / DATABASE
        self._history = History(str(path), pytest.fail)
        self._numbers = count()
        self._command = command_digest((sys.executable, "-c", "pass"), str(root))

    def checks(self, *took: float, machine: Machine = HERE, head: str | None = None, **fields: object) -> None:
        """Runs of the check alone that took so many seconds."""
        for each in took:
            found = result("one", each, command=self._command, exit_code=0)
            keep(self._history, replace(found, **fields), machine=machine, commit=head, branch="main")

    def warm(self, *took: float, profile: str = "dev", efficiency: float = 1.0) -> None:
        """Runs of a profile in which nothing had changed."""
        hit = result("one", 1.0, attempts=0, bucket=Bucket.HIT, changed_inputs=0, key="k")
        for each in took:
            run_id = f"warm-{next(self._numbers)}"
            made = run(run_id)
            summary = replace(made.summary, profile=profile, outcome=Outcome.PASSED)
            totals = replace(made.totals, structural_efficiency=efficiency)
            keep(self._history, hit, machine=HERE, run_id=run_id, took_s=each, summary=summary, totals=totals)


@pytest.fixture
def past(ftui: Ftui, project: Project) -> Past:
    """That of a project with one check that has a budget, in git."""
    root = project(CHECK)
    commit(root)
    return Past(ftui, root)


def rows(answer: Answer) -> dict[str, str]:
    """By kind and name the state of each objective in the JSON report."""
    return {f"{each['kind']} {each['name']}": each["state"] for each in answer.report["objectives"]}


def test_budgets_that_are_kept_pass(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12)
    past.checks(*[1.0] * 12)
    answer = ftui("slo", "--format", "json", cwd=past.root)
    assert (answer.code, answer.err, answer.report["state"]) == (0, "", "met")
    assert rows(answer) == {"profile dev": "met", "efficiency dev": "met", "check one": "met"}
    assert ftui("slo", cwd=past.root).code == 0


def test_without_enough_runs_it_is_neither_met_nor_broken(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12)
    past.checks(*[9.0] * 9)
    answer = ftui("slo", cwd=past.root)
    assert (answer.code, answer.err) == (2, "")
    assert "it takes 10 comparable runs, and there are 9" in answer.out


def test_a_broken_budget_outweighs_too_little_data_elsewhere(ftui: Ftui, past: Past) -> None:
    past.checks(*[9.0] * 12)
    answer = ftui("slo", "--format", "json", cwd=past.root)
    assert (answer.code, answer.report["state"]) == (1, "broken")
    assert rows(answer) == {"profile dev": "too-few", "efficiency dev": "too-few", "check one": "broken"}


def test_before_the_first_run_nothing_is_made_and_nothing_passes(ftui: Ftui, project: Project) -> None:
    answer = ftui("slo", cwd=project(CHECK))
    assert (answer.code, answer.err) == (2, "")
    assert not (Path(ftui.environ["HOME"]) / ".local").exists()


def test_one_slow_run_and_a_crash_break_nothing(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12)
    past.checks(*[1.0] * 20, 300.0)
    past.checks(*[300.0] * 20, outcome=Outcome.BROKEN, exit_code=None)
    assert ftui("slo", cwd=past.root).code == 0


def test_the_commit_that_broke_a_budget_is_named(ftui: Ftui, past: Past) -> None:
    heads = []
    for name in ("first", "second", "third"):
        (past.root / "a.txt").write_text(name)
        commit(past.root)
        heads.append(git(past.root, "rev-parse", "HEAD").strip())
    for head, took in zip(heads, (1.0, 1.0, 3.0), strict=True):
        past.checks(*(took + number % 3 / 100 for number in range(12)), head=head)
    answer = ftui("slo", "--format", "json", cwd=past.root)
    (check,) = (each for each in answer.report["objectives"] if each["kind"] == "check")
    assert (answer.code, check["broke"]["commit"], check["broke"]["branch"]) == (1, heads[2], "main")
    text = ftui("slo", cwd=past.root).out
    assert f"broken since commit {heads[2][:10]} on main: 1.0 s before, 3.0 s from then on" in text


def test_runs_under_load_are_not_mixed_in_and_that_is_said(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12)
    past.checks(*[1.0] * 12)
    past.checks(*[9.0] * 15, machine=replace(HERE, others=0.9))
    answer = ftui("slo", cwd=past.root)
    assert answer.code == 0
    assert "left out: 15 under load" in answer.out


def test_a_check_without_a_budget_is_shown_when_it_has_become_slower(ftui: Ftui, past: Past) -> None:
    (past.root / "ftui.toml").write_text(CHECK.replace("budget", "timeout"))
    past.warm(*[0.1] * 12)
    past.checks(*[1.0] * 15)
    assert "no budget" not in ftui("slo", cwd=past.root).out
    past.checks(*[1.5] * 15)
    answer = ftui("slo", cwd=past.root)
    assert answer.code == 0
    assert "- no budget  one" in answer.out
    assert "slower since " in answer.out


# Profiles


def test_the_profile_in_use_has_a_shipped_budget_and_others_where_one_is_configured(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.9] * 12)
    past.warm(*[0.9] * 12, profile="fast")
    budgets = {
        each["name"]: (each["budget"], each["state"])
        for arguments in ([], ["--profile", "fast"], ["--profile", "full"])
        for each in ftui("slo", "--format", "json", *arguments, cwd=past.root).report["objectives"]
        if each["kind"] == "profile"
    }
    assert budgets == {"dev": (1.0, "met"), "fast": (0.8, "broken"), "full": (3.0, "too-few")}
    (past.root / "ftui.toml").write_text('[budgets]\nfast = "1s"\n' + CHECK)
    assert rows(ftui("slo", "--format", "json", cwd=past.root))["profile fast"] == "met"


def test_the_efficiency_that_is_asked_for_is_configured(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12, efficiency=0.7)
    assert rows(ftui("slo", "--format", "json", cwd=past.root))["efficiency dev"] == "broken"
    (past.root / "ftui.toml").write_text("efficiency = 0.7\n" + CHECK)
    assert rows(ftui("slo", "--format", "json", cwd=past.root))["efficiency dev"] == "met"


def test_real_runs_are_warm_where_nothing_has_changed_and_they_were_not_forced(ftui: Ftui, project: Project) -> None:
    root = project(CHECK + LOOSE)
    ftui("run", cwd=root)
    for _ in range(5):
        ftui("run", "--format", "json", cwd=root)
    ftui("run", "--force", cwd=root)
    ftui("run", "one", cwd=root)
    (root / "a.txt").write_text("other")
    ftui("run", cwd=root)
    for _ in range(5):
        ftui("run", "--format", "json", cwd=root)
    objectives = ftui("slo", "--format", "json", cwd=root).report["objectives"]
    (efficiency,) = (each for each in objectives if each["kind"] == "efficiency")
    assert (efficiency["runs"], efficiency["p50"], efficiency["state"]) == (10, 0.5, "broken")
    # How long they took is known of each; whether it may be compared depends on what else the machine does.
    (time,) = (each for each in objectives if each["kind"] == "profile")
    assert time["runs"] + sum(left["runs"] for left in time["left_out"]) == 10
    (loose,) = (each for each in ftui("history", "loose", "--format", "json", cwd=root).report["checks"])
    assert loose["fresh"] == 13


# For a CI job


def test_a_ci_job_gets_json_a_markdown_file_and_a_table_on_its_page(ftui: Ftui, past: Past, tmp_path: Path) -> None:
    past.checks(*[9.0] * 12)
    page = tmp_path / "page.md"
    page.write_text("before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    answer = ftui("slo", "--format", "json", "--summary", "slo.md", cwd=past.root, env=env)
    published = ftui("schema", "--slo", cwd=past.root).report
    assert violations(answer.report, published, published) == []
    summary = (past.root / "slo.md").read_text()
    assert page.read_text() == "before\n" + summary
    (check,) = (each for each in answer.report["objectives"] if each["kind"] == "check")
    assert check["p50"] == 9.0
    assert re.search(r"^\| ✗ broken \| one \| 2\.0 s \| 9\.0 s \| 9\.0 s \| 12 \|", summary, re.MULTILINE)
    assert "9.0 s" in ftui("slo", cwd=past.root).out
    assert page.read_text().count("ftui budgets") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "dve"], "no profile is called 'dve' (did you mean 'dev'?)"),
        (["--sumary", "x"], "unknown option --sumary (did you mean '--summary'?)"),
        (["--summary", "no/folder/slo.md"], "cannot write no/folder/slo.md: "),
        (["one"], "unexpected argument 'one'"),
    ],
)
def test_what_is_wrong_is_one_line(ftui: Ftui, project: Project, arguments: list[str], message: str) -> None:
    answer = ftui("slo", *arguments, cwd=project(CHECK))
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_budget_of_a_profile_that_does_not_exist_names_the_nearest(ftui: Ftui, project: Project) -> None:
    answer = ftui("slo", cwd=project("[budgets]\nfulll = 1\n" + CHECK))
    assert answer.code == 2
    assert answer.err == "ftui: ftui.toml: budgets.fulll: there is no profile 'fulll' (did you mean 'full'?)\n"


def test_a_damaged_history_is_one_line_and_nothing_passes(ftui: Ftui, past: Past) -> None:
    past.warm(*[0.1] * 12)
    past.checks(*[1.0] * 12)
    for path in Path(ftui.environ["HOME"]).rglob(f"{DATABASE}*"):
        path.write_bytes(b"no database " * 1000)
    answer = ftui("slo", cwd=past.root)
    assert answer.code == 2
    assert "the history is damaged" in answer.err
    assert len(answer.err.splitlines()) == 1
