"""What the adapter makes of a workspace and of recorded output; no moon is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ftui_moon
from ftui.model import ProcessResult
from ftui_moon.globs import matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.hookspecs import Project
    from ftui.model import Check
    from ftui.testing import Judge, MakeProject, Offers

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]

WORKSPACE = {".moon/workspace.yml": "projects: ['apps/*', 'libs/*']\n", "apps/web/a.txt": "", "libs/core/a.txt": ""}
SETTINGS = ("/.moon/**", "/.config/moon/**", "!/.moon/cache/", "!/.config/moon/cache/", "moon.yml", ".prototools")
WHOLE = ("**", "!/.moon/cache/", "!/.config/moon/cache/")


def web(*lines: str, top: str = "") -> dict[str, str]:
    """A workspace in which the project web has these tasks."""
    tasks = "".join(f"  {line}\n" for line in lines)
    return {**WORKSPACE, "apps/web/moon.yml": f"{top}\ntasks:\n{tasks}"}


def recorded(name: str) -> str:
    """What moon 2.5 printed."""
    return Path(__file__).with_name("recorded").joinpath(f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def check(project: MakeProject, offers: Ask) -> Check:
    return offers(project(web("lint: {command: 'sh lint.sh'}", "fails3: {command: x}")), ftui_moon).check(
        "moon:web:lint"
    )


@pytest.fixture
def inputs(project: MakeProject, offers: Ask) -> Callable[..., tuple[str, ...]]:
    """The inputs of the task lint of the project web, without what belongs to every task."""

    def ask(*lines: str, more: dict[str, str] | None = None, top: str = "") -> tuple[str, ...]:
        found = offers(project({**web(*lines, top=top), **(more or {})}), ftui_moon).check("moon:web:lint").inputs
        return (
            found if found[:1] == ("**",) else tuple(item for item in found if item[0] in "/!" and item not in SETTINGS)
        )

    return ask


# Recorded output


@pytest.mark.parametrize(
    ("name", "code", "outcome", "because"),
    [
        ("passed", 0, "passed", ""),
        ("cached", 0, "passed", ""),
        ("allowed", 0, "passed", ""),
        ("failed", 3, "failed", ""),
        ("failed_dep", 1, "failed", ""),
        ("first_failed", 1, "failed", ""),
        ("not_found", 127, "broken", "web:missing gave no verdict: nonesuch-tool failed: exit code 127"),
        ("killed", 1, "broken", "web:killed gave no verdict: sh failed: unknown failure"),
        ("timed_out", 1, "broken", "web:tmo gave no verdict: sleep failed: timed out"),
        ("unknown_task", 1, "broken", "moon ran no task: Unknown task nosuch for project web."),
        ("wrong_config", 1, "broken", "moon ran no task: Failed to parse apps/web/moon.yml."),
        ("not_in_ci", 1, "broken", "moon found no task to run: in CI it leaves out what is not for CI"),
        ("wrong_usage", 2, "broken", "moon ran no task: error: the argument '--cache <CACHE>' cannot be used"),
        ("interrupted", 0, "broken", "moon ran no task: "),
    ],
)
def test_output_and_exit_codes_are_taken_for_what_they_are(
    check: Check, judge: Judge, name: str, code: int, outcome: str, because: str
) -> None:
    verdict = judge(check, code, recorded(name))
    assert verdict.outcome == outcome
    assert because in verdict.because


def test_a_task_for_another_system_has_nothing_to_do(check: Check, judge: Judge) -> None:
    verdict = judge(check, 0, recorded("no_op").replace("web:win", "web:lint"))
    assert (verdict.outcome, verdict.because) == ("skipped", "web:lint runs nothing here")


def test_a_line_with_a_place_is_a_finding_in_the_folder_of_its_project(check: Check, judge: Judge) -> None:
    assert judge(check, 3, recorded("failed")).places() == [("apps/web/src/a.txt", 3, 1, "web:fails3")]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("core:build | src/b.ts(4,7): error TS1: no", ("libs/core/src/b.ts", 4, 7, "core:build")),
        ("web:lint | src/a.py:9: error: no", ("apps/web/src/a.py", 9, None, "web:lint")),
        ("src/a.txt:7:BAD", ("apps/web/src/a.txt", 7, None, "web:fails3")),
        ("  /project/libs/core/x.py:1:2: E1 no", ("libs/core/x.py", 1, 2, "web:fails3")),
    ],
)
def test_places_are_read_as_tools_print_them(
    project: MakeProject, offers: Ask, judge: Judge, line: str, place: tuple[object, ...]
) -> None:
    both = {**web("lint: {command: x}", "fails3: {command: x}"), "libs/core/moon.yml": "tasks: {build: {command: x}}"}
    check = offers(project(both), ftui_moon).check("moon:web:lint")
    assert judge(check, 3, recorded("failed").replace("src/a.txt:3:1: bad", line)).places() == [place]


def test_a_failure_that_the_workspace_allows_is_a_warning(check: Check, judge: Judge) -> None:
    (found,) = judge(check, 0, recorded("allowed")).findings
    assert (found.severity, found.message) == ("warning", "web:allowed failed, which its allowFailure lets pass")


def test_a_plugin_that_cannot_be_fetched_is_an_infrastructure_failure(check: Check, judge: Judge) -> None:
    result = ProcessResult(
        argv=check.command,
        exit_code=1,
        stdout=recorded("no_network"),
        stderr="",
        truncated=False,
        root="/project",
        scratch="",
    )
    assert check.infrastructure(result) == (
        "Failed to load plugin from ghcr.io/moonrepo/node_toolchain:1.0.4 registry."
    )


# What is offered


def test_a_project_without_a_workspace_is_left_alone(project: MakeProject, offers: Ask) -> None:
    assert offers(project({"a.txt": ""}), ftui_moon).unused == {"moon": "no .moon/workspace.yml"}


def test_a_workspace_without_tasks_says_so(project: MakeProject, offers: Ask) -> None:
    because = "no task in the projects of .moon/workspace.yml"
    assert offers(project(WORKSPACE), ftui_moon).unused == {"moon": because}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".moon/workspace.yml", "projects: ["),
        (".moon/workspace.yml", "projects: ['a<b>']"),
        (".moon/workspace.yml", "projects: ['{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}']"),
        (".moon/tasks/all.yml", "tasks: 3"),
        ("apps/web/moon.yml", "tasks: {a: " + "[" * 3000),
        ("apps/web/moon.yml", "tasks: &a [*a]"),
    ],
)
def test_what_cannot_be_read_is_never_green(project: MakeProject, offers: Ask, path: str, text: str) -> None:
    check = offers(project({**web("lint: {command: x}"), path: text}), ftui_moon).check("moon")
    assert str(check.unavailable).startswith(f"{path} cannot be read: ")


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("x: {command: vite, preset: server}", "it serves or watches, and never ends"),
        ("dev: {command: vite}", "it serves or watches, and never ends"),
        ("x: {command: vite, options: {persistent: true}}", "it serves or watches, and never ends"),
        ("x: {command: 'tsc --watch'}", "it serves or watches, and never ends"),
        ("x: {command: tsc, args: [-p, ., -w]}", "it serves or watches, and never ends"),
        ("x: {command: vitest, args: ['--watch']}", "it serves or watches, and never ends"),
        ("x: {command: x, options: {interactive: true}}", "it asks at the terminal"),
        ("x: {command: x, preset: utility}", "it asks at the terminal"),
        ("x: {command: x, options: {internal: true}}", "internal: moon runs it for other tasks only"),
        ("x: {command: x, options: {os: [nowhere, windows]}}", "only for nowhere and windows"),
        ("x: {deps: [y]}", "it runs nothing of its own"),
        ("x: {command: x, options: {runInCI: only}}", "runInCI: only in CI"),
    ],
)
def test_what_is_no_check_is_never_started(project: MakeProject, offers: Ask, line: str, because: str) -> None:
    if sys.platform == "win32" and "windows" in line:
        pytest.skip("here that is the system")
    name = f"moon:web:{line.partition(':')[0]}"
    made = project({**web(line), "ftui.toml": f"[checks.'{name}']\ntimeout = 9\n"})
    assert offers(made, ftui_moon).unused == {name: because}


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("x: {command: x, options: {runInCI: false}}", "runInCI: not in CI"),
        ("x: {command: x, options: {runInCI: skip}}", "runInCI: not in CI"),
        ("x: {command: x, local: true}", "runInCI: not in CI"),
        ("deploy: {command: x}", "its name says that it acts"),
        ("db/migrate: {command: x}", "its name says that it acts"),
        ("lint-fix: {command: x}", "it writes what it reads"),
        ("format: {command: prettier, args: [--write, .]}", "it writes what it reads"),
    ],
)
def test_what_may_do_more_than_judge_runs_where_the_user_asks_for_it(
    project: MakeProject, offers: Ask, line: str, because: str
) -> None:
    name = f"moon:web:{line.partition(':')[0]}"
    told = f'{because}; [checks."{name}"] in the configuration asks for it'
    assert offers(project(web(line)), ftui_moon).unused == {name: told}
    asked = project({"ftui.toml": f"[checks.'{name}']\ntimeout = 9\n"})
    check = offers(asked, ftui_moon).check(name)
    assert check.command[1:] == ("run", name[5:], "--cache", "off")
    assert check.phase == ("mutating" if "writes" in because else "slow")


def test_a_task_may_speak_of_files_without_being_taken_for_one_that_writes(project: MakeProject, offers: Ask) -> None:
    assert offers(project(web("lint: {command: eslint, args: [src/fixtures, prefix, --rewrite]}")), ftui_moon).checks


def test_moons_own_cache_is_off_unless_the_user_says_so(check: Check) -> None:
    assert check.args == ("--cache", "off")
    assert "MOON_TELEMETRY=false" in check.env
    assert "MOON_DAEMON=false" in check.env


def test_without_moon_the_check_says_what_to_install(project: MakeProject, offers: Ask) -> None:
    check = offers(project(web("lint: {command: x}"), without=["moon"]), ftui_moon).check("moon:web:lint")
    assert check.unavailable == "moon is used here and is not installed: run `npm install -D @moonrepo/cli`"


# Projects


@pytest.mark.parametrize(
    ("projects", "targets"),
    [
        ("['apps/*']", ["web:t"]),
        ("['apps/*', '!apps/web', 'libs/*']", ["core:t"]),
        ("['**/moon.yml']", ["core:t", "web:t", "s-p:t"]),
        ("['{apps,libs}/*']", ["core:t", "web:t"]),
        ("{site: apps/web, lib: './libs/core'}", ["lib:t", "site:t"]),
        ("{globs: ['libs/*'], sources: {site: apps/web}}", ["core:t", "site:t"]),
        ("{globs: ['apps/*'], globFormat: source-path}", ["apps/web:t"]),
        ("['.']", ["project:t"]),
        ("['other/*']", ["s-p:t"]),
        ("[]", []),
    ],
)
def test_projects_are_found_in_each_form(project: MakeProject, offers: Ask, projects: str, targets: list[str]) -> None:
    tasks = "tasks: {t: {command: x}}\n"
    folders = ("apps/web/", "libs/core/", "other/@s p/", "" if "'.'" in projects else "elsewhere.yml/")
    made = project(
        {**{f"{each}moon.yml": tasks for each in folders[:3]}, ".moon/workspace.yml": f"projects: {projects}\n"}
    )
    if "'.'" in projects:
        made = project({"moon.yml": tasks})
    assert sorted(offers(made, ftui_moon).checks) == sorted(f"moon:{target}" for target in targets)


def test_a_project_may_give_itself_another_id(project: MakeProject, offers: Ask) -> None:
    made = project(web("lint: {command: x}", top="id: site"))
    assert list(offers(made, ftui_moon).checks) == ["moon:site:lint"]


def test_an_id_that_would_be_an_option_is_not_run(project: MakeProject, offers: Ask) -> None:
    made = project(web("lint: {command: x}", top="id: --force"))
    assert offers(made, ftui_moon).unused == {"moon:--force:lint": "its id would be taken for an option"}


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/x/y/c", True),
        ("**/moon.yml", "moon.yml", True),
        ("a/[!b]x", "a/cx", True),
        ("a/[!b]x", "a/bx", False),
        ("a?", "ab", True),
        ("{a,b/{c,d}}", "b/d", True),
        ("a.b", "axb", False),
    ],
)
def test_globs_match_whole_paths(glob: str, path: str, matches: bool) -> None:
    assert bool(matcher(glob)(path)) is matches


# What is inherited

ALL = "tasks: {lint: {command: x, inputs: ['all.txt']}, test: {command: x}, old: {command: x}}\n"


@pytest.mark.parametrize(
    ("top", "names"),
    [
        ("", ["lint", "test", "old"]),
        ("workspace: {inheritedTasks: {include: [lint]}}", ["lint"]),
        ("workspace: {inheritedTasks: {exclude: [old]}}", ["lint", "test"]),
        ("workspace: {inheritedTasks: {rename: {old: new}}}", ["lint", "test", "new"]),
    ],
)
def test_tasks_of_all_projects_are_inherited(project: MakeProject, offers: Ask, top: str, names: list[str]) -> None:
    made = project({**WORKSPACE, ".moon/tasks/all.yml": ALL, "apps/web/moon.yml": f"{top}\n"})
    found = [name for name in offers(made, ftui_moon).checks if name.startswith("moon:web:")]
    assert found == [f"moon:web:{name}" for name in names]


@pytest.mark.parametrize(
    ("by", "inherits"),
    [
        ("{tags: [front]}", True),
        ("{tag: back}", False),
        ("{tags: {and: [front, ui]}}", True),
        ("{tags: {or: [back], not: [ui]}}", False),
        ("{layers: [application]}", True),
        ("{layer: library}", False),
        ("{file: a.txt}", True),
        ("{files: [none.txt]}", False),
        ("{language: typescript}", True),
        ("{stacks: [backend], order: 3}", False),
        ("{toolchains: [node]}", None),
        ("{toolchains: [node], tags: [back]}", False),
        ("{tags: {xor: [front]}}", None),
    ],
)
def test_conditions_decide_on_what_is_inherited(
    project: MakeProject, offers: Ask, by: str, inherits: bool | None
) -> None:
    top = "tags: [front, ui]\nlayer: application\nlanguage: typescript\n"
    tasks = f"inheritedBy: {by}\ntasks: {{lint: {{command: x}}}}\n"
    answer = offers(project({**WORKSPACE, ".moon/tasks/some.yml": tasks, "apps/web/moon.yml": top}), ftui_moon)
    assert ("moon:web:lint" in answer.checks) is (inherits is True)
    unsure = "whether it is inherited from .moon/tasks/some.yml is for moon to say" in answer.unused.get(
        "moon:web:lint", ""
    )
    assert unsure is (inherits is None)


def test_for_moon_1_the_name_of_a_file_says_who_inherits_it(project: MakeProject, offers: Ask) -> None:
    files = {
        ".moon/tasks.yml": "tasks: {a: {command: x}}",
        ".moon/tasks/tag-ui.yml": "tasks: {b: {command: x}}",
        ".moon/tasks/tag-back.yml": "tasks: {c: {command: x}}",
        ".moon/tasks/node.yml": "tasks: {d: {command: x}}",
    }
    answer = offers(project({**WORKSPACE, **files, "apps/web/moon.yml": "tags: [ui]\n"}), ftui_moon)
    assert [name for name in answer.checks if "web" in name] == ["moon:web:a", "moon:web:b"]
    assert [name for name in answer.unused if "web" in name] == ["moon:web:d"]


def test_options_of_all_files_count_the_nearest_most(project: MakeProject, offers: Ask) -> None:
    shared = "taskOptions: {runInCI: false}\ntasks: {a: {command: x}, b: {command: x, options: {runInCI: true}}}\n"
    own = "tasks: {a: {options: {runInCI: true}}, c: {extends: b}, d: {command: x}}\n"
    answer = offers(project({**WORKSPACE, ".moon/tasks/all.yml": shared, "apps/web/moon.yml": own}), ftui_moon)
    assert [name for name in answer.checks if "web" in name] == ["moon:web:a", "moon:web:c", "moon:web:b"]


# Inputs


@pytest.mark.parametrize(
    ("line", "patterns"),
    [
        ("lint: {command: x}", ("/apps/web/**",)),
        (
            "lint: {command: x, inputs: ['src/**/*', '/tsconfig.json', '!src/gen/**']}",
            ("/apps/web/src/**/*", "/tsconfig.json", "!/apps/web/src/gen/**"),
        ),
        ("lint: {command: x, inputs: [{file: a.txt}, {glob: '/b/*'}]}", ("/apps/web/a.txt", "/b/*")),
        ("lint: {command: x, inputs: ['*.{js,ts}']}", ("/apps/web/*.ts", "/apps/web/*.js")),
        ("lint: {command: x, inputs: ['@group(src)']}", ("/apps/web/lib/**",)),
        ("lint: {command: 'x @globs(src)', inputs: ['a']}", ("/apps/web/a", "/apps/web/lib/**")),
        ("lint: {command: x, inputs: ['$HOME_X', 'a']}", ("/apps/web/a",)),
        ("lint: {command: x, inputs: []}", WHOLE),
        ("lint: {command: x, inputs: ['@group(none)']}", WHOLE),
        ("lint: {command: x, inputs: ['project://core']}", WHOLE),
        ("lint: {command: x, inputs: [{project: core}]}", WHOLE),
        ("lint: {command: x, inputs: ['$workspaceRoot/x']}", WHOLE),
        ("lint: {command: x, inputs: ['../x']}", WHOLE),
        ("lint: {command: x, inputs: ['a'], deps: ['^:build']}", ("/apps/web/a",)),
        ("lint: {command: x, deps: ['#ui:build']}", WHOLE),
        ("lint: {command: x, deps: [':build']}", WHOLE),
        ("lint: {command: x, deps: ['other:build']}", WHOLE),
        ("lint: {command: x, inputs: ['a', '!b'], deps: ['core:build']}", ("/apps/web/a", "/libs/core/**")),
        ("lint: {command: x, inputs: ['a'], deps: [{target: '~:gen'}]}", ("/apps/web/a", "/apps/web/gen.txt")),
        ("lint: {command: x, inputs: ['a'], dependsOn: [gen]}", ("/apps/web/a", "/apps/web/gen.txt")),
        ("lint: {command: x, inputs: ['a'], outputs: ['out']}", ("/apps/web/a", "!/apps/web/out")),
    ],
)
def test_inputs_are_those_of_the_task_and_of_what_runs_before(
    inputs: Callable[..., tuple[str, ...]], line: str, patterns: tuple[str, ...]
) -> None:
    core = {"libs/core/moon.yml": "tasks: {build: {command: x}}"}
    found = inputs(line, "gen: {command: x, inputs: ['gen.txt']}", top="fileGroups: {src: ['lib/**', '!x']}", more=core)
    assert sorted(found) == sorted(patterns)


@pytest.mark.parametrize(
    ("files", "patterns"),
    [
        ({"apps/web/moon.yml": "dependsOn: [core]\n"}, {"/apps/web/**", "/libs/core/**", "/libs/base/**"}),
        ({"apps/web/moon.yml": "dependsOn: [{id: base}]\n"}, {"/apps/web/**", "/libs/base/**"}),
        (
            {"apps/web/package.json": '{"devDependencies": {"@me/core": "*", "x": "1"}}'},
            {"/apps/web/**", "/libs/core/**"},
        ),
        ({"apps/web/moon.yml": "dependsOn: [web, none]\n"}, {"/apps/web/**"}),
    ],
)
def test_where_nothing_is_configured_the_projects_that_it_depends_on_count(
    inputs: Callable[..., tuple[str, ...]], files: dict[str, str], patterns: set[str]
) -> None:
    core = {"libs/core/package.json": '{"name": "@me/core"}', "libs/core/moon.yml": "dependsOn: [base, web]\n"}
    top = files.pop("apps/web/moon.yml", "")
    found = inputs("lint: {command: x}", top=top, more={**core, "libs/base/a.txt": "", **files})
    assert patterns <= set(found)
    assert ("/libs/base/**" in found) is ("/libs/base/**" in patterns or "/libs/core/**" in patterns)
    assert inputs("lint: {command: x, inputs: [a]}", top=top) == ("/apps/web/a",)


def test_tasks_of_the_projects_that_it_depends_on_are_followed_where_they_are_all_known(
    inputs: Callable[..., tuple[str, ...]],
) -> None:
    more = {"libs/core/moon.yml": "dependsOn: [base]\ntasks: {build: {command: x, inputs: [c]}}", "libs/base/a": ""}
    line = "lint: {command: x, inputs: [a], deps: ['^:build']}"
    assert inputs(line, top="dependsOn: [core]", more=more) == ("/apps/web/a", "/libs/core/c")
    assert inputs(line, top="dependsOn: [core]", more={"libs/base/Cargo.toml": ""}) == WHOLE


def test_dependencies_that_go_round_or_deep_are_no_trouble(inputs: Callable[..., tuple[str, ...]]) -> None:
    assert inputs("lint: {command: x, inputs: [a], deps: [b]}", "b: {command: x, inputs: [c], deps: [lint]}") == (
        "/apps/web/a",
        "/apps/web/c",
    )
    chain = [f"b{number}: {{command: x, deps: [b{number + 1}]}}" for number in range(500)]
    assert inputs("lint: {command: x, deps: [b0]}", *chain) == WHOLE


def test_inputs_of_all_files_count_and_what_one_leaves_out_does_not(inputs: Callable[..., tuple[str, ...]]) -> None:
    shared = "implicitInputs: ['/shared.txt']\ntasks: {lint: {command: x, inputs: ['all.txt', '!b.txt']}}\n"
    found = inputs("lint: {inputs: ['a.txt', '!c.txt']}", more={".moon/tasks/all.yml": shared})
    assert found == ("/apps/web/all.txt", "/apps/web/a.txt", "/shared.txt")


def test_settings_that_stand_for_more_than_fits_into_memory_are_not_written_out(
    inputs: Callable[..., tuple[str, ...]],
) -> None:
    levels = [f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, 12)]
    top = "\n".join(["x0: &x0 [a, a, a, a, a, a, a, a, a, a]", *levels])
    assert inputs("lint: {command: x, args: *x11, inputs: *x11, deps: *x11}", top=top) == WHOLE


def test_files_that_others_are_inherited_from_make_everything_an_input(inputs: Callable[..., tuple[str, ...]]) -> None:
    shared = {".moon/tasks/all.yml": "extends: https://example.com/tasks.yml\n"}
    assert inputs("lint: {command: x, inputs: [a]}", more=shared) == WHOLE


def test_variables_and_their_files_are_seen(project: MakeProject, offers: Ask) -> None:
    line = "lint: {command: x, inputs: ['$API_URL', '$VITE_*'], options: {envFile: ['.env', '/.env.ci']}}"
    check = offers(project(web(line)), ftui_moon).check("moon:web:lint")
    assert check.env[-2:] == ("API_URL", "VITE_*")
    assert check.config_files == ("apps/web/.env", ".env.ci")


def test_what_runs_others_before_it_runs_alone(project: MakeProject, offers: Ask) -> None:
    checks = offers(project(web("a: {command: x}", "b: {command: x, deps: [a]}")), ftui_moon).checks
    assert [checks[name].weight for name in ("moon:web:a", "moon:web:b")] == [1, 1000]


def test_what_makes_files_that_git_knows_is_mutating(project: MakeProject, offers: Ask) -> None:
    files = web("lint: {command: x, inputs: ['a.txt'], outputs: ['made/*']}")
    check = offers(project({**files, "apps/web/made/b.txt": ""}), ftui_moon).check("moon:web:lint")
    assert (check.phase.value, check.writes) == ("mutating", ("/apps/web/made/*",))
    assert "!/apps/web/made/*" not in check.inputs
