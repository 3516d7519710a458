"""The lint, test and typecheck scripts of package.json, run by the package manager that the project uses.

In a repository of workspaces, the scripts of the root are how the whole is checked. Those of the workspaces are checks
of their own where the root has none of that kind, or one that does nothing but run them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ftui.adapters import _endless, _node, _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Severity, Unused

if TYPE_CHECKING:
    from ftui.adapters._node import Package
    from ftui.model import ProcessResult

_SCRIPTS = {
    "lint": ("lint",),
    "typecheck": ("typecheck", "type-check", "check-types", "types"),
    "test": ("test",),
}
"""Kinds of checks, and the names that scripts of that kind go by, the best one first."""

_INSTALL = {
    "npm": "install Node.js, which brings it",
    "pnpm": "run `npm install -g pnpm`",
    "yarn": "run `npm install -g yarn`",
    "bun": "run `npm install -g bun`",
}
_CONFIG_FILES = (
    *("package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", "bunfig.toml", *_node.LOCK_FILES),
    ".pnp.cjs",  # ignored by git in most projects, and where yarn says what is installed
    *("tsconfig.json", "tsconfig.base.json", ".editorconfig", ".eslintrc", ".eslintrc.js", ".eslintrc.cjs"),
    *(".eslintrc.json", ".eslintrc.yml", ".eslintrc.yaml", ".prettierrc", ".prettierrc.json", "babel.config.js"),
    *(
        "eslint.config.js",
        "eslint.config.mjs",
        "eslint.config.cjs",
        "eslint.config.ts",
    ),  # looked for above the root too
)

# By name, because NODE_* and npm_config_* would let tokens through (NODE_AUTH_TOKEN, npm_config__authToken).
_ENVIRONMENT = (
    "CI=1",
    "NODE_ENV",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "npm_config_cache",
    "npm_config_prefix",
    "BUN_INSTALL",
    "COREPACK_HOME",
    "NVM_DIR",
    "PNPM_HOME",
    "VOLTA_HOME",
)

_NO_INSTALLATION = "pnpm_config_verify_deps_before_run=false"
"""Keeps pnpm from installing what a lock file says before it runs a script; a check changes nothing."""

_BUILDS = re.compile(r"build|compile|tsc|babel|swc|rollup|webpack|esbuild|tsup|parcel|vite$|ncc")
"""Commands that may write what a package offers to others."""

_FOR_ALL = {
    "npm": ({"--workspaces", "-ws"}, {"--if-present", "--silent", "-s"}),
    "pnpm": ({"--recursive", "-r"}, {"--if-present", "--silent", "-s", "--parallel", "--stream", "--no-bail"}),
    "yarn": ({"--all", "-A"}, {"--parallel", "-p", "--topological", "-t", "--verbose", "-v", "--interlaced", "-i"}),
}
"""The options of which one makes a package manager run a script in all workspaces, and those that may stand beside."""

_ERROR_CODE = re.compile(r"^npm (?:ERR!|error) code (?P<code>E[A-Z0-9_]+)$", re.MULTILINE)
_NETWORK = {"ENOTFOUND", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ECONNREFUSED"}
_NOT_BEGUN = re.compile(
    r"^(?:npm (?:ERR!|error) Missing script: .*"
    r"|(?:Error: |\s?\[?ERROR\]? |\s)?ERR_PNPM_(?!RECURSIVE_RUN|ELIFECYCLE)\w+.*"
    r"|error Command \".*\" not found\.|(?:Usage|Internal) Error: .*|error: Script not found .*"
    r"|note: a package\.json script \".*\" was not found)$",
    re.MULTILINE,
)
"""What npm, pnpm, yarn and bun say when they do not come as far as the script."""
_NOTHING_RAN = re.compile(
    r"^(?:No test(?:s| files) found, exiting with code [01]|\s*0 passing\b.*|\S tests 0)$",
    re.MULTILINE,
)
_RAN = re.compile(
    r"^(?:\s*[1-9]\d* (?:passing|failing)\b.*|\S tests [1-9]\d*|\s*Tests:? .*[1-9]\d* \w+.*)$", re.MULTILINE
)

_TSC = re.compile(
    r"^(?P<path>[^\s(][^(]*)\((?P<line>\d+),(?P<column>\d+)\): "
    r"(?P<severity>error|warning) (?P<rule>TS\d+): (?P<message>.+)$"
)
_ESLINT = re.compile(
    r"^\s+(?P<line>\d+):(?P<column>\d+)\s+(?P<severity>error|warning)\s+(?P<message>.+?)(?:\s{2,}(?P<rule>[@\w/-]+))?$"
)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """For each kind of script that of the root, or those of the workspaces."""
    if not project.has("/package.json"):
        yield Unused(id="npm", adapter="npm", because="no package.json")
        return
    manager, origin = _node.manager(project)
    known = _node.packages(project, manager)
    reads = _node.inputs(project, known)
    for kind in _SCRIPTS:
        for found in _of_kind(project, kind, known, manager):
            if isinstance(found, Unused):
                yield found
                continue
            package, script = found
            others = [each.scripts for each in known if each is not package]
            reason = _not_a_check(script, package, others)
            if reason is not None:
                yield Unused(id=_id(kind, package), adapter="npm", because=reason)
            else:
                inputs = (*reads[package.folder], *_built_before(script, package, others))
                yield _check(project, kind, package, script, inputs, manager, origin)


def _of_kind(
    project: Project, kind: str, known: Sequence[Package], manager: str
) -> Iterator[tuple[Package, str] | Unused]:
    """The scripts of a kind that are to be run, each with its package."""
    root, *workspaces = known
    names = _SCRIPTS[kind]
    own = _first(root, names)
    apart = [(each, name) for each in workspaces if (name := _first(each, names)) is not None]
    absent = f"no script {' or '.join(names)} in package.json"
    if own is not None and not _hands_on(own, manager, root, workspaces, apart):
        yield root, own
        asked_for = [(each, name) for each, name in apart if _id(kind, each) in project.checks]
        yield from asked_for
        left = next((_id(kind, each) for each, name in apart if (each, name) not in asked_for), None)
        if left is not None:
            because = f'script {own} of the root stands for those of the workspaces; [checks."{left}"] asks for one'
            yield Unused(id=f"npm:{kind}:*", adapter="npm", because=because)
    else:
        because = absent if own is None else f"script {own} does nothing but run those of the workspaces"
        if apart:
            because += "; those of the workspaces are checks" if own is None else ", which are checks"
        yield Unused(id=f"npm:{kind}", adapter="npm", because=because)
        yield from apart


def _first(package: Package, names: Iterable[str]) -> str | None:
    return next((name for name in names if name in package.scripts), None)


def _id(kind: str, package: Package) -> str:
    folder = "".join(c if c.isprintable() and c != " " else f"%{ord(c):02x}" for c in package.folder)
    return f"npm:{kind}" if folder == "." else f"npm:{kind}:{folder}"


def _hands_on(
    script: str, manager: str, root: Package, workspaces: Sequence[Package], apart: Sequence[tuple[Package, str]]
) -> bool:
    """Whether a script of the root does nothing but run the scripts `apart`, and passes where all of them do."""
    commands = list(_endless.split(root.scripts[script]))
    if len(commands) != 1 or not apart or {f"pre{script}", f"post{script}"} & root.scripts.keys():
        return False
    program, *rest = commands[0] or [""]
    options = {word for word in rest if word.startswith("-")}
    words = [word for word in rest if word not in options]
    called = words[-1] if words else ""
    if program != manager or program not in _FOR_ALL or {name for _, name in apart} != {called}:
        return False
    if any(_not_a_check(name, each, ()) for each, name in apart):
        return False
    needed, allowed = _FOR_ALL[program]
    if words == ["workspaces", "run", called] and program == "yarn" and not options:  # of yarn 1
        return len(apart) == len(workspaces)
    start = words[:-1]
    plain = start == ["workspaces", "foreach", "run"] if program == "yarn" else start in ([], ["run"])
    skips_others = program != "npm" or "--if-present" in options or len(apart) == len(workspaces)
    return plain and skips_others and bool(options & needed) and options <= needed | allowed


def _check(
    project: Project, kind: str, package: Package, script: str, inputs: tuple[str, ...], manager: str, origin: str
) -> Check:
    tool = project.tool(manager)
    separator = ("--",) if manager == "npm" else ()  # the others hand arguments on as they are
    missing = f"{manager} is used here ({origin}) and is not installed: {_INSTALL[manager]}"
    return Check(
        id=_id(kind, package),
        adapter="npm",
        argv=(_python.argv0(tool, manager), "run", script, *separator),
        cwd=package.folder,
        because=f"script {script} in {_node.manifest(package.folder)}, {manager} ({origin})",
        inputs=inputs,
        config_files=(*_config_files(package.folder), os.path.expanduser("~/.npmrc")),
        env=(*_ENVIRONMENT, _NO_INSTALLATION) if manager == "pnpm" else _ENVIRONMENT,
        unavailable=missing if tool is None else _not_installed(project, package, manager),
        parse=parse_test if kind == "test" else parse,
        infrastructure=infrastructure,
    )


def _config_files(folder: str) -> Iterator[str]:
    """At the root, and in the folder of a workspace: git may ignore them there."""
    yield from _CONFIG_FILES
    if folder != ".":
        yield from (f"{folder}/{name}" for name in _CONFIG_FILES)


def _built_before(script: str, package: Package, others: Sequence[_endless.Scripts]) -> Iterator[str]:
    """Patterns of what the package has built and the script uses without building it anew, which git ignores."""
    commands = list(_endless.commands(script, package.scripts, others))
    if any(_BUILDS.search(word) and "--noEmit" not in words for words in commands for word in words[:3]):
        return
    start = "" if package.folder == "." else f"{_node.literal(package.folder)}/"
    for output in sorted(package.outputs):
        if any(output in word.split("/") for words in commands for word in words):
            yield f"/{start}{output}/**"


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the lines of tsc, and of eslint in its default format.

    Raises:
        NoVerdict: npm failed before the script could run.
    """
    not_begun = _NOT_BEGUN.search(result.stdout)
    if not_begun and result.exit_code:
        raise NoVerdict(f"the script was not run: {not_begun[0].strip()}")
    code = _ERROR_CODE.search(result.stdout)
    if code and result.exit_code and code["code"] not in {"ELIFECYCLE", *_NETWORK}:
        raise NoVerdict(f"npm itself failed with {code['code']}")
    path: str | None = None
    for line in result.stdout.splitlines():
        if match := _TSC.match(line):
            yield _finding(match, match["path"], result)
        elif path and (match := _ESLINT.match(line)):
            yield _finding(match, path, result)
        elif line and not line[0].isspace():
            # eslint names a file once, alone on its line, and then lists what it found there.
            path = line if os.path.isabs(line) else None


def parse_test(result: ProcessResult) -> Iterator[Finding]:
    """As `parse`; and a run of no test, for which most runners exit with 0, is no verdict.

    Raises:
        NoVerdict: no test ran, or npm failed before the script could run.
    """
    if _NOTHING_RAN.search(result.stdout) and not _RAN.search(result.stdout):
        raise NoVerdict("no test ran")
    return parse(result)


def infrastructure(result: ProcessResult) -> str | None:
    """A network failure, by the error code that npm prints on a line of its own."""
    for match in _ERROR_CODE.finditer(result.stdout):
        if match["code"] in _NETWORK:
            return f"npm could not reach the registry ({match['code']})"
    return None


def _finding(match: re.Match[str], path: str, result: ProcessResult) -> Finding:
    return Finding(
        path=_output.in_tree(path, result.root),
        line=int(match["line"]),
        column=int(match["column"]),
        severity=Severity(match["severity"]),
        rule=match["rule"],
        message=match["message"],
    )


def _not_a_check(name: str, package: Package, others: Sequence[_endless.Scripts]) -> str | None:
    """Why a script cannot give a verdict, or None."""
    if "no test specified" in package.scripts[name]:
        return f"script {name} is the placeholder of `npm init`"
    watching = _endless.endless(name, package.scripts, others)
    return f"script {name} watches and never ends: `{watching}`" if watching else None


def _not_installed(project: Project, package: Package, manager: str) -> str | None:
    """Says that the dependencies of a package are not there, so that no script could find its tools."""
    manifest = project.json(_node.manifest(package.folder))
    needs = any(_python.table(manifest, key) for key in ("dependencies", "devDependencies"))
    folder = project.root / package.folder
    if not needs or any((place / "node_modules").is_dir() for place in (folder, *folder.parents)):
        return None
    # Yarn's plug'n'play has no folder, and most have git ignore its file. Asked for, it is looked at again.
    if project.text(".pnp.cjs") is not None or (project.root / ".pnp.cjs").is_file():
        return None
    return f"the packages of {_node.manifest(package.folder)} are not installed: run `{manager} install`"
