"""pytest, reported by a plugin of ours; the environment brings it in, so that the command stays the user's own.

Without that report (a `-p no:` in the project's options, or a PYTHONPATH or PYTEST_PLUGINS in the check's own `env`,
which takes the place of ours) the exit code decides and the findings come from pytest's summary.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.adapters import _output, _python, _xdist
from ftui.ansi import strip
from ftui.errors import NothingToDo, NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, DeepLook, Finding, Spent, Unused

if TYPE_CHECKING:
    from ftui.hookspecs import Tool
    from ftui.model import ProcessResult

PLUGIN = "ftui_pytest_report"
ISOLATING = "ftui_pytest_isolate"
COVERING = "ftui_pytest_coverage"
FLOOR = ".coverage-floor"
PLUGIN_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytest_plugin")

AHEAD = "pytest:affected"
LONG = "long"
LONG_S = 10
"""Seconds from which on the plugin leaves a file of the name `LONG`, which says that a part is worth running ahead."""

_OWN_FILES = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "conftest.py")
_TEST_FILES = ("test_*.py", "*_test.py")
_CONFIG_FILES = (*_OWN_FILES, "pyproject.toml", "tox.ini", "setup.cfg")
_REPORT = "pytest.jsonl"
_REPORT_LIMIT = 16 * 1024 * 1024

PYTEST = _python.Traces(
    name="pytest",
    files=tuple(f"/{path}" for path in _OWN_FILES),
    table=("pytest",),
    sections=(("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")),
)

_SUMMARY_LINE = re.compile(
    r"^(?P<kind>FAILED|ERROR) (?P<id>(?P<path>[^:\s][^:]*?\.\w+)\S*)(?: - (?P<message>.*))?$", re.MULTILINE
)
_LAST_LINE = re.compile(
    r"^=* ?(?:no tests ran|\d+ (?:failed|passed|skipped|deselected|errors?|xfailed|xpassed)\b).* in "
)
_DURATION = re.compile(r"^(?P<seconds>\d+\.\d+)s (?P<when>setup|call|teardown) +(?P<what>\S.*)$", re.MULTILINE)
_NOTHING_RAN = re.compile(r"no tests ran|no tests collected")
_RAN = re.compile(r"\b[1-9]\d* (?:failed|passed|xfailed|xpassed|errors?)\b")
_NO_XDIST = re.compile(r"error: unrecognized arguments: (?:.* )?(?:-n|--numprocesses|--dist)\b")
_BAD_CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<path>.+)'\.$", re.MULTILINE)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """Runs the tests where pytest is configured, and where test files lie that it can run."""
    tool = project.tool("pytest")
    because = _python.asked_for(project, "pytest") or _python.configured(project, PYTEST)
    declared = _python.declared(project, "pytest")
    tests = project.matching(*_TEST_FILES)
    if because is None and tests and (declared or tool):
        because = f"{declared or 'no configuration'}; test files such as {tests[0]}"
    if because is None:
        lacking = "neither declared nor installed" if tests else f"no test files ({', '.join(_TEST_FILES)})"
        yield Unused(id="pytest", adapter="pytest", because=lacking)
        yield Unused(id=AHEAD, adapter="pytest", because="pytest is not used")
        return
    whole = _whole(project, tool, because)
    yield whole
    yield _ahead(project, whole)


def _whole(project: Project, tool: Tool | None, because: str) -> Check:
    """All tests, in pytest's own order: the one that judges the tree."""
    return Check(
        id="pytest",
        adapter="pytest",
        # With nothing remembered those that failed last are all, so that no part stands for the whole.
        argv=(
            _python.argv0(tool, "pytest"),
            *(("--cache-clear",) if _runs_failed_only(project) else ()),
            *_xdist.words(project, _inherited(project)),
        ),
        because=because,
        inputs=("**", f"!/{FLOOR}") if _is_covered(project) else ("**",),  # a test may read any other file
        config_files=(*_CONFIG_FILES, *_python.beyond(project, _folders(project))),
        timeout=1800.0,
        weight=_weight(project),
        env=_environment(project, os.environ),
        failed_codes=(1,),
        failed_codes_with_findings=(2,),  # for errors of collection, and for an interruption
        unavailable=_unavailable(project, tool, because),
        parse=parse,
        note=note,
        deep_look=DeepLook(("--durations=30", "--durations-min=0.005"), durations),
    )


def _ahead(project: Project, whole: Check) -> Check | Unused:
    """The tests that are worth running before all of them: what failed last time, and what an edit may affect."""
    because = _nothing_ahead(project, whole)
    if because:
        return Unused(id=AHEAD, adapter="pytest", because=because)
    options, words = project.options("pytest"), _all_words(project)
    serial = ("-n0",) if _xdist.slots(words, os.environ) > 1 else ()  # tests in workers cannot be observed
    uncovered_env = [entry for entry in whole.env if not entry.startswith("FTUI_COVERAGE_")]
    uncovered = ("--no-cov",) if any(word.startswith("--cov") for word in words) else ()
    return replace(
        whole,
        id=AHEAD,
        argv=whole.argv[:1],
        args=(*(options.args or ()), *serial, *uncovered),
        because=f"all tests together take {LONG_S} s or more",
        inputs=options.inputs or whole.inputs,
        phase=options.phase or whole.phase,
        requires=options.requires or (),
        isolate=options.isolate or (),
        weight=1,
        timeout=options.timeout or whole.timeout,
        env=(*uncovered_env, "FTUI_PYTEST_AHEAD=1", *(options.env or ())),
        ahead_of="pytest",
        cache=False,
        # Without a test that failed, what a part of them exits with says nothing: plugins judge all of them.
        failed_codes=(),
        failed_codes_with_findings=(1, 2),
        parse=parse_ahead,
    )


def _nothing_ahead(project: Project, whole: Check) -> str:
    """Why no part of the tests runs ahead; empty where one does."""
    if not project.options("pytest").enabled:
        return "pytest is disabled"
    if not any(entry.startswith("FTUI_PYTEST_KEPT=") for entry in whole.env):
        return "the check pytest sets PYTHONPATH or PYTEST_PLUGINS itself"
    if _runs_failed_only(project):
        return "pytest is told to run those that failed"
    if project.kept("pytest", LONG) is None:
        return f"all tests together are not known to take {LONG_S} s or more"
    return ""


def durations(output: str, folder: str) -> Iterator[Spent]:
    """Reads the slowest tests, `0.52s call     tests/test_a.py::test_b`."""
    for found in _DURATION.finditer(strip(output)):
        yield Spent(f"{found['what']} ({found['when']})", float(found["seconds"]))


def _is_covered(project: Project) -> bool:
    """Whether there is, or may come to be, a floor that the coverage of the tests is held against."""
    return project.has(f"/{FLOOR}") or "coverage" in project.checks


def _folders(project: Project) -> Iterator[str]:
    """Where it imports from and looks for tests."""
    return (word for key in ("pythonpath", "testpaths") for word in _words(project, key))


def _inherited(project: Project) -> tuple[str, ...]:
    """The arguments that pytest finds for itself, and takes before those of the command."""
    return (*_words(project, "addopts"), *os.environ.get("PYTEST_ADDOPTS", "").split())


def _weight(project: Project) -> int:
    before, own = _inherited(project), project.options("pytest").args or ()
    return _xdist.slots((*before, *_xdist.words(project, before), *own), os.environ)


def _runs_failed_only(project: Project) -> bool:
    return not {"--lf", "--last-failed", "--sw", "--stepwise"}.isdisjoint(_all_words(project))


def _all_words(project: Project) -> tuple[str, ...]:
    """The arguments that pytest finds for itself, and those of the user."""
    return (*_inherited(project), *(project.options("pytest").args or ()))


def _words(project: Project, key: str) -> Iterator[str]:
    """A setting, whichever of its files has it: that one more may be named than counts does no harm."""
    pyproject = _python.table(project.toml("pyproject.toml"), "tool", "pytest") or {}
    sections = (
        *(project.ini(name).get("pytest", {}) for name in ("pytest.ini", ".pytest.ini", "tox.ini")),
        project.ini("setup.cfg").get("tool:pytest", {}),
        *(_python.table(project.toml(name), "pytest") or {} for name in ("pytest.toml", ".pytest.toml")),
        _python.table(pyproject, "ini_options") or {},
        pyproject,
    )
    for section in sections:
        named = section.get(key, "")
        yield from named.split() if isinstance(named, str) else _python.strings(named)


def _unavailable(project: Project, tool: Tool | None, because: str) -> str | None:
    plugged = any(entry.startswith("PYTEST_PLUGINS=") for entry in _environment(project, os.environ))
    if project.options("pytest").isolate and not plugged and _weight(project) > 1:
        return "workers would share what is isolated: take PYTHONPATH and PYTEST_PLUGINS out of checks.pytest.env"
    python = _python.interpreter(project)
    if tool is None or python is None or _python.in_root(project, tool):
        return _python.missing(project, tool, PYTEST, because)
    # Another environment's pytest could not import what the project's own environment has.
    folder = os.path.relpath(os.path.dirname(os.path.dirname(python)), project.root)
    command = f"{_python.installer(project)} pytest"
    return f"pytest is not installed in {folder}, where the project's packages are: run `{command}`"


def _environment(project: Project, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Entries for `Check.env`.

    The user's own PYTHONPATH and PYTEST_PLUGINS are part of the values, because an entry that sets a variable hides
    what the environment has; the plugin takes its own part out again before anything of the project is imported.
    """
    settings = project.options("pytest")
    entries = (
        "PYTEST_ADDOPTS",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
        "PYTEST_XDIST_AUTO_NUM_WORKERS",
        "DJANGO_SETTINGS_MODULE",
        *_python.ENVIRONMENT,
    )
    names = [entry.partition("=")[0] for entry in settings.env or ()]
    if any(fnmatchcase(ours, name) for name in names for ours in ("PYTHONPATH", "PYTEST_PLUGINS")):
        return entries
    path = os.pathsep.join(filter(None, (PLUGIN_FOLDER, environ.get("PYTHONPATH"))))
    ours: tuple[str, ...] = (PLUGIN,)  # last, since it takes the folder of all of them out of sys.path
    noted: tuple[str, ...] = ()
    if settings.isolate:
        ours = (ISOLATING, *ours)
    if _is_covered(project):
        ours = (COVERING, *ours)
        noted = ("FTUI_COVERAGE_NOTE={kept}/coverage.json", "FTUI_COVERAGE_KEY={key}")
    plugins = ",".join(filter(None, (*ours, environ.get("PYTEST_PLUGINS"))))
    report = f"FTUI_PYTEST_REPORT={{scratch}}/{_REPORT}"
    kept = (
        "FTUI_PYTEST_KEPT={kept}",
        *((f"FTUI_PYTEST_VARYING={','.join(settings.isolate)}",) if settings.isolate else ()),
    )
    return (*entries, f"PYTHONPATH={path}", f"PYTEST_PLUGINS={plugins}", report, *kept, *noted)


class _Line(Struct):
    kind: str
    id: str = ""
    path: str | None = None
    line: int | None = None
    message: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    errors: int = 0
    deselected: int = 0


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the plugin's report, or pytest's own summary where there is none.

    Raises:
        NoVerdict: no test ran, or pytest did not get as far as that.
    """
    conftest = _BAD_CONFTEST.search(result.stdout)
    if result.exit_code == 4 and conftest:
        raise NoVerdict(f"pytest could not load {_output.in_tree(conftest['path'], result.root)}: see its output")
    if result.exit_code == 4 and _NO_XDIST.search(result.stdout):
        raise NoVerdict("pytest-xdist is not installed, and workers are asked for: install it, or ask for none")
    lines = list(_output.json_lines(_read_report(result), _Line))
    if lines and lines[-1].kind == "end":
        yield from _from_report(lines, result)
    else:
        yield from _from_text(result)


def parse_ahead(result: ProcessResult) -> Iterator[Finding]:
    """The same for a part of the tests.

    Raises:
        NothingToDo: there was none to run.
        NoVerdict: as from `parse`.
    """
    lines = list(_output.json_lines(_read_report(result), _Line))
    nothing = next((line.message for line in lines if line.kind == "nothing"), None)
    if nothing is not None and not any(line.kind == "failure" for line in lines):
        raise NothingToDo(nothing)
    yield from parse(result)


def note(result: ProcessResult) -> str:
    """What was chosen and why, and which tests are newly broken and which are fixed."""
    return "; ".join(line.message for line in _output.json_lines(_read_report(result), _Line) if line.kind == "note")


def _read_report(result: ProcessResult) -> str:
    if not result.scratch:
        return ""
    try:
        with open(os.path.join(result.scratch, _REPORT), "rb") as stream:
            return stream.read(_REPORT_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""


def _from_report(lines: list[_Line], result: ProcessResult) -> Iterator[Finding]:
    end = lines[-1]
    if not end.passed + end.failed + end.errors:
        left_out = [f"{count} {word}" for word in ("skipped", "deselected") if (count := getattr(end, word))]
        raise NoVerdict(f"no test ran ({', '.join(left_out) or 'none was collected'})")
    for line in lines:
        if line.kind == "failure":
            path = _output.in_tree(line.path, result.root) if line.path else None
            yield Finding(path=path, line=line.line, rule=line.id or None, message=line.message)


def _from_text(result: ProcessResult) -> Iterator[Finding]:
    if f'Error importing plugin "{PLUGIN}"' in result.stdout:
        raise NoVerdict("pytest could not load ftui's report: its Python ignores PYTHONPATH; run it as a command check")
    last = next((line for line in reversed(result.stdout.splitlines()) if _LAST_LINE.match(line)), None)
    if last is None and result.exit_code == 1:
        _output.expect_no_traceback(result)
    if _NOTHING_RAN.search(result.stdout) or (last is not None and not _RAN.search(last)):
        raise NoVerdict("no test ran")
    for match in _SUMMARY_LINE.finditer(result.stdout):
        yield Finding(
            path=_output.in_tree(match["path"], result.root),
            rule=match["id"],
            message=match["message"] or match["kind"].lower(),
        )
