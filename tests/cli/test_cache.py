"""What is replayed and what runs again, through the command itself: buckets, reasons, replays, policies, clones."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check
from tests.conftest import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

PATH = {"PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
"""With the tools of this environment first: one that PATH has already may be a script that starts another one."""
COLOURED = "print('\\x1b[31mred\\x1b[0m')"


def checks(ftui: Ftui, root: Path, *args: str, **more: Any) -> dict[str, dict[str, Any]]:
    """The checks of a run's JSON report, by id."""
    return {check["id"]: check for check in ftui("run", "--format", "json", *args, cwd=root, **more).report["checks"]}


def check(ftui: Ftui, root: Path, *args: str, **more: Any) -> dict[str, Any]:
    """The only check of a run's JSON report."""
    (only,) = checks(ftui, root, *args, **more).values()
    return only


def buckets(ftui: Ftui, root: Path, *args: str, **more: Any) -> dict[str, str]:
    """The bucket of each check of a run."""
    return {name: each["bucket"] for name, each in checks(ftui, root, *args, **more).items()}


def database(ftui: Ftui) -> Path:
    (found,) = (Path(ftui.environ["HOME"]) / ".cache" / "ftui").glob("results-*.sqlite")
    return found


class Tally:
    """Counts the runs of checks in a file outside the tree."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tally"
        self._file.touch()
        self.code = f"open({str(self._file)!r}, 'a').write('x')\n"
        """What such a check begins with."""

    def __call__(self) -> int:
        return len(self._file.read_text())


@pytest.fixture
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    return Tally(tmp_path_factory.mktemp("outside"))


def test_a_second_run_replays_the_first_with_its_duration_colours_and_age(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", COLOURED))
    before = time.time()
    first = check(ftui, root)
    after = time.time()
    second = check(ftui, root)
    assert (first["bucket"], first["recorded_at"], second["bucket"]) == ("miss", None, "hit")
    assert (second["outcome"], second["exit_code"], second["duration_s"]) == ("passed", 0, first["duration_s"])
    assert before <= second["recorded_at"] <= after
    assert second["started_s"] is None
    events = [json.loads(line) for line in ftui("run", "--format", "ndjson", cwd=root).out.splitlines()]
    assert [event["text"] for event in events if event["type"] == "check_output"] == ["\x1b[31mred\x1b[0m\n"]
    assert "check_started" not in {event["type"] for event in events}
    totals = ftui("run", "--format", "json", cwd=root).report["totals"]
    assert (totals["hit"], totals["structural_efficiency"]) == (1, 1.0)
    assert totals["time_saved_s"] == first["duration_s"]


def test_an_edit_runs_again_naming_the_path_a_touch_does_not_and_a_revert_is_an_old_hit(
    ftui: Ftui, project: Project, tally: Tally
) -> None:
    root = project(python_check("one", tally.code))
    check(ftui, root)
    (root / "a.txt").write_text("b\n")
    edited = check(ftui, root)
    assert (edited["bucket"], edited["reason"]) == ("miss", "a.txt changed")
    (root / "a.txt").touch()
    assert check(ftui, root)["bucket"] == "hit"
    (root / "a.txt").write_text("a\n")
    assert check(ftui, root)["bucket"] == "hit"
    assert tally() == 2


@pytest.mark.parametrize("quick", [False, True], ids=["report", "text"])
def test_the_same_is_said_in_words_by_the_quick_way_and_the_ordinary_one(
    ftui: Ftui, project: Project, tally: Tally, quick: bool
) -> None:
    root = project(python_check("one", tally.code))
    if quick:
        commit(root)
    for _ in range(3):
        ftui("run", cwd=root)
    assert "hit 1" in ftui("run", cwd=root).out
    (root / "a.txt").write_text("b\n")
    answer = ftui("run", cwd=root)
    assert "miss  a.txt changed" in answer.out
    assert tally() == 2


@pytest.mark.parametrize("how", ["clone", "worktree"])
def test_another_checkout_of_the_same_commit_gets_hits_with_paths_of_its_own(
    ftui: Ftui, project: Project, tally: Tally, how: str
) -> None:
    say = "import os; print(os.getcwd() + '/a.txt')"
    root = project(NO_RUFF + python_check("say", tally.code + say) + '[checks.pytest]\non_failure = "never"\n')
    (root / "test_where.py").write_text("def test_where() -> None:\n    assert __file__ == 'nowhere'\n")
    commit(root)
    first = checks(ftui, root, env=PATH)
    assert {each["bucket"] for each in first.values()} == {"miss"}
    other = root.parent / f"{root.name}-{how}"
    git(root, *(["clone", "-q", ".", str(other)] if how == "clone" else ["worktree", "add", "-q", str(other)]))
    events = [json.loads(line) for line in ftui("run", "--format", "ndjson", cwd=other, env=PATH).out.splitlines()]
    second = {event["check_id"]: event for event in events if event["type"] == "check_finished"}
    assert (second["say"]["bucket"], second["pytest"]["bucket"]) == ("hit", "policy-rerun")
    texts = {event["check_id"]: event["text"] for event in events if event["type"] == "check_output"}
    assert texts["say"] == f"{other}/a.txt\n"
    (finding,) = second["pytest"]["findings"]
    assert f"{other}/test_where.py" in finding["message"]
    assert f"{root}/" not in json.dumps(events)
    assert tally() == 1


def test_a_failure_runs_again_unless_the_policy_is_never(ftui: Ftui, project: Project, tally: Tally) -> None:
    fail = tally.code + "raise SystemExit(1)"
    config = python_check("again", fail) + python_check("kept", fail, on_failure="never")
    root = project(config + python_check("top", tally.code, requires=["kept"]))
    assert ftui("run", cwd=root).code == 1
    assert tally() == 2
    answer = ftui("run", "--format", "json", cwd=root)
    found = {each["id"]: each for each in answer.report["checks"]}
    assert (answer.code, tally()) == (1, 3)
    assert {name: found[name]["bucket"] for name in ("again", "kept")} == dict.fromkeys(
        ("again", "kept"), "policy-rerun"
    )
    assert (found["kept"]["attempts"], found["kept"]["exit_code"], found["again"]["attempts"]) == (0, 1, 1)
    assert found["top"]["skipped_because"] == "blocked by kept (failed)"


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("raise SystemExit(127)", {}),
        ("import os; os.kill(os.getpid(), 9)", {}),
        ("import time; time.sleep(60)", {"timeout": 0.3}),
    ],
    ids=["no verdict", "signal", "timeout"],
)
def test_what_is_no_verdict_is_never_stored(
    ftui: Ftui, project: Project, tally: Tally, code: str, settings: dict[str, object]
) -> None:
    root = project(python_check("one", tally.code + code, **settings))
    for count in (1, 2):
        found = check(ftui, root)
        assert (found["outcome"], found["bucket"], tally()) == ("broken", "miss", count)


def test_a_test_run_without_a_test_is_never_stored(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + "[checks.pytest]\n")
    (root / "test_nothing.py").write_text("")
    for _ in range(2):
        found = check(ftui, root)
        assert (found["outcome"], found["bucket"]) == ("broken", "miss")


def test_a_check_that_is_not_to_be_cached_runs_each_time(ftui: Ftui, project: Project, tally: Tally) -> None:
    root = project(python_check("one", tally.code, cache=False))
    assert [check(ftui, root)["bucket"] for _ in range(2)] == ["miss", "miss"]
    assert tally() == 2


@pytest.mark.parametrize(("seconds", "bucket"), [(0, "hit"), (-100, "policy-rerun"), (100, "policy-rerun")])
def test_a_result_that_has_outlived_its_ttl_or_comes_from_the_future_runs_again(
    ftui: Ftui, project: Project, seconds: int, bucket: str
) -> None:
    root = project(python_check("one", "pass", ttl="60s"))
    check(ftui, root)
    with sqlite3.connect(database(ftui)) as db:
        db.execute("UPDATE results SET created_at = created_at + ?", (seconds,))
    db.close()
    assert check(ftui, root)["bucket"] == bucket
    assert check(ftui, root)["bucket"] == "hit"


def test_force_runs_everything_and_stores_it_again(ftui: Ftui, project: Project, tally: Tally) -> None:
    root = project(python_check("one", tally.code))
    check(ftui, root)
    first = check(ftui, root)
    forced = check(ftui, root, "--force")
    assert (forced["bucket"], forced["attempts"], tally()) == ("policy-rerun", 1, 2)
    last = check(ftui, root)
    assert last["bucket"] == "hit"
    assert last["recorded_at"] > first["recorded_at"]


def test_one_key_with_two_outcomes_is_flaky_and_its_passes_run_again(
    ftui: Ftui, project: Project, tally: Tally, tmp_path_factory: pytest.TempPathFactory
) -> None:
    weather = tmp_path_factory.mktemp("weather") / "it-rains"
    root = project(python_check("one", f"{tally.code}import os; raise SystemExit(os.path.exists({str(weather)!r}))"))
    assert check(ftui, root)["outcome"] == "passed"
    weather.touch()
    assert check(ftui, root, "--force")["outcome"] == "failed"
    weather.unlink()
    assert check(ftui, root)["outcome"] == "passed"
    last = check(ftui, root)
    assert (last["outcome"], last["bucket"], last["attempts"]) == ("passed", "policy-rerun", 1)
    assert "flaky" in last["reason"]


def test_a_mutating_check_is_a_hit_at_its_fixpoint_and_mends_what_is_broken_again(
    ftui: Ftui, project: Project, tally: Tally
) -> None:
    mend = "t = open('a.txt').read(); 'x' in t and open('a.txt', 'w').write(t.replace('x', 'y'))"
    root = project(python_check("mend", tally.code + mend, phase="mutating", inputs=["a.txt"]))
    file = root / "a.txt"
    file.write_text("xyz")
    assert check(ftui, root)["outcome"] == "passed"
    assert (file.read_text(), check(ftui, root)["bucket"]) == ("yyz", "hit")
    count = tally()
    file.write_text("xyz")
    check(ftui, root)
    assert file.read_text() == "yyz"
    assert tally() > count


def test_a_key_holds_what_an_earlier_phase_has_made_of_the_inputs(ftui: Ftui, project: Project) -> None:
    make = "open('made.txt', 'w').write(open('a.txt').read().upper())"
    judge = "raise SystemExit('BAD' in open('made.txt').read())"
    config = python_check("make", make, phase="fast", inputs=["a.txt"], writes=["made.txt"])
    root = project(config + python_check("judge", judge, inputs=["made.txt"]))
    (root / "made.txt").write_text("A\n")
    (root / "a.txt").write_text("good\n")
    verdicts = {}
    for text in ("good\n", "bad\n", "good\n", "bad\n"):
        (root / "a.txt").write_text(text)
        verdicts[text] = checks(ftui, root)["judge"]["outcome"]
        assert verdicts[text] == ("failed" if text == "bad\n" else "passed")


def touched_x_bit(root: Path) -> None:
    (root / "a.txt").chmod(0o755)


def another_target(root: Path) -> None:
    (root / "link.txt").unlink()
    (root / "link.txt").symlink_to("b.txt")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda root: (root / "new.txt").touch(), "new.txt added"),
        (lambda root: (root / "b.txt").unlink(), "b.txt deleted"),
        (lambda root: (root / "a.txt").rename(root / "c.txt"), "c.txt added; a.txt deleted"),
        (touched_x_bit, "a.txt changed"),
        (another_target, "link.txt changed"),
        (lambda root: (root / "hidden.data").write_text("x"), "what behind.txt leads to changed"),
        (lambda root: (root / "script.py").write_text("print(1)"), "script.py changed"),
    ],
    ids=["new file", "deleted file", "renamed file", "x-bit", "symlink target", "behind a symlink", "script"],
)
def test_everything_that_could_change_the_verdict_runs_it_again(
    ftui: Ftui, project: Project, change: Callable[[Path], object], reason: str
) -> None:
    root = project('[checks.one]\ncommand = ["python", "script.py"]\ninputs = ["*.txt"]\n' + NO_RUFF)
    for name in ("a.txt", "b.txt", "script.py", "hidden.data"):
        (root / name).write_text("")
    (root / "link.txt").symlink_to("a.txt")
    (root / "behind.txt").symlink_to("hidden.data")
    check(ftui, root)
    assert check(ftui, root)["bucket"] == "hit"
    change(root)
    found = check(ftui, root)
    assert found["bucket"] == "miss"
    assert reason in found["reason"]


def test_the_order_of_arguments_counts(ftui: Ftui, project: Project) -> None:
    code = "import sys; sys.exit(sys.argv[1:] != ['a', 'b'])"
    command = json.dumps([sys.executable, "-c", code, "a", "b"])
    root = project(f'[checks.one]\ncommand = {command}\ninputs = ["*.txt"]\n')
    assert check(ftui, root)["outcome"] == "passed"
    (root / "ftui.toml").write_text((root / "ftui.toml").read_text().replace('"a", "b"', '"b", "a"'))
    found = check(ftui, root)
    assert (found["bucket"], found["outcome"]) == ("miss", "failed")


def test_an_inherited_configuration_counts(ftui: Ftui, project: Project) -> None:
    root = project("[checks.ruff]\n") / "inner"
    root.mkdir()
    (root / "ftui.toml").write_text("[checks.ruff]\n")
    (root / "a.py").write_text("import os\n")
    outer = root.parent / "ruff.toml"
    outer.write_text('lint.select = ["E"]\n')
    assert [check(ftui, root)["outcome"] for _ in range(2)] == ["passed", "passed"]
    outer.write_text('lint.select = ["F"]\n')
    found = check(ftui, root)
    assert (found["outcome"], found["bucket"]) == ("failed", "miss")
    assert "ruff.toml changed" in found["reason"]
