"""The tasks of a moon workspace as checks of ftui."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise

from ftui.errors import NothingToDo, NoVerdict
from ftui.hookspecs import Project, Tool, hookimpl
from ftui.model import Check, Finding, Phase, ProcessResult, Severity, Unused
from ftui_moon.inputs import reads
from ftui_moon.workspace import Known, Workspace, read

FOLDERS = (".moon", ".config/moon")

ALL_SLOTS = 1_000
"""Worker slots of a task that may run others before it: no two of those may make the same files at once, and moon
itself uses all cores for them."""

ENVIRONMENT = ("MOON_TELEMETRY=false", "MOON_DAEMON=false", "MOON_HOME", "PROTO_HOME", "MOON_TOOLCHAIN_FORCE_GLOBALS")
"""Nothing is told to moonrepo.dev, which includes the question for a newer version, and no process stays behind."""

SYSTEMS = {"darwin": "macos", "win32": "windows"}

ACTS = re.compile(r"(?:^|[-_./])(?:clean|deploy|publish|release|install|bump|migrate|seed|upload)(?:$|[-_./])")
"""Ids of tasks that do something rather than judge the tree."""
FIXES = re.compile(r"(?:^|[-_./\s])(?:fix|write)(?:$|[-_./=\s])")
"""Part of the id, or an option, of tasks that write what they read."""
WATCHES = re.compile(r"(?:^|\s)--watch(?:All)?(?:=true)?(?:\s|$)|\btsc\b.*\s-w(?:\s|$)")

FAILED = re.compile(
    r"[\u00d7x] Task (?P<target>\S+) failed to run\. .{0,4} ?Process (?P<program>\S+) failed: (?P<how>[^▮▪]*)"
)
EXIT_CODE = re.compile(r"exit code (?P<code>\d+)")
ALLOWED = re.compile(r"Task (?P<target>\S+) has failed, but is marked to allow failures")
DONE = re.compile(r"^Tasks: .*\b(?:completed|failed)\b", re.MULTILINE)
NO_OP = re.compile(r"^\S+ (?P<target>\S+) \(no op\b", re.MULTILINE)
PLACE = re.compile(
    r"^(?:(?P<target>[\w./-]+:[\w./-]+) \| )?\s*(?P<path>(?=[^:(]*[A-Za-z])[^\s:|(]+)"
    r"(?::(?P<line>[1-9]\d*)(?::(?P<column>[1-9]\d*))?:|\((?P<row>[1-9]\d*),(?P<place>[1-9]\d*)\):)"
    r"[ -]*(?P<message>\S.*)$"
)
MARKS = " │╰├─▶\u00d7"
"""What moon draws round the lines of an error."""
NETWORK = re.compile(
    r"Failed to download|error sending request|dns error|failed to lookup address|operation timed out|offline"
)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """One check for each task that `moon ci` would run."""
    folder = next((each for each in FOLDERS if project.has(f"/{each}/workspace.yml")), None)
    if folder is None:
        yield Unused(id="moon", adapter="moon", because="no .moon/workspace.yml")
        return
    tool = project.tool("moon")
    workspace = read(project, folder, first=_is_first(project, tool, folder))
    for number, (path, why) in enumerate(workspace.unread.items(), 1):
        check_id = "moon" if number == 1 else f"moon:{path}"
        unavailable = f"{path} cannot be read: {why}"
        yield Check(id=check_id, adapter="moon", argv=("moon",), because=path, unavailable=unavailable)
    if not workspace.tasks and not workspace.unread:
        yield Unused(id="moon", adapter="moon", because=f"no task in the projects of {folder}/workspace.yml")
    for task in workspace.tasks.values():
        check_id = f"moon:{task.target}"
        because = _never(task) or (None if check_id in project.checks else _unless_asked(task))
        yield (
            _check(project, check_id, task, workspace, tool)
            if because is None
            else Unused(id=check_id, adapter="moon", because=because)
        )


def _is_first(project: Project, tool: Tool | None, folder: str) -> bool:
    """Whether it is moon 1 that the workspace is for."""
    if tool is not None and tool.version is not None:
        return tool.version.startswith("1.")
    return project.has(f"/{folder}/toolchain.yml", f"/{folder}/tasks.yml")


def _never(task: Known) -> str | None:
    """Why a task cannot be a check, or None."""
    persistent, interactive = task.option("persistent"), task.option("interactive")
    if persistent or (persistent is None and task.preset in ("server", "watcher")) or WATCHES.search(task.words):
        return "it serves or watches, and never ends"
    if interactive or (interactive is None and task.preset == "utility"):
        return "it asks at the terminal"
    if task.option("internal"):
        return "internal: moon runs it for other tasks only"
    if task.systems and SYSTEMS.get(sys.platform, sys.platform) not in task.systems:
        return f"only for {' and '.join(task.systems)}"
    if task.target.startswith("-"):
        return "its id would be taken for an option"
    if task.words in ("", "noop"):
        return "it runs nothing of its own"
    return "runInCI: only in CI" if task.option("run_in_ci") == "only" else None


def _unless_asked(task: Known) -> str | None:
    """Why a task is a check only where the user's configuration names it, or None."""
    ask = f'[checks."moon:{task.target}"] in the configuration asks for it'
    if task.unsure:
        return f"whether it is inherited from {task.unsure} is for moon to say; {ask}"
    if task.option("run_in_ci") in (False, "skip") or any(link.local for link in task.links):
        return f"runInCI: not in CI; {ask}"
    if _fixes(task):
        return f"it writes what it reads; {ask}"
    return f"its name says that it acts; {ask}" if ACTS.search(task.target.rpartition(":")[2]) else None


def _fixes(task: Known) -> bool:
    return FIXES.search(task.words) is not None or FIXES.search(task.target.rpartition(":")[2]) is not None


def _check(project: Project, check_id: str, task: Known, workspace: Workspace, tool: Tool | None) -> Check:
    known = reads(task, workspace)
    # What it makes counts as its own work only where git ignores it, as most projects have it.
    writes = known.outputs if known.outputs and project.has(*known.outputs) else ()
    made = () if writes else tuple(f"!{output}" for output in known.outputs)
    return Check(
        id=check_id,
        adapter="moon",
        argv=("moon" if tool is None else tool.path, "run", task.target),
        args=("--cache", "off"),
        because=f"task of {'the root' if task.source == '.' else task.source}",
        inputs=(*known.inputs, *made),
        config_files=known.files,
        phase=Phase.MUTATING if writes or _fixes(task) else Phase.SLOW,
        profile="dev",
        writes=writes,
        weight=1 if known.alone else ALL_SLOTS,
        env=(*ENVIRONMENT, *known.env),
        unavailable=None if tool else "moon is used here and is not installed: run `npm install -D @moonrepo/cli`",
        parse=partial(parse, tasks=workspace.tasks),
        infrastructure=infrastructure,
    )


# Output


def parse(result: ProcessResult, tasks: Mapping[str, Known]) -> Iterator[Finding]:
    """Reads the lines with a place that a task printed, as most tools print them.

    Args:
        result: of moon.
        tasks: of the workspace, by target; each runs in the folder of its project.

    Raises:
        NoVerdict: no task failed, and yet moon did; or the one that did could not run.
        NothingToDo: the task is for another system.
    """
    text = " ".join(result.stdout.replace("│", " ").split())
    failed = FAILED.search(text)
    if result.exit_code == 0:
        yield from _passed(result)
        return
    if infrastructure(result) is not None:
        return
    if failed is None:
        if "No tasks found" in result.stdout:
            raise NoVerdict("moon found no task to run: in CI it leaves out what is not for CI")
        raise NoVerdict(f"moon ran no task: {_error(result)}")
    code = EXIT_CODE.match(failed["how"])
    if code is None or not 0 < int(code["code"]) < 126:
        how = " ".join(failed["how"].split()[:3])
        raise NoVerdict(f"{failed['target']} gave no verdict: {failed['program']} failed: {how}")
    yield from _findings(result, failed["target"], tasks)


def _passed(result: ProcessResult) -> Iterator[Finding]:
    target = result.argv[2]
    if any(found["target"] == target for found in NO_OP.finditer(result.stdout)):
        raise NothingToDo(f"{target} runs nothing here")
    if not DONE.search(result.stdout):
        raise NoVerdict(f"moon ran no task: {_error(result)}")
    for found in ALLOWED.finditer(" ".join(result.stdout.split())):
        yield Finding(f"{found['target']} failed, which its allowFailure lets pass", severity=Severity.WARNING)


def _findings(result: ProcessResult, failed: str, tasks: Mapping[str, Known]) -> Iterator[Finding]:
    for line in result.stdout.splitlines():
        if found := PLACE.match(line):
            target = found["target"] or failed
            source = tasks[target].source if target in tasks else "."
            column = found["column"] or found["place"]
            yield Finding(
                found["message"],
                _in_tree(found["path"], result.root, source),
                int(found["line"] or found["row"]),
                int(column) if column else None,
                rule=target,
            )


def _in_tree(path: str, root: str, source: str) -> str:
    """A path as a task printed it, which runs in the folder of its project unless it is told otherwise."""
    here, above = (os.path.normpath(os.path.join(root, folder, path)) for folder in (source, "."))
    absolute = above if not os.path.lexists(here) and os.path.lexists(above) else here
    inside = absolute.startswith(os.path.join(root, ""))
    return (os.path.relpath(absolute, root) if inside else absolute).replace(os.sep, "/")


def infrastructure(result: ProcessResult) -> str | None:
    """A toolchain or a plugin that could not be fetched."""
    if result.exit_code and FAILED.search(" ".join(result.stdout.split())) is None and NETWORK.search(result.stdout):
        return _error(result)
    return None


def _error(result: ProcessResult) -> str:
    """What moon says went wrong: the line after its code, or the one that says so, else the last one."""
    lines = [line.strip(MARKS) for line in result.stdout.splitlines() if line.strip(MARKS)]
    for line, following in pairwise(lines):
        if line.startswith("Error: "):
            return following
        if line.startswith("error: "):
            return line
    return lines[-1] if lines else "it printed nothing"
