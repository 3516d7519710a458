"""A result store that is damaged, full of surprises or not to be had: no wrong verdict, at most one clear line."""

from __future__ import annotations

import os
import sqlite3
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Answer, Ftui, python_check
from tests.cli.test_cache import Tally, check, database, tally

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

__all__ = ["tally"]
LONG = "import random; print(random.Random(1).randbytes(200_000).hex())"
"""Prints more than the database takes in, and nothing that can be compressed to less."""


def cache(ftui: Ftui) -> Path:
    return database(ftui).parent


def told(answer: Answer) -> list[str]:
    """What is said beside the checks."""
    return [problem["message"] for problem in answer.report["problems"]]


def run(ftui: Ftui, root: Path, **more: str) -> tuple[str, str, list[str]]:
    """Outcome and bucket of the only check of a run, and what is said beside it."""
    answer = ftui("run", "--format", "json", cwd=root, env=more)
    (only,) = answer.report["checks"]
    assert answer.err == ""
    return only["outcome"], only["bucket"], told(answer)


def newer_beside(folder: Path, file: Path) -> None:
    (folder / "results-99.sqlite").write_bytes(b"of a version to come")


def truncated(folder: Path, file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(folder: Path, file: Path) -> None:
    os.truncate(file, 0)


def garbage(folder: Path, file: Path) -> None:
    file.write_bytes(os.urandom(8192))


def without_tables(folder: Path, file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE results")
    db.close()


def flipped(folder: Path, file: Path) -> None:
    (blob,) = (path for path in (folder / "blobs").rglob("*") if path.is_file())
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)


def other_content(folder: Path, file: Path) -> None:
    (blob,) = (path for path in (folder / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(zlib.compress(b"nothing that was ever printed"))


def lost(folder: Path, file: Path) -> None:
    (blob,) = (path for path in (folder / "blobs").rglob("*") if path.is_file())
    blob.unlink()


def turned_green(folder: Path, file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("UPDATE results SET outcome = 'failed', exit_code = 1")
    db.close()


def other_index(folder: Path, file: Path) -> None:
    for path in folder.glob("trees/*/*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-7] + b"garbage")


@pytest.mark.parametrize(
    ("damage", "bucket", "line"),
    [
        (newer_beside, "hit", ""),
        (truncated, "miss", "the result store was damaged and has been set aside as "),
        (emptied, "miss", "the result store was damaged and has been set aside as "),
        (garbage, "miss", "the result store was damaged and has been set aside as "),
        (without_tables, "miss", "the result store was damaged and has been set aside as "),
        (flipped, "miss", "a stored result of one was damaged and has been dropped"),
        (other_content, "miss", "a stored result of one was damaged and has been dropped"),
        (lost, "miss", "a stored result of one was damaged and has been dropped"),
        (turned_green, "miss", "a stored result of one was damaged and has been dropped"),
        (other_index, "hit", ""),
    ],
)
def test_a_damaged_store_costs_results_and_one_line(
    ftui: Ftui, project: Project, tally: Tally, damage: Callable[[Path, Path], None], bucket: str, line: str
) -> None:
    root = project(python_check("one", tally.code + LONG))
    assert run(ftui, root) == ("passed", "miss", [])
    assert run(ftui, root) == ("passed", "hit", [])
    damage(cache(ftui), database(ftui))
    outcome, found_in, messages = run(ftui, root)
    assert (outcome, found_in, len(messages)) == ("passed", bucket, 1 if line else 0)
    assert "".join(messages).startswith(line)
    assert run(ftui, root) == ("passed", "hit", [])
    assert tally() == (1 if bucket == "hit" else 2)


def test_a_huge_output_is_kept_by_its_ends_and_replayed(ftui: Ftui, project: Project, tally: Tally) -> None:
    code = "import sys; [sys.stdout.write(f'{n:07}' * 1000 + chr(10)) for n in range(3000)]"
    root = project(python_check("one", tally.code + code))
    answers = [ftui("run", "--format", "ndjson", cwd=root) for _ in range(2)]
    assert [answer.code for answer in answers] == [0, 0]
    assert tally() == 1
    assert '"bucket":"hit"' in answers[1].out
    assert "0000000" in answers[1].out
    assert "0002999" in answers[1].out
    assert sum(path.stat().st_size for path in cache(ftui).rglob("*") if path.is_file()) < 24 * 1024 * 1024


def test_files_from_the_future_are_read_each_time_and_no_edit_is_missed(
    ftui: Ftui, project: Project, tally: Tally
) -> None:
    root = project(python_check("one", tally.code + "raise SystemExit('bad' in open('a.txt').read())"))
    moment = 4_000_000_000
    outcomes = []
    for text in ("good", "bad!", "good"):
        (root / "a.txt").write_text(text)
        os.utime(root / "a.txt", (moment, moment))
        outcomes += [run(ftui, root)[0], run(ftui, root)[0]]
    assert outcomes == ["passed", "passed", "failed", "failed", "passed", "passed"]


def file_in_its_place(folder: Path) -> dict[str, str]:
    (folder / "file").write_text("")
    return {"XDG_CACHE_HOME": str(folder / "file")}


def nowhere(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder / "missing")}


def not_to_be_written(folder: Path) -> dict[str, str]:
    return {"HOME": "/proc"}


def read_only(folder: Path) -> dict[str, str]:
    folder.chmod(0o555)
    return {"HOME": str(folder)}


@pytest.mark.parametrize(
    ("home", "line"),
    [
        (file_in_its_place, "results are not kept in this run: "),
        (nowhere, ""),
        pytest.param(
            not_to_be_written,
            "results are not kept in this run: ",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
        ),
        pytest.param(
            read_only,
            "results are not kept in this run: ",
            marks=pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere"),
        ),
    ],
)
def test_without_a_place_for_results_checks_run_and_one_line_says_so(
    ftui: Ftui,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
    home: Callable[[Path], dict[str, str]],
    line: str,
) -> None:
    root = project("[checks.ruff]\n" + python_check("one", "pass"))
    (root / "a.py").write_text("import os\n")
    environ = home(tmp_path_factory.mktemp("elsewhere"))
    for _ in range(2):
        answer = ftui("run", "--format", "json", cwd=root, env=environ)
        assert answer.outcomes() == {"ruff": "failed", "one": "passed"}
        messages = [message for message in told(answer) if "results" in message]  # log and history have lines as well
        assert len(messages) == (1 if line else 0)
        assert "".join(messages).startswith(line)
    assert sorted(path.name for path in root.iterdir()) == ["a.py", "a.txt", "ftui.toml"]


def test_no_value_of_a_variable_is_written_down(ftui: Ftui, project: Project, tmp_path: Path) -> None:
    root = project(NO_RUFF + python_check("one", "import os; os.environ['TOKEN']", env=["TOKEN"]))
    secret = {"TOKEN": "hush-a3f1"}
    answers = [ftui("run", "--format", form, cwd=root, env=secret) for form in ("json", "ndjson", "text")]
    assert check(ftui, root, env=secret)["bucket"] == "hit"
    changed = check(ftui, root, env={"TOKEN": "hush-b7c2"})
    assert (changed["bucket"], changed["reason"]) == ("miss", "environment variable TOKEN changed")
    assert not any("hush" in answer.out + answer.err for answer in answers)
    written = [path for path in Path(ftui.environ["HOME"]).rglob("*") if path.is_file()]
    assert len(written) > 2
    assert not any(b"hush" in path.read_bytes() for path in written)
