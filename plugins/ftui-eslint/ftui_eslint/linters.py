"""eslint and prettier: one check where the configuration stands that the folders below go by as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from ftui.errors import NoVerdict
from ftui.model import Check, Finding, Phase, ProcessResult, Severity, Unused
from ftui_eslint import packages
from ftui_eslint.compiler import generated
from ftui_eslint.output import in_tree, report
from ftui_eslint.packages import Packages, Program, Tool

_FLAT = tuple(f"eslint.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts", "mts", "cts"))
_LEGACY = (*(f".eslintrc.{suffix}" for suffix in ("js", "cjs", "yaml", "yml", "json")), ".eslintrc")
ESLINT = Tool(name="eslint", package="eslint", configs=(*_FLAT, *_LEGACY), key="eslintConfig")

_SUFFIXES = ("json", "yml", "yaml", "json5", "toml", "js", "mjs", "cjs", "ts", "mts", "cts")
PRETTIER = Tool(
    name="prettier",
    package="prettier",
    configs=(
        ".prettierrc",
        *(f"{stem}.{suffix}" for stem in (".prettierrc", "prettier.config") for suffix in _SUFFIXES),
    ),
    key="prettier",
)

_OOPS = re.compile(r"^ESLint: \d\S*\n\n(?P<why>.+)$", re.MULTILINE)
_TOO_MANY = re.compile(r"^ESLint found too many warnings.*$", re.MULTILINE)
_UNPARSABLE = re.compile(
    r"^\[error\] (?P<path>.+?): (?P<message>\w*(?:Syntax|Semantic|GraphQL)\w*Error: .+?)"
    r"(?: \((?P<line>\d+):(?P<column>\d+)\))?$"
)


def eslint(found: Packages) -> Iterator[Check | Unused]:
    """Lints where eslint is configured."""
    yield from _topmost(found, ESLINT, None, _eslint)


def prettier(found: Packages) -> Iterator[Check | Unused]:
    """Checks the format where prettier is configured or declared."""
    yield from _topmost(found, PRETTIER, found.declared, _prettier)


def _topmost(
    found: Packages,
    tool: Tool,
    otherwise: Callable[[str, str], str | None] | None,
    make: Callable[[Packages, str, str, Program], Check],
) -> Iterator[Check | Unused]:
    """The checks of a tool that goes by the nearest configuration, so that a check takes in the folders below it.

    Args:
        found: the packages.
        tool: which.
        otherwise: says why it counts as used in a folder without a configuration, or None.
        make: makes the check of a folder, for a reason, with a program.
    """
    taken: list[str] = []
    for folder in found.folders:
        check_id = packages.check_id(tool, folder)
        asked, config = found.asked_for(check_id), found.configured(folder, tool)
        program = found.program(folder, tool)
        above = next((each for each in taken if not each or folder.startswith(f"{each}/")), None)
        if asked is None and above is not None and (config is None or _nearest_counts(tool, config, program)):
            if config is not None:
                where = above or "the root"
                yield packages.unused(check_id, f"the check of {where} goes by {config} as well")
            continue
        because = asked or config or (otherwise(folder, tool.package) if otherwise else None)
        if because is not None:
            taken.append(folder)
            yield make(found, folder, because, program)
    if not taken:
        yield packages.wanted(tool, *(["a dependency in package.json"] if otherwise else []))


def _nearest_counts(tool: Tool, config: str, program: Program) -> bool:
    """Whether a tool that is started further up goes by this configuration for the files beside it.

    Prettier does, and eslint with its former kind; with a flat one from version 10 on, which looks from each file.
    """
    return tool is not ESLINT or not config.endswith(_FLAT) or (program.major or 0) >= 10


def _eslint(found: Packages, folder: str, because: str, program: Program) -> Check:
    check_id = packages.check_id(ESLINT, folder)
    fix = found.project.options(check_id).fix
    return Check(
        id=check_id,
        adapter=packages.ADAPTER,
        argv=(program.path or "eslint", "--format", "json", *(("--fix",) if fix else ())),
        args=(".",),
        cwd=folder or ".",
        because=because + found.double(folder, ESLINT),
        inputs=(*packages.TREE, *found.built, *generated(found)),
        config_files=found.config_files(folder, *ESLINT.configs, ".eslintignore", ".editorconfig", "tsconfig.json"),
        phase=Phase.MUTATING if fix else Phase.FAST,
        env=(*packages.ENVIRONMENT, "ESLINT_USE_FLAT_CONFIG", "ESLINT_FLAGS"),
        split_output=True,
        failed_codes=(1,),
        failed_codes_with_findings=(2,),  # with --exit-on-fatal-error, for a file that cannot be parsed
        unavailable=None if program.path else found.missing(folder, ESLINT, because),
        parse=parse_eslint,
    )


def _prettier(found: Packages, folder: str, because: str, program: Program) -> Check:
    check_id = packages.check_id(PRETTIER, folder)
    fix = found.project.options(check_id).fix
    return Check(
        id=check_id,
        adapter=packages.ADAPTER,
        # Not --check, which names the same files among words for people.
        argv=(program.path or "prettier", "--write" if fix else "--list-different"),
        args=(".",),
        cwd=folder or ".",
        because=because + found.double(folder, PRETTIER),
        inputs=packages.TREE,
        config_files=found.config_files(folder, *PRETTIER.configs, ".prettierignore", ".gitignore", ".editorconfig"),
        phase=Phase.MUTATING if fix else Phase.FAST,
        env=packages.ENVIRONMENT,
        split_output=True,
        failed_codes=(),
        # 1 for a file of another format, 2 for one that cannot be parsed; both for much else.
        failed_codes_with_findings=(1, 2),
        unavailable=None if program.path else found.missing(folder, PRETTIER, because),
        parse=partial(parse_prettier, folder, fix),
    )


class _Message(Struct):
    """One message of eslint."""

    message: str
    severity: int
    """1 for a warning, 2 for an error."""
    ruleId: str | None = None
    line: int | None = None
    column: int | None = None


class _File(Struct):
    """One file of eslint's report."""

    filePath: str
    messages: list[_Message]

    @property
    def left_out(self) -> bool:
        """Whether eslint was told of the file and did not lint it."""
        return any(each.ruleId is None and each.message.startswith("File ignored") for each in self.messages)


def parse_eslint(result: ProcessResult) -> Iterator[Finding]:
    """Reads the JSON report of eslint.

    Raises:
        NoVerdict: there is no report, or it is about no file.
    """
    if result.exit_code not in (0, 1, 2):
        return
    oops = _OOPS.search(result.stderr) or _OOPS.search(result.stdout)
    if result.exit_code == 2 and oops:
        raise NoVerdict(f"eslint: {oops['why']}")
    if result.exit_code == 2 and not result.stdout.strip():
        return  # wrong usage: its last words are told
    files = report(result, "eslint", "[", list[_File])
    if all(each.left_out for each in files):
        raise NoVerdict("eslint was left no file to lint: correct its arguments and what it ignores")
    for file in files:
        for each in file.messages:
            yield Finding(
                message=each.message,
                path=in_tree(file.filePath, result),
                line=each.line or None,
                column=each.column or None,
                severity=Severity.ERROR if each.severity == 2 else Severity.WARNING,
                rule=each.ruleId,
            )
    if result.exit_code == 1 and (too_many := _TOO_MANY.search(result.stderr)):
        yield Finding(too_many[0])


def parse_prettier(folder: str, fix: bool, result: ProcessResult) -> Iterator[Finding]:
    """Reads the names of files that have another format, and what prettier says of those that it cannot parse.

    Args:
        folder: that it ran in.
        fix: whether it has written the files that it names.
        result: what it left behind.

    Raises:
        NoVerdict: an error that no file is to blame for; prettier may exit with 0 after one.
    """
    located = False
    for line in [] if fix or result.exit_code not in (1, 2) else filter(None, result.stdout.splitlines()):
        located = True
        yield Finding("not formatted as prettier would", in_tree(line, result, folder), rule="unformatted")
    for line in result.stderr.splitlines():
        if match := _UNPARSABLE.match(line):
            located = True
            yield Finding(
                message=match["message"],
                path=in_tree(match["path"], result, folder),
                line=int(match["line"]) if match["line"] else None,
                column=int(match["column"]) if match["column"] else None,
                rule="unparsable",
            )
    error = next((line for line in result.stderr.splitlines() if line.startswith("[error] ")), None)
    if error is not None and (not located or result.exit_code == 0):
        raise NoVerdict(f"prettier: {error.removeprefix('[error] ')}")
