"""Scripts of workspaces, and the package managers that run them: the real ones."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ftui.adapters import npm
from ftui.model import Check, CheckConfig, Outcome, Unused
from tests.adapters.kit import check_of, checks_of, project_at, run, unused_because, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SAYS = "console.log(JSON.stringify([process.argv.slice(2), process.env.CI])); process.exit(require('./code.json'))"


def package(name: str, scripts: Mapping[str, str], **fields: object) -> str:
    return json.dumps({"name": name, "version": "1.0.0", "license": "MIT", "scripts": scripts, **fields})


def made(root: Path, scripts: Mapping[str, str], *workspaces: Mapping[str, str]) -> Path:
    """Scripts of the root, and of workspaces `p/0`, `p/1` and so on."""
    write(root, {"package.json": package("root", scripts, workspaces=["p/*"], private=True)})
    write(root, {f"p/{n}/package.json": package(f"p{n}", each) for n, each in enumerate(workspaces)})
    return root


def ids(root: Path, checks: Mapping[str, CheckConfig] | None = None) -> set[str]:
    found = checks_of(npm, project_at(root, checks)).values()
    return {each.id for each in found if isinstance(each, Check)}


def test_without_a_script_at_the_root_those_of_the_workspaces_are_checks(tmp_path: Path) -> None:
    made(tmp_path, {"lint": "eslint ."}, {"test": "jest"}, {"test": "mocha", "type-check": "tsc"}, {})
    assert ids(tmp_path) == {"npm:lint", "npm:test:p/0", "npm:test:p/1", "npm:typecheck:p/1"}
    check = check_of(npm, project_at(tmp_path), "npm:typecheck:p/1")
    assert (check.cwd, check.argv[1:]) == ("p/1", ("run", "type-check", "--"))
    assert check.because == "script type-check in p/1/package.json, npm (no lock file)"
    assert {"tsconfig.json", "p/1/tsconfig.json", "p/1/.npmrc"} <= set(check.config_files)
    because = unused_because(npm, project_at(tmp_path), "npm:test")
    assert because == "no script test in package.json; those of the workspaces are checks"


def test_a_script_of_the_root_stands_for_those_of_the_workspaces_unless_one_is_asked_for(tmp_path: Path) -> None:
    made(tmp_path, {"test": "turbo run test"}, {"test": "jest"}, {"test": "mocha"})
    assert ids(tmp_path) == {"npm:test"}
    because = unused_because(npm, project_at(tmp_path), "npm:test:*")
    assert because == 'script test of the root stands for those of the workspaces; [checks."npm:test:p/0"] asks for one'
    assert ids(tmp_path, {"npm:test:p/1": CheckConfig()}) == {"npm:test", "npm:test:p/1"}


@pytest.mark.parametrize(
    ("lock", "script", "hands_on"),
    [
        ("package-lock.json", "npm run test --workspaces --if-present", True),
        ("package-lock.json", "npm test -ws --if-present", True),
        ("package-lock.json", "npm run test --workspaces", False),  # it fails where one has no such script
        ("package-lock.json", "npm run test --workspaces --if-present && echo done", False),
        ("package-lock.json", "npm run test --workspaces --if-present -- --coverage", False),
        ("package-lock.json", "npm run test --workspaces --if-present --include-workspace-root", False),
        ("package-lock.json", "npm run other --workspaces --if-present", False),
        ("package-lock.json", "pnpm -r test", False),
        ("package-lock.json", "jest", False),
        ("pnpm-lock.yaml", "pnpm -r test", True),
        ("pnpm-lock.yaml", "pnpm --recursive --parallel run test", True),
        ("pnpm-lock.yaml", "pnpm --filter a test", False),
        ("pnpm-lock.yaml", "pnpm test", False),
        ("yarn.lock", "yarn workspaces foreach --all run test", True),
        ("yarn.lock", "yarn workspaces foreach -A --exclude a run test", False),
        ("yarn.lock", "yarn workspaces run test", False),
        ("bun.lock", "bun run --filter '*' test", False),
    ],
)
def test_a_script_that_only_runs_those_of_the_workspaces_gives_way_to_them(
    tmp_path: Path, lock: str, script: str, hands_on: bool
) -> None:
    made(tmp_path, {"test": script}, {"test": "jest"}, {"test": "mocha"}, {"lint": "eslint"})
    write(tmp_path, {lock: "", "pnpm-workspace.yaml": "packages:\n  - p/*\n"})
    expected = {"npm:test:p/0", "npm:test:p/1"} if hands_on else {"npm:test"}
    assert ids(tmp_path) == {*expected, "npm:lint:p/2"}


@pytest.mark.parametrize(
    "scripts", [{"test": "jest", "pretest": "tsc"}, {"test": 'echo "Error: no test specified" && exit 1'}]
)
def test_it_does_not_where_that_would_come_to_something_else(tmp_path: Path, scripts: dict[str, str]) -> None:
    before = {"pretest": "tsc"} if "pretest" in scripts else {}
    made(tmp_path, {"test": "npm test -ws", **before}, {"test": scripts["test"]})
    assert ids(tmp_path) == {"npm:test"}


def test_a_script_of_the_root_that_runs_a_watching_one_of_a_workspace_never_ends(tmp_path: Path) -> None:
    made(tmp_path, {"test": "npm test -ws"}, {"test": "jest --watch"})
    assert unused_because(npm, project_at(tmp_path), "npm:test") == (
        "script test watches and never ends: `jest --watch`"
    )


def test_folders_with_spaces_have_ids_without(tmp_path: Path) -> None:
    made(tmp_path, {})
    write(tmp_path, {"p/a b/package.json": package("ab", {"test": "jest"})})
    assert ids(tmp_path) == {"npm:test:p/a%20b"}


# The real package managers


INSTALLED = {
    "npm": (),
    "pnpm": ("pnpm@>=9",),
    "yarn 1": ("yarn@1",),
    "yarn 4": ("@yarnpkg/cli-dist@4",),
    "bun": ("bun@1",),
}
LOCKS = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "bun": "bun.lock"}


@pytest.mark.packages
@pytest.mark.parametrize("called", INSTALLED)
def test_every_package_manager_runs_the_script_of_a_workspace_and_its_verdict_is_the_scripts(
    tmp_path: Path, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = called.partition(" ")[0]
    tools = tmp_path / "tools"
    write(tools, {"package.json": "{}"})
    if INSTALLED[called]:
        installed("npm", "install", "--no-audit", "--no-fund", *INSTALLED[called], cwd=tools)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools / "node_modules" / ".bin"), os.environ["PATH"]]))
    monkeypatch.setenv("YARN_ENABLE_TELEMETRY", "0")
    monkeypatch.setenv("YARN_ENABLE_IMMUTABLE_INSTALLS", "0")  # in CI, yarn writes no lock file otherwise
    root = tmp_path / "project"
    made(root, {})
    needed = "*" if called in ("npm", "yarn 1") else "workspace:*"
    scripts = {"test": "node says.js", "lint": "no-such-command-anywhere"}
    write(
        root,
        {
            "p/a/package.json": package("a", scripts, dependencies={"b": needed}),
            "p/a/says.js": f"require('b');{SAYS}",
            "p/a/code.json": "0",
            "p/b/package.json": package("b", {}, main="index.js"),
            "p/b/index.js": "",
            "pnpm-workspace.yaml": "packages:\n  - p/*\n",
            ".yarnrc.yml": "nodeLinker: node-modules\nenableGlobalCache: false\n",
        },
    )
    installed(manager, "install", cwd=root)
    assert (root / LOCKS[manager]).exists()
    before = sorted(path.relative_to(root) for path in root.rglob("*"))
    project = project_at(root)
    check = check_of(npm, project, "npm:test:p/a")
    assert os.path.basename(check.argv[0]).startswith(manager)
    passed = run(check, root, "--flag", "x y")
    assert passed.outcome is Outcome.PASSED, passed
    assert '[["--flag","x y"],"1"]' in passed.output
    write(root, {"p/a/code.json": "3"})
    assert run(check, root).outcome is Outcome.FAILED
    assert run(check_of(npm, project, "npm:lint:p/a"), root).outcome is Outcome.BROKEN
    write(root, {"p/a/package.json": package("a", {}, dependencies={"b": needed})})
    gone = run(check, root)
    assert (gone.outcome, gone.because.partition(": ")[0]) == (Outcome.BROKEN, "the script was not run"), gone
    assert sorted(path.relative_to(root) for path in root.rglob("*")) == before


def installed(*argv: str, cwd: Path) -> None:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.packages
def test_vitest_without_a_word_ends_where_ci_is_set(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": package("v", {"test": "vitest"}), "a.test.js": "import { test } from 'vitest'\n"})
    installed("npm", "install", "--no-audit", "--no-fund", "--save-dev", "vitest@>=3", cwd=tmp_path)
    manifest = json.loads((tmp_path / "package.json").read_text())
    assert isinstance(checks_of(npm, project_at(tmp_path))["npm:test"], Check)
    write(tmp_path, {"a.test.js": "import { test } from 'vitest'\ntest('a', () => {})\n"})
    check = check_of(npm, project_at(tmp_path), "npm:test")
    assert run(check, tmp_path).outcome is Outcome.PASSED
    os.unlink(tmp_path / "a.test.js")
    nothing = run(check, tmp_path)
    assert (nothing.outcome, nothing.because) == (Outcome.BROKEN, "no test ran")
    write(tmp_path, {"package.json": json.dumps({**manifest, "scripts": {"test": "vitest --watch"}})})
    assert isinstance(checks_of(npm, project_at(tmp_path))["npm:test"], Unused)
