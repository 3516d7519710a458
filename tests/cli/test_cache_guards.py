"""When a fresh or a stored result may not be believed: edits during a run, tools whose own caches lie, many at once."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Answer, Ftui, python_check
from tests.cli.test_cache import PATH, Tally, buckets, check, checks, tally
from tests.conftest import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

__all__ = ["tally"]
SECOND = 1_000_000_000


class Gate:
    """A check that tells when it has started, and then waits to be let through."""

    def __init__(self, folder: Path) -> None:
        self._started, self._go = folder / "started", folder / "go"
        for pipe in (self._started, self._go):
            os.mkfifo(pipe)
        self.code = f"open({str(self._started)!r}, 'w').close(); open({str(self._go)!r}).read()\n"
        """What such a check begins with."""

    def wait(self) -> None:
        """Returns when the check has started."""
        self._started.read_bytes()

    def open(self) -> None:
        """Lets it through."""
        self._go.write_bytes(b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_result_from_between_an_edit_and_its_revert_is_not_stored(
    ftui: Ftui, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The middle state fails: were that stored under the key of the first one, the check would be flaky."""
    gate = Gate(tmp_path_factory.mktemp("gate"))
    judge = "failed = 'bad' in open('a.txt').read()\n"
    root = project(python_check("one", gate.code + judge + gate.code + "raise SystemExit(failed)", inputs=["a.txt"]))
    with ThreadPoolExecutor() as pool:
        run = pool.submit(check, ftui, root)
        gate.wait()
        (root / "a.txt").write_text("bad\n")
        gate.open()
        gate.wait()
        (root / "a.txt").write_text("a\n")
        gate.open()
        for _ in range(2):  # it runs again, on a tree that holds still
            gate.wait()
            gate.open()
        assert run.result()["outcome"] == "passed"
    assert check(ftui, root)["bucket"] == "hit"


def test_a_check_that_writes_its_own_input_runs_twice_and_is_told_of_the_file(
    ftui: Ftui, project: Project, tally: Tally
) -> None:
    root = project(python_check("one", tally.code + "open('a.txt', 'a').write('more')", inputs=["*.txt"]))
    answer = ftui("run", "--format", "json", cwd=root)
    assert (answer.code, tally()) == (0, 2)
    (problem,) = answer.report["problems"]
    assert problem["source"] == "check one"
    assert problem["message"].startswith("a.txt changed each time while it ran")
    assert (check(ftui, root)["bucket"], tally()) == ("miss", 4)


def test_settings_above_the_tree_that_move_during_a_run_are_noticed(ftui: Ftui, project: Project, tally: Tally) -> None:
    above = project("[checks.ruff]\n") / "settings.txt"
    root = above.parent / "inner"
    root.mkdir()
    above.write_text("first")
    change = f"open({str(above)!r}, 'w').write('second')"
    command = json.dumps([sys.executable, "-c", tally.code + change, "../settings.txt"])
    (root / "ftui.toml").write_text(f'[checks.one]\ncommand = {command}\ninputs = ["a.txt"]\n')
    (root / "a.txt").write_text("a")
    assert check(ftui, root)["outcome"] == "passed"
    assert (tally(), check(ftui, root)["bucket"]) == (2, "hit")


def rewrite(path: Path, text: str, moment: int) -> None:
    """Writes a file and sets its mtime, in nanoseconds."""
    path.write_text(text)
    os.utime(path, ns=(moment, moment))


@pytest.mark.parametrize(
    ("tool", "good", "bad", "later"),
    [
        ("mypy", "x: int = 11\n", 'x: int = ""\n', 123),
        ("ruff", "import os\n\nos.abort()\n", "import os\n", 0),
        ("ruff-format", "x = 1\n", "x  =  1\n", 0),
        ("black", "x = 1\n", "x =1 \n", 0),
    ],
)
def test_an_edit_that_the_cache_of_a_tool_cannot_see_is_seen(
    ftui: Ftui, project: Project, tool: str, good: str, bad: str, later: int
) -> None:
    """mypy goes by the size and the second of the mtime, ruff by mtime and mode, black by mtime and size."""
    root = project(f"[checks.{tool}]\n" + ("" if tool == "ruff" else NO_RUFF))
    file, moment = root / "a.py", 1_700_000_000 * SECOND
    outcomes = []
    for text, nanoseconds in ((good, 0), (bad, later), (good, 0), (bad, later)):
        rewrite(file, text, moment + nanoseconds)
        outcomes.append(check(ftui, root, tool, "--force")["outcome"])
    assert outcomes == ["passed", "failed", "passed", "failed"]


@pytest.mark.parametrize("how", ["pytest", "command"])
def test_an_edit_that_byte_code_hides_is_seen(ftui: Ftui, project: Project, how: str) -> None:
    """Python goes by the size and the second of the mtime."""
    settings = "[checks.pytest]\n" if how == "pytest" else python_check("one", "import test_a; test_a.test()")
    root = project(NO_RUFF + settings + ("" if how == "pytest" else "[checks.pytest]\nenabled = false\n"))
    (root / "test_a.py").write_text("import a\n\n\ndef test() -> None:\n    assert a.X == 1\n")
    moment = 1_700_000_000 * SECOND
    outcomes = []
    for number in (1, 2, 1, 2):
        rewrite(root / "a.py", f"X = {number}\n", moment + number)
        outcomes.append(check(ftui, root, "--force")["outcome"])
    assert outcomes == ["passed", "failed", "passed", "failed"]


def test_a_run_that_was_killed_leaves_no_tool_cache_that_lies(ftui: Ftui, project: Project) -> None:
    """What mypy has cached when ftui dies is known to nobody."""
    root = project(NO_RUFF + "[checks.mypy]\n")
    moment = 1_700_000_000 * SECOND
    for name in "abcdefgh":
        rewrite(root / f"{name}.py", "x: int = 1\n", moment)
    check(ftui, root)
    rewrite(root / "a.py", "x: int = 11\n", moment)
    with ftui.popen("run", "--format", "ndjson", cwd=root) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b'"check_finished"' in line:
                process.kill()
                break
    rewrite(root / "a.py", 'x: int = ""\n', moment)
    assert check(ftui, root)["outcome"] == "failed"


def all_at_once(ftui: Ftui, roots: list[Path]) -> list[Answer]:
    """`ftui run` in every one of the folders at the same time."""
    with ThreadPoolExecutor(len(roots)) as pool:
        return list(pool.map(lambda root: ftui("run", "--format", "json", cwd=root), roots))


def test_two_runs_in_one_tree_at_once_come_to_the_same(ftui: Ftui, project: Project) -> None:
    ftui.environ |= PATH
    root = project("[checks.mypy]\n" + "".join(python_check(f"c{n}", "pass", inputs=["*.txt"]) for n in range(6)))
    for name in "abcdefgh":
        (root / f"{name}.py").write_text("x: int = 1\n")
    for text, code in (("x: int = 1\n", 0), ('x: int = ""\n', 1), ("x: int = 2\n", 0)):
        (root / "a.py").write_text(text)
        for answer in all_at_once(ftui, [root, root]):
            assert (answer.code, answer.report["problems"], answer.err) == (code, [], "")
    assert set(buckets(ftui, root).values()) == {"hit"}


def test_runs_in_four_clones_at_once_lose_nothing(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + "".join(python_check(f"c{n}", "pass", inputs=["*.txt"]) for n in range(6)))
    commit(root)
    clones = [root.parent / f"{root.name}-{number}" for number in range(4)]
    for number, clone in enumerate(clones):
        git(root, "clone", "-q", ".", str(clone))
        (clone / "a.txt").write_text(f"{number}\n")
    for answer in all_at_once(ftui, clones):
        assert (answer.code, answer.report["problems"], answer.err) == (0, [], "")
    for number, clone in enumerate(clones):
        assert set(buckets(ftui, clone).values()) == {"hit"}
        (clone / "a.txt").write_text(f"{(number + 1) % 4}\n")
        assert set(buckets(ftui, clone).values()) == {"hit"}, "results of the other clones"


def test_a_required_check_with_a_new_result_brings_those_that_require_it(ftui: Ftui, project: Project) -> None:
    config = python_check("base", "pass", inputs=["a.txt"]) + python_check("top", "pass", inputs=["b.txt"])
    root = project(config + 'requires = ["base"]\n')
    (root / "b.txt").touch()
    checks(ftui, root)
    (root / "a.txt").write_text("b\n")
    found = checks(ftui, root)["top"]
    assert (found["bucket"], found["reason"]) == ("miss", "base has a new result")
