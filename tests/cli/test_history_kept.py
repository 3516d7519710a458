"""What commands keep in the history of a repository, and that a history which cannot be kept changes no verdict."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ftui.history.repository import DATABASE
from ftui.history.store import History
from tests.cli.conftest import Ftui, python_check
from tests.conftest import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import MakeTerminal

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"
BOTH = python_check("one", PASS, inputs=["a.txt"]) + python_check("two", FAIL, inputs=["a.txt"], requires=["one"])


def histories(ftui: Ftui) -> list[Path]:
    return sorted(Path(ftui.environ["HOME"]).glob(f".local/share/ftui/history/*/{DATABASE}"))


def opened(ftui: Ftui) -> History:
    (path,) = histories(ftui)
    return History(str(path), lambda message: None, read_only=True)


def test_a_run_is_kept_with_the_numbers_of_its_report(ftui: Ftui, project: Project) -> None:
    root = project(BOTH)
    commit(root)
    report = ftui("run", "--format", "json", cwd=root).report
    (run,) = opened(ftui).runs()
    assert json.loads(json.dumps(report["run"])) == {
        name: getattr(run.summary, name) for name in run.summary.__struct_fields__
    }
    assert report["totals"] == {name: getattr(run.totals, name) for name in run.totals.__struct_fields__}
    assert (run.commit, run.branch) == (git(root, "rev-parse", "HEAD").strip(), "main")
    kept = {result.check: result for result in opened(ftui).results_of(run)}
    for check in report["checks"]:
        found = kept[check["id"]]
        for name in ("outcome", "bucket", "reason", "exit_code", "duration_s", "cpu_s", "peak_rss_bytes", "attempts"):
            assert getattr(found, name) == check[name]
    assert kept["two"].requires == ("one",)


def test_a_changed_file_is_counted_and_hits_are_kept_as_what_they_are(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS, inputs=["*.txt"]) + python_check("two", PASS, cache=False))
    for name in ("b", "c"):
        (root / f"{name}.txt").write_text(name)
    ftui("run", cwd=root)
    (root / "a.txt").write_text("other")
    (root / "b.txt").unlink()
    ftui("run", cwd=root)
    ftui("run", cwd=root)
    hit, changed, first = opened(ftui).samples("one")
    assert [s.result.changed_inputs for s in (hit, changed, first)] == [0, 2, None]
    assert [s.result.fresh for s in (hit, changed, first)] == [False, True, True]
    assert hit.result.duration_s == changed.result.duration_s


def test_clones_share_a_history_and_other_repositories_have_their_own(
    ftui: Ftui, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = project(BOTH)
    commit(root)
    clone = tmp_path_factory.mktemp("clone") / "clone"
    git(clone.parent, "clone", "-q", root.as_uri(), str(clone))
    other = tmp_path_factory.mktemp("other")
    (other / "ftui.toml").write_text(BOTH)
    (other / "a.txt").write_text("a\n")
    for folder in (root, clone, other):
        ftui("run", "--force", cwd=folder)
    counts = sorted(len(History(str(path), print, read_only=True).runs()) for path in histories(ftui))
    assert counts == [1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_runs_of_a_watch_are_kept_also_when_it_is_ended_right_after_one(ftui: Ftui, project: Project) -> None:
    root = project(BOTH)
    with ftui.popen("--no-ui", cwd=root) as watching:
        assert watching.stdout is not None
        while b"wall" not in watching.stdout.readline():
            pass
        (root / "a.txt").write_text("other")
        while b"wall" not in watching.stdout.readline():
            pass
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=60)
    second, first = opened(ftui).runs()
    assert (first.because, second.because) == ("", "a.txt changed")
    assert next(result.changed_inputs for result in opened(ftui).results_of(second)) == 1


def test_the_runs_of_the_screen_are_kept(ftui: Ftui, project: Project, terminal: MakeTerminal) -> None:
    screen = terminal(project(BOTH), columns=120)
    screen.start()
    screen.line("two", "failed")
    screen.line("run 1", "ago")
    screen.keys("q")
    screen.ended(0)
    (run,) = opened(ftui).runs()
    assert run.summary.outcome.value == "failed"
    assert sorted(result.check for result in opened(ftui).results_of(run)) == ["one", "two"]


def test_demo_and_replay_keep_nothing(ftui: Ftui, project: Project, tmp_path: Path) -> None:
    root = project(BOTH)
    ftui("run", "--record", "run.ndjson", cwd=root)
    (path,) = histories(ftui)
    before = len(opened(ftui).runs())
    ftui("replay", "run.ndjson", cwd=root)
    ftui("demo", cwd=root)
    assert histories(ftui) == [path]
    assert len(opened(ftui).runs()) == before


def test_runs_on_the_quick_way_are_counted_with_the_next_run_that_is_kept(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS, inputs=["a.txt"]) + python_check("two", PASS, inputs=["a.txt"]))
    commit(root)
    kept = -1
    for _ in range(40):  # until everything has settled that the quick way goes by
        before, _ = kept, ftui("run", cwd=root)
        kept = len(opened(ftui).runs())
        if kept == before:
            break
    for _ in range(2):
        assert ftui("run", cwd=root).code == 0
    assert len(opened(ftui).runs()) == kept
    ftui("run", "--force", cwd=root)
    ftui("run", "--force", cwd=root)
    last, counted = opened(ftui).runs(2)
    took = [sample.result.duration_s or 0.0 for sample in opened(ftui).samples(fresh=True)][-2:]
    assert (counted.quick.runs >= 3, counted.quick.hits) == (True, 2 * counted.quick.runs)
    assert counted.quick.saved_s == pytest.approx(counted.quick.runs * sum(took), abs=0.01)
    assert last.quick.runs == 0
    assert f"and {counted.quick.runs} quick runs between them, all from the cache" in ftui("history", cwd=root).out


# What is wrong with it changes no verdict


def ways(what: str, folder: Path) -> None:
    """Makes the folder of the history useless in one way."""
    if what == "missing":
        return
    if what == "no folder":
        folder.parent.mkdir(parents=True)
        folder.write_text("a file in its place")
        return
    for path in folder.glob(f"*/{DATABASE}"):
        if what == "damaged":
            path.write_bytes(b"no database " * 1000)
        elif what == "another table":
            path.unlink()
            sqlite3.connect(path).execute("CREATE TABLE other (x)").connection.close()
        elif what == "read-only":
            path.chmod(0o400)
            path.parent.chmod(0o500)


@pytest.mark.parametrize("what", ["missing", "no folder", "damaged", "another table", "read-only"])
def test_no_verdict_depends_on_it(ftui: Ftui, project: Project, what: str) -> None:
    if what == "read-only" and (sys.platform == "win32" or os.geteuid() == 0):
        pytest.skip("root may write everywhere")
    root = project(BOTH)
    folder = Path(ftui.environ["HOME"]) / ".local" / "share" / "ftui" / "history"
    if what not in ("missing", "no folder"):
        ftui("run", "--force", cwd=root)
    ways(what, folder)
    answer = ftui("run", "--force", "--format", "json", cwd=root)
    text = ftui("run", "--force", cwd=root)
    assert (answer.code, answer.outcomes(), text.code) == (1, {"one": "passed", "two": "failed"}, 1)
    assert len([line for line in text.out.splitlines() if " history: " in line]) == (what in ("no folder", "read-only"))
    assert answer.err == ""


def test_a_history_that_another_process_holds_does_not_keep_the_verdict_back(ftui: Ftui, project: Project) -> None:
    root = project(BOTH)
    ftui("run", cwd=root)
    (path,) = histories(ftui)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    answer = ftui("run", "--force", cwd=root)
    holder.close()
    assert answer.code == 1
    *_, problem = answer.out.splitlines()
    assert "the history of this run is not kept" in problem
    assert "✗ failed  2 checks" in answer.out
