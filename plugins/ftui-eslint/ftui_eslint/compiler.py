"""tsc: a check of each tsconfig.json that names files of its own, and never with anything written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from ftui.errors import NoVerdict
from ftui.model import Check, Finding, Phase, ProcessResult, Severity, Unused
from ftui_eslint import packages
from ftui_eslint.output import in_tree
from ftui_eslint.packages import Packages, Tool

TSC = Tool(name="tsc", package="typescript", configs=("tsconfig.json",))

_SOURCES = ("*.ts", "*.tsx", "*.mts", "*.cts", "*.js", "*.jsx", "*.mjs", "*.cjs", "*.json")
"""What it reads; source: `supportedTSExtensions` and the like in `src/compiler/utilities.ts`."""

_INSTEAD = ("vue-tsc", "svelte-check", "@astrojs/check")
"""Tools that know files which tsc cannot read; where they are declared, tsc alone would find fault with all of them."""

_CHAIN = 20
"""Links of a chain of configurations that are followed."""

_BUILD = '`tsc --build` alone can judge it, and writes what it builds: fix = true under [checks."{}"] lets it'
_LINE = re.compile(
    r"^(?:(?P<path>\S.*?)\((?P<line>\d+),(?P<column>\d+)\): )?"
    r"(?P<severity>error|warning) (?P<rule>TS\d+): (?P<message>.+)$"
)
_NO_VERDICT = re.compile(r"TS(?:5\d{3}|604[4-6]|6064|6379|1800[23])")
"""Unknown options, no such configuration or no file in it, and what may not be put together."""


class _Settings(msgspec.Struct, frozen=True):
    """What a tsconfig.json says, with those that it extends."""

    own: Mapping[str, object]
    composite: bool
    generated: tuple[str, ...]
    """Patterns for what it names or extends, in one step or more, and git knows nothing of."""
    extends: tuple[str, ...]
    """Paths of the files that it inherits from; outside of the root they begin with `../`."""

    @property
    def names_files(self) -> bool:
        """Whether it has sources by its own word."""
        return bool(self.own.get("files") or self.own.get("include"))

    @property
    def references(self) -> tuple[str, ...]:
        """The paths of its references, as it writes them."""
        listed = self.own.get("references")
        entries = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
        return tuple(path for each in entries if isinstance(path := each.get("path"), str))


def tsc(found: Packages) -> Iterator[Check | Unused]:
    """Checks types where a package has a tsconfig.json and TypeScript."""
    configs = [path for folder in found.folders if (path := found.configured(folder, TSC))]
    bases = {base: path for path in configs for base in _settings(found, path).extends if path != base}
    told: set[str] = set()
    for path in configs:
        for check in _of(found, path, bases):
            if check.id not in told:
                told.add(check.id)
                yield check
    if not told:
        yield packages.wanted(TSC)


def generated(found: Packages) -> tuple[str, ...]:
    """Patterns for what the configurations of all packages name, and git knows nothing of: other tools follow them."""
    configs = filter(None, (found.configured(folder, TSC) for folder in found.folders))
    return tuple(dict.fromkeys(pattern for path in configs for pattern in _settings(found, path).generated))


def _of(found: Packages, path: str, bases: Mapping[str, str]) -> Iterator[Check | Unused]:
    """The checks that a tsconfig.json stands for."""
    folder = posixpath.dirname(path)
    check_id = packages.check_id(TSC, folder)
    declared = found.declared(folder, TSC.package)
    instead = next(filter(None, (found.declared(folder, name) for name in _INSTEAD)), None)
    settings = _settings(found, path)
    if found.asked_for(check_id) is None:
        if instead is not None:
            yield packages.unused(check_id, f"{instead} takes its place")
            return
        if declared is None and found.program(folder, TSC).path is None:
            yield packages.unused(check_id, f"{path}, but typescript is no dependency in package.json, nor installed")
            return
        if path in bases and not settings.names_files and not settings.references:
            yield packages.unused(check_id, f"{bases[path]} extends {path}, which names no files of its own")
            return
    if found.project.options(check_id).fix:
        yield _check(found, path, check_id, build=True)
        for each in _projects(found, path, whole=True):
            if each != path:
                yield packages.unused(_id(each), f"{check_id} builds it")
        return
    for each in _projects(found, path):
        its_settings = _settings(found, each)
        if its_settings.composite or its_settings.references:
            what = "is composite" if its_settings.composite else "has references"
            yield packages.unused(_id(each), f"{each} {what}: {_BUILD.format(check_id)}")
        else:
            yield _check(found, each, _id(each))


def _id(path: str) -> str:
    folder, name = posixpath.split(path)
    return packages.check_id(TSC, folder if name == TSC.configs[0] else path)


def _projects(found: Packages, path: str, *, whole: bool = False) -> list[str]:
    """A configuration, or where it has nothing but references, those that these lead to.

    Args:
        found: the packages.
        path: of the configuration.
        whole: every one that references lead to.
    """
    projects: dict[str, None] = {}
    pending, seen = [path], set[str]()
    while pending:
        each = pending.pop(0)
        if each in seen or not found.has(each):
            continue
        seen.add(each)
        settings = _settings(found, each)
        nothing_else = settings.references and settings.own.get("files") == [] and not settings.own.get("include")
        for reference in settings.references if nothing_else or whole else ():
            target = posixpath.normpath(posixpath.join(posixpath.dirname(each), reference))
            pending.append(target if target.endswith(".json") else posixpath.join(target, TSC.configs[0]))
        if not nothing_else:
            projects[each] = None
    return list(projects)


def _check(found: Packages, path: str, check_id: str, *, build: bool = False) -> Check:
    folder, name = posixpath.split(path)
    program = found.program(folder, TSC)
    # Without --incremental=false it may write a .tsbuildinfo, and it would believe one that it finds.
    mode = ("--build", name, "--force") if build else ("--project", name, "--noEmit", "--incremental", "false")
    settings = _settings(found, path)
    return Check(
        id=check_id,
        adapter=packages.ADAPTER,
        argv=(program.path or "tsc", *mode, "--pretty", "false"),
        cwd=folder or ".",
        because=path + found.double(folder, TSC),
        inputs=(*_SOURCES, *found.built, *settings.generated),
        config_files=(*found.config_files(folder, name), *settings.extends),
        phase=Phase.MUTATING if build else Phase.SLOW,
        profile="dev",
        env=packages.ENVIRONMENT,
        failed_codes=(),
        failed_codes_with_findings=(1, 2),  # with and without output; 1 as well for wrong usage and for a crash
        unavailable=None if program.path else found.missing(folder, TSC, path),
        parse=partial(parse, folder),
    )


def parse(folder: str, result: ProcessResult) -> Iterator[Finding]:
    """Reads the lines of `--pretty false`.

    Args:
        folder: that it ran in.
        result: what it left behind.

    Raises:
        NoVerdict: the options are at fault, or there is no file to check.
    """
    findings: list[Finding] = []
    for line in result.stdout.splitlines():
        match = _LINE.match(line)
        if match is None and line.startswith("  ") and findings:
            findings[-1] = msgspec.structs.replace(findings[-1], message=f"{findings[-1].message}\n{line}")
        elif match is not None:
            if _NO_VERDICT.fullmatch(match["rule"]) and (match["path"] is None or match["rule"] == "TS6379"):
                raise NoVerdict(f"tsc: {match['message']}")
            findings.append(
                Finding(
                    message=match["message"],
                    path=in_tree(match["path"], result, folder) if match["path"] else None,
                    line=int(match["line"]) if match["line"] else None,
                    column=int(match["column"]) if match["column"] else None,
                    severity=Severity(match["severity"]),
                    rule=match["rule"],
                )
            )
    yield from findings


# Configuration


def _settings(found: Packages, path: str) -> _Settings:
    """A configuration, and what it inherits; the nearest word counts."""
    own = jsonc(found.project.text(path) or "")
    composite: object = None
    named: dict[str, tuple[str, object]] = {}
    extends: list[str] = []
    pending = [(path, own)]
    while pending and len(extends) < _CHAIN:
        place, settings = pending.pop(0)
        options = settings.get("compilerOptions")
        if composite is None and isinstance(options, Mapping):
            composite = options.get("composite")
        for key in ("files", "include"):
            if key in settings:
                named.setdefault(key, (posixpath.dirname(place), settings[key]))
        bases = settings.get("extends")
        # Of several the last one wins.
        for base in reversed(bases if isinstance(bases, list) else [bases]):
            if isinstance(base, str) and base.startswith("."):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(place), base))
                target = target if target.endswith(".json") else f"{target}.json"
                extends.append(target)
                pending.append((target, jsonc(found.project.text(target) or "")))
    names = [(folder, name) for folder, listed in named.values() if isinstance(listed, list) for name in listed]
    names += [("", base) for base in extends]
    generated = [pattern for folder, name in names if isinstance(name, str) for pattern in found.ignored(folder, name)]
    return _Settings(own, composite is True, tuple(generated), tuple(extends))


def jsonc(text: str) -> Mapping[str, object]:
    """A JSON object with comments and trailing commas, parsed; empty where it is not valid."""
    string = r'("(?:[^"\\]|\\.?)*(?:"|\Z))'
    for noise in (r"//[^\n]*|/\*.*?(?:\*/|\Z)", r",(?=\s*[}\]])"):
        text = re.sub(f"{string}|{noise}", lambda match: match[1] or "", text, flags=re.DOTALL)
    try:
        parsed: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
