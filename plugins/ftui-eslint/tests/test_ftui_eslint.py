"""Where the checks are found, and what they depend on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import ftui_eslint
from ftui.model import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ftui.hookspecs import Project
    from ftui.testing import MadeProject, MakeProject, Offers

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]

NAMES = ("eslint", "prettier", "tsc", "vitest", "jest")
TOOLS = dict.fromkeys(NAMES, "")


def package(*declared: str, **fields: object) -> str:
    """A package.json with these development dependencies."""
    return json.dumps({"devDependencies": dict.fromkeys(declared, "*"), **fields})


def installed(made: MadeProject, folder: str, name: str, version: str) -> None:
    """Puts a program that does nothing into the node_modules of a package."""
    modules = made.root / folder / "node_modules"
    (modules / name).mkdir(parents=True)
    (modules / name / "package.json").write_text(json.dumps({"version": version}))
    (modules / ".bin").mkdir()
    for program in (modules / ".bin" / name, modules / ".bin" / f"{name}.cmd"):
        program.touch(mode=0o755)


@pytest.fixture
def offered(project: MakeProject, offers: Ask) -> Callable[..., Offers]:
    """What the plugin offers for files, with every tool installed."""

    def ask(files: Mapping[str, str], **more: object) -> Offers:
        return offers(project(files, **{"tools": TOOLS, **more}), ftui_eslint)  # type: ignore[arg-type]

    return ask


@pytest.mark.parametrize(
    ("files", "name", "because"),
    [
        ({"eslint.config.mjs": ""}, "eslint", "eslint.config.mjs"),
        ({".eslintrc.json": ""}, "eslint", ".eslintrc.json"),
        ({"package.json": package(eslintConfig={})}, "eslint", "eslintConfig in package.json"),
        ({"ftui.toml": "[checks.eslint]\nargs = ['src']"}, "eslint", "checks.eslint in the configuration"),
        ({".prettierrc": ""}, "prettier", ".prettierrc"),
        ({"prettier.config.ts": ""}, "prettier", "prettier.config.ts"),
        ({"package.json": package(prettier={})}, "prettier", "prettier in package.json"),
        ({"package.json": package("prettier")}, "prettier", "prettier in devDependencies of package.json"),
        ({"tsconfig.json": "", "package.json": package("typescript")}, "tsc", "tsconfig.json"),
        ({"vitest.config.ts": ""}, "vitest", "vitest.config.ts"),
        ({"vite.config.ts": "export default { test: {} }"}, "vitest", "vite.config.ts"),
        ({"package.json": package("vitest"), "a.test.ts": ""}, "vitest", "vitest in devDependencies of package.json"),
        ({"jest.config.cjs": ""}, "jest", "jest.config.cjs"),
        ({"package.json": package(jest={})}, "jest", "jest in package.json"),
        (
            {"package.json": package("jest"), "src/__tests__/a.js": ""},
            "jest",
            "jest in devDependencies of package.json",
        ),
    ],
)
def test_it_says_where_the_project_uses_a_tool(
    offered: Callable[..., Offers], files: dict[str, str], name: str, because: str
) -> None:
    found = offered(files)
    assert (found.check(name).because, found.check(name).cwd) == (because, ".")
    assert set(found.unused) == set(NAMES) - {name}


def test_what_was_looked_for_in_vain_is_said(offered: Callable[..., Offers]) -> None:
    assert offered({"README.md": "", "vite.config.ts": ""}).unused == {
        "eslint": "none of: eslint.config.*, .eslintrc.*, .eslintrc, eslintConfig in package.json",
        "prettier": "none of: .prettierrc, .prettierrc.*, prettier.config.*, prettier in package.json, "
        "a dependency in package.json",
        "tsc": "none of: tsconfig.json",
        "vitest": "none of: vitest.config.*, vitest.workspace.*, vite.config.*, a dependency in package.json",
        "jest": "none of: jest.config.*, jest in package.json, a dependency in package.json",
    }


def test_linters_are_fast_and_what_runs_code_is_slow(offered: Callable[..., Offers]) -> None:
    declared = package("prettier", "vitest", "jest")
    files = {"eslint.config.js": "", "tsconfig.json": "", "package.json": declared, "a.test.js": ""}
    phases = {check.id: check.phase.value for check in offered(files).checks.values()}
    assert phases == {"eslint": "fast", "prettier": "fast", "tsc": "slow", "vitest": "slow", "jest": "slow"}


def test_a_runner_without_a_test_is_left_out(offered: Callable[..., Offers]) -> None:
    web = {"web/package.json": package("jest"), "web/vite.config.ts": "export default { plugins: [] }"}
    found = offered({"package.json": package("vitest"), **web})
    assert list(found.checks) == []
    words = "but there is neither a configuration nor a test"
    assert found.unused["vitest"] == f"vitest in devDependencies of package.json, {words}"
    assert found.unused["jest:web"] == f"jest in devDependencies of web/package.json, {words}"
    assert "vitest:web" not in found.unused


def test_tests_of_packages_that_configure_their_runner_are_no_tests_of_the_root(offered: Callable[..., Offers]) -> None:
    web = {"web/package.json": "{}", "web/jest.config.js": "", "web/a.test.js": ""}
    assert list(offered({"package.json": package("jest"), **web}).checks) == ["jest:web"]
    assert list(offered({"b.test.js": ""}).checks) == ["jest", "jest:web"]


# Packages of a workspace


@pytest.mark.parametrize(
    "root",
    [
        {"package.json": package(workspaces=["packages/*", "!packages/old"])},
        {"package.json": package(workspaces={"packages": ["./{libs,packages}/*/", "!packages/old"]})},
        {
            "package.json": "{}",
            "pnpm-workspace.yaml": "packages:\n  # ours\n  - 'packages/*'\n  - \"!packages/old\"\nx: 1\n",
        },
    ],
)
def test_a_configuration_in_a_package_is_a_check_there(offered: Callable[..., Offers], root: dict[str, str]) -> None:
    names = ("eslint.config.js", "jest.config.js", ".prettierrc")
    files = {f"{folder}/{name}": "" for folder in ("packages/web", "packages/old", "elsewhere") for name in names}
    packages = {f"{folder}/package.json": "{}" for folder in ("packages/web", "packages/old", "elsewhere")}
    found = offered({**root, **files, **packages})
    assert set(found.checks) == {"eslint:packages/web", "prettier:packages/web", "jest:packages/web"}
    check = found.check("eslint:packages/web")
    assert (check.cwd, check.because) == ("packages/web", "packages/web/eslint.config.js")
    assert {"packages/web/eslint.config.js", "eslint.config.js", "packages/web/yarn.lock"} <= {*check.config_files}


def test_without_workspaces_every_package_counts_that_is_no_example(offered: Callable[..., Offers]) -> None:
    folders = ("front end", "tests/fixtures/a", "node_modules/b")
    files = {f"{folder}/{name}": "{}" for folder in folders for name in ("package.json", "eslint.config.js")}
    assert list(offered(files).checks) == ["eslint:front_end"]


def test_of_very_many_packages_only_the_root_is_checked(offered: Callable[..., Offers]) -> None:
    files = {f"p{number}/{name}": "" for number in range(201) for name in ("package.json", "eslint.config.js")}
    found = offered({**files, "eslint.config.js": ""})
    assert list(found.checks) == ["eslint"]
    assert found.unused["eslint:*"] == "there are 201 packages: of more than 200 only the root is checked"


def test_the_tool_of_the_nearest_node_modules_is_used(project: MakeProject, offers: Ask) -> None:
    files = {"packages/web/package.json": "{}", "packages/web/eslint.config.js": "", "package.json": "{}"}
    made = project(files, tools=TOOLS)
    installed(made, "packages/web", "eslint", "10.1.0")
    program = offers(made, ftui_eslint).check("eslint:packages/web").argv[0]
    assert (made.root / "packages/web/node_modules/.bin").as_posix() in program.replace("\\", "/")


@pytest.mark.parametrize(
    ("version", "config", "checks"),
    [
        ("10.0.0", "eslint.config.js", ["eslint"]),
        ("9.39.0", "eslint.config.js", ["eslint", "eslint:web"]),
        ("8.57.0", ".eslintrc.json", ["eslint"]),
    ],
)
def test_a_package_whose_configuration_eslint_finds_by_itself_is_linted_once(
    project: MakeProject, offers: Ask, version: str, config: str, checks: list[str]
) -> None:
    made = project({config: "", f"web/{config}": "", "web/package.json": "{}"}, without=["eslint"])
    installed(made, "web", "eslint", version)
    found = offers(made, ftui_eslint)
    assert list(found.checks) == checks
    assert found.unused.get("eslint:web") == (
        None if "eslint:web" in checks else f"the check of the root goes by web/{config} as well"
    )


@pytest.mark.parametrize(
    ("tool", "files"),
    [
        ("vitest", {"vitest.config.ts": "export default { test: { projects: ['packages/*'] } }"}),
        ("vitest", {"vitest.workspace.ts": ""}),
        ("jest", {"package.json": package(jest={"projects": ["packages/*"]})}),
    ],
)
def test_tests_that_the_root_runs_as_its_projects_run_once(
    offered: Callable[..., Offers], tool: str, files: dict[str, str]
) -> None:
    found = offered({**files, "web/package.json": package(tool), "web/a.test.js": ""})
    assert list(found.checks) == [tool]
    assert found.unused[f"{tool}:web"] == "the check of the root runs its projects"


# A tool that is not installed


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"package.json": package("eslint")}, "and is not installed: run `npm install`"),
        ({"package.json": "{}"}, "and is not installed: run `npm install --save-dev eslint`"),
        ({"package.json": package("eslint"), "pnpm-lock.yaml": ""}, "and is not installed: run `pnpm install`"),
        ({"package.json": "{}", "yarn.lock": ""}, "and is not installed: run `yarn add --dev eslint`"),
        ({"package.json": package(packageManager="bun@1.2.0")}, "and is not installed: run `bun add --dev eslint`"),
        (
            {"package.json": package("eslint"), ".pnp.cjs": ""},
            "and yarn alone finds it: set `nodeLinker: node-modules` in .yarnrc.yml, and `yarn install`",
        ),
    ],
)
def test_a_missing_tool_names_the_command_that_installs_it(
    offered: Callable[..., Offers], files: dict[str, str], words: str
) -> None:
    check = offered({**files, "eslint.config.js": ""}, tools={}, without=["eslint"]).check("eslint")
    assert check.unavailable == f"eslint is used here (eslint.config.js) {words}"


def test_a_tool_on_path_does_not_stand_in_for_one_that_is_not_installed(
    project: MakeProject, offers: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project({"eslint.config.js": "", "package.json": "{}"})
    programs = made.root.parent / "programs"
    programs.mkdir()
    for program in (programs / "eslint", programs / "eslint.cmd"):
        program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert offers(made, ftui_eslint).check("eslint").unavailable is None
    check = offers(project({"package.json": package("eslint")}), ftui_eslint).check("eslint")
    assert str(check.unavailable).endswith("is not installed: run `npm install`")


def test_a_missing_tool_is_installed_where_its_lock_file_lies(offered: Callable[..., Offers]) -> None:
    files = {"web/package.json": package("eslint"), "web/package-lock.json": "{}", "web/eslint.config.js": ""}
    found = offered(files, tools={}, without=["eslint"])
    assert str(found.check("eslint:web").unavailable).endswith("run `npm install` in web")


# A script that does the same


def test_a_script_that_runs_the_tool_too_is_named_with_the_way_to_end_it(offered: Callable[..., Offers]) -> None:
    scripts = {"lint": "eslint . && stylelint .", "test": "npm run vitest-all"}
    files = {"eslint.config.js": "", "a.test.js": "", "package.json": package("vitest", scripts=scripts)}
    found = offered(files)
    assert found.check("eslint").because == (
        'eslint.config.js; script lint runs it too: enabled = false under [checks."npm:lint"] ends that'
    )
    assert found.check("vitest").because == "vitest in devDependencies of package.json"
    web = {"package.json": "{}", "web/package.json": package(scripts=scripts), "web/eslint.config.js": ""}
    assert str(offered(web).check("eslint:web").because).endswith('under [checks."npm:lint:web"] ends that')
    files["ftui.toml"] = '[checks."npm:lint"]\nenabled = false\n'
    assert offered(files).check("eslint").because == "eslint.config.js"


# What the checks depend on


def test_what_packages_of_the_tree_hand_out_is_an_input_where_git_ignores_it_too(
    offered: Callable[..., Offers],
) -> None:
    exports = {".": {"types": "./dist/index.d.ts", "import": "./lib/*.js"}, "./*": "./*", "./x": "../../etc/passwd"}
    files = {"package.json": package("typescript"), "vitest.config.ts": "", "tsconfig.json": "", "eslint.config.js": ""}
    ui = {"ui/package.json": package(exports=exports, main="index.js", types="src/a.ts"), "ui/src/a.ts": ""}
    found = offered({**files, **ui})
    for name in ("eslint", "tsc", "vitest"):
        rest = [pattern for pattern in found.check(name).inputs if pattern.startswith("/")]
        assert sorted(rest) == ["/ui/dist", "/ui/index.js", "/ui/lib"]


def test_only_tests_read_what_is_no_javascript(offered: Callable[..., Offers], project: MakeProject) -> None:
    declared = package("prettier", "typescript")
    files = {"eslint.config.js": "", "tsconfig.json": "", "package.json": declared, "jest.config.js": ""}
    found = offered(files)
    assert {name for name, check in found.checks.items() if "!*.py" in check.inputs} == {"eslint", "prettier"}
    assert "**" not in found.check("tsc").inputs
    assert found.check("jest").inputs == ("**",)
    assert ".env.test.local" in found.check("jest").config_files


def test_tests_never_watch_and_write_no_snapshot(offered: Callable[..., Offers]) -> None:
    found = offered({"vitest.config.js": "", "jest.config.js": ""})
    assert found.check("vitest").argv[1] == "run"
    assert {"--ci", "--watchAll=false"} <= {*found.check("jest").argv}
    assert all("CI=1" in check.env for check in found.checks.values())


def test_jest_knows_imports_where_its_script_lets_it(offered: Callable[..., Offers]) -> None:
    scripts = {"test": "NODE_OPTIONS=--experimental-vm-modules jest"}
    files = {"jest.config.js": "", "package.json": package(scripts=scripts)}
    assert offered(files).check("jest").env[-1] == "NODE_OPTIONS=--experimental-vm-modules"
    assert "NODE_OPTIONS" in offered({**files, "package.json": "{}"}).check("jest").env


def test_no_variable_that_may_hold_a_token_is_let_through(offered: Callable[..., Offers]) -> None:
    for check in offered(
        {"eslint.config.js": "", "package.json": package("prettier", "vitest", "jest")}
    ).checks.values():
        assert not [entry for entry in check.env if entry.startswith(("NODE_*", "npm_", "*")) or "TOKEN" in entry]


@pytest.mark.parametrize(
    ("name", "words"),
    [("eslint", ("--format", "json", "--fix")), ("prettier", ("--write",))],
    ids=["eslint", "prettier"],
)
def test_a_linter_that_may_mend_what_it_finds_is_mutating(
    offered: Callable[..., Offers], name: str, words: tuple[str, ...]
) -> None:
    files = {"eslint.config.js": "", ".prettierrc": "", "ftui.toml": f"[checks.{name}]\nfix = true\n"}
    check = offered(files).check(name)
    assert (check.phase, check.argv[1:], check.args) == (Phase.MUTATING, words, (".",))
