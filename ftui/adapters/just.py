"""Recipes of a justfile."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.adapters import _output, _tasks
from ftui.errors import NoVerdict
from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Finding, Unused

if TYPE_CHECKING:
    from ftui.model import ProcessResult

_STRING = r"\"[^\"]*\"|'[^']*'|`[^`]*`"
_RECIPE = re.compile(
    r"^@?(?P<name>[A-Za-z_][\w-]*)"
    rf"(?P<parameters>(?:[ \t]+[^:\s\"'`(=]+(?:=(?:{_STRING}|[\w-]*\([^)]*\)|[^:\s]+))?)*)"
    r"[ \t]*:(?!=)(?P<needs>[^#]*)(?:#.*)?$"
)
_PARAMETER = re.compile(rf"(?P<sign>[*+$]*)(?P<name>[\w-]+)(?:=(?P<value>{_STRING}|[\w-]*\([^)]*\)|\S+))?")
_NEED = re.compile(
    rf"\(\s*(?P<called>[\w-]+)(?P<given>(?:{_STRING}|\([^()]*\)|[^()\"'`])*)\)|(?P<plain>[A-Za-z_][\w-]*)"
)
_WORD = r"(?:\{\{.*?\}\}|\$\{?[\w@*]+\}?|[\w-])+"
_CALL = re.compile(
    r"(?:\bjust|\{\{\s*just_executable\(\)\s*\}\})[ \t]+"
    r"(?:(?:(?:-f|-d|--justfile|--working-directory)[ \t]+(?:\{\{.*?\}\}|\S)++|-\S++)(?:[ \t]+|$))*+"
    rf"[\"']?(?P<recipe>{_WORD})(?=(?P<given>[^;&|#]*))"
)
_IN_SHELL = re.compile(r"\{\{(?P<expression>.*?)\}\}|\$\{?(?P<shell>[\w@*]+)|(?<![\w-])(?P<word>\w[\w-]*)")
_IN_EXPRESSION = re.compile(
    rf"(?P<unread>`[^`]*`|[A-Za-z_][\w-]*[ \t]*\()|(?P<text>{_STRING})|(?P<name>[A-Za-z_][\w-]*)"
)
_CONDITION = re.compile(r"\bif\b[^{]*\{|\belse\b")
_SETTING = re.compile(r"^(?P<how>export[ \t]+|alias[ \t]+)?(?P<name>[A-Za-z_][\w-]*)[ \t]*:=(?P<value>.*)$")

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


class _Recipe(Struct):
    """As it is written."""

    parameters: tuple[str, ...] = ()
    defaults: str = ""
    needs: str = ""
    commands: list[str] = []
    confirmed: bool = False
    wanting: bool = False

    @property
    def body(self) -> bool:
        return any(not line.startswith("#") or line.startswith("#!") for line in self.commands)


def _recipes(text: str) -> Mapping[str, _tasks.Task]:
    """The recipes of a justfile, read and not evaluated; what it imports is not looked at."""
    recipes: dict[str, _Recipe] = {}
    variables: dict[str, str] = {}
    aliases: dict[str, str] = {}
    attributes, current = "", None
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("["):
            attributes += line
        elif recipe := _RECIPE.match(line):
            current = recipes[recipe["name"]] = _read(recipe, attributes)
            attributes = ""
        elif line[:1] in (" ", "\t") and line.strip() and current is not None:
            current.commands.append(line.strip())
        elif line.strip() and not line.startswith("#"):
            attributes, current = "", None
            if setting := _SETTING.match(line):
                known = aliases if (setting["how"] or "").startswith("alias") else variables
                known[setting["name"]] = setting["value"].strip()
    return _Following(recipes, variables, aliases).tasks()


def _read(recipe: re.Match[str], attributes: str) -> _Recipe:
    parameters = list(_PARAMETER.finditer(recipe["parameters"]))
    return _Recipe(
        parameters=tuple(each["name"] for each in parameters),
        defaults=" ".join(each["value"] or "" for each in parameters),
        needs=recipe["needs"],
        confirmed="confirm" in attributes,
        wanting=any(each["value"] is None and "*" not in each["sign"] for each in parameters),
    )


class _Following:
    """Follows recipes to those that they run, by name, by variable and by parameter.

    A variable stands for every word of its value, and each parameter of a recipe for all that is given to that recipe
    anywhere: more than one run of it comes to, and never less. What only shows when it runs is a task of unknown name.
    """

    def __init__(
        self, recipes: Mapping[str, _Recipe], variables: Mapping[str, str], aliases: Mapping[str, str]
    ) -> None:
        self._recipes = recipes
        self._variables = variables
        self._aliases = aliases
        self._needs: dict[str, list[str]] = defaultdict(list)

    def tasks(self) -> Mapping[str, _tasks.Task]:
        """All recipes, and as further tasks what stands for others."""
        for name, value in self._variables.items():
            self._needs[_variable(name)] += self._meant(value)
        for name, recipe in self._recipes.items():
            self._needs[_given(name)] += self._meant(recipe.defaults)
            for need in _NEED.finditer(recipe.needs):
                self._run(name, need["called"] or need["plain"], self._meant(need["given"] or "", name))
            for call in (call for line in recipe.commands for call in _CALL.finditer(line)):
                for each in self._meant_in_shell(call["recipe"], name):
                    self._run(name, each, self._meant_in_shell(call["given"], name))
        recipes = {
            name: _tasks.Task(
                needs=tuple(self._needs[name]), body=recipe.body, alone=not (recipe.wanting or recipe.confirmed)
            )
            for name, recipe in self._recipes.items()
        }
        others = self._needs.keys() - recipes.keys()
        return {**recipes, **{name: _tasks.Task(needs=tuple(self._needs[name])) for name in others}}

    def _run(self, name: str, called: str, given: Iterable[str]) -> None:
        """Takes in that a recipe runs another, and gives it words."""
        self._needs[name].append(called)
        recipe = self._recipes.get(called)
        if recipe is not None and recipe.parameters:
            self._needs[_given(called)] += given
        elif recipe is not None:  # what follows one without parameters is the next one to run
            self._needs[name] += (each for each in given if each in {*self._recipes, _tasks.UNKNOWN} or each[0] == "{")

    def _meant(self, expression: str, within: str = "") -> Iterator[str]:
        """The words that an expression may come to, and what stands for others."""
        for found in _IN_EXPRESSION.finditer(_CONDITION.sub(" ", expression)):
            if found["unread"]:
                yield _tasks.UNKNOWN
            elif found["text"]:
                yield from re.findall(r"[\w-]+", found["text"])
            else:
                yield self._named(found["name"], within) or _tasks.UNKNOWN

    def _meant_in_shell(self, text: str, within: str) -> Iterator[str]:
        """The same of a piece of a command; the shell's own variables say nothing."""
        for found in _IN_SHELL.finditer(text):
            if found["expression"]:
                yield from self._meant(found["expression"], within)
            elif found["word"]:
                yield self._aliases.get(found["word"], found["word"])
            elif named := self._named(found["shell"], within):
                yield named

    def _named(self, name: str, within: str) -> str | None:
        """What stands for all that a parameter or a variable may be; None where there is no such one."""
        recipe = self._recipes.get(within)
        if recipe is not None and recipe.parameters and (name in recipe.parameters or name[0] in "@*123456789"):
            return _given(within)
        return _variable(name) if name in self._variables else None


def _variable(name: str) -> str:
    return "{{" + name + "}}"


def _given(recipe: str) -> str:
    return "{{" + recipe + "(...)}}"
