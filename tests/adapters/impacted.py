"""Small edits by a script, what they do to the verdicts of tests, and which tests the plugin of pytest would choose."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ftui.adapters.pytest import PLUGIN, PLUGIN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_RUNS = 12
"""After which all tests have been observed."""

CHOOSE = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from ftui_pytest_parts.record import Record
from ftui_pytest_parts.tree import Tree
record = Record(sys.argv[2])
chosen = record.affected(Tree(os.path.realpath("."), record.stats), json.load(sys.stdin), record.surroundings)
json.dump(chosen, sys.stdout)
"""

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Mod: ast.Mult},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
}


class Project(Struct, frozen=True):
    """A tree with tests, and how they are run."""

    root: Path
    kept: Path
    """Where the plugin keeps what it knows."""
    environ: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    """More of them for pytest."""
    timeout: float = 120.0

    def report(self, *, kept: bool = False, ahead: bool = False) -> list[dict[str, Any]]:
        """The lines of the plugin's report on one run; none where that had no end.

        Args:
            kept: whether the plugin may keep what it sees.
            ahead: whether only the part of the tests is to run that is worth running ahead.
        """
        report = self.kept / "report.jsonl"
        report.unlink(missing_ok=True)
        environ = {**self.environ, "PYTEST_PLUGINS": PLUGIN, "FTUI_PYTEST_REPORT": str(report)}
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, (PLUGIN_FOLDER, self.environ.get("PYTHONPATH"))))
        environ |= {"FTUI_PYTEST_KEPT": str(self.kept)} if kept else {}
        environ |= {"FTUI_PYTEST_AHEAD": "1"} if ahead else {}
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.arguments]
        try:
            subprocess.run(argv, cwd=self.root, env=environ, capture_output=True, timeout=self.timeout, check=False)
            lines = [json.loads(line) for line in report.read_bytes().splitlines()]
        except (subprocess.TimeoutExpired, FileNotFoundError):
            return []
        return lines if lines and lines[-1]["kind"] == "end" else []

    def verdicts(self) -> dict[str, str] | None:
        """How each test ends, by id, as pytest says by itself; None where there is no verdict on the whole."""
        lines = self.report()
        return outcomes(lines) if lines and lines[-1]["exit"] in (0, 1, 2) else None

    def observe(self) -> dict[str, str]:
        """Lets the plugin see all tests, which takes several runs of all; how they ended in the first."""
        (self.kept / "long").touch()
        found = outcomes(self.report(kept=True))
        for _ in range(MOST_RUNS):
            (self.kept / "long").touch()
            if not self.chosen(list(found)):
                break
            self.report(kept=True)
        return found

    def chosen(self, tests: Sequence[str]) -> dict[str, str]:
        """Those of some tests that the plugin would choose, by id the reason."""
        argv = [sys.executable, "-c", CHOOSE, PLUGIN_FOLDER, str(self.kept)]
        words = json.dumps(list(tests))
        done = subprocess.run(argv, cwd=self.root, input=words, capture_output=True, text=True, check=True)
        found: dict[str, str] = json.loads(done.stdout)
        return found


def outcomes(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """How each test ended, by id, and that a file could not be loaded."""
    found = {line["id"]: line["outcome"] for line in lines if line["kind"] == "test"}
    return found | {line["id"]: "error" for line in lines if line["kind"] == "failure" and "::" not in line["id"]}


class Effect(Struct, frozen=True):
    """What became of an edit."""

    edit: str
    tests: int
    changed: int
    """Tests whose verdict is another one."""
    chosen: int
    missed: tuple[str, ...]
    """Those of the changed ones that were not chosen."""

    @property
    def share(self) -> float:
        """Of all tests, those that were chosen."""
        return self.chosen / self.tests


def effect_of(project: Project, before: dict[str, str], edit: str) -> Effect | None:
    """Runs all tests, and compares what changed with what would have been chosen; None without a verdict."""
    after = project.verdicts()
    if after is None:
        return None
    unloaded = {test for test in before if after.get(test.split("::")[0]) == "error"}
    tests = [test for test in before | after if "::" in test]
    changed = {test for test in tests if before.get(test) != after.get(test)}
    chosen = project.chosen(tests)
    missed = tuple(sorted(test for test in changed if test not in chosen))
    assert unloaded <= changed
    return Effect(edit, len(tests), len(changed), len(chosen), missed)


def mutated(source: str, draw: random.Random) -> tuple[str, str] | None:
    """The text of a Python file with one small change, and that change in words; None where there is nothing to change.

    An operator is turned round, a constant is another one, or a function returns nothing.
    """
    tree = ast.parse(source)
    places = [(node, new) for node in _nodes(tree) if (new := _changed(node)) is not None]
    if not places:
        return None
    node, new = draw.choice(places)
    lines = source.encode().splitlines(keepends=True)
    offset = [0]
    for line in lines:
        offset.append(offset[-1] + len(line))
    start = offset[node.lineno - 1] + node.col_offset
    end = offset[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
    text = source.encode()
    return (text[:start] + new.encode() + text[end:]).decode(), f"{node.lineno}: {new[:40]}"


def _nodes(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """All but the parts of formatted strings, whose places are not known before Python 3.12."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            continue
        if isinstance(child, ast.expr | ast.stmt):
            yield child
        yield from _nodes(child)


def _changed(node: ast.expr | ast.stmt) -> str | None:
    match node:
        case ast.Constant(value=bool(value)):
            return str(not value)
        case ast.Constant(value=int(value)):
            return str(value + 1)
        case ast.Constant(value=str(value)) if value and "\n" not in value:
            return repr(value + "x")
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            return f"({ast.unparse(ast.BinOp(left, OPERATORS[type(op)](), right))})"  # type: ignore[arg-type]
        case ast.BoolOp(op, values):
            return f"({ast.unparse(ast.BoolOp(OPERATORS[type(op)](), values))})"  # type: ignore[arg-type]
        case ast.Compare(left, [op], [right]) if type(op) in OPERATORS:
            return f"({ast.unparse(ast.Compare(left, [OPERATORS[type(op)]()], [right]))})"  # type: ignore[list-item]
        case ast.Return(value) if value is not None:
            return "return None"
    return None


def mutated_data(content: bytes, draw: random.Random) -> bytes | None:
    """A file that is no Python, with one byte that is another one."""
    places = [place for place, byte in enumerate(content) if chr(byte).isalnum()]
    if not places:
        return None
    place = draw.choice(places)
    return content[:place] + (b"7" if content[place : place + 1] != b"7" else b"3") + content[place + 1 :]
