"""Which tests run ahead of all: real files, real runs of pytest, and edits after which the choice has to be right."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.adapters.impacted import Effect, Project, effect_of, mutated, outcomes
from tests.adapters.kit import write

if TYPE_CHECKING:
    pass

ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}

FILES = {
    "pytest.ini": "[pytest]\n",
    "src/app/__init__.py": "from .core import one, two\n",
    "src/app/core.py": (
        "import functools\nLIMIT = 3\n\ndef one(x):\n    return x + 1\n\n"
        "def two(x, by=2):\n    return helper(x) * by\n\ndef helper(x):\n    return min(x, LIMIT)\n\n"
        "@functools.lru_cache\ndef table():\n    return build()\n\ndef build():\n    return {'a': 1}\n"
    ),
    "src/app/lazy.py": "def late():\n    return 'late'\n",
    "src/app/data.txt": "hello\n",
    "src/app/unread.txt": "nobody\n",
    "conftest.py": (
        "import sys, pytest\nsys.path.insert(0, 'src')\n\n"
        "@pytest.fixture(scope='session')\ndef shared():\n    from app import core\n    return core.one(1)\n\n"
        "@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n"
        "    outcome = yield\n    outcome.get_result().duration = 1.0\n"
    ),
    "tests/test_a.py": (
        "import app\n\ndef test_one():\n    assert app.one(1) == 2\n\ndef test_two():\n    assert app.two(2) == 4\n"
    ),
    "tests/test_b.py": (
        "import importlib, os, subprocess, sys\nimport pytest\n\n"
        "def test_shared(shared):\n    assert shared == 2\n\ndef test_shared_again(shared):\n    assert shared\n\n"
        "def test_late():\n    assert importlib.import_module('app.lazy').late() == 'late'\n\n"
        "def test_data():\n    assert open('src/app/data.txt').read() == 'hello\\n'\n\n"
        "def test_process():\n    code = 'import app; print(app.one(1))'\n"
        "    environ = dict(os.environ, PYTHONPATH='src')\n"
        "    assert subprocess.check_output([sys.executable, '-c', code], env=environ) == b'2\\n'\n\n"
        "@pytest.mark.parametrize('x', [1, 2])\ndef test_many(x):\n    assert x\n\n"
        "def test_names():\n    assert 'data.txt' in os.listdir('src/app')\n"
    ),
    "tests/test_c.py": (
        "from app import core\n\ndef test_table():\n    assert core.table() == {'a': 1}\n\n"
        "def test_table_again():\n    assert core.table()['a'] == 1\n\ndef test_alone():\n    assert True\n"
    ),
}
A, B, C = "tests/test_a.py::", "tests/test_b.py::", "tests/test_c.py::"
PROCESS = f"{B}test_process"


@pytest.fixture
def tree(tmp_path: Path) -> Project:
    """A small project, and a place for what is known of it."""
    root, kept = tmp_path / "tree", tmp_path / "kept"
    kept.mkdir()
    write(root, FILES)
    return Project(root, kept, ENVIRON)


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such a project, each of whose tests has been observed."""
    above = tmp_path_factory.mktemp("observed")
    (above / "kept").mkdir()
    write(above / "tree", FILES)
    project = Project(above / "tree", above / "kept", ENVIRON)
    found = project.observe()
    assert set(found.values()) == {"passed"}, found
    return above


@pytest.fixture
def seen(observed: Path, tmp_path: Path) -> Project:
    """The project as it was observed."""
    shutil.copytree(observed, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    project = Project(tmp_path / "tree", tmp_path / "kept", ENVIRON)
    assert project.chosen(TESTS) == {}
    return project


def edit(project: Project, path: str, old: str, new: str) -> None:
    """Puts one text in the place of another."""
    file = project.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


TESTS = [
    *(f"{A}{name}" for name in ("test_one", "test_two")),
    *(f"{B}{name}" for name in ("test_shared", "test_shared_again", "test_late", "test_data", "test_process")),
    *(f"{B}{name}" for name in ("test_many[1]", "test_many[2]", "test_names")),
    *(f"{C}{name}" for name in ("test_table", "test_table_again", "test_alone")),
]


@pytest.mark.parametrize(
    ("path", "old", "new", "chosen"),
    [
        pytest.param("src/app/core.py", "helper(x) *", "helper(x) +", {f"{A}test_two"}, id="a body"),
        pytest.param("src/app/core.py", "LIMIT = 3", "LIMIT = 4", {f"{A}test_two"}, id="a constant"),
        pytest.param("src/app/core.py", "by=2", "by=3", {f"{A}test_two"}, id="a default"),
        pytest.param(
            "src/app/core.py",
            "x + 1",
            "x + 2",
            {f"{A}test_one", f"{B}test_shared", f"{B}test_shared_again"},
            id="what a session's fixture ran, for all that have it",
        ),
        pytest.param(
            "src/app/core.py",
            "{'a': 1}",
            "{'a': 2}",
            {f"{C}test_table", f"{C}test_table_again"},
            id="what a cached function ran, for all that call it",
        ),
        pytest.param("src/app/lazy.py", "'late'", "'later'", {f"{B}test_late"}, id="a module by its name in a text"),
        pytest.param("src/app/data.txt", "hello", "hallo", {f"{B}test_data"}, id="a file that is read"),
        pytest.param(
            "tests/test_b.py", "assert x", "assert not x", {f"{B}test_many[1]", f"{B}test_many[2]"}, id="a test"
        ),
        pytest.param("tests/test_b.py", "[1, 2]", "[2, 1]", {f"{B}test_many[1]", f"{B}test_many[2]"}, id="parameters"),
        pytest.param(
            "conftest.py", "core.one(1)", "core.two(1)", {f"{B}test_shared", f"{B}test_shared_again"}, id="a fixture"
        ),
        pytest.param("src/app/core.py", "\ndef one", "# a remark\n\ndef one", set(), id="a remark"),
        pytest.param("src/app/core.py", "import functools", "import functools, os", set(TESTS), id="an import"),
        pytest.param("conftest.py", "import sys, pytest", "import sys, os, pytest", set(TESTS), id="a conftest"),
        pytest.param("pytest.ini", "[pytest]", "[pytest]\naddopts = -v", set(TESTS), id="the configuration"),
        pytest.param("src/app/unread.txt", "nobody", "somebody", set(TESTS), id="a file that nobody was seen to read"),
    ],
)
def test_an_edit_chooses_the_tests_that_use_it_and_those_that_may_use_anything(
    seen: Project, path: str, old: str, new: str, chosen: set[str]
) -> None:
    edit(seen, path, old, new)
    assert seen.chosen(TESTS).keys() == chosen | {PROCESS}


def test_files_that_come_and_go(seen: Project) -> None:
    (seen.root / "tests/test_new.py").write_text("def test_new(): pass\n")
    assert seen.chosen([*TESTS, "tests/test_new.py::test_new"]).keys() == {"tests/test_new.py::test_new", PROCESS}
    (seen.root / "tests/test_new.py").unlink()
    (seen.root / "src/app/other.py").write_text("")
    assert seen.chosen(TESTS).keys() == set(TESTS)
    (seen.root / "src/app/other.py").unlink()
    (seen.root / "src/app/lazy.py").rename(seen.root / "src/app/lazily.py")
    assert seen.chosen(TESTS).keys() == set(TESTS)
    (seen.root / "src/app/lazily.py").unlink()
    assert seen.chosen(TESTS).keys() == {f"{B}test_late", f"{B}test_names", PROCESS}


def test_an_edit_with_its_times_put_back_is_seen(seen: Project) -> None:
    path = seen.root / "src/app/lazy.py"
    before = path.stat()
    path.write_text("def late():\n    return 'LATE'\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert f"{B}test_late" in seen.chosen(TESTS)


def test_a_test_is_affected_until_it_has_run_again(seen: Project) -> None:
    edit(seen, "src/app/core.py", "helper(x) *", "helper(x) * 1 *")
    assert f"{A}test_two" in seen.chosen(TESTS)
    seen.observe()
    assert seen.chosen(TESTS) == {}


def test_other_arguments_or_variables_make_what_was_seen_worthless(seen: Project) -> None:
    for more in ({"arguments": ("-W", "error")}, {"environ": {**ENVIRON, "MODE": "other"}}):
        other = Project(**{**{name: getattr(seen, name) for name in Project.__struct_fields__}, **more})
        assert messages(other, ahead=True) == ["what the tests use is not known yet"]


def messages(project: Project, **options: Any) -> list[str]:
    return [line["message"] for line in project.report(kept=True, **options) if line["kind"] in ("note", "nothing")]


def test_what_failed_last_time_runs_first_and_then_what_is_affected(seen: Project) -> None:
    edit(seen, "tests/test_c.py", "assert True", "assert False")
    assert messages(seen) == [f"newly broken: {C}test_alone"]
    edit(seen, "src/app/core.py", "helper(x) *", "helper(x) * 1 *")
    lines = seen.report(kept=True, ahead=True)
    assert [line["id"] for line in lines if line["kind"] == "test"] == [f"{C}test_alone", f"{A}test_two", PROCESS]
    (note,) = [line["message"] for line in lines if line["kind"] == "note"]
    assert note == ("3 of 13 tests: 1 failed last time, 2 affected by src/app/core.py or that may use anything")


def test_what_is_mended_and_what_is_broken_is_named(seen: Project) -> None:
    edit(seen, "tests/test_c.py", "assert True", "assert False")
    seen.observe()
    edit(seen, "tests/test_c.py", "assert False", "assert 1")
    edit(seen, "tests/test_a.py", "== 4", "== 5")
    part, whole = messages(seen, ahead=True), messages(seen)
    assert part[1:] == whole == [f"newly broken: {A}test_two; fixed: {C}test_alone"]
    assert messages(seen) == []


def test_where_nothing_has_to_do_with_the_edit_nothing_runs_and_that_is_said(seen: Project) -> None:
    edit(seen, "tests/test_b.py", "def test_process():\n", "def test_process():\n    return\n")
    seen.observe()
    edit(seen, "src/app/core.py", "\ndef one", "# a remark\n\ndef one")
    assert messages(seen, ahead=True) == ["none of 13 tests has to do with what has changed"]


def test_where_most_of_the_tests_are_affected_there_is_no_part(seen: Project) -> None:
    edit(seen, "pytest.ini", "[pytest]", "[pytest]\n# more")
    assert messages(seen, ahead=True) == ["13 of 13 tests affected by pytest.ini: that is no part of them"]


def test_before_anything_is_known_there_is_no_part(tree: Project) -> None:
    assert messages(tree, ahead=True) == ["what the tests use is not known yet"]


def test_tests_in_workers_are_not_observed_and_what_failed_is_known_all_the_same(tree: Project) -> None:
    edit(tree, "tests/test_c.py", "assert True", "assert False")
    (tree.kept / "long").touch()
    workers = Project(tree.root, tree.kept, ENVIRON, ("-n2",))
    assert outcomes(workers.report(kept=True))[f"{C}test_alone"] == "failed"
    assert messages(tree, ahead=True) == ["1 of 13 tests: 1 failed last time"]
    assert messages(workers, ahead=True) == ["the tests run in processes of their own"]


def test_a_suite_is_observed_from_when_it_is_known_to_be_long(tree: Project) -> None:
    tree.report(kept=True)
    assert (tree.kept / "long").exists()
    assert messages(tree, ahead=True) == ["what the tests use is not known yet"]
    write(tree.root, {"conftest.py": FILES["conftest.py"].replace("= 1.0", "= 0.1")})
    tree.report(kept=True)
    assert not (tree.kept / "long").exists()
    assert 0 < len(tree.chosen(TESTS)) < len(TESTS)  # a fifth is observed in a run


def test_a_record_that_is_damaged_is_as_none(seen: Project) -> None:
    (seen.kept / "tests-1.json").write_text('{"seconds": 1}')
    assert seen.chosen(TESTS).keys() == set(TESTS)
    assert messages(seen, ahead=True) == ["what the tests use is not known yet"]


def test_being_observed_changes_no_verdict(tree: Project) -> None:
    write(
        tree.root,
        {
            "tests/test_d.py": (
                "import cProfile, sys, threading\n\n"
                "def test_profile():\n    with cProfile.Profile() as profile:\n        sorted([2, 1])\n"
                "    assert profile.getstats()\n\n"
                "def test_trace():\n    assert sys.gettrace() is None\n\n"
                "def test_thread():\n    thread = threading.Thread(target=int)\n    thread.start()\n    thread.join()\n"
            )
        },
    )
    assert tree.observe() == tree.verdicts()
    chosen = tree.chosen(["tests/test_d.py::test_profile", "tests/test_d.py::test_trace"])
    assert chosen == {}
    edit(tree, "src/app/lazy.py", "late", "later")
    assert "tests/test_d.py::test_trace" not in tree.chosen(["tests/test_d.py::test_trace"])
    if sys.version_info < (3, 12):
        assert tree.chosen(["tests/test_d.py::test_profile"]) != {}


def test_small_edits_change_no_verdict_that_was_not_foreseen(seen: Project) -> None:
    before = seen.verdicts()
    assert before is not None
    effects = [effect for number in range(8) if (effect := _effect(seen, before, number)) is not None]
    assert sum(effect.changed for effect in effects) > 5
    assert [effect for effect in effects if effect.missed] == []


def _effect(project: Project, before: dict[str, str], seed: int) -> Effect | None:
    draw = random.Random(seed)
    path = draw.choice([path for path in sorted(FILES) if path.endswith(".py")])
    change = mutated(FILES[path], draw)
    if change is None:
        return None
    file = project.root / path
    file.write_text(change[0])
    try:
        return effect_of(project, before, f"{path}:{change[1]}")
    finally:
        file.write_text(FILES[path])
