"""Sessions of nox. The noxfile is read and never imported: it is code of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftui.adapters import _output, _python, _tasks
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    import ast

    from ftui.model import ProcessResult

_FILE = "noxfile.py"
_ENVIRONMENT = (
    *("NOX_DEFAULT_VENV_BACKEND", "NOX_FORCE_VENV_BACKEND", "NOX_ENVDIR", "PIP_*", "UV_*", "VIRTUALENV_*"),
    *_python.ENVIRONMENT,
)
_NAME = re.compile(r"[\w.][\w.-]*")

_SUCCESS = re.compile(r"^nox > (?:Session .* was successful\b|\* .*: success\b)", re.MULTILINE)
_SKIPPED = re.compile(r"^nox > Session .* skipped: (?P<reason>.+)$", re.MULTILINE)
_FAILED = re.compile(r"^nox > Command (?P<command>.+) failed with exit code (?P<code>-?\d+)", re.MULTILINE)
_INSTALLS = re.compile(r"(?:^|[/\s])(?:pip|uv|conda|mamba|micromamba)(?: pip)? (?:install|sync)\b")


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """The sessions of the noxfile, where the user's own configuration asks for them."""
    if not project.has(f"/{_FILE}"):
        yield Unused(id="nox", adapter="nox", because=f"no {_FILE}")
        return
    names = _sessions(project.text(_FILE) or "")
    known = [name for name in names if _NAME.fullmatch(name) and not _tasks.is_harmful(name)]
    for name in known:
        if f"nox:{name}" in project.checks:
            install = f"{_python.installer(project)} nox"
            yield _tasks.check(
                project,
                "nox",
                name,
                ("-s", name),
                _FILE,
                install=install,
                env=_ENVIRONMENT,
                failed_codes=(1,),
                parse=parse,
            )
    left = [name for name in known if f"nox:{name}" not in project.checks]
    if left:
        yield _tasks.on_request("nox", left, _FILE)
    elif not known:
        yield Unused(id="nox", adapter="nox", because=f"no session can be read from {_FILE}")


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Finds out whether a command of the session failed: nox exits with 0 where all were skipped, and 1 for much else.

    Raises:
        NoVerdict: every session was skipped, what it needs could not be installed, or nox itself gave up.
    """
    skipped = _SKIPPED.search(result.stdout)
    if result.exit_code == 0 and not _SUCCESS.search(result.stdout):
        raise NoVerdict(f"every session was skipped{': ' + skipped['reason'] if skipped else ''}")
    failed = list(_FAILED.finditer(result.stdout))
    if result.exit_code == 1 and not failed:
        raise NoVerdict(f"nox came to no verdict{_output.last_words(result)}")
    for each in failed if result.exit_code else ():
        if _INSTALLS.search(each["command"]) or not 0 < int(each["code"]) < 126:
            raise NoVerdict(f"{each['command'][:100]} failed with exit code {each['code']}")
    yield from ()


def _sessions(text: str) -> list[str]:
    """The names of the functions that are decorated as sessions; those whose names are worked out are not known."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the tree's own strings
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    return list(dict.fromkeys(name for function in functions if (name := _session(function)) is not None))


def _session(function: ast.FunctionDef) -> str | None:
    """The name of the session that a function is, or None."""
    import ast

    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        named = call.func if call else decorator
        if (named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")) != "session":
            continue
        given = next((word.value for word in call.keywords if word.arg == "name"), None) if call else None
        if given is None:
            return function.name
        return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None
    return None
