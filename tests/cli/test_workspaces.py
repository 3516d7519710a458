"""Scripts of npm workspaces through the command: run where what they read has changed, and nowhere else."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import commit, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Answer, Ftui

A, B, C = "npm:test:p/a", "npm:test:p/b", "npm:test:p/c"
JUDGES = "if (require('fs').readFileSync(__dirname + '/src.txt', 'utf8').includes('bad')) process.exit(1)\n"

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm here")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three workspaces, of which the first depends on the second; git ignores what the second one builds."""
    files = {
        "package.json": json.dumps({"name": "root", "private": True, "workspaces": ["p/*"]}),
        "package-lock.json": "{}",
        ".gitignore": "dist/\n",
    }
    for name, needs in {"a": {"b": "*"}, "b": {}, "c": {}}.items():
        package = {"name": name, "main": "dist/x.js", "scripts": {"test": "node test.js"}, "peerDependencies": needs}
        files |= {f"p/{name}/package.json": json.dumps(package), f"p/{name}/src.txt": "fine\n"}
        reads = "require('../b/dist/x.js')\n" if needs else ""
        files[f"p/{name}/test.js"] = JUDGES + reads
    write(tmp_path, {**files, "p/b/dist/x.js": ""})
    commit(tmp_path)
    return tmp_path


def judged(answer: Answer) -> dict[str, tuple[str, str]]:
    return {check["id"]: (check["outcome"], check["bucket"]) for check in answer.report["checks"]}


def test_after_an_edit_those_who_read_it_run_and_the_others_are_replayed(ftui: Ftui, root: Path) -> None:
    def run() -> dict[str, tuple[str, str]]:
        return judged(ftui("run", "--format", "json", cwd=root))

    assert run() == dict.fromkeys((A, B, C), ("passed", "miss"))
    assert run() == dict.fromkeys((A, B, C), ("passed", "hit"))
    write(root, {"p/b/src.txt": "bad\n"})
    assert run() == {A: ("passed", "miss"), B: ("failed", "miss"), C: ("passed", "hit")}
    write(root, {"p/b/src.txt": "fine\n", "package-lock.json": "{ }"})
    assert run() == dict.fromkeys((A, B, C), ("passed", "miss"))
    write(root, {"p/b/dist/x.js": "throw new Error('built anew')\n"})
    assert run() == {A: ("failed", "miss"), B: ("passed", "hit"), C: ("passed", "hit")}


def test_what_has_not_changed_is_skipped_with_the_reason(ftui: Ftui, root: Path) -> None:
    write(root, {"p/b/src.txt": "fine still\n"})
    checks = {each["id"]: each for each in ftui("run", "--changed", "--format", "json", cwd=root).report["checks"]}
    assert {check_id: check["outcome"] for check_id, check in checks.items()} == {
        A: "passed",
        B: "passed",
        C: "skipped",
    }
    assert checks[C]["skipped_because"] == "nothing that it reads has changed since HEAD"
