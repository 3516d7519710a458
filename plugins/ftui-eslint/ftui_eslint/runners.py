"""vitest and jest, whose JSON reports have one form."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import partial

from msgspec import Struct

from ftui.errors import NoVerdict
from ftui.model import Check, Finding, ProcessResult, Unused
from ftui_eslint import packages
from ftui_eslint.compiler import generated
from ftui_eslint.output import in_tree, report
from ftui_eslint.packages import Packages, Tool

_SCRIPTS = ("ts", "mts", "cts", "js", "mjs", "cjs")
_VITE = tuple(f"vite.config.{suffix}" for suffix in _SCRIPTS)
_WORKSPACES = tuple(f"vitest.workspace.{suffix}" for suffix in (*_SCRIPTS, "json"))
VITEST = Tool(
    name="vitest",
    package="vitest",
    configs=(*(f"vitest.config.{suffix}" for suffix in _SCRIPTS), *_WORKSPACES, *_VITE),
)
JEST = Tool(
    name="jest",
    package="jest",
    configs=tuple(f"jest.config.{suffix}" for suffix in ("js", "ts", "mjs", "cjs", "cts", "mts", "json")),
    key="jest",
)

_SETS_TESTS = re.compile(r"\bvitest\b|\btest\s*:")
"""In a configuration of vite, which alone is no sign of vitest, what speaks of tests."""
_TEST = re.compile(r"\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|/)__tests__/")
"""A test, where no configuration says otherwise."""
_SETTINGS = (".env", ".env.local", ".env.test", ".env.test.local")
"""Variables for tests, in files that git ignores in most projects; source: vite.dev/guide/env-and-mode."""

_BEGINNING = '{"num'
"""Of a report, in all versions of both."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Those in the words of a report, which are escaped there as the rest of it is."""

_BESIDE_TESTS = re.compile(
    r"^(?:Jest: |ERROR: | \u203a )(?P<message>.*(?:does not meet|not met|obsolete from).*)$", re.MULTILINE
)
"""Coverage below a threshold of the project's own, and snapshots that no test asks for."""

_UNHANDLED = re.compile(
    r"^⎯+ (?P<kind>Unhandled Rejection|Uncaught Exception|Unhandled Error) ⎯+\n(?!Error: \[vitest)(?P<message>.+)$",
    re.MULTILINE,
)
"""What vitest says of an error outside of any test; those that it marks as its own are failures of its workers."""


def vitest(found: Packages) -> Iterator[Check | Unused]:
    """Runs the tests where vitest is configured or declared."""
    argv = ("run", "--reporter=default", "--reporter=json")  # the first one says what the other leaves out
    yield from _everywhere(found, VITEST, argv, ("VITE_*", "VITEST_*"))


def jest(found: Packages) -> Iterator[Check | Unused]:
    """Runs the tests where jest is configured or declared."""
    argv = ("--ci", "--json", "--watchAll=false", "--watchman=false")  # a watchman that it starts would stay
    yield from _everywhere(found, JEST, argv, ("JEST_*", "BABEL_ENV"))


def _everywhere(found: Packages, tool: Tool, argv: tuple[str, ...], env: tuple[str, ...]) -> Iterator[Check | Unused]:
    """A check for each package that has tests for the tool, unless one further up runs them as its projects."""
    at_work: list[tuple[str, bool]] = []
    idle: list[Unused] = []
    for folder in found.folders:
        check_id = packages.check_id(tool, folder)
        asked, because = found.asked_for(check_id), _used(found, folder, tool)
        if because is None and asked is None:
            if declared := _declared(found, folder, tool):
                idle.append(packages.unused(check_id, f"{declared}, but there is neither a configuration nor a test"))
            continue
        above = next((each for each, runs in at_work if runs and (not each or folder.startswith(f"{each}/"))), None)
        if above is not None and asked is None:
            yield packages.unused(check_id, f"the check of {above or 'the root'} runs its projects")
            continue
        at_work.append((folder, _has_projects(found, folder, tool)))
        yield _check(found, folder, tool, asked or because or "", argv, env)
    yield from idle
    if not at_work and not idle:
        yield packages.wanted(tool, "a dependency in package.json")


def _used(found: Packages, folder: str, tool: Tool) -> str | None:
    """Why a package has tests for the tool, or None."""
    config = found.configured(folder, tool)
    if config is not None and (not config.endswith(_VITE) or _SETS_TESTS.search(found.project.text(config) or "")):
        return config
    declared = _declared(found, folder, tool)
    return declared if declared and _has_tests(found, folder, tool) else None


def _has_tests(found: Packages, folder: str, tool: Tool) -> bool:
    """Whether there are tests in a package, without those of packages in it that configure the tool themselves."""
    beginning = f"{folder}/" if folder else ""
    apart = tuple(f"{each}/" for each in found.folders if each != folder and found.configured(each, tool))
    apart = tuple(each for each in apart if each.startswith(beginning))
    paths = (path for path in found.project.files if path.startswith(beginning) and not path.startswith(apart))
    return any(_TEST.search(path) for path in paths)


def _declared(found: Packages, folder: str, tool: Tool) -> str | None:
    """Where the package itself declares the tool."""
    declared = found.declared(folder, tool.package)
    return declared if declared and declared.endswith(f" of {posixpath.join(folder, 'package.json')}") else None


def _has_projects(found: Packages, folder: str, tool: Tool) -> bool:
    """Whether its configuration speaks of projects, which are run with it."""
    config = found.configured(folder, tool)
    if config is None:
        return False
    if config.endswith(_WORKSPACES):
        return True
    return re.search(r"\b(?:projects|workspace)\b", found.project.text(config.rpartition(" in ")[2]) or "") is not None


def _check(
    found: Packages, folder: str, tool: Tool, because: str, argv: tuple[str, ...], env: tuple[str, ...]
) -> Check:
    program = found.program(folder, tool)
    modules = tool is JEST and found.mentioned_in_scripts(folder, "--experimental-vm-modules")
    return Check(
        id=packages.check_id(tool, folder),
        adapter=packages.ADAPTER,
        argv=(program.path or tool.name, *argv),
        cwd=folder or ".",
        because=because + found.double(folder, tool),
        inputs=("**", *found.built, *generated(found)),  # a test may read any file
        config_files=found.config_files(folder, *tool.configs, *_SETTINGS, "tsconfig.json"),
        # Without it jest knows no import; scripts that run it say so.
        env=(*packages.ENVIRONMENT, *env, *(("NODE_OPTIONS=--experimental-vm-modules",) if modules else ())),
        split_output=True,
        failed_codes=(),
        failed_codes_with_findings=(1,),  # which stands as well for no test, wrong usage and a crash
        unavailable=None if program.path else found.missing(folder, tool, because),
        parse=partial(parse, tool.name),
    )


class _Test(Struct):
    """One test of a report."""

    fullName: str
    status: str
    """`passed`, `failed`, and words for what was not run."""
    failureMessages: list[str] | None = None
    """Each with its stack."""


class _File(Struct):
    """One file of a report."""

    name: str
    """Absolute path."""
    status: str
    assertionResults: list[_Test]
    message: str = ""


class _Report(Struct):
    """What `--json` and `--reporter=json` print."""

    success: bool
    testResults: list[_File]


def parse(tool: str, result: ProcessResult) -> Iterator[Finding]:
    """Reads the JSON report.

    Args:
        tool: its name.
        result: what it left behind.

    Raises:
        NoVerdict: there is no report, no test ran, or the report says something else than the exit code.
    """
    if result.exit_code not in (0, 1):
        return
    written = re.search(r"^JSON report written to (.+)$", result.stdout, re.MULTILINE)
    if written and _BEGINNING not in result.stdout:
        raise NoVerdict(
            f"vitest wrote its report to {in_tree(written[1], result)}: take outputFile out of its settings"
        )
    files = report(result, tool, _BEGINNING, _Report)
    findings = [finding for file in files.testResults for finding in _findings(file, result)]
    ran = sum(test.status in ("passed", "failed") for file in files.testResults for test in file.assertionResults)
    if result.exit_code == 0 and (findings or not files.success):
        raise NoVerdict(f"{tool} exited with 0 although its report has failures")
    if not ran and not findings:
        raise NoVerdict("no test ran")
    yield from findings
    if result.exit_code == 1:
        yield from (Finding(match["message"]) for match in _BESIDE_TESTS.finditer(result.stderr))
        yield from (Finding(match["message"], rule=match["kind"]) for match in _UNHANDLED.finditer(result.stderr))


def _findings(file: _File, result: ProcessResult) -> Iterator[Finding]:
    path = in_tree(file.name, result)
    failed = [test for test in file.assertionResults if test.status == "failed"]
    for test in failed:
        words = "\n".join(test.failureMessages or ()) or "failed"
        # The place in the test itself, whatever else the stack goes through.
        place = re.search(rf"{re.escape(file.name)}:(\d+):(\d+)", words)
        yield Finding(
            message=re.split(r"\n[ \t]+at ", words, maxsplit=1)[0].strip(),
            path=path,
            line=int(place[1]) if place else None,
            column=int(place[2]) if place else None,
            rule=test.fullName,
        )
    if file.status == "failed" and not failed:
        words = _COLOURS.sub("", file.message).strip().removeprefix("● Test suite failed to run").strip()
        yield Finding(words or "it could not be run", path)
