"""The hooks of .pre-commit-config.yaml as checks of ftui, run by pre-commit or prek."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec
import msgspec.yaml

from ftui.errors import NothingToDo, NoVerdict
from ftui.hookspecs import Project, Tool, hookimpl
from ftui.model import BuiltinProfile, Check, Finding, Phase, ProcessResult, Unused
from ftui_precommit.patterns import included, left_out

CONFIG = ".pre-commit-config.yaml"

GIVEN_FILES_ONLY = ("pygrep", "fail")
"""Languages whose hooks read the files they are given and nothing else, and write none; source: pre-commit's own
`languages/pygrep.py` and `fail.py`."""

OWN_PROGRAM = ("system", "script", "unsupported", "unsupported_script", *GIVEN_FILES_ONLY)
"""Languages that need no environment of their own; the first two are older words for the next two."""

READERS = frozenset(
    (
        *("check-added-large-files", "check-ast", "check-builtin-literals", "check-case-conflict"),
        *("check-docstring-first", "check-executables-have-shebangs", "check-illegal-windows-names", "check-json"),
        *("check-merge-conflict", "check-shebang-scripts-are-executable", "check-symlinks", "check-toml"),
        *("check-vcs-permalinks", "check-xml", "check-yaml", "debug-statements", "destroyed-symlinks"),
        *("detect-private-key", "forbid-new-submodules", "forbid-submodules", "name-tests-test"),
        "no-commit-to-branch",
    )
)
"""Hooks of pre-commit-hooks that write nothing."""

STAGES = ("pre-commit", "pre-push")
"""Moments at which hooks judge the tree; at others they judge a message, or nothing."""
OLD_STAGES = {"commit": "pre-commit", "push": "pre-push"}

RESULT = re.compile(r"^.*?\.{2,}(?P<no_files>\(no files to check\))?(?P<word>Passed|Failed|Skipped)$", re.MULTILINE)
CODE = re.compile(r"^ *- exit code: (?P<code>-?\d+)$", re.MULTILINE)
MODIFIED = re.compile(r"^ *- files were modified by this hook$", re.MULTILINE)
NOT_FOUND = re.compile(
    r"^ *(?:Executable `(?P<name>.+)` not found|caused by: Failed to run `(?P<other>.+)`)$", re.MULTILINE
)
PLACE = re.compile(r"^ *(?P<path>[^\s:][^:\n]*):(?P<line>[1-9]\d*):(?:(?P<column>[1-9]\d*):)? ?(?P<message>.*\S)$")
INSIDE = re.compile(r"(?=.*[./])[\w.][\w./-]*\w")
"""A word of a command that may well be a path in the tree."""
NOT_INSTALLED = re.compile(
    r"^(?:An unexpected error has occurred: CalledProcessError|error: Failed to (?:install|init))"
)


class Hook(msgspec.Struct):
    """One entry of `hooks`; what a remote repository says of it is not known here."""

    id: str
    entry: str = ""
    language: str = ""
    files: str | dict[str, object] = ""
    """A regular expression, or what else prek takes."""
    exclude: str | dict[str, object] = ""
    always_run: bool = False
    stages: list[str] = []


class Repo(msgspec.Struct):
    """One entry of `repos`."""

    repo: str
    hooks: list[Hook]
    rev: object = ""


class Config(msgspec.Struct):
    """What `.pre-commit-config.yaml` says."""

    repos: list[Repo]
    exclude: str | dict[str, object] = ""
    default_stages: list[str] = []
    minimum_prek_version: object = None


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """One check for each hook id that has a stage in which it can judge the tree."""
    text = project.text(CONFIG)
    if text is None:
        yield Unused(id="precommit", adapter="precommit", because=f"no {CONFIG}")
        return
    try:
        config = msgspec.yaml.decode(text, type=Config)
    except (msgspec.DecodeError, RecursionError) as error:
        because = f"{CONFIG} cannot be read: {str(error).partition(chr(10))[0]}"
        yield Check(id="precommit", adapter="precommit", argv=("pre-commit",), because=CONFIG, unavailable=because)
        return
    hooks: dict[str, list[tuple[Repo, Hook]]] = {}
    for repo in config.repos:
        for hook in repo.hooks:
            hooks.setdefault(hook.id, []).append((repo, hook))
    if not hooks:
        yield Unused(id="precommit", adapter="precommit", because=f"no hook in {CONFIG}")
        return
    name, tool, chosen = _runner(project, config)
    for hook_id, known in hooks.items():
        if hook_id.startswith("-"):
            because = "its id would be taken for an option"
            yield Unused(id=f"precommit:{hook_id}", adapter="precommit", because=because)
            continue
        yield _offer(project, config, f"precommit:{hook_id}", known, (name, tool, chosen))


def _offer(
    project: Project,
    config: Config,
    check_id: str,
    known: Sequence[tuple[Repo, Hook]],
    runner: tuple[str, Tool | None, str],
) -> Check | Unused:
    """What one hook id comes to; several hooks may share it, and are run together."""
    name, tool, chosen = runner
    hooks = [hook for _, hook in known]
    stage = _stage(hooks, config)
    selected = [pattern for hook in hooks for pattern in included(hook.files)]
    all_known = all(repo.repo == "local" and not hook.always_run for repo, hook in known)
    why_not = None
    if stage not in STAGES:
        why_not = f"only for the stage {stage}"
    elif all_known and not project.has(*selected):
        why_not = f"no file here matches its files: {hooks[0].files}"
    if why_not is not None:
        return Unused(id=check_id, adapter="precommit", because=why_not)
    reads_given = all(repo.repo == "local" and hook.language in GIVEN_FILES_ONLY for repo, hook in known)
    reads_only = reads_given or all(_reads_only(*each) for each in known)
    git = _git_folder(project)
    return Check(
        id=check_id,
        adapter="precommit",
        argv=(name if tool is None else tool.path, "run", hooks[0].id, "--config", CONFIG, "--hook-stage", stage),
        args=("--all-files",),
        because=f"{CONFIG}, run by {name} ({chosen}) on what git tracks",
        # Any other hook may read any file: its settings, what it imports, what it compares with.
        inputs=(*selected, *_left_out(project, config, hooks)) if reads_given else ("**",),
        config_files=(CONFIG, *_git_files(git), *_programs(known), *_environments(name, known)),
        phase=Phase.FAST if reads_only else Phase.MUTATING,
        profile=_profile(project, check_id, stage, reads_only),
        # The `git diff` before and after a hook would else write the index anew, which is part of the key.
        env=("PRE_COMMIT_HOME", "PREK_HOME", "GIT_OPTIONAL_LOCKS=0"),
        failed_codes=(1,),
        retries=1 if reads_only else 0,
        unavailable=_unavailable(runner, git),
        parse=partial(parse, hooks=tuple(hooks)),
        infrastructure=infrastructure_of_reader if reads_only else infrastructure,
    )


def _stage(hooks: Iterable[Hook], config: Config) -> str:
    """The stage to run hooks in: the first of `STAGES` that one of them has, else what they have."""
    told = [each for hook in hooks for each in hook.stages or config.default_stages or STAGES]
    stages = {OLD_STAGES.get(each, each) for each in told}
    return next((each for each in STAGES if each in stages), ", ".join(sorted(stages)))


def _profile(project: Project, check_id: str, stage: str, reads_only: bool) -> BuiltinProfile | None:
    """What may write is left to the fullest profile, unless the user lets it, or says that it does not."""
    settings = project.options(check_id)
    unasked = not (reads_only or settings.fix or settings.phase is not None)
    return "full" if unasked or stage != STAGES[0] else None


def _left_out(project: Project, config: Config, hooks: Sequence[Hook]) -> Iterator[str]:
    """What no hook looks at: of several that share an id, one may look at what another leaves out."""
    for exclude in (config.exclude, *(hook.exclude for hook in hooks if len(hooks) == 1)):
        yield from left_out(exclude, project.files)


def _unavailable(runner: tuple[str, Tool | None, str], git: str | None) -> str | None:
    name, tool, chosen = runner
    if git is None:
        return f"{name} looks at what git tracks, and no git repository has its top here: run `git init`"
    return None if tool else f"{name} is used here ({chosen}) and is not installed: run `pip install {name}`"


def _reads_only(repo: Repo, hook: Hook) -> bool:
    known = repo.repo.removesuffix(".git").endswith("/pre-commit-hooks") or repo.repo == "builtin"
    return repo.repo == "meta" or (known and hook.id in READERS and not hook.entry)


# The program


def _runner(project: Project, config: Config) -> tuple[str, Tool | None, str]:
    """Pre-commit or prek: its name, where it is, and why this one."""
    tools = {name: project.tool(name) for name in ("pre-commit", "prek")}
    if config.minimum_prek_version is not None:
        return "prek", tools["prek"], "minimum_prek_version"
    if any(repo.repo == "builtin" for repo in config.repos):
        return "prek", tools["prek"], "repo: builtin, which only prek has"
    inside = os.path.join(project.root, "")
    for name, tool in tools.items():
        if tool is not None and tool.path.startswith(inside):
            return name, tool, f"installed in {tool.origin}"
    installed = project.text(".git/hooks/pre-commit") or ""
    for name, tool in tools.items():
        if f"File generated by {name}:" in installed:
            return name, tool, "it wrote .git/hooks/pre-commit"
    name = next((name for name, tool in tools.items() if tool is not None), "pre-commit")
    found = tools[name]
    return name, found, CONFIG if found is None else found.origin


def _git_folder(project: Project) -> str | None:
    """Where the index of the repository is that the root is the top of; None where it is not."""
    if project.text(".git/HEAD") is not None:
        return ".git"
    link = project.text(".git") or ""  # of a worktree or a submodule
    return os.path.normpath(project.root / link[8:].strip()) if link.startswith("gitdir: ") else None


def _git_files(git: str | None) -> Iterator[str]:
    """What git tracks is judged; some verdicts depend on the branch, on what was committed, or on a merge at work."""
    if git is not None:
        yield from (f"{git}/{name}" for name in ("index", "HEAD", "logs/HEAD", "MERGE_HEAD", "MERGE_MSG"))


def _programs(known: Iterable[tuple[Repo, Hook]]) -> Iterator[str]:
    """What hooks without an environment run: the program outside the tree, and files inside, which git may ignore."""
    for _, hook in known:
        if hook.language not in OWN_PROGRAM or hook.language in GIVEN_FILES_ONLY:
            continue
        try:
            words = shlex.split(hook.entry)
        except ValueError:  # which is for pre-commit to say
            continue
        found = shutil.which(words[0]) if words else None
        if found is not None and os.path.isabs(found):
            yield os.path.realpath(found)
        yield from (word for word in words if INSIDE.fullmatch(word) and ".." not in word.split("/"))


def _environments(name: str, known: Iterable[tuple[Repo, Hook]]) -> Iterator[str]:
    """What changes when environments of hooks are installed anew, maybe with other versions of what they need."""
    if all(repo.repo == "meta" or hook.language in OWN_PROGRAM for repo, hook in known):
        return
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if name == "prek":
        data = os.environ.get("LOCALAPPDATA", cache) if sys.platform == "win32" else cache
        yield os.path.join(os.environ.get("PREK_HOME") or os.path.join(data, "prek"), "hooks", "")
    else:
        yield os.path.join(os.environ.get("PRE_COMMIT_HOME") or os.path.join(cache, "pre-commit"), "db.db")


# Output


def parse(result: ProcessResult, hooks: Sequence[Hook]) -> Iterator[Finding]:
    """Reads the lines of each hook that failed: places as most tools print them, and the paths of `fail`.

    Raises:
        NoVerdict: no hook ran, or one could not.
        NothingToDo: there was no file for it.
    """
    if result.exit_code and (missing := NOT_FOUND.search(result.stdout)):
        raise NoVerdict(f"the hook runs {missing['name'] or missing['other']}, which was not found")
    if result.exit_code not in (0, 1):
        return
    name = os.path.basename(result.argv[0]).partition(".")[0]
    results = list(RESULT.finditer(result.stdout))
    if not results:
        raise NoVerdict(_nothing_ran(name, hooks[0].id, result))
    if result.exit_code == 0 and not any(each["word"] == "Passed" for each in results):
        if all(each["no_files"] for each in results):
            raise NothingToDo("no file that git tracks is for it")
        raise NoVerdict(f"{name} was told to skip the hook")
    if result.exit_code == 0:
        return
    for code in CODE.finditer(result.stdout):
        if not 0 < int(code["code"]) < 126:
            raise NoVerdict(f"the hook gave no verdict (exit code {code['code']})")
    yield from _findings(result, hooks)


def _findings(result: ProcessResult, hooks: Sequence[Hook]) -> Iterator[Finding]:
    rule = hooks[0].id
    forbidden = {hook.entry for hook in hooks if hook.language == "fail"}
    message = ""
    for line in result.stdout.splitlines():
        if MODIFIED.match(line):
            yield Finding("files were modified by this hook", rule=rule)
        elif RESULT.match(line):
            message = ""
        elif line.strip() in forbidden:
            message = line.strip()
        elif message and line.strip():
            yield Finding(message, _in_tree(line.strip(), result.root), rule=rule)
        elif found := PLACE.match(line):
            column = int(found["column"]) if found["column"] else None
            yield Finding(found["message"], _in_tree(found["path"], result.root), int(found["line"]), column, rule=rule)


def _nothing_ran(name: str, hook_id: str, result: ProcessResult) -> str:
    if not result.stdout.strip() or f"No hook with id `{hook_id}`" in result.stdout:
        advice = f'`[checks."precommit:{hook_id}"] enabled = false` leaves it out'
        return f"{name} has no hook {hook_id} for this stage; {advice}"
    return f"{name} ran no hook: {_last_words(result)}"


def infrastructure(result: ProcessResult) -> str | None:
    """An environment that could not be installed, or a repository that could not be fetched."""
    if any(map(NOT_INSTALLED.match, result.stdout.splitlines())):
        return f"the hook could not be installed: {_last_words(result)}"
    return None


def infrastructure_of_reader(result: ProcessResult) -> str | None:
    """As `infrastructure`; and an edit while it ran, which is taken for one of the hook, although it writes nothing."""
    if MODIFIED.search(result.stdout) and not CODE.search(result.stdout):
        return "files changed while it ran"
    return infrastructure(result)


def _last_words(result: ProcessResult) -> str:
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Check the log at ")]
    return lines[-1][:200] if lines else "it printed nothing"


def _in_tree(path: str, root: str) -> str:
    absolute = os.path.normpath(os.path.join(root, path))
    inside = absolute.startswith(os.path.join(root, ""))
    return (os.path.relpath(absolute, root) if inside else absolute).replace(os.sep, "/")
