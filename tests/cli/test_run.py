"""`ftui run`: verdicts, reasons and exit codes as users and scripts see them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"


@pytest.mark.parametrize(
    ("codes", "expected"), [([0], 0), ([0, 1], 1), ([0, 127], 3), ([1, 127], 1)], ids=["green", "red", "broken", "both"]
)
def test_the_exit_code_says_what_is_known_of_the_tree(
    ftui: Ftui, project: Project, codes: list[int], expected: int
) -> None:
    checks = [python_check(f"c{i}", f"raise SystemExit({code})") for i, code in enumerate(codes)]
    assert ftui("run", cwd=project("".join(checks))).code == expected


def test_the_report_carries_the_fields_that_others_rely_on(ftui: Ftui, project: Project) -> None:
    answer = ftui("run", "--format", "json", "--profile", "full", cwd=project(python_check("one", "print('hello')")))
    report = answer.report
    assert report["schema_version"] == 1
    assert report["run"].keys() >= {
        *("id", "root", "profile", "workers", "wall_s", "busy_s", "parallelization_factor", "peak_concurrency"),
        "outcome",
    }
    assert report["totals"].keys() >= {
        *("checks", "hit", "policy_rerun", "miss", "structural_efficiency", "time_saved_s"),
    }
    (check,) = report["checks"]
    assert check.keys() >= {
        *("id", "adapter", "phase", "argv", "outcome", "bucket", "reason", "exit_code", "duration_s", "cpu_s"),
        *("peak_rss_bytes", "skipped_because", "findings"),
    }
    assert (check["id"], check["outcome"], check["bucket"], check["exit_code"]) == ("one", "passed", "miss", 0)
    assert check["duration_s"] > 0
    assert report["run"]["outcome"] == "passed"


def test_a_check_that_a_failed_one_blocks_says_by_which(ftui: Ftui, project: Project) -> None:
    config = python_check("base", FAIL) + python_check("top", PASS, requires=["base"])
    answer = ftui("run", "--format", "json", cwd=project(config))
    assert answer.code == 1
    top = next(check for check in answer.report["checks"] if check["id"] == "top")
    assert (top["outcome"], top["skipped_because"], top["bucket"]) == ("skipped", "blocked by base (failed)", None)


def test_fail_fast_cancels_what_runs_and_skips_what_waits(ftui: Ftui, project: Project) -> None:
    wait = "import time; time.sleep(60)"
    config = python_check("red", FAIL, phase="fast") + python_check("long", wait, phase="fast")
    config += python_check("later", PASS)
    answer = ftui("run", "--fail-fast", "--workers", "2", "--format", "json", cwd=project(config))
    assert answer.code == 1
    assert answer.outcomes() == {"red": "failed", "long": "cancelled", "later": "skipped"}
    later = next(check for check in answer.report["checks"] if check["id"] == "later")
    assert later["skipped_because"] == "fail-fast: red failed"


def test_a_deadline_is_no_verdict(ftui: Ftui, project: Project) -> None:
    answer = ftui("run", cwd=project(python_check("slow", "import time; time.sleep(60)", timeout=0.2)))
    assert answer.code == 3
    assert "no verdict within its deadline of 0.2 s" in answer.out


def test_a_named_check_brings_what_it_requires_and_nothing_else(ftui: Ftui, project: Project) -> None:
    config = python_check("a", PASS) + python_check("b", PASS, requires=["a"]) + python_check("c", PASS)
    assert ftui("run", "b", "--format", "json", cwd=project(config)).outcomes() == {"a": "passed", "b": "passed"}


def test_as_many_run_at_once_as_there_are_workers(ftui: Ftui, project: Project) -> None:
    """Each of four checks waits until all four are there: with fewer at once none would ever end."""
    meet = (
        "import os, pathlib, sys, time\n"
        "here = pathlib.Path(os.environ['MEET']); (here / str(os.getpid())).touch()\n"
        "end = time.monotonic() + 30\n"
        "while len(list(here.iterdir())) < 4:\n"
        "    if time.monotonic() > end: sys.exit(1)\n"
        "    time.sleep(0.01)\n"
    )
    root = project("".join(python_check(f"c{i}", meet, env=["MEET"]) for i in range(4)))
    meeting = root.parent / f"{root.name}-meeting"
    meeting.mkdir()
    answer = ftui("run", "--workers", "4", "--format", "json", cwd=root, env={"MEET": str(meeting)})
    assert answer.code == 0
    run = answer.report["run"]
    assert run["peak_concurrency"] == 4
    assert run["parallelization_factor"] == pytest.approx(run["busy_s"] / run["wall_s"])


def test_one_worker_runs_one_at_a_time(ftui: Ftui, project: Project) -> None:
    config = "".join(python_check(f"c{i}", PASS) for i in range(3))
    run = ftui("run", "--workers", "1", "--format", "json", cwd=project(config)).report["run"]
    assert run["peak_concurrency"] == 1
    assert run["parallelization_factor"] <= 1.0


def test_a_variable_reaches_a_check_only_when_it_is_declared(ftui: Ftui, project: Project) -> None:
    seen = "import os; print(sorted(set(os.environ) & {'SECRET', 'SITE_A', 'GIVEN'}), os.environ.get('GIVEN'))"
    config = python_check("bare", seen) + python_check("told", seen, env=["SITE_*", "GIVEN=yes"])
    answer = ftui("run", "--format", "ndjson", cwd=project(config), env={"SECRET": "s3cret", "SITE_A": "1"})
    assert "['GIVEN', 'SITE_A'] yes" in answer.out
    assert "[] None" in answer.out
    assert "s3cret" not in answer.out


def test_a_mutating_check_runs_to_its_fixpoint_and_what_it_touched_is_judged_again(
    ftui: Ftui, project: Project
) -> None:
    lint = "import sys; sys.exit('x' in open('a.txt').read())"
    mend = "p = 'a.txt'; t = open(p).read(); 'x' in t and open(p, 'w').write(t.replace('x', 'y'))"
    config = python_check("lint", lint, phase="fast") + python_check("mend", mend, phase="mutating", writes=["*.txt"])
    root = project(config)
    (root / "a.txt").write_text("xyz")
    answer = ftui("run", "--format", "ndjson", cwd=root)
    assert answer.code == 0
    assert (root / "a.txt").read_text() == "yyz"
    kinds = [line.split('"type":"')[1].split('"')[0] for line in answer.out.splitlines()]
    assert kinds.count("check_started") == 4
    assert kinds.count("tree_changed") == 1


def test_formatters_that_undo_each_other_are_named_with_the_file(ftui: Ftui, project: Project) -> None:
    config = "".join(
        python_check(name, f"open('a.txt', 'w').write('{name}')", phase="mutating", writes=["a.txt"])
        for name in ("left", "right")
    )
    answer = ftui("run", cwd=project(config))
    assert answer.code == 3
    assert "formatters disagree: left and right keep rewriting a.txt" in answer.out


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[checks.x]\ncomand = 'true'\n", "ftui.toml: checks.x.comand: "),
        ("[checks.x]\ncommand = 'true'\n[checks.x.y]\n", "ftui.toml: checks.x.y: "),
        ("[checks.ruf]\nargs = []\n", "did you mean 'ruff'"),
        ("profile = 'fats'\n[checks.x]\ncommand = 'true'\n", "did you mean 'fast'"),
        ("[checks.a]\ncommand='true'\nrequires=['b']\n[checks.b]\ncommand='true'\nrequires=['a']\n", "circle"),
        ("workers = 0\n", "ftui.toml: workers: "),
        ("workers = [\n", "ftui.toml"),
    ],
)
def test_a_configuration_error_is_one_line_with_file_and_key(
    ftui: Ftui, project: Project, config: str, message: str
) -> None:
    answer = ftui("run", cwd=project(config))
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "did you mean 'run'"),
        (["run", "--profle", "dev"], "did you mean '--profile'"),
        (["run", "--profile", "fulll"], "did you mean 'full'"),
        (["run", "onne"], "did you mean 'one'"),
        (["run", "--workers", "0"], "neither a number from 1 nor auto"),
        (["run", "--root", "nowhere"], "nowhere is not a folder"),
        (["run", "--changed=nope"], "git"),
        (["--format", "json"], "`ftui run --format json`"),
    ],
)
def test_a_usage_error_is_one_line_with_the_nearest_word(
    ftui: Ftui, project: Project, arguments: list[str], message: str
) -> None:
    answer = ftui(*arguments, cwd=project(python_check("one", PASS)))
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1


def test_nothing_to_check_is_never_green(ftui: Ftui, tmp_path: Path) -> None:
    answer = ftui("run", cwd=tmp_path)
    assert answer.code == 3
    assert "nothing to check" in answer.err


def test_a_check_whose_inputs_match_no_file_is_broken(ftui: Ftui, project: Project) -> None:
    answer = ftui("run", cwd=project(python_check("docs", PASS, inputs=["docs/**"])))
    assert answer.code == 3
    assert "no file matches its inputs (docs/**)" in answer.out


def test_changed_runs_what_the_edit_affects_and_says_why_the_rest_is_skipped(ftui: Ftui, project: Project) -> None:
    config = python_check("py", PASS, inputs=["*.py"]) + python_check("txt", PASS, inputs=["*.txt"])
    root = project(config + NO_RUFF)
    (root / "m.py").write_text("")
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    answer = ftui("run", "--changed", "--format", "json", cwd=root)
    assert (answer.code, answer.outcomes()) == (0, {"py": "skipped", "txt": "skipped"})
    assert answer.report["run"]["outcome"] == "skipped"
    (root / "m.py").write_text("x = 1\n")
    answer = ftui("run", "--changed", "--format", "json", cwd=root)
    assert answer.outcomes() == {"py": "passed", "txt": "skipped"}
    txt = answer.report["checks"][1]
    assert txt["skipped_because"] == "nothing that it reads has changed since HEAD"
    assert ftui("run", "--changed", "txt", "--format", "json", cwd=root).outcomes() == {"txt": "skipped"}


def test_shell_is_used_only_where_the_configuration_asks_for_it(ftui: Ftui, project: Project) -> None:
    text = f"echo $((6 * 7)) && {sys.executable} -c pass"
    with_shell = project(f"[checks.sh]\ncommand = '{text}'\nshell = true\n")
    assert '"text":"42\\n"' in ftui("run", "--format", "ndjson", cwd=with_shell).out
    without = project("[checks.sh]\ncommand = 'echo $((6 * 7)) && exit 1'\n")
    answer = ftui("run", "--format", "ndjson", cwd=without)
    assert "$((6 * 7)) && exit 1" in answer.out
    assert answer.code == 0


def test_an_ignored_file_that_a_check_declares_is_one_of_its_inputs(ftui: Ftui, project: Project) -> None:
    root = project(python_check("api", "print(open('build/api.json').read())", inputs=["build/*.json"]))
    (root / ".gitignore").write_text("build/\n")
    (root / "build").mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    buckets = []
    for content in ("1", "1", "2"):
        (root / "build" / "api.json").write_text(content)
        (check,) = ftui("run", "--format", "json", cwd=root).report["checks"]
        buckets.append(check["bucket"])
    assert buckets == ["miss", "hit", "miss"]
