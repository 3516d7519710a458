"""`ftui plugins new`: a distribution with an adapter that works, to be made one's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ftui import __version__
from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.errors import FtuiError
from ftui.plugins import BUILTIN
from ftui.tree import display

if TYPE_CHECKING:
    import argparse

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME = 50

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "ftui-@name@"
version = "0.1.0"
description = "An ftui check that runs @name@"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["ftui>=@version@"]

[project.optional-dependencies]
test = ["pytest>=8"]

[project.entry-points.ftui]
@name@ = "@module@"

[tool.hatch.build.targets.wheel]
only-include = ["@module@.py"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

_MODULE = '''\
"""An ftui check that runs @name@ on the Python files of a project."""

import re

from ftui.hookspecs import hookimpl
from ftui.model import Check, Finding, Unused

LINE = re.compile(r"^(?:\\./)?(?P<path>.+?):(?P<line>\\d+):(?P<column>\\d+): (?P<message>.+)$", re.MULTILINE)


@hookimpl
def ftui_checks(project):
    """Checks where the tool is installed and has files to look at; `[checks.@name@]` in ftui.toml adjusts it."""
    tool = project.tool("@name@")
    if tool is None or not project.has("*.py"):
        yield Unused(id="@name@", adapter="@name@", because="@name@ is not installed, or there is no Python file")
        return
    yield Check(
        id="@name@", adapter="@name@", argv=(tool.path,), args=(".",), inputs=("*.py",), parse=parse,
        because=f"@name@ is installed in {tool.origin}", failed_codes=(1,),  # any other code but 0 is no verdict
    )


def parse(result):
    """Reads one finding from each line such as `src/app.py:3:1: what is wrong`."""
    for found in LINE.finditer(result.stdout):
        yield Finding(found["message"], found["path"], int(found["line"]), int(found["column"]))
'''

_TEST = """\
import pytest

import @module@

pytest_plugins = ["ftui.testing"]

FINDS = "print('src/app.py:3:1: what is wrong'); raise SystemExit(1)"


def test_a_fault_fails_the_check_at_its_place(project, engine):
    events = engine(project({"src/app.py": "x = 1\\n"}, tools={"@name@": FINDS}), @module@)
    events.expect("@name@", "failed", ("src/app.py", 3, 1, None))
    events.expect_no_problem()


@pytest.mark.parametrize(("code", "outcome"), [(0, "passed"), (1, "failed"), (2, "broken")])
def test_exit_codes_mean_what_the_tool_documents(project, offers, judge, code, outcome):
    check = offers(project({"app.py": ""}, tools={"@name@": ""}), @module@).check("@name@")
    assert judge(check, code).outcome == outcome


def test_it_says_why_there_is_no_check(project, offers):
    assert "no Python file" in offers(project({}), @module@).unused["@name@"]
"""

_README = """\
# ftui-@name@

Runs `@name@` as a check of [ftui](https://pypi.org/project/ftui/).

    pip install ftui-@name@

`ftui list` says whether it is active in a project, and why. In `ftui.toml`, `[checks.@name@]` adjusts it:

    [checks.@name@]
    args = ["src"]

To work on it:

    pip install -e '.[test]'
    python -m pytest
"""

_FILES = {
    "pyproject.toml": _PYPROJECT,
    "@module@.py": _MODULE,
    "tests/test_@module@.py": _TEST,
    "README.md": _README,
}


def new(options: argparse.Namespace) -> int:
    """Writes the distribution `ftui-NAME` as a new folder; nothing that exists is changed.

    Raises:
        FtuiError: the name cannot be used, the folder exists already, or it cannot be written.
    """
    name = _valid(options.name)
    target = Path(options.into, f"ftui-{name}")
    words = {"@name@": name, "@module@": f"ftui_{name.replace('-', '_')}", "@version@": __version__}
    try:
        target.mkdir()
        for path, text in _FILES.items():
            file = target / _filled(path, words)
            file.parent.mkdir(exist_ok=True)
            file.write_text(_filled(text, words), encoding="utf-8")
    except FileExistsError:
        raise FtuiError(f"{display(str(target))} exists already; nothing was changed") from None
    except OSError as error:
        raise FtuiError(f"{display(str(target))} cannot be written: {error.strerror}") from None
    show([f"wrote {display(str(target))}; in it, `pip install -e '.[test]' && python -m pytest` tests the plugin"])
    return PASSED


def _valid(given: str) -> str:
    name = given.removeprefix("ftui-")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise FtuiError(
            f"{given!r} is no name for a plugin: small letters, digits and single hyphens, such as `my-tool`"
        )
    if name in {module.rpartition(".")[2].replace("_", "-") for module in BUILTIN}:
        raise FtuiError(f"ftui has an adapter called {name!r} already: choose another name")
    return name


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
