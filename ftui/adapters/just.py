"""Recipes of a justfile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ftui.adapters import _output, _tasks
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_RECIPE = re.compile(
    r"^@?(?P<name>[A-Za-z_][\w-]*)(?P<parameters>(?:[ \t]+[^:\s]+)*)[ \t]*:(?!=)(?P<needs>[^#]*)(?:#.*)?$"
)
_NAME = re.compile(r"(?<![\"'\w-])[A-Za-z_][\w-]*")
_CALL = re.compile(r"(?:\bjust|\{\{\s*just_executable\(\)\s*\}\})[ \t]+(?:-\S+[ \t]+)*(?P<recipe>\{\{\s*[\w-]+|[\w-]+)")
_VARIABLE = re.compile(r"^(?:export[ \t]+)?(?P<name>[A-Za-z_][\w-]*)[ \t]*:=(?P<value>.*)$")

_FAILED = re.compile(r"^error: [Rr]ecipe `.+` failed .*with exit code (?P<code>\d+)$", re.MULTILINE)
_OWN_ERROR = re.compile(r"^error: ", re.MULTILINE)


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """The recipes that are checks by their name and want no argument."""
    path = next((path for path in project.files if path.lower() in ("justfile", ".justfile")), None)
    if path is None:
        yield Unused(id="just", adapter="just", because="no justfile")
        return
    recipes = _recipes(project.text(path) or "")

    def check_of(recipe: str) -> Check:
        install, env = "pip install rust-just", _tasks.ENVIRONMENT
        return _tasks.check(project, "just", recipe, (recipe,), path, install=install, env=env, parse=parse)

    # Beside a Makefile one of the two calls the other, as a rule.
    beside = ("/Makefile", "/makefile", "/GNUmakefile")
    yield from _tasks.offered(project, "just", recipes, path, check_of, looked_after=beside)


def parse(result: ProcessResult) -> Iterator[Finding]:
    """Finds out whether a command of the recipe failed: just exits with 1 for its own errors too.

    Raises:
        NoVerdict: just itself gave up.
    """
    # A recipe with [no-exit-message] fails without a word of just's.
    if result.exit_code and not _FAILED.search(result.stdout) and _OWN_ERROR.search(result.stdout):
        raise NoVerdict(f"just came to no verdict{_output.last_words(result)}")
    yield from ()


def _recipes(text: str) -> Mapping[str, _tasks.Task]:
    """The recipes of a justfile, read and not evaluated; what it imports is not looked at."""
    found: dict[str, _tasks.Task] = {}
    attributes, name = "", ""
    for line in text.replace("\\\n", " ").splitlines():
        recipe = _RECIPE.match(line)
        if line.startswith("["):
            attributes += line
        elif recipe:
            name = recipe["name"]
            wanting = [each for each in recipe["parameters"].split() if "=" not in each and not each.startswith("*")]
            alone = not wanting and "confirm" not in attributes
            found[name] = _tasks.Task(needs=tuple(_NAME.findall(recipe["needs"])), alone=alone)
            attributes = ""
        elif line[:1] in (" ", "\t") and line.strip() and name:
            calls = tuple("".join(call["recipe"].split()) for call in _CALL.finditer(line))
            before = found[name]
            body = before.body or not line.strip().startswith("#") or line.strip().startswith("#!")
            found[name] = _tasks.Task(needs=(*before.needs, *calls), body=body, alone=before.alone)
        elif line.strip() and not line.startswith("#"):
            attributes, name = "", ""
            if variable := _VARIABLE.match(line):  # it may name a recipe that is called, or another variable
                words = re.findall(r"[\w-]+", variable["value"])
                found["{{" + variable["name"]] = _tasks.Task(needs=(*words, *("{{" + word for word in words)))
    return found
