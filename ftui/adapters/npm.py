"""The lint, test and typecheck scripts of package.json, run by the package manager that the project uses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Severity, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_SCRIPTS = {
    "lint": ("lint",),
    "typecheck": ("typecheck", "type-check", "check-types", "types"),
    "test": ("test",),
}
"""Kinds of checks, and the names that scripts of that kind go by, the best one first."""

_LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
_INSTALL = {
    "npm": "install Node.js, which brings it",
    "pnpm": "run `npm install -g pnpm`",
    "yarn": "run `npm install -g yarn`",
    "bun": "run `npm install -g bun`",
}
_CONFIG_FILES = (
    *("package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", "bunfig.toml", *_LOCK_FILES),
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

_RERUN = re.compile(r"^(?:npm|pnpm|yarn|bun) (?:run )?(?:-s |--silent )?(?P<script>[\w:.-]+)")
_WATCHING = re.compile(
    r"^(?:npx )?(?:nodemon\b|(?:vitest|jest|tsc|mocha|ava|karma|node|tsx|swc|webpack|rollup|vue-tsc|svelte-check)\b"
    r".*\s(?:--watch(?:All)?(?:=true)?|-w)(?=\s|$)|vitest (?:watch|dev)\b)"
)

_ERROR_CODE = re.compile(r"^npm (?:ERR!|error) code (?P<code>E[A-Z0-9_]+)$", re.MULTILINE)
_NETWORK = {"ENOTFOUND", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ECONNREFUSED"}
_NOTHING_RAN = re.compile(
    r"^(?:No tests found, exiting with code 0|No test files found, exiting with code 0|\s*0 passing\b.*|\S tests 0)$",
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
    """One check for each kind of script that package.json has."""
    scripts = _scripts(project)
    if not project.has("/package.json"):
        yield Unused(id="npm", adapter="npm", because="no package.json")
        return
    manager, origin = _manager(project)
    for kind, names in _SCRIPTS.items():
        name = next((name for name in names if name in scripts), None)
        reason = f"no script {' or '.join(names)} in package.json" if name is None else _not_a_check(name, scripts)
        if name is None or reason is not None:
            yield Unused(id=f"npm:{kind}", adapter="npm", because=reason or "")
        else:
            yield _check(project, f"npm:{kind}", name, manager, origin)


def _check(project: Project, check_id: str, script: str, manager: str, origin: str) -> Check:
    tool = project.tool(manager)
    separator = ("--",) if manager == "npm" else ()  # the others hand arguments on as they are
    missing = f"{manager} is used here ({origin}) and is not installed: {_INSTALL[manager]}"
    return Check(
        id=check_id,
        adapter="npm",
        argv=(_python.argv0(tool, manager), "run", script, *separator),
        because=f"script {script} in package.json, {manager} ({origin})",
        inputs=("**",),  # a script may read any file
        config_files=(*_CONFIG_FILES, os.path.expanduser("~/.npmrc")),
        env=_ENVIRONMENT,
        unavailable=missing if tool is None else _not_installed(project, manager),
        parse=parse_test if check_id == "npm:test" else parse,
        infrastructure=infrastructure,
    )


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Reads the lines of tsc, and of eslint in its default format.

    Raises:
        NoVerdict: npm failed before the script could run.
    """
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


def _scripts(project: Project) -> dict[str, str]:
    scripts: Mapping[str, object] = _python.table(project.json("package.json"), "scripts") or {}
    return {name: text for name, text in scripts.items() if isinstance(text, str) and text.strip()}


def _manager(project: Project) -> tuple[str, str]:
    """The package manager, and what says so."""
    field = project.json("package.json").get("packageManager")
    if isinstance(field, str) and field.partition("@")[0] in _INSTALL:
        return field.partition("@")[0], "packageManager in package.json"
    for path, manager in _LOCK_FILES.items():
        if project.has(f"/{path}"):
            return manager, path
    return "npm", "no lock file"


def _not_a_check(name: str, scripts: Mapping[str, str]) -> str | None:
    """Why a script cannot give a verdict, or None."""
    if "no test specified" in scripts[name]:
        return f"script {name} is the placeholder of `npm init`"
    watching = _watching(name, scripts, seen=frozenset())
    return f"script {name} watches and never ends: `{watching}`" if watching else None


def _watching(name: str, scripts: Mapping[str, str], seen: frozenset[str]) -> str | None:
    """The part of a script, or of one that it calls, that keeps watching even where CI=1 is set."""
    for part in re.split(r"&&|\|\||[;|&]", scripts[name]):
        command = part.strip()
        while assignment := re.match(r"(?:cross-env\s+)?[A-Za-z_]\w*=\S*\s+", command):
            command = command[assignment.end() :]
        if _WATCHING.match(command):
            return command
        called = _RERUN.match(command)
        if called and called["script"] in scripts.keys() - seen - {name}:
            inner = _watching(called["script"], scripts, seen | {name})
            if inner:
                return inner
    return None


def _not_installed(project: Project, manager: str) -> str | None:
    """Says that the dependencies of package.json are not there, so that no script could find its tools."""
    package = project.json("package.json")
    needs = any(_python.table(package, key) for key in ("dependencies", "devDependencies"))
    if not needs or project.has("/.pnp.cjs"):  # yarn's plug'n'play has no folder
        return None
    if any((folder / "node_modules").is_dir() for folder in (project.root, *project.root.parents)):
        return None
    return f"the packages of package.json are not installed: run `{manager} install`"
