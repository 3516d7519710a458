"""`ftui cache`: what is kept, what goes, and that a result which does not hold is found."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"
OUTSIDE = "import os, sys; sys.exit(os.path.exists(os.environ['WORLD']))"
"""Passes until a file exists that no key knows of: a check that lies to the cache."""


def cache_of(ftui: Ftui) -> Path:
    return Path(ftui.environ["HOME"]) / ".cache" / "ftui"


def database(ftui: Ftui) -> Path:
    return next(cache_of(ftui).glob("results-*.sqlite"))


def execute(ftui: Ftui, statement: str) -> None:
    connection = sqlite3.connect(database(ftui), isolation_level=None)
    connection.execute(statement)
    connection.close()


def buckets(ftui: Ftui, root: Path, **env: str) -> dict[str, str]:
    report = ftui("run", "--format", "json", cwd=root, env=env).report
    return {check["id"]: check["bucket"] for check in report["checks"]}


def age(folder: Path, days: int) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (path.stat().st_atime - days * 86_400,) * 2)


@pytest.fixture
def tool(ftui: Ftui, project: Project) -> tuple[Path, Path]:
    """A project whose one check is ruff, after a run; and the folder of ruff's own cache."""
    root = project("[checks.ruff-format]\nenabled = false\n")
    (root / "m.py").write_text("x = 1\n")
    (root / "ruff.toml").write_text("")
    assert ftui("run", cwd=root).code == 0
    (folder,) = cache_of(ftui).glob("trees/*/tool-*")
    return root, folder


# stats


def test_stats_say_how_much_is_kept_and_where(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS) + python_check("two", FAIL))
    ftui("run", cwd=root)
    answer = ftui("cache", "stats", cwd=root)
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert answer.out.startswith(f"{cache_of(ftui)}\n")
    assert "results 2 (1 passed, 1 failed)" in words
    assert "of at most 512.0 MiB" in words
    assert "one 1 result" in words
    assert "two 1 result" in words
    assert max(map(len, answer.out.splitlines()[1:])) <= 80


def test_stats_before_the_first_run_make_nothing(ftui: Ftui, tmp_path: Path) -> None:
    answer = ftui("cache", "stats", cwd=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert "results        0," in answer.out
    assert not cache_of(ftui).exists()


def test_tools_own_caches_are_counted(ftui: Ftui, tool: tuple[Path, Path]) -> None:
    assert "tools' caches  0 B" not in ftui("cache", "stats", cwd=tool[0]).out


# prune


def test_pruning_with_nothing_to_remove_says_so_and_keeps_every_hit(ftui: Ftui, tool: tuple[Path, Path]) -> None:
    answer = ftui("cache", "prune", cwd=tool[0])
    assert (answer.code, answer.out) == (0, "there is nothing to remove\n")
    assert buckets(ftui, tool[0]) == {"ruff": "hit"}
    assert tool[1].is_dir()


def test_pruning_removes_a_tools_cache_that_has_not_been_written_for_long(ftui: Ftui, tool: tuple[Path, Path]) -> None:
    age(tool[1], days=31)
    answer = ftui("cache", "prune", cwd=tool[0])
    assert answer.code == 0
    assert answer.out.startswith("removed 1 old tool cache; ")
    assert not tool[1].exists()
    assert buckets(ftui, tool[0]) == {"ruff": "hit"}


def test_pruning_removes_what_is_kept_of_a_tree_that_is_gone(ftui: Ftui, tool: tuple[Path, Path]) -> None:
    root, folder = tool
    root.rename(root.with_name("moved"))
    answer = ftui("cache", "prune", cwd=root.with_name("moved"))
    assert "1 forgotten tree" in answer.out
    assert not folder.exists()


@pytest.mark.parametrize("what", ["prune", "verify", "clear"])
def test_a_cache_folder_that_cannot_be_made_is_one_line(ftui: Ftui, project: Project, what: str) -> None:
    root = project("")
    answer = ftui("cache", what, cwd=root, env={"XDG_CACHE_HOME": str(root / "a.txt")})
    assert answer.code == 3
    assert "the cache folder cannot be used" in answer.err
    assert len(answer.err.splitlines()) == 1


# verify


def test_a_sound_store_is_verified(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS))
    ftui("run", cwd=root)
    answer = ftui("cache", "verify", cwd=root)
    assert (answer.code, answer.out, answer.err) == (0, "1 result, each as it was written\n", "")


def test_damaged_results_are_dropped_and_their_checks_named(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS) + python_check("two", PASS))
    ftui("run", cwd=root)
    execute(ftui, "UPDATE results SET outcome = 'failed' WHERE check_id = 'one'")
    answer = ftui("cache", "verify", cwd=root)
    assert (answer.code, answer.out) == (1, "1 of 2 results damaged, and dropped: one\n")
    assert len(answer.err.splitlines()) == 1
    assert buckets(ftui, root) == {"one": "miss", "two": "hit"}
    assert ftui("cache", "verify", cwd=root).code == 0


@pytest.mark.parametrize("what", ["stats", "prune", "verify", "clear"])
@pytest.mark.parametrize("damage", [b"no database " * 1000, b"SQLite format 3\0" + bytes(5000)], ids=["text", "zeros"])
def test_a_damaged_database_is_one_line(ftui: Ftui, project: Project, what: str, damage: bytes) -> None:
    root = project(python_check("one", PASS))
    ftui("run", cwd=root)
    database(ftui).write_bytes(damage)
    answer = ftui("cache", what, cwd=root)
    assert "the result store" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.code == {"stats": 3, "verify": 1}.get(what, 0)
    ftui("run", cwd=root)
    assert buckets(ftui, root) == {"one": "hit"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("what", ["stats", "prune", "verify", "clear"])
def test_a_read_only_store_is_no_traceback(ftui: Ftui, project: Project, what: str) -> None:
    root = project(python_check("one", PASS))
    ftui("run", cwd=root)
    paths = [cache_of(ftui), *cache_of(ftui).rglob("*")]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    answer = ftui("cache", what, cwd=root)
    for path in paths:
        path.chmod(0o700)
    assert answer.code in (0, 3)
    assert buckets(ftui, root) == {"one": "hit"}


def test_an_audit_of_hits_that_hold_passes_and_they_stay_hits(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS) + python_check("two", PASS, requires=["one"]))
    ftui("run", cwd=root)
    answer = ftui("cache", "verify", "--audit", cwd=root)
    assert answer.code == 0
    assert answer.out.count("policy-rerun  audit of its result") == 2
    assert buckets(ftui, root) == {"one": "hit", "two": "hit"}


def test_an_audit_runs_as_many_hits_as_asked_for(ftui: Ftui, project: Project) -> None:
    root = project("".join(python_check(f"c{number}", PASS) for number in range(4)))
    ftui("run", cwd=root)
    assert ftui("cache", "verify", "--audit", "2", cwd=root).out.count("audit of its result") == 2


def test_an_audit_names_and_demotes_a_check_whose_hit_lied(ftui: Ftui, project: Project, tmp_path: Path) -> None:
    world = tmp_path / "not-an-input"
    liar = python_check("liar", OUTSIDE, env=[f"WORLD={world}"], inputs=["a.txt"])
    root = project(liar + python_check("honest", PASS, inputs=["a.txt"]))
    assert ftui("run", cwd=root).code == 0
    world.write_text("")
    assert buckets(ftui, root) == {"liar": "hit", "honest": "hit"}
    answer = ftui("cache", "verify", "--audit", cwd=root)
    assert answer.code == 1
    assert "the stored result of liar did not hold: it passed, and an audit on the same files failed" in answer.out
    assert "stored result of honest" not in answer.out
    assert "wrong          audits found 1 result that did not hold" in ftui("cache", "stats", cwd=root).out
    world.unlink()
    # Two runs: the first has no result to go by, the second one that is not trusted any more.
    assert buckets(ftui, root) == {"liar": "miss", "honest": "hit"}
    report = ftui("run", "--format", "json", cwd=root).report["checks"]
    found = {check["id"]: (check["bucket"], check["attempts"]) for check in report}
    assert found == {"liar": ("policy-rerun", 1), "honest": ("hit", 0)}


def test_an_audit_without_a_verdict_demotes_nothing(ftui: Ftui, project: Project, tmp_path: Path) -> None:
    code = "import os; os.path.exists(os.environ['WORLD']) and os.kill(os.getpid(), 9)"
    root = project(python_check("one", code, env=[f"WORLD={tmp_path / 'not-an-input'}"], inputs=["a.txt"]))
    ftui("run", cwd=root)
    (tmp_path / "not-an-input").write_text("")
    assert ftui("cache", "verify", "--audit", cwd=root).code == 3
    assert buckets(ftui, root) == {"one": "hit"}


def test_an_audit_leaves_checks_alone_that_write_or_wait_for_what_is_no_hit(
    ftui: Ftui, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runs = tmp_path_factory.mktemp("beside") / "runs"
    count = f"open({str(runs)!r}, 'a').write('x')"
    config = python_check("mend", count, phase="mutating") + python_check("loose", count, cache=False)
    config += python_check("behind-loose", count, requires=["loose"])
    root = project(config + python_check("behind-mend", count, requires=["mend"]))
    ftui("run", cwd=root)
    before = runs.read_text()
    answer = ftui("cache", "verify", "--audit", cwd=root)
    assert answer.code == 0
    assert runs.read_text() == before + "x"
    (line,) = (line for line in answer.out.splitlines() if "audit" in line)
    assert "behind-mend" in line


def test_without_a_hit_there_is_nothing_to_audit(ftui: Ftui, project: Project) -> None:
    answer = ftui("cache", "verify", "--audit", cwd=project(python_check("one", PASS)))
    assert answer.code == 0
    assert "there is no hit here to audit" in answer.out


# clear


def test_clearing_says_what_went_and_the_next_run_starts_afresh(ftui: Ftui, tool: tuple[Path, Path]) -> None:
    answer = ftui("cache", "clear", cwd=tool[0])
    assert answer.code == 0
    assert answer.out.startswith("removed all results: 1; ")
    assert not tool[1].exists()
    assert buckets(ftui, tool[0]) == {"ruff": "miss"}


def test_clearing_one_tree_leaves_the_others(ftui: Ftui, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ftui.toml").write_text(python_check("one", PASS))
        (tmp_path / name / "data.txt").write_text(name)
        ftui("run", cwd=tmp_path / name)
    answer = ftui("cache", "clear", "--tree", "--root", str(tmp_path / "a"), cwd=tmp_path)
    assert answer.out.startswith("removed the last results of a: 1; ")
    assert buckets(ftui, tmp_path / "b") == {"one": "hit"}
    assert buckets(ftui, tmp_path / "a") == {"one": "miss"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "WHAT"),
        (["stat"], "did you mean 'stats'"),
        (["verify", "--adit"], "did you mean '--audit'"),
        (["verify", "--audit", "0"], "'0' is no number from 1"),
        (["clear", "--all"], "unknown option --all"),
        (["clear", "--tree", "--root", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_a_usage_error_is_one_line(ftui: Ftui, tmp_path: Path, arguments: list[str], message: str) -> None:
    answer = ftui("cache", *arguments, cwd=tmp_path)
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
