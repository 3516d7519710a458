"""Targets of a Makefile."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ftui.adapters import _output, _tasks
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_FILES = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which GNU make looks for them."""
_CALL = re.compile(r"(?:\$[({]MAKE[)}]|\bmake)[ \t]+(?:-\S+[ \t]+)*(?P<target>\$[({][\w.-]+[)}]|[\w.-]+)")
_VARIABLE = re.compile(r"(?:(?:export|override)[ \t]+)*(?P<name>[\w.-]+)[ \t]*(?::{0,3}|[?+])=(?P<value>.*)")
_REFERENCE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\}|(?P<letter>\w))")

_STOPPED = re.compile(
    r"^(?:\w*make(?:\[\d+\])?: \*\*\* \[.+\] \S+ |\*\*\* (?:\[.+\] )?Error code )(?P<code>\d+)", re.MULTILINE
)
"""What GNU make and BSD make say of a command that failed, with its exit code."""
_NOTHING = re.compile(r"^(?:\w*make: )?(?:Nothing to be done for ['`].+'|['`].+' is up to date)\.$", re.MULTILINE)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """The targets that are checks by their name."""
    path = next((name for name in _FILES if project.has(f"/{name}")), None)
    if path is None:
        yield Unused(id="make", adapter="make", because="no Makefile")
        return

    def check_of(target: str) -> Check:
        return _tasks.check(
            project,
            "make",
            target,
            (target,),
            path,
            install="apt-get install make, or the like",
            env=_tasks.ENVIRONMENT,
            failed_codes=(1, 2),  # GNU make exits with 2 whatever went wrong, BSD make with 1
            parse=parse,
        )

    yield from _tasks.offered(project, "make", _targets(project.text(path) or ""), path, check_of)


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Finds out whether a command of the target failed: make exits alike where it cannot read its own file.

    Raises:
        NoVerdict: there was nothing to do, a command could not be run, or make itself gave up.
    """
    codes = [int(found["code"]) for found in _STOPPED.finditer(result.stdout)]
    if result.exit_code == 0:
        if _NOTHING.search(result.stdout):
            raise NoVerdict("make found nothing to do: a file has the target's name, or is newer than what it needs")
    elif not all(0 < code < 126 for code in codes):
        raise NoVerdict(f"a command of the target could not be run (exit code {max(codes)})")
    elif not codes:
        raise NoVerdict(f"make came to no verdict{_output.last_words(result)}")
    yield from ()


def _targets(text: str) -> Mapping[str, _tasks.Task]:
    """The targets of a Makefile, read and not evaluated; what it includes is not looked at."""
    needs: dict[str, list[str]] = defaultdict(list)
    with_body: set[str] = set()
    current: list[str] = []
    in_definition = False
    for line in text.replace("\\\n", " ").splitlines():
        names, colon, rest = line.partition(":")
        if line.startswith("\t"):
            with_body.update(current)
            for target in current:
                needs[target] += _called(line)
        elif re.match(r" *(?:define|endef)\b", line):
            in_definition = "define" in line
        elif in_definition or not line.strip() or line.startswith("#"):
            continue
        elif found := _VARIABLE.match(line):
            current = []
            needs[f"$({found['name']})"] += _words(found["value"].partition("#")[0])  # which stands for all of them
        elif not colon or "=" in names or rest.startswith(("=", ":=", "::=")):
            current = []
        else:
            current = names.split()
            wanted, semicolon, command = rest.lstrip(":").partition("#")[0].partition(";")
            with_body.update(current if semicolon else ())
            if "=" not in wanted:  # a variable for this target alone
                for target in current:
                    needs[target] += (*_words(wanted.replace("|", " ")), *_called(command))
    return {name: _tasks.Task(needs=tuple(of_it), body=name in with_body) for name, of_it in needs.items()}


def _words(text: str) -> list[str]:
    """The words of a text, and the variables that it refers to, each as `$(NAME)`."""
    return [*text.split(), *(f"$({found[found.lastgroup or 0]})" for found in _REFERENCE.finditer(text))]


def _called(command: str) -> list[str]:
    """The targets that a command has another make make."""
    return [word for call in _CALL.finditer(command) for word in _words(call["target"])]
