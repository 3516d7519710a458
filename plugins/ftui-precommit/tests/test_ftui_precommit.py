"""The adapter, on recorded output and with the real pre-commit and prek."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ftui_precommit
from ftui.config import load
from ftui.events import CheckFinished
from ftui.tree import Globs
from ftui_precommit.patterns import included

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.hookspecs import Project
    from ftui.model import Check
    from ftui.testing import Judge, MadeProject, MakeProject, Offers, RunChecks

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]

CONFIG = ".pre-commit-config.yaml"
HEAD = {".git/HEAD": "ref: refs/heads/main\n"}
RUNNERS = ("pre-commit", "prek")
GREP = "{id: no-todo, name: no TODO, language: pygrep, entry: TODO, files: '\\.py$'}"
PYTHON = f'"{Path(sys.executable).as_posix()}"'
FIX = rf"{{id: strip, name: strip, language: system, entry: '{PYTHON} strip.py', files: '\.txt$'}}"
STRIP = """
import sys
for path in sys.argv[1:]:
    text = open(path).read()
    if text != text.rstrip() + "\\n":
        open(path, "w").write(text.rstrip() + "\\n")
"""


TODO = rf"{{id: no-todo, name: no TODO, language: system, entry: '{PYTHON} todo.py', files: '\.py$', exclude: todo}}"
FIND = """
import sys
found = [(path, line) for path in sys.argv[1:] for line in open(path) if "TODO" in line]
for path, line in found:
    print(f"{path}:1:7: {line}")
sys.exit(1 if found else 0)
"""
READS = {"todo.py": FIND, "ftui.toml": '[checks."precommit:no-todo"]\nphase = "fast"\n'}
"""The user says that the hook writes nothing."""


def hooks(*lines: str, repo: str = "local", top: str = "") -> dict[str, str]:
    """A configuration with these hooks, each in YAML's flow style."""
    listed = "".join(f"  - {line}\n" for line in lines)
    return {CONFIG: f"{top}\nrepos:\n- repo: {repo}\n  hooks:\n{listed}"}


def recorded(name: str) -> str:
    """What pre-commit 4.7 or prek 0.5 printed."""
    return Path(__file__).with_name("recorded").joinpath(name).read_text(encoding="utf-8")


def git(project: MadeProject, *arguments: str) -> None:
    identity = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgSign=false")
    subprocess.run(("git", *identity, *arguments), cwd=project.root, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _own_homes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments of hooks are those of one test."""
    for name in ("PRE_COMMIT_HOME", "PREK_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp("home")))


@pytest.fixture(params=RUNNERS)
def tracked(request: pytest.FixtureRequest, project: MakeProject) -> MakeProject:
    """Makes projects whose files git tracks, with one of the two runners only."""
    without = [name for name in RUNNERS if name != request.param]

    def make(files: dict[str, str]) -> MadeProject:
        made = project(files, without=without)
        git(made, "init", "-q")
        git(made, "add", "-A")
        return made

    return make  # type: ignore[return-value]  # a test of this file has no tools to put in place


@pytest.fixture
def check(project: MakeProject, offers: Ask) -> Check:
    return offers(project({**hooks(GREP), "a.py": ""}, tools={"pre-commit": ""}), ftui_precommit).check(
        "precommit:no-todo"
    )


# Recorded output


@pytest.mark.parametrize(
    ("name", "code", "outcome", "because"),
    [
        ("passed", 0, "passed", ""),
        ("no_files", 0, "skipped", "no file that git tracks is for it"),
        ("told_to_skip", 0, "broken", "pre-commit was told to skip the hook"),
        ("other_stage", 1, "broken", '`[checks."precommit:no-todo"] enabled = false` leaves it out'),
        ("nothing", 0, "broken", "has no hook no-todo for this stage"),
        ("not_found", 1, "broken", "the hook runs nonesuch, which was not found"),
        ("killed", 1, "broken", "the hook gave no verdict (exit code -9)"),
        ("wrong_config", 1, "broken", "pre-commit ran no hook: =====> Missing required key: name"),
        ("not_installed", 3, "broken", "(exit code 3)"),
        ("prek_not_found", 2, "broken", "the hook runs nonesuch, which was not found"),
        ("prek_not_installed", 2, "broken", "(exit code 2)"),
        ("grep", 1, "failed", ""),
        ("prek_grep", 1, "failed", ""),
        ("modified", 1, "failed", ""),
    ],
)
def test_output_and_exit_codes_are_taken_for_what_they_are(
    check: Check, judge: Judge, name: str, code: int, outcome: str, because: str
) -> None:
    verdict = judge(check, code, recorded(f"{name}.txt"))
    assert verdict.outcome == outcome
    assert because in verdict.because


@pytest.mark.parametrize("name", ["grep", "prek_grep"])
def test_lines_with_a_place_are_findings(check: Check, judge: Judge, name: str) -> None:
    (found,) = judge(check, 1, recorded(f"{name}.txt")).findings
    assert (found.path, found.line, found.rule, found.message) == ("a.py", 1, "no-todo", "# TODO x")


@pytest.mark.parametrize("name", ["fail", "prek_fail"])
def test_each_file_that_is_not_to_be_there_is_a_finding(
    project: MakeProject, offers: Ask, judge: Judge, name: str
) -> None:
    fail = "{id: no-bad, name: no bad, language: fail, entry: no such file wanted, files: '\\.bad$'}"
    check = offers(project({**hooks(fail), "x.bad": ""}), ftui_precommit).check("precommit:no-bad")
    found = judge(check, 1, recorded(f"{name}.txt")).findings
    assert [(each.path, each.message) for each in found] == [("x.bad", "no such file wanted")]


def test_what_cannot_be_installed_is_an_infrastructure_failure(check: Check) -> None:
    from ftui.model import ProcessResult

    def said(name: str) -> str | None:
        result = ProcessResult(
            argv=("pre-commit",),
            exit_code=3,
            stdout=recorded(name),
            stderr="",
            truncated=False,
            root="/project",
            scratch="",
        )
        return check.infrastructure(result)

    assert said("not_installed.txt") == (
        "the hook could not be installed: "
        "fatal: unable to access 'https://nowhere.invalid/x/': Could not resolve host: nowhere.invalid"
    )
    assert "No solution found" in str(said("prek_not_installed.txt")) or "unsatisfiable" in str(
        said("prek_not_installed.txt")
    )
    assert said("modified.txt") == "files changed while it ran"
    assert said("grep.txt") is None


# What is offered


def test_a_project_without_a_configuration_is_left_alone(project: MakeProject, offers: Ask) -> None:
    assert offers(project({"a.py": ""}), ftui_precommit).unused == {"precommit": f"no {CONFIG}"}


@pytest.mark.parametrize(
    "text", ["repos: [", "repos: 3", "[]", "repos:\n- {repo: local}", "repos: " + "[" * 3000, "a: &a [*a]"]
)
def test_a_configuration_that_cannot_be_read_is_never_green(project: MakeProject, offers: Ask, text: str) -> None:
    check = offers(project({CONFIG: text}), ftui_precommit).check("precommit")
    assert f"{CONFIG} cannot be read: " in str(check.unavailable)


@pytest.mark.parametrize(
    ("stages", "because"),
    [
        ("[manual]", "only for the stage manual"),
        ("[commit-msg, prepare-commit-msg]", "only for the stage commit-msg, prepare-commit-msg"),
    ],
)
def test_hooks_for_other_moments_are_not_offered(project: MakeProject, offers: Ask, stages: str, because: str) -> None:
    line = f"{{id: x, name: x, language: system, entry: x, stages: {stages}}}"
    assert offers(project(hooks(line)), ftui_precommit).unused == {"precommit:x": because}
    default = hooks("{id: x, name: x, language: system, entry: x}", top=f"default_stages: {stages}")
    assert offers(project(default), ftui_precommit).unused == {"precommit:x": because}


@pytest.mark.parametrize(("stages", "stage"), [("[push]", "pre-push"), ("[manual, commit]", "pre-commit")])
def test_a_hook_runs_in_its_own_stage(project: MakeProject, offers: Ask, stages: str, stage: str) -> None:
    line = f"{{id: x, name: x, language: system, entry: x, stages: {stages}}}"
    check = offers(project(hooks(line)), ftui_precommit).check("precommit:x")
    assert check.command[-3:] == ("--hook-stage", stage, "--all-files")


def test_of_hooks_that_share_an_id_one_may_be_for_other_moments(project: MakeProject, offers: Ask) -> None:
    both = hooks(GREP, GREP.replace("files", "stages: [manual], exclude: ^gen/, files"))
    check = offers(project({**both, "a.py": ""}), ftui_precommit).check("precommit:no-todo")
    assert check.inputs == ("*.py", "*.py")
    assert check.command[-2:] == ("pre-commit", "--all-files")


def test_an_id_that_would_be_an_option_is_not_run(project: MakeProject, offers: Ask) -> None:
    line = "{id: --config=x, name: x, language: system, entry: x}"
    because = "its id would be taken for an option"
    assert offers(project(hooks(line)), ftui_precommit).unused == {"precommit:--config=x": because}


def test_a_hook_that_no_file_is_for_is_not_offered_until_there_is_one(project: MakeProject, offers: Ask) -> None:
    asked = offers(project(hooks(GREP)), ftui_precommit)
    assert asked.unused == {"precommit:no-todo": "no file here matches its files: \\.py$"}
    assert offers(project({"a.py": ""}), ftui_precommit).check("precommit:no-todo")
    elsewhere = hooks(GREP, repo="https://example.com/hooks")  # where it may be said that it always runs
    assert offers(project({"a.py": "", **elsewhere}), ftui_precommit).check("precommit:no-todo")


def test_what_may_write_is_alone_in_its_phase_and_in_the_full_profile_unless_fix_is_set(
    project: MakeProject, offers: Ask
) -> None:
    files = {**hooks(FIX, GREP), "a.txt": "", "a.py": ""}
    checks = offers(project(files), ftui_precommit).checks
    said = {name: (check.phase.value, check.smallest_profile, check.inputs) for name, check in checks.items()}
    assert said["precommit:strip"] == ("mutating", "full", ("**",))
    assert said["precommit:no-todo"] == ("fast", "fast", ("*.py",))
    fixing = offers(project({"ftui.toml": '[checks."precommit:strip"]\nfix = true\n'}), ftui_precommit)
    assert fixing.check("precommit:strip").smallest_profile == "fast"
    reading = offers(project({"ftui.toml": '[checks."precommit:strip"]\nphase = "slow"\n'}), ftui_precommit)
    assert reading.check("precommit:strip").profile is None


def test_what_a_hook_of_the_projects_own_runs_is_part_of_the_key(project: MakeProject, offers: Ask) -> None:
    local = (
        f"{{id: a, name: a, language: system, entry: '{PYTHON} tools/a.py -x=1 --all ../b.py'}}",
        "{id: b, name: b, language: script, entry: ./b.sh}",
        "{id: c, name: c, language: pygrep, entry: c.d}",
        "{id: d, name: d, language: system, entry: '\"d.py'}",
    )
    checks = offers(project(hooks(*local)), ftui_precommit).checks
    ran = {name[10:]: check.config_files for name, check in checks.items()}
    assert ran["a"] == (CONFIG, str(Path(sys.executable).resolve()), "tools/a.py")
    assert ran["b"][-1] == "./b.sh"
    assert (ran["c"], ran["d"]) == ((CONFIG,), (CONFIG,))


def test_hooks_that_are_known_to_write_nothing_are_fast(project: MakeProject, offers: Ask) -> None:
    listed = hooks(
        "{id: check-yaml}", "{id: trailing-whitespace}", repo="https://github.com/pre-commit/pre-commit-hooks"
    )
    checks = offers(project(listed), ftui_precommit).checks
    assert {name: check.phase.value for name, check in checks.items()} == {
        "precommit:check-yaml": "fast",
        "precommit:trailing-whitespace": "mutating",
    }


# Which program


@pytest.mark.parametrize(
    ("files", "tools", "name", "because"),
    [
        ({}, ["pre-commit", "prek"], "pre-commit", "installed in .venv"),
        ({}, ["prek"], "prek", "installed in .venv"),
        (hooks(GREP, top="minimum_prek_version: '0.2'"), ["pre-commit"], "prek", "minimum_prek_version"),
        (hooks("{id: no-todo}", repo="builtin"), [], "prek", "repo: builtin, which only prek has"),
        ({".git/hooks/pre-commit": "#!/bin/sh\n# File generated by prek: x\n"}, [], "prek", ".git/hooks/pre-commit"),
        ({".git/hooks/pre-commit": "# File generated by pre-commit: x"}, [], "pre-commit", ".git/hooks/pre-commit"),
        ({}, [], "pre-commit", "("),
    ],
)
def test_the_projects_own_choice_comes_first(
    project: MakeProject, offers: Ask, files: dict[str, str], tools: list[str], name: str, because: str
) -> None:
    made = project({**HEAD, **hooks(GREP), "a.py": "", **files}, tools=dict.fromkeys(tools, ""))
    check = offers(made, ftui_precommit).check("precommit:no-todo")
    assert Path(check.argv[0]).stem == name
    assert because in check.because


def test_without_either_the_check_says_what_to_install(project: MakeProject, offers: Ask) -> None:
    made = project({**HEAD, **hooks(GREP), "a.py": ""}, without=RUNNERS)
    missing = offers(made, ftui_precommit).check("precommit:no-todo").unavailable
    assert missing == f"pre-commit is used here ({CONFIG}) and is not installed: run `pip install pre-commit`"


def test_outside_a_repository_there_is_no_verdict(project: MakeProject, offers: Ask) -> None:
    check = offers(project({**hooks(GREP), "a.py": ""}), ftui_precommit).check("precommit:no-todo")
    assert "no git repository has its top here" in str(check.unavailable)


# Patterns


@pytest.mark.parametrize(
    ("regex", "patterns"),
    [
        ("", ("*",)),
        (r"\.py$", ("*.py",)),
        (r"\.(py|pyi)$", ("*.py", "*.pyi")),
        (r"^src/", ("/src/**/*",)),
        (r"^src/.*\.py$", ("/src/**/*.py",)),
        (r"^src/(a|b)/x\.c$", ("/src/a/x.c", "/src/b/x.c")),
        (r"(^|/)Makefile$", ("/Makefile", "Makefile")),
        (r"^(?:docs|src/lib)/[^/]+\.md$", ("/docs/**/*.md", "/src/lib/**/*.md")),
        ("(?x)^(\n  a/b\\.py| # one\n  c/.*\n)$", ("/a/b.py", "/c/**/*")),
        (r"\.pyi?$", ("*.pyi", "*.py")),
        (r"[.]p[yx]+$", ("*",)),
        (r"(?i)\.py$", ("**",)),
        (r"(?!x)a", ("**",)),
        ("(", ("**",)),
        ("(" * 5000, ("**",)),
        ("(a|b)" * 20, ("**",)),
    ],
)
def test_a_plain_expression_becomes_patterns(regex: str, patterns: tuple[str, ...]) -> None:
    assert included(regex) == patterns


PIECES = st.sampled_from(
    ["^", "$", "a", "b", "/", r"\.", ".", ".*", "[ab]", "[^/]+", "(a|b/)", "(^|/)", "a?", "(?:ab)*", "|", r"\w", "src/"]
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a.b", "src", ".a"]), min_size=1, max_size=4).map("/".join)


@given(regex=st.lists(PIECES, max_size=6).map("".join), paths=st.lists(PATHS, min_size=1))
def test_patterns_are_never_narrower_than_the_expression(regex: str, paths: list[str]) -> None:
    try:
        found = re.compile(regex)
    except re.error:
        return
    globs = Globs(included(regex))
    assert [path for path in paths if found.search(path) and not globs.matches(path)] == []


def test_what_is_left_out_as_a_whole_is_no_input(project: MakeProject, offers: Ask) -> None:
    grep = "{id: g, name: g, language: pygrep, entry: x, files: '\\.py$', exclude: '^(old/|one\\.py$|x.*y)'}"
    made = project({**hooks(grep, top="exclude: ^gen/.*"), "a.py": "", "one.py": ""})
    check = offers(made, ftui_precommit).check("precommit:g")
    assert check.inputs == ("*.py", "!/gen/", "!/old/", "!/one.py")


# The real tools


def test_the_lines_that_pygrep_finds_are_findings(project: MakeProject, engine: RunChecks) -> None:
    made = project({**hooks(GREP), "a.py": "x = 1  # TODO\n"}, without=["prek"])  # which would fetch uv for it
    git(made, "init", "-q")
    git(made, "add", "-A")
    engine(made, ftui_precommit).expect("precommit:no-todo", "failed", ("a.py", 1, None, "no-todo"))


def test_a_hook_fails_at_a_place_and_is_a_hit_while_nothing_changes(tracked: MakeProject, engine: RunChecks) -> None:
    made = tracked({**hooks(TODO), **READS, "a.py": "x = 1  # TODO\n"})
    events = engine(made, ftui_precommit)
    events.expect("precommit:no-todo", "failed", ("a.py", 1, 7, "no-todo"))
    events.expect_no_problem()
    mended = tracked({"a.py": "x = 1\n"})
    found = [engine(mended, ftui_precommit).result("precommit:no-todo") for _ in range(2)]
    assert [(result.outcome, result.bucket) for result in found] == [("passed", "miss"), ("passed", "hit")]


def test_a_hook_that_mends_files_fails_and_passes_once_they_are_mended(tracked: MakeProject, engine: RunChecks) -> None:
    made = tracked({**hooks(FIX), "strip.py": STRIP, "a.txt": "a  \n"})
    events = engine(made, ftui_precommit, names=("precommit:strip",))
    outcomes = [each.outcome for each in events.of(CheckFinished)]
    assert outcomes == ["failed", "passed"]
    assert made.text("a.txt") == "a\n"
    assert engine(made, ftui_precommit, names=("precommit:strip",)).result("precommit:strip").bucket == "hit"


def test_what_git_does_not_track_is_judged_once_it_does(tracked: MakeProject, engine: RunChecks) -> None:
    made = tracked({**hooks(TODO), **READS, "a.py": "x = 1\n"})
    (made.root / "b.py").write_text("# TODO\n")
    engine(made, ftui_precommit).expect("precommit:no-todo", "passed")
    git(made, "add", "b.py")
    engine(made, ftui_precommit).expect("precommit:no-todo", "failed", ("b.py", 1, 7, "no-todo"))


def test_another_branch_commit_merge_or_configuration_is_another_key(tracked: MakeProject, engine: RunChecks) -> None:
    made = tracked({**hooks(TODO), **READS, "a.py": "x = 1\n"})
    assert engine(made, ftui_precommit).result("precommit:no-todo").bucket == "miss"
    git(made, "symbolic-ref", "HEAD", "refs/heads/other")
    assert "HEAD" in engine(made, ftui_precommit).result("precommit:no-todo").reason
    git(made, "commit", "-q", "--allow-empty", "-m", "one more")
    assert "logs/HEAD" in engine(made, ftui_precommit).result("precommit:no-todo").reason
    git(made, "checkout", "-q", "-b", "aside")
    git(made, "commit", "-q", "--allow-empty", "-m", "aside")
    git(made, "checkout", "-q", "other")
    git(made, "commit", "-q", "--allow-empty", "-m", "beside")
    engine(made, ftui_precommit)
    git(made, "merge", "-q", "--no-commit", "-s", "ours", "aside")  # no file moves, but check-merge-conflict looks
    assert "MERGE_HEAD" in engine(made, ftui_precommit).result("precommit:no-todo").reason
    (made.root / CONFIG).write_text(hooks(TODO.replace("no TODO", "other name"))[CONFIG])
    assert CONFIG in engine(made, ftui_precommit).result("precommit:no-todo").reason


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("{id: x, name: x, language: system, entry: nonesuch-tool, pass_filenames: false}", "nonesuch-tool"),
        ("{id: x, language: system, entry: x}", "missing field `name`|Missing required key: name"),
    ],
    ids=["a missing program", "a configuration that is not valid"],
)
def test_what_is_no_verdict_is_broken(tracked: MakeProject, engine: RunChecks, line: str, because: str) -> None:
    events = engine(tracked({**hooks(line), "a.py": ""}), ftui_precommit, names=("precommit:x",))
    events.expect("precommit:x", "broken")
    assert re.search(because, str(events.result("precommit:x").broken_because) + str(events.told()))


def test_a_hook_that_no_file_is_for_has_nothing_to_do(tracked: MakeProject, engine: RunChecks) -> None:
    rust = "{id: x, name: x, language: fail, entry: none, types: [rust]}"
    events = engine(tracked({**hooks(rust), "a.py": ""}), ftui_precommit, names=("precommit:x",))
    events.expect("precommit:x", "skipped")
    assert events.result("precommit:x").skipped_because == "no file that git tracks is for it"


def test_a_repository_that_cannot_be_fetched_is_an_infrastructure_failure(
    tracked: MakeProject, engine: RunChecks, tmp_path: Path
) -> None:
    made = tracked(hooks("{id: x}", repo=f"{tmp_path.as_posix()}/nowhere\n  rev: v1"))
    events = engine(made, ftui_precommit, names=("precommit:x",))
    events.expect("precommit:x", "broken")
    assert "infrastructure: the hook could not be installed" in str(events.result("precommit:x").broken_because)


def test_a_meta_hook_judges_the_configuration(tracked: MakeProject, engine: RunChecks) -> None:
    both = {CONFIG: hooks(TODO)[CONFIG] + "- repo: meta\n  hooks: [{id: check-hooks-apply}]\n"}
    engine(tracked({**both, "a.txt": "", "todo.py": ""}), ftui_precommit).expect(
        "precommit:check-hooks-apply", "failed"
    )
    engine(tracked({"a.py": ""}), ftui_precommit).expect("precommit:check-hooks-apply", "passed")


def test_in_a_worktree_the_index_is_that_of_the_worktree(project: MakeProject, offers: Ask, tmp_path: Path) -> None:
    from ftui.testing import MadeProject

    first = project({**hooks(GREP), "a.py": ""})
    git(first, "init", "-q")
    git(first, "commit", "-q", "--allow-empty", "-m", "first")
    linked = tmp_path.resolve() / "linked"
    git(first, "worktree", "add", "-q", str(linked))
    for name in (CONFIG, "a.py"):
        (linked / name).write_bytes((first.root / name).read_bytes())
    check = offers(MadeProject(linked, load(linked)), ftui_precommit).check("precommit:no-todo")
    assert check.config_files[1] == str(first.root / ".git" / "worktrees" / "linked" / "index")
