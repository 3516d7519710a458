"""The real tools, which npm installs once for all tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

import ftui_eslint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ftui.hookspecs import Project
    from ftui.testing import Events, MakeProject, Offers, RunChecks

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]
pytestmark = pytest.mark.packages

TOOLS = ("eslint@10", "prettier@3", "typescript@7", "vitest@4", "jest@30")
UNUSED = "export default [{ rules: { 'no-unused-vars': 'error' } }];\n"
TEST = "import { test, expect } from 'vitest';\n"
STRICT = {"compilerOptions": {"strict": True, "outDir": "dist", "incremental": True}}


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node_modules with every tool; the processes of one run of pytest share it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm, which installs the real tools, is not there")
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "ftui-eslint"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            (folder / "package.json").write_text("{}")
            argv = (npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", *TOOLS)
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "installed").touch()
    return folder / "node_modules"


class Run(Protocol):
    """What the fixture `run` hands out."""

    def __call__(self, files: Mapping[str, object], *names: str) -> Events:
        """Writes files, those that are no text as JSON, and runs the checks of these names."""


@pytest.fixture
def run(modules: Path, project: MakeProject, engine: RunChecks) -> Run:
    """Runs the real tools on a project."""

    def judge(files: Mapping[str, object], *names: str) -> Events:
        texts = {path: text if isinstance(text, str) else json.dumps(text) for path, text in files.items()}
        made = project(texts)
        if not (made.root / "node_modules").exists():
            (made.root / "node_modules").symlink_to(modules)
        return engine(made, ftui_eslint, names=names)

    return judge


def outcome(events: Events, name: str) -> tuple[str, str]:
    """Outcome of a check, and why there is no verdict."""
    result = events.result(name)
    return result.outcome.value, result.broken_because or ""


def test_eslint_passes_fails_and_is_right_after_an_edit_of_what_its_configuration_imports(run: Run) -> None:
    config = "import { rules } from './rules.js'; export default [{ rules }];\n"
    files = {"package.json": {"type": "module"}, "eslint.config.js": config, "src/a.js": "const a = 1;\n"}
    passed = run({**files, "rules.js": "export const rules = {};\n"})
    passed.expect("eslint", "passed")
    passed.expect_no_problem()
    assert run({}).result("eslint").bucket == "hit"
    failed = run({"rules.js": "export const rules = { 'no-unused-vars': 'error' };\n"})
    failed.expect("eslint", "failed", ("src/a.js", 1, 7, "no-unused-vars"))


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"eslint.config.mjs": "export default [{ ignores: ['**'] }];\n"}, "are ignored"),
        ({"eslint.config.mjs": "throw new Error('no configuration');\n"}, "eslint: Error: no configuration"),
        ({"eslint.config.mjs": UNUSED, "ftui.toml": "[checks.eslint]\nargs = ['--nope']\n"}, "Invalid option '--nope'"),
    ],
)
def test_eslint_without_a_verdict_is_broken(run: Run, files: dict[str, object], because: str) -> None:
    found, words = outcome(run({**files, "a.js": "x;\n"}, "eslint"), "eslint")
    assert found == "broken"
    assert because in words


def test_a_package_is_linted_in_its_folder(run: Run) -> None:
    files = {"package.json": {"workspaces": ["packages/*"]}, "packages/web/package.json": {}}
    events = run({**files, "packages/web/eslint.config.mjs": UNUSED, "packages/web/a.js": "const a = 1;\n"})
    events.expect("eslint:packages/web", "failed", ("packages/web/a.js", 1, 7, "no-unused-vars"))


def test_fixers_write_and_then_pass(run: Run, project: MakeProject) -> None:
    config = "export default [{ rules: { 'prefer-const': 'error' } }];\n"
    settings = "[checks.eslint]\nfix = true\n[checks.prettier]\nfix = true\n"
    files = {"eslint.config.mjs": config, ".prettierrc": "", "ftui.toml": settings}
    events = run({**files, "a.js": "let a  =  1;\na;\n"})
    events.expect("eslint", "passed")
    events.expect("prettier", "passed")
    assert project({}).text("a.js") == "const a = 1;\na;\n"


def test_prettier_fails_where_a_file_has_another_format_or_cannot_be_parsed(run: Run) -> None:
    files = {".prettierrc": "{}\n", "package.json": "{}\n", "a.js": "const a = 1;\n"}
    run(files, "prettier").expect("prettier", "passed")
    assert run({}, "prettier").result("prettier").bucket == "hit"
    events = run({"src/b c.js": "const a  =  1\n", "d.js": "const = ;\n"}, "prettier")
    events.expect("prettier", "failed", ("d.js", 1, 7, "unparsable"), ("src/b c.js", None, None, "unformatted"))


def test_prettier_with_a_configuration_that_it_cannot_read_is_broken(run: Run) -> None:
    found, words = outcome(run({".prettierrc": "{bad", "package.json": "{}\n", "a.js": "a;\n"}), "prettier")
    assert found == "broken"
    assert "Invalid configuration for file" in words


def test_tsc_finds_errors_and_leaves_nothing_behind(run: Run, project: MakeProject) -> None:
    files = {"package.json": {"devDependencies": {"typescript": "7"}}, "tsconfig.json": STRICT}
    run({**files, "src/a.ts": "export const a: number = 1;\n"}).expect("tsc", "passed")
    events = run({"src/(b)/b.ts": "import { a } from '../a';\nexport const b: string = a;\n"})
    events.expect("tsc", "failed", ("src/(b)/b.ts", 2, 14, "TS2322"))
    left = {path.name for path in project({}).root.iterdir()}
    assert left == {"package.json", "tsconfig.json", "src", "node_modules"}


def test_tsc_is_asked_again_when_another_package_has_been_built(run: Run, project: MakeProject) -> None:
    files = {
        "package.json": {"devDependencies": {"typescript": "7"}, "workspaces": ["packages/*"]},
        "packages/ui/package.json": {"name": "@acme/ui", "types": "dist/index.d.ts"},
        "packages/web/package.json": {},
        "packages/web/tsconfig.json": {"compilerOptions": {"preserveSymlinks": True}, "include": ["*.ts"]},
        "packages/web/a.ts": "import { x } from '@acme/ui';\nexport const y: string = x;\n",
        ".gitignore": "dist\n",
    }
    made = project({})
    (made.root / "packages/web/node_modules/@acme").mkdir(parents=True)
    (made.root / "packages/web/node_modules/@acme/ui").symlink_to("../../../ui")
    run({**files, "packages/ui/dist/index.d.ts": "export const x: string;\n"}).expect("tsc:packages/web", "passed")
    assert run({}).result("tsc:packages/web").bucket == "hit"
    events = run({"packages/ui/dist/index.d.ts": "export const x: number;\n"})
    events.expect("tsc:packages/web", "failed", ("packages/web/a.ts", 2, 14, "TS2322"))


def test_tsc_with_no_file_to_check_is_broken(run: Run) -> None:
    files = {"package.json": {"devDependencies": {"typescript": "7"}}, "tsconfig.json": {"include": ["src"]}}
    found, words = outcome(run(files), "tsc")
    assert found == "broken"
    assert "No inputs were found in config file" in words


def test_tsc_that_may_write_builds_what_references_need(run: Run) -> None:
    composite = {"compilerOptions": {"composite": True, "rootDir": "src", "outDir": "dist"}, "include": ["src"]}
    files = {
        "package.json": {"devDependencies": {"typescript": "7"}},
        "tsconfig.json": {"files": [], "references": [{"path": "app"}]},
        "app/tsconfig.json": {**composite, "references": [{"path": "../lib"}]},
        "app/src/a.ts": "import { x } from '../../lib/src/x';\nexport const y: string = x;\n",
        "lib/tsconfig.json": composite,
        "lib/package.json": {"types": "dist/x.d.ts"},
        "lib/src/x.ts": "export const x: number = 1;\n",
        ".gitignore": "dist\n",
        "ftui.toml": "[checks.tsc]\nfix = true\n",
    }
    run(files).expect("tsc", "failed", ("app/src/a.ts", 2, 14, "TS2322"))
    run({"lib/src/x.ts": "export const x: string = '1';\n"}).expect("tsc", "passed")


VITEST = {"package.json": {"type": "module", "devDependencies": {"vitest": "4"}}}
JEST = {"package.json": {"devDependencies": {"jest": "30"}}}


@pytest.mark.parametrize(("name", "files", "head"), [("vitest", VITEST, TEST), ("jest", JEST, "\n")])
def test_tests_pass_fail_and_write_no_snapshot(
    run: Run, project: MakeProject, name: str, files: dict[str, object], head: str
) -> None:
    snapshot = "test('y', () => { expect(1).toMatchSnapshot(); });\n"
    run({**files, "a.test.js": f"{head}test('x', () => {{ console.log('{{'); }});\n"}).expect(name, "passed")
    events = run(
        {"a.test.js": f"{head}test('x', () => {{\n  expect(1).toBe(2);\n}});\n{snapshot}", "b.test.js": "throw 1;"}
    )
    assert events.result(name).outcome == "failed"
    found = [(each.path, each.line, each.rule) for each in events.result(name).findings]
    assert sorted(found, key=str) == [("a.test.js", 3, "x"), ("a.test.js", 5, "y"), ("b.test.js", None, None)]
    assert not (project({}).root / "__snapshots__").exists()


@pytest.mark.parametrize(("name", "files"), [("vitest", VITEST), ("jest", JEST)])
def test_no_test_is_no_verdict_even_where_the_project_lets_it_pass(
    run: Run, name: str, files: dict[str, object]
) -> None:
    found, words = outcome(run({**files, "a.js": "", "ftui.toml": f"[checks.{name}]\n"}, name), name)
    assert (found, "no test" in words.lower()) == ("broken", True)
    passing = {"ftui.toml": f"[checks.{name}]\nargs = ['--passWithNoTests']\n"}
    assert outcome(run(passing, name), name) == ("broken", "no test ran")


def test_a_test_that_ends_jest_early_is_no_verdict(run: Run) -> None:
    found, words = outcome(run({**JEST, "a.test.js": "test('x', () => process.exit(0));\n"}), "jest")
    assert found == "broken"
    assert words.startswith("jest gave no report: ●  process.exit called")


def test_vitest_fails_for_an_error_outside_of_any_test(run: Run) -> None:
    late = "setTimeout(() => { throw new Error('late'); }); await new Promise(done => setTimeout(done, 9));"
    test = f"{TEST}test('x', async () => {{ {late} }});\n"
    run({**VITEST, "a.test.js": test}).expect("vitest", "failed", (None, None, None, "Uncaught Exception"))


def test_a_coverage_threshold_that_is_not_met_fails(run: Run) -> None:
    jest = {"collectCoverage": True, "coverageThreshold": {"global": {"lines": 99}}}
    files = {"m.js": "module.exports = 1;\nfunction f() {\n  return 1;\n}\n", ".gitignore": "coverage\n"}
    events = run({**files, "package.json": {"jest": jest}, "a.test.js": "test('x', () => { require('./m'); });\n"})
    events.expect("jest", "failed", (None, None, None, None))
    assert "threshold" in events.result("jest").findings[0].message
