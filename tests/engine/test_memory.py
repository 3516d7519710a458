"""The cache as a watch uses it: glances, looks, and checks that become others meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from ftui.engine.memory import Look, Memory, recipes_of
from ftui.model import Check
from ftui.plugins import Plugins
from ftui.tree import list_files
from tests.conftest import write
from tests.engine.living import home, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["home"]
pytestmark = pytest.mark.usefixtures("home")

PLUGINS = Plugins()


def check(name: str, *argv: str) -> Check:
    """A check of Python files."""
    return Check(id=name, adapter=name, argv=argv or ("ls",), inputs=("*.py",))


@asynccontextmanager
async def remembering(root: Path, *checks: Check) -> AsyncIterator[tuple[Memory, list[Look]]]:
    """A memory that has looked at a tree once, and what its looks have found."""
    looks: list[Look] = []
    write(root, {"a.py": "1", "b.py": "1"})
    recipes = recipes_of(checks, PLUGINS, root)
    memory = Memory(root, recipes, {"PATH": "/usr/bin:/bin"}, lambda: list_files(root).files, on_look=looks.append)
    try:
        await memory.look()
        yield memory, looks
    finally:
        await memory.close()


def test_a_look_tells_what_has_changed_and_what_is_new_since_the_one_before(tmp_path: Path) -> None:
    async def test() -> None:
        async with remembering(tmp_path) as (memory, looks):
            assert (looks[0].first, looks[0].changed, looks[0].whole) == (True, (), True)
            write(tmp_path, {"a.py": "2", "c.py": ""})
            (tmp_path / "b.py").unlink()
            snapshot = await memory.look()
            last = looks[-1]
            assert (last.first, last.changed, last.relisted) == (False, ("a.py", "b.py", "c.py"), True)
            assert last.made == {"c.py"}
            assert memory.snapshot is last.snapshot is snapshot
            assert last.began_ns > looks[0].began_ns

    run(test())


def test_a_glance_finds_an_edit_and_nothing_else(tmp_path: Path) -> None:
    async def test() -> None:
        async with remembering(tmp_path) as (memory, looks):
            write(tmp_path, {"a.py": "2", "b.py": "2"})
            await memory.glance(["a.py"])
            assert (looks[-1].changed, looks[-1].whole, looks[-1].relisted) == (("a.py",), False, False)
            await memory.look()
            assert (looks[-1].changed, looks[-1].whole) == (("b.py",), True)

    run(test())


@pytest.mark.parametrize("change", ["gone", "new"])
def test_a_glance_becomes_a_look_where_files_come_or_go(tmp_path: Path, change: str) -> None:
    async def test() -> None:
        async with remembering(tmp_path) as (memory, looks):
            if change == "gone":
                (tmp_path / "b.py").unlink()
            else:
                write(tmp_path, {"b/c.py": ""})
            await memory.glance(["b.py" if change == "gone" else "b/c.py"])
            assert (looks[-1].whole, looks[-1].relisted, len(looks[-1].changed)) == (True, True, 1)

    run(test())


def test_after_a_glance_keys_are_those_of_the_tree_as_it_is(tmp_path: Path) -> None:
    async def test() -> None:
        async with remembering(tmp_path, check("a")) as (memory, _):
            keys = {"a": (await memory.look_up(["a"]))["a"].key}
            assert keys["a"] != ""
            assert await memory.rekeyed(keys) == []
            write(tmp_path, {"a.py": "2"})
            await memory.glance(["a.py"])
            found = (await memory.look_up(["a"]))["a"]
            assert found.snapshot is memory.snapshot
            assert await memory.rekeyed(keys) == ["a"]
            write(tmp_path, {"a.py": "1"})
            await memory.glance(["a.py"])
            assert await memory.rekeyed(keys) == []

    run(test())


def test_a_check_that_has_become_another_has_another_key_without_a_further_look(tmp_path: Path) -> None:
    async def test() -> None:
        async with remembering(tmp_path, check("a", "ls"), check("b")) as (memory, _):
            before = await memory.look_up(["a", "b"])
            memory.use(recipes_of([check("a", "ls", "-l")], PLUGINS, tmp_path))
            after = await memory.look_up(["a", "b"])
            assert after["a"].key != before["a"].key
            assert after["b"].key == before["b"].key  # it is no more, and may still be running

    run(test())
