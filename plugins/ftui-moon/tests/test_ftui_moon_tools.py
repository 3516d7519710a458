"""The real moon, which npm installs once for all tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

import ftui_moon
from ftui_moon.globs import matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ftui.hookspecs import Project
    from ftui.testing import Events, MadeProject, MakeProject, Offers, RunChecks

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]
pytestmark = [
    pytest.mark.packages,
    pytest.mark.skipif(sys.platform == "win32", reason="the tasks are lines for a POSIX shell"),
]

WORKSPACE = {
    ".moon/workspace.yml": "projects: ['apps/*', 'libs/*']\n",
    ".gitignore": "node_modules\n.moon/cache\nout\n",
}
MOON = "@moonrepo/cli@2.5.5"  # one version: a test here is about a fault of its own
IDENTITY = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgSign=false")
GREP = "lint: {script: '! grep -Hn BAD src/*.txt', inputs: ['src/**/*']}"
GREATER = "lint: {command: test, args: ['1', '-gt', '0'], inputs: ['src/**/*']}"
LESS = GREATER.replace("'1', '-gt', '0'", "'0', '-gt', '1'")


def web(*lines: str, top: str = "") -> dict[str, str]:
    """A workspace in which the project web has these tasks."""
    tasks = "".join(f"  {line}\n" for line in lines)
    return {**WORKSPACE, "apps/web/moon.yml": f"{top}\ntasks:\n{tasks}", "apps/web/src/a.txt": "good\n"}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with moon's node_modules and its home; the processes of one run of pytest share it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm, which installs the real moon, is not there")
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "ftui-moon"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            (folder / "package.json").write_text("{}")
            argv = (npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", MOON)
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "installed").touch()
    return folder


class Make(Protocol):
    """What the fixture `workspace` hands out."""

    def __call__(self, files: Mapping[str, str]) -> MadeProject:
        """Writes the files of a workspace that has the real moon."""


@pytest.fixture
def workspace(installed: Path, project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes workspaces."""
    for name, folder in (("MOON_HOME", "moon"), ("PROTO_HOME", "proto")):
        monkeypatch.setenv(name, str(installed / folder))
    monkeypatch.delenv("CI", raising=False)

    def make(files: Mapping[str, str]) -> MadeProject:
        made = project(files)
        if not (made.root / "node_modules").exists():
            (made.root / "node_modules").symlink_to(installed / "node_modules")
            # Without a commit moon keeps no results.
            for words in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "first")):
                subprocess.run(("git", *IDENTITY, *words), cwd=made.root, check=True)
        return made

    return make


@pytest.fixture
def run(workspace: Make, engine: RunChecks) -> Callable[..., Events]:
    """Runs checks of a workspace, after its files have been written."""
    return lambda files, *names: engine(workspace(files), ftui_moon, names=names)


def test_a_task_passes_is_a_hit_and_fails_at_its_place(run: Callable[..., Events]) -> None:
    passed = run(web(GREP))
    passed.expect("moon:web:lint", "passed")
    passed.expect_no_problem()
    assert run({}).result("moon:web:lint").bucket == "hit"
    assert run({"apps/web/other.txt": ""}).result("moon:web:lint").bucket == "hit"
    failed = run({"apps/web/src/a.txt": "good\nBAD\n"})
    failed.expect("moon:web:lint", "failed", ("apps/web/src/a.txt", 2, None, "web:lint"))


def test_the_order_of_arguments_counts(run: Callable[..., Events]) -> None:
    run(web(GREATER)).expect("moon:web:lint", "passed")
    run(web(LESS)).expect("moon:web:lint", "failed")


def test_with_its_own_cache_which_is_the_users_choice_moon_takes_one_order_for_another(
    run: Callable[..., Events],
) -> None:
    run({**web(GREATER), "ftui.toml": "[checks.'moon:web:lint']\nargs = []\n"}).expect("moon:web:lint", "passed")
    wrong = run(web(LESS)).result("moon:web:lint")
    assert (wrong.outcome, wrong.bucket) == ("passed", "miss"), "moon was mended: the README has to say from when on"


def test_what_it_depends_on_runs_before_it_and_fails_it(run: Callable[..., Events]) -> None:
    core = "tasks: {build: {script: 'mkdir -p out && cp in.txt out/', inputs: ['in.txt'], outputs: ['out']}}\n"
    lint = "lint: {script: 'grep -q good ../../libs/core/out/in.txt', inputs: ['src/**/*'], deps: ['core:build']}"
    files = {**web(lint), "libs/core/moon.yml": core, "libs/core/in.txt": "good\n"}
    run(files, "moon:web:lint").expect("moon:web:lint", "passed")
    assert run({}, "moon:web:lint").result("moon:web:lint").bucket == "hit"
    run({"libs/core/in.txt": "no\n"}, "moon:web:lint").expect("moon:web:lint", "failed")
    broken = run({"libs/core/moon.yml": core.replace("in.txt out", "none.txt out")}, "moon:web:lint")
    broken.expect("moon:web:lint", "failed")


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("lint: {command: nonesuch-tool}", "web:lint gave no verdict: nonesuch-tool failed: exit code 127"),
        ("lint: {command: 'sleep 60', options: {timeout: 1}}", "web:lint gave no verdict: sleep failed: timed out"),
        ("lint: {command: 'true', nonsense: 1}", "moon ran no task: Failed to parse apps/web/moon.yml."),
    ],
)
def test_what_is_no_verdict_is_broken(run: Callable[..., Events], line: str, because: str) -> None:
    events = run(web(line))
    events.expect("moon:web:lint", "broken")
    assert because in str(events.result("moon:web:lint").broken_because)


def test_a_toolchain_that_cannot_be_fetched_is_an_infrastructure_failure(run: Callable[..., Events]) -> None:
    nowhere = "nonesuch: {plugin: 'https://127.0.0.1:9/plugin.wasm'}\n"
    events = run({**web("lint: {command: 'true'}"), ".moon/toolchains.yml": nowhere})
    events.expect("moon:web:lint", "broken")
    assert str(events.result("moon:web:lint").broken_because).startswith("infrastructure: ")


RICH = {
    **WORKSPACE,
    ".moon/workspace.yml": "projects: {globs: ['apps/*', '{libs,tools}/*', '!libs/old'], sources: {top: '.'}}\n",
    ".moon/tasks/all.yml": (
        "fileGroups: {sources: ['src/**/*'], config: ['*.json', '/tsconfig.base.json']}\n"
        "implicitInputs: ['package.json', '/shared.txt']\n"
        "taskOptions: {cache: false}\n"
        "tasks:\n"
        "  shared: {command: 'true', inputs: ['@group(sources)', '!src/gen/**']}\n"
        "  renamed: {command: 'true'}\n"
        "  excluded: {command: 'true'}\n"
    ),
    ".moon/tasks/front.yml": "inheritedBy: {tags: [front]}\ntasks: {front: {command: 'true', inputs: ['a.txt']}}\n",
    ".moon/tasks/lib.yml": (
        "inheritedBy: {layers: [library], files: ['index.txt']}\n"
        "tasks: {lib: {command: 'true', inputs: ['$LIB_*', '**/*.{js,ts}']}}\n"
    ),
    "moon.yml": "workspace: {inheritedTasks: {include: []}}\ntasks: {all: {command: 'true'}}\n",
    "apps/web/moon.yml": (
        "id: site\ntags: [front]\nlayer: application\ndependsOn: [core]\n"
        "fileGroups: {sources: ['lib/**/*']}\n"
        "workspace: {inheritedTasks: {exclude: [excluded], rename: {renamed: fresh}}}\n"
        "tasks:\n"
        "  lint: {command: 'true', inputs: ['@globs(config)', 'src/[!b]*.txt', '/docs/'], deps: ['core:build', own]}\n"
        "  own: {command: 'true', inputs: ['.hidden', 'lib/**']}\n"
        "  shared: {inputs: ['extra.txt'], options: {mergeInputs: replace}}\n"
        "  more: {extends: own, args: ['-x']}\n"
        "  up: {command: 'true', deps: ['^:build']}\n"
        "  dev: {command: 'sleep 1'}\n"
        "  quiet: {command: 'true', options: {runInCI: false}}\n"
        "  noop: {deps: [lint]}\n"
        "  inner: {command: 'true', options: {internal: true}}\n"
        "  none: {command: 'true', inputs: []}\n"
    ),
    "libs/core/moon.yml": "layer: library\ntasks: {build: {command: 'true', inputs: ['src/**/*'], outputs: ['out']}}\n",
    "libs/core/index.txt": "",
    "libs/old/moon.yml": "tasks: {old: {command: 'true'}}\n",
    "tools/@a b/moon.yml": "tasks: {check: {command: 'true'}}\n",
    **dict.fromkeys(
        (
            *("shared.txt", "tsconfig.base.json", "docs/a.md", "docs/b/c.md", "root.txt", "package.json"),
            *("apps/web/src/a.txt", "apps/web/src/b.txt", "apps/web/src/gen/x.txt", "apps/web/lib/deep/y.ts"),
            *("apps/web/.hidden", "apps/web/extra.txt", "apps/web/a.json", "apps/web/a.txt", "apps/web/package.json"),
            *("libs/core/src/a.js", "libs/core/x.ts", "libs/old/a.txt", "tools/@a b/z.txt"),
        ),
        "{}",
    ),
}
"""A workspace with something of everything that this adapter reads."""


@pytest.fixture
def asked(workspace: Make) -> tuple[MadeProject, dict[str, dict[str, object]]]:
    """The rich workspace, and what moon says of its tasks, by target; it is silent on internal ones."""
    made = workspace(RICH)
    moon = made.tool("moon")
    assert moon is not None
    environ = {**os.environ, "MOON_TELEMETRY": "false", "MOON_DAEMON": "false"}
    argv = (moon.path, "query", "tasks")
    done = subprocess.run(argv, cwd=made.root, env=environ, capture_output=True, text=True, check=True, timeout=120)
    told = json.loads(done.stdout)["tasks"]
    return made, {task["target"]: task for tasks in told.values() for task in tasks.values()}


def test_the_tasks_are_those_that_moon_knows(
    asked: tuple[MadeProject, dict[str, dict[str, object]]], offers: Ask
) -> None:
    made, tasks = asked
    answer = offers(made, ftui_moon)
    known = {*answer.checks, *answer.unused} - {"moon:site:inner"}
    assert sorted(known) == sorted(f"moon:{target}" for target in tasks)
    runs = []
    for target, task in tasks.items():
        options = task["options"]
        assert isinstance(options, dict)
        if options["runInCI"] is True and task["command"] != "noop":
            runs.append(f"moon:{target}")
    assert sorted(answer.checks) == sorted(runs)


def test_no_input_that_moon_knows_is_missing(
    asked: tuple[MadeProject, dict[str, dict[str, object]]], offers: Ask
) -> None:
    made, tasks = asked
    for name, check in offers(made, ftui_moon).checks.items():
        task = tasks[name.removeprefix("moon:")]
        files, globs = task.get("inputFiles", {}), task.get("inputGlobs", {})
        assert isinstance(files, dict)
        assert isinstance(globs, dict)
        wanted = [matcher(glob) for glob in globs if not glob.startswith("!")]
        unwanted = [matcher(glob[1:]) for glob in globs if glob.startswith("!")]
        for path in made.files:
            matched = any(glob(path) for glob in wanted) and not any(glob(path) for glob in unwanted)
            if path in files or matched:
                assert path in made.matching(*check.inputs), f"{path} is an input of {name}"
        assert set(task.get("inputEnv", ())) <= set(check.env)  # type: ignore[call-overload]
