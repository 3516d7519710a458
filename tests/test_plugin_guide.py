"""The guide for authors of plugins says what is so: held against the hooks and the structs themselves."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy
import pytest

from ftui import hookspecs, model
from ftui.adapters import command
from tests.conftest import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

GUIDE = Path(__file__).parents[1] / "plugins" / "README.md"
TEXT = GUIDE.read_text(encoding="utf-8")

manager = pluggy.PluginManager("ftui")
manager.add_hookspecs(hookspecs)
HOOKS = sorted(caller.name for caller in vars(manager.hook).values() if isinstance(caller, pluggy.HookCaller))


def section(title: str) -> str:
    """The text below a heading, up to the next of its kind."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def entries(title: str) -> list[str]:
    """The entries of a section, each with its lines joined."""
    return [" ".join(entry.split()) for entry in re.split(r"\n(?=- )|\n\n", section(title)) if entry.startswith("- ")]


@cache
def definition(module: ModuleType, name: str) -> ast.ClassDef:
    nodes = ast.parse(inspect.getsource(module)).body
    return next(node for node in nodes if isinstance(node, ast.ClassDef) and node.name == name)


def fields(name: str) -> Iterator[str]:
    """The beginning of the entry for each field of a struct: name, type and default as its source has them."""
    for node in definition(model, name).body:
        if isinstance(node, ast.AnnAssign):
            default = f" = `{ast.unparse(node.value)}`" if node.value else ""
            yield f"- `{ast.unparse(node.target)}`: `{ast.unparse(node.annotation)}`{default}. "


def members(name: str) -> Iterator[str]:
    """The same for what a protocol offers."""
    for node in definition(hookspecs, name).body:
        if isinstance(node, ast.FunctionDef) and node.returns:
            node.args.args = node.args.args[1:]
            arguments = "" if node.decorator_list else f"({ast.unparse(node.args)})"
            yield f"- `{node.name}{arguments}`: `{ast.unparse(node.returns)}`. "


@pytest.mark.parametrize("title", ["Check", "Finding", "Unused", "ProcessResult", "Project"])
def test_every_field_stands_in_the_guide_with_its_type_and_its_meaning(title: str) -> None:
    expected = list(members(title) if title == "Project" else fields(title))
    written = entries(title)
    assert len(written) == len(expected)
    for entry, beginning in zip(written, expected, strict=True):
        assert entry.startswith(beginning)
        assert len(entry.removeprefix(beginning).split()) >= 2, f"no meaning: {entry}"


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_stands_in_the_guide_with_its_signature_and_its_meaning(name: str) -> None:
    heading, _, meaning = section("Hooks").partition(f"### `{name}(")[2].partition("\n")
    signature = inspect.signature(getattr(hookspecs, name))
    assert f"{name}({heading}" == f"{name}{str(signature).replace(chr(39), '')}`"
    assert len(meaning.partition("###")[0].split()) >= 10


def test_the_guide_names_no_hook_that_does_not_exist() -> None:
    assert sorted(re.findall(r"^### `(\w+)\(", TEXT, re.MULTILINE)) == HOOKS


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The files of the guide's example."""
    found = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```\n", TEXT, re.DOTALL))
    assert sorted(found) == ["ftui_codespell.py", "tests/test_ftui_codespell.py"]
    write(tmp_path, {**found, "pytest.ini": "[pytest]\npythonpath = .\n"})
    return tmp_path


def test_the_example_of_the_guide_passes_its_own_tests(example: Path) -> None:
    for argv in (["pytest", "-q", "-p", "no:cacheprovider", "-W", "error"], ["ruff", "check", "--isolated"]):
        done = subprocess.run([sys.executable, "-m", *argv], cwd=example, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 passed" in done.stdout or argv[0] == "ruff"


def test_the_example_fits_in_thirty_lines(example: Path) -> None:
    assert len((example / "ftui_codespell.py").read_text().splitlines()) <= 30


def test_every_fixture_of_the_kit_stands_in_the_guide() -> None:
    from ftui import testing

    fixtures = {name for name in vars(testing) if isinstance(vars(testing)[name], type(testing.project))}
    assert fixtures == set(re.findall(r"^\| `(\w+)` \|", section("Tests"), re.MULTILINE))


def test_the_smallest_adapter_of_ftui_fits_as_well() -> None:
    assert len(inspect.getsource(command).splitlines()) <= 30
