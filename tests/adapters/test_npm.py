"""npm scripts, with the real npm and node."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ftui.adapters import npm
from ftui.model import Check, Outcome, Severity
from ftui.project import TreeProject
from tests.adapters.kit import check_of, checks_of, install, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path


def _package(root: Path, scripts: dict[str, str], **fields: object) -> TreeProject:
    write(root, {"package.json": json.dumps({"name": "x", "version": "1.0.0", "scripts": scripts, **fields})})
    return project_at(root)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ("node -e 0", Outcome.PASSED),
        ("node -e 'process.exit(3)'", Outcome.FAILED),
        ("no-such-command", Outcome.BROKEN),
    ],
)
def test_the_exit_code_of_the_script_is_the_verdict(tmp_path: Path, script: str, outcome: Outcome) -> None:
    check = check_of(npm, _package(tmp_path, {"lint": script.replace("'", '"')}), "npm:lint")
    assert run(check, tmp_path).outcome is outcome


def test_further_arguments_reach_the_script(tmp_path: Path) -> None:
    check = check_of(npm, _package(tmp_path, {"lint": "node args.js"}), "npm:lint")
    write(tmp_path, {"args.js": "console.log(JSON.stringify(process.argv.slice(2)), process.env.CI)"})
    assert '["--fix","src"] 1' in run(check, tmp_path, "--fix", "src").output


def test_real_tests_of_node_pass_and_fail(tmp_path: Path) -> None:
    project = _package(tmp_path, {"test": "node --test"})
    write(tmp_path, {"a.test.js": "require('node:test')('a', () => {})"})
    check = check_of(npm, project, "npm:test")
    assert run(check, tmp_path).outcome is Outcome.PASSED
    write(tmp_path, {"b.test.js": "require('node:test')('b', () => { throw new Error('b') })"})
    assert run(check, tmp_path).outcome is Outcome.FAILED


def test_a_run_of_no_test_is_no_verdict(tmp_path: Path) -> None:
    verdict = run(check_of(npm, _package(tmp_path, {"test": "node --test"}), "npm:test"), tmp_path)
    assert (verdict.outcome, verdict.because) == (Outcome.BROKEN, "no test ran")


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        ("No tests found, exiting with code 0\n", "broken"),
        ("No test files found, exiting with code 1\n", "broken"),
        ("No test files found, exiting with code 0\n", "broken"),
        ("  0 passing (2ms)\n", "broken"),
        ("  0 passing (2ms)\n\n  3 passing (2ms)\n", "passed"),
        ("ℹ tests 0\n", "broken"),  # noqa: RUF001 - node's own sign
        ("# tests 4\n", "passed"),
        ("Tests:       4 passed, 4 total\n", "passed"),
    ],
)
def test_the_runners_words_for_no_test_are_known(tmp_path: Path, output: str, outcome: str) -> None:
    check = check_of(npm, _package(tmp_path, {"test": "jest"}), "npm:test")
    assert judge(check, left_behind(0, output)).outcome == outcome


def test_each_kind_of_script_is_a_check_of_its_own(tmp_path: Path) -> None:
    project = _package(tmp_path, {"lint": "eslint", "test": "jest", "type-check": "tsc", "build": "vite"})
    found = checks_of(npm, project)
    assert {check_id: item.argv[1:] for check_id, item in found.items() if isinstance(item, Check)} == {
        "npm:lint": ("run", "lint", "--"),
        "npm:typecheck": ("run", "type-check", "--"),
        "npm:test": ("run", "test", "--"),
    }


@pytest.mark.parametrize(
    ("files", "fields", "manager"),
    [
        ({}, {}, "npm"),
        ({"package-lock.json": "{}"}, {}, "npm"),
        ({"pnpm-lock.yaml": ""}, {}, "pnpm"),
        ({"yarn.lock": ""}, {}, "yarn"),
        ({"bun.lock": ""}, {}, "bun"),
        ({"package-lock.json": "{}"}, {"packageManager": "pnpm@9.1.0"}, "pnpm"),
        ({"package-lock.json": "{}"}, {"packageManager": "other@9.1.0"}, "npm"),
        ({"yarn.lock": ""}, {"devEngines": {"packageManager": {"name": "bun"}}}, "bun"),
    ],
)
def test_the_package_manager_is_the_projects_own(
    tmp_path: Path, files: dict[str, str], fields: dict[str, object], manager: str
) -> None:
    write(tmp_path, files)
    install(tmp_path, "node_modules", manager)
    check = check_of(npm, _package(tmp_path, {"lint": "eslint"}, **fields), "npm:lint")
    assert check.argv[0].endswith(f"/{manager}")
    assert ("--" in check.argv) == (manager == "npm")


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        (
            ["pnpm-lock.yaml", "package-lock.json", "yarn.lock"],
            {},
            "pnpm (pnpm-lock.yaml, though there is yarn.lock and package-lock.json too: packageManager in package.json "
            "would decide)",
        ),
        (["pnpm-lock.yaml", "yarn.lock"], {"packageManager": "yarn@1"}, "yarn (packageManager in package.json)"),
        (["bun.lock", "bun.lockb"], {}, "bun (bun.lock)"),
    ],
)
def test_two_lock_files_at_once_are_said(
    tmp_path: Path, files: list[str], fields: dict[str, object], said: str
) -> None:
    write(tmp_path, dict.fromkeys(files, ""))
    check = check_of(npm, _package(tmp_path, {"lint": "eslint"}, **fields), "npm:lint")
    assert check.because == f"script lint in package.json, {said}"


def test_a_missing_package_manager_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"pnpm-lock.yaml": ""})
    _package(tmp_path, {"lint": "eslint"})
    check = check_of(npm, project_at(tmp_path, without=["pnpm"]), "npm:lint")
    assert check.unavailable == "pnpm is used here (pnpm-lock.yaml) and is not installed: run `npm install -g pnpm`"


def test_packages_that_are_not_installed_are_named(tmp_path: Path) -> None:
    project = _package(tmp_path, {"lint": "eslint ."}, devDependencies={"eslint": "9"})
    assert check_of(npm, project, "npm:lint").unavailable == (
        "the packages of package.json are not installed: run `npm install`"
    )
    (tmp_path / "node_modules").mkdir()
    assert check_of(npm, project, "npm:lint").unavailable is None


@pytest.mark.parametrize(
    ("scripts", "because"),
    [
        ({}, "no script test in package.json"),
        ({"test": 'echo "Error: no test specified" && exit 1'}, "script test is the placeholder of `npm init`"),
        ({"test": "jest --watch"}, "script test watches and never ends: `jest --watch`"),
        ({"test": "cross-env NODE_ENV=test jest --watchAll"}, "script test watches and never ends: `jest --watchAll`"),
        ({"test": "nodemon test.js"}, "script test watches and never ends: `nodemon test.js`"),
        ({"test": "npm run build && vitest watch"}, "script test watches and never ends: `vitest watch`"),
        ({"test": "npm run t", "t": "npm run test; tsc -w"}, "script test watches and never ends: `tsc -w`"),
    ],
)
def test_a_script_that_cannot_give_a_verdict_is_unused(tmp_path: Path, scripts: dict[str, str], because: str) -> None:
    assert unused_because(npm, _package(tmp_path, scripts), "npm:test") == because


@pytest.mark.parametrize(
    "script",
    [
        "vitest",
        "vitest run",
        "react-scripts test",
        "jest --watch=false",
        "jest --watchman",
        "tsc --noEmit",
        "node w.js",
    ],
)
def test_a_script_that_ends_where_ci_is_set_is_a_check(tmp_path: Path, script: str) -> None:
    assert "CI=1" in check_of(npm, _package(tmp_path, {"test": script}), "npm:test").env


def test_of_pnpm_it_is_asked_that_it_installs_nothing_first(tmp_path: Path) -> None:
    write(tmp_path, {"pnpm-lock.yaml": ""})
    assert (
        "pnpm_config_verify_deps_before_run=false" in check_of(npm, _package(tmp_path, {"lint": "x"}), "npm:lint").env
    )


@pytest.mark.parametrize(
    ("script", "reads"),
    [
        ("node --test dist/", True),
        ("tsc --noEmit && mocha ./dist", True),
        ("npm run unit", True),
        ("npm run build && node --test dist/", False),
        ("tsc && node --test dist/", False),
        ("node --test src", False),
    ],
)
def test_what_was_built_before_counts_where_the_script_uses_it(tmp_path: Path, script: str, reads: bool) -> None:
    project = _package(
        tmp_path, {"test": script, "unit": "mocha dist/unit", "build": "./make.sh"}, main="./dist/index.js"
    )
    assert ("/dist/**" in check_of(npm, project, "npm:test").inputs) is reads


def test_without_package_json_it_is_unused(tmp_path: Path) -> None:
    assert unused_because(npm, project_at(tmp_path), "npm") == "no package.json"


def test_no_variable_that_may_hold_a_token_is_let_through(tmp_path: Path) -> None:
    check = check_of(npm, _package(tmp_path, {"lint": "eslint"}), "npm:lint")
    assert not [entry for entry in check.env if "*" in entry or "TOKEN" in entry.upper() or "auth" in entry.lower()]


def test_findings_of_tsc_and_eslint_are_located(tmp_path: Path) -> None:
    output = (
        "\n> x@1.0.0 lint\n> eslint . && tsc\n\n/project/src/a b.js\n"
        "  1:5   error    'x' is assigned a value but never used  no-unused-vars\n"
        "  2:1   warning  Unexpected console statement            no-console\n\n✖ 2 problems\n"
        "src/b.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.\n"
    )
    check = check_of(npm, _package(tmp_path, {"lint": "eslint . && tsc"}), "npm:lint")
    verdict = judge(check, left_behind(1, output))
    assert verdict.places() == [
        ("src/a b.js", 1, 5, "no-unused-vars"),
        ("src/a b.js", 2, 1, "no-console"),
        ("src/b.ts", 3, 7, "TS2322"),
    ]
    assert [finding.severity for finding in verdict.findings] == [Severity.ERROR, Severity.WARNING, Severity.ERROR]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("npm error code ENOTFOUND", True),
        ("npm ERR! code ECONNRESET", True),
        ("npm ERR! code ELIFECYCLE", False),
        ("the author code ENOTFOUND", False),
        ("Error: connect ETIMEDOUT 10.0.0.1:443", False),
    ],
)
def test_only_npms_own_error_code_names_a_network_failure(tmp_path: Path, line: str, named: bool) -> None:
    check = check_of(npm, _package(tmp_path, {"lint": "npx eslint"}), "npm:lint")
    assert (check.infrastructure(left_behind(1, f"before\n{line}\nafter\n")) is not None) is named


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "", "passed"),
        (1, "", "failed"),
        (125, "", "failed"),
        (126, "", "broken"),
        (127, "", "broken"),
        (1, "npm error code EJSONPARSE\n", "broken"),
        (1, "npm error code ENOTFOUND\n", "failed"),  # until the engine has asked `infrastructure` about it
        (1, "npm ERR! code ELIFECYCLE\n", "failed"),
        (1, 'npm error Missing script: "lint"\n', "broken"),
        (1, "Error: ERR_PNPM_NO_SCRIPT\n", "broken"),
        (1, " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install\n", "broken"),
        (1, " ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL  a lint\n", "failed"),
        (1, "[ELIFECYCLE] Command failed.\n", "failed"),
        (1, 'error Command "lint" not found.\n', "broken"),
        (1, "error Command failed with exit code 1.\n", "failed"),
        (1, "Internal Error: root@workspace:.: not in your lockfile\n", "broken"),
        (1, 'error: Script not found "lint"\n', "broken"),
        (1, 'error: script "lint" exited with code 1\n', "failed"),
        (0, "Usage Error: of a tool whose help is tested\n", "passed"),
    ],
)
def test_exit_codes_are_those_of_the_script(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    check = check_of(npm, _package(tmp_path, {"lint": "eslint"}), "npm:lint")
    assert judge(check, left_behind(code, output)).outcome == outcome
