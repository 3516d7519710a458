"""Random edits of a real project: after each of them ftui says what the tools say that start from nothing.

By hand with other edits: `pytest tests/cli/test_differential.py --edits 300 --seed N`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.cli.edits import EditedProject
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ftui
    from tests.cli.edits import State

BY_HAND = {
    "ruff": ("ruff", "check", "--no-cache", "--output-format=concise", "."),
    "ruff-format": ("ruff", "format", "--check", "--no-cache", "."),
    "mypy": ("mypy", f"--cache-dir={os.devnull}", "."),
    "pytest": ("pytest", "-q", "-p", "no:cacheprovider"),
}
PASSED, FAILED, BROKEN = "passed", "failed", "broken"
SAID = {0: {PASSED}, 1: {FAILED}, 2: {FAILED, BROKEN}}
"""What an exit code may mean. 2 is for files that cannot be parsed as well as for faults of the tool or its settings:
ruff, mypy and pytest leave open which."""
LINE = {
    "ruff": re.compile(r"^(\S+?):(\d+):\d+: ([\w-]+)", re.MULTILINE),
    "mypy": re.compile(r"^(\S+?):(?:(\d+):)? error: .*?(?:\[([\w-]+)\])?$", re.MULTILINE),
}
SHOWN = re.compile(r"^\S (passed|failed|broken) +(\S+) .*?(?:  |; )(hit|miss|policy-rerun)(?:  |$)", re.MULTILINE)


Places = set[tuple[str, int, str]]
"""Path, line (0 where there is none) and rule of each error."""


class Expected(NamedTuple):
    """What may become of the checks, and where the faults are."""

    outcomes: dict[str, set[str]]
    places: dict[str, Places]


class Verdict(NamedTuple):
    """What became of the checks, and where the faults are; nothing of those where that was not asked."""

    outcomes: dict[str, str]
    places: dict[str, Places]


def test_after_every_edit_the_verdicts_are_those_of_tools_that_start_from_nothing(
    ftui: Ftui, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    edits, seed = request.config.getoption("--edits", 100), request.config.getoption("--seed", 1)
    random = Random(seed)
    root = tmp_path / "project"
    root.mkdir()
    project = EditedProject(root, random)
    if random.random() < 0.7:
        commit(root)
    told = FromNothing(root, tmp_path / "copy")
    buckets: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for step in range(edits + 1):
        with told.about(project.state()) as from_nothing:
            actual, found_in = ask(ftui, root, in_full=random.random() < 0.5)
            expected = from_nothing()
        buckets.update(found_in.values())
        seen.update((check, outcome) for check, (outcome, *others) in expected.outcomes.items() if not others)
        difference = differences(expected, actual)
        if difference:
            edited = "\n".join(f"{place:4} {what}" for place, what in enumerate(project.done, 1))
            pytest.fail(f"seed {seed}, step {step}\n{edited}\n{found_in}\n" + "\n".join(difference))
        project.edit()
    print(f"seed {seed}, {edits} edits: no difference; {dict(buckets)}; {project.times}")  # noqa: T201 - for runs by hand, with -s
    if edits >= 100:  # a test that hits nothing, or always comes to the same, proves nothing
        assert min(buckets["hit"], buckets["miss"], buckets["policy-rerun"]) > edits / 2
        assert seen >= {(check, outcome) for check in (*BY_HAND, "docs") for outcome in (PASSED, FAILED)}
        assert 0 not in project.times.values(), project.times


def ask(ftui: Ftui, root: Path, *, in_full: bool) -> tuple[Verdict, dict[str, str]]:
    """What ftui says, in JSON or, by its quick way out where that is open, in text; and the bucket of each check."""
    answer = ftui("run", "--profile", "full", *(["--format", "json"] if in_full else []), cwd=root)
    if not in_full:
        rows = SHOWN.findall(answer.out)
        return Verdict({row[1]: row[0] for row in rows}, {}), {row[1]: row[2] for row in rows}
    checks = json.loads(answer.raw)["checks"]
    places = {check["id"]: set(_places(check["findings"])) for check in checks if check["id"] in LINE}
    outcomes = {check["id"]: check["outcome"] for check in checks}
    return Verdict(outcomes, places), {check["id"]: check["bucket"] for check in checks}


def _places(findings: list[dict[str, Any]]) -> Iterator[tuple[str, int, str]]:
    return ((f["path"], f["line"] or 0, f["rule"] or "") for f in findings if f["severity"] == "error")


def differences(expected: Expected, actual: Verdict) -> list[str]:
    """One line for each check about which the two do not agree."""
    found = [
        f"{check}: from nothing it {' or '.join(outcomes)}, ftui says {actual.outcomes.get(check)}"
        for check, outcomes in expected.outcomes.items()
        if actual.outcomes.get(check) not in outcomes
    ]
    for check, places in actual.places.items():
        if actual.outcomes[check] == FAILED and places != expected.places[check]:
            found.append(f"{check}: from nothing {sorted(expected.places[check])}, ftui says {sorted(places)}")
    return found


class FromNothing:
    """The tools by hand, on a fresh copy of the tree, without any cache of theirs.

    Args:
        root: the project.
        copy: a folder that does not exist, for the copies.
    """

    def __init__(self, root: Path, copy: Path) -> None:
        self._root = root
        self._copy = copy
        self._known: dict[str, Expected] = {}

    @contextmanager
    def about(self, state: State) -> Iterator[Callable[[], Expected]]:
        """Runs the tools beside what the `with` does; what it yields waits for them. One state is asked about once."""
        name = repr(sorted(state.items()))
        running = {} if name in self._known else self._start()

        def expected() -> Expected:
            if name not in self._known:
                self._known[name] = self._expected({check: self._end(each) for check, each in running.items()})
            return self._known[name]

        try:
            yield expected
        finally:
            for process in running.values():
                process.kill()
                process.communicate()

    def _start(self) -> dict[str, subprocess.Popen[str]]:
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(
            self._root, self._copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__")
        )
        programs = self._root / ".venv" / "bin"
        arguments = re.findall(r'"(\w)"', (self._root / "ftui.toml").read_text())
        environ = {"PATH": os.environ["PATH"], "HOME": str(self._copy), "PYTHONDONTWRITEBYTECODE": "1"}
        return {
            check: subprocess.Popen(
                [str(programs / argv[0]), *argv[1:]],
                cwd=self._copy,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for check, argv in {**BY_HAND, "docs": ("python", "check.py", *arguments)}.items()
        }

    def _end(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def _expected(self, ends: dict[str, tuple[int, str]]) -> Expected:
        outcomes = {check: SAID.get(code, {BROKEN}) for check, (code, _) in ends.items()}
        if ends["docs"][0]:  # no tool with codes of its own: it fails, except where nothing is left for it to look at
            outcomes["docs"] = {FAILED} if self._has_docs() else {BROKEN}
        places = {
            check: {(path, int(number or 0), rule) for path, number, rule in pattern.findall(ends[check][1])}
            for check, pattern in LINE.items()
        }
        return Expected(outcomes, places)

    def _has_docs(self) -> bool:
        return (self._copy / "run.sh").exists() or any((self._copy / "docs").iterdir())
