"""The floor of coverage, with the real coverage and pytest-cov, by the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ftui.adapters import coverage as adapter
from ftui.adapters import pytest as pytest_adapter
from ftui.model import Bucket, Severity
from tests.adapters.kit import TOOLS, left_behind

if TYPE_CHECKING:
    from pathlib import Path

    from ftui.testing import Events, MadeProject, MakeProject, RunChecks

PLUGINS = (pytest_adapter, adapter)
FILES = {
    "shop.py": "def price(n):\n    if n > 10:\n        return n - 1\n    return n\n\ndef name():\n    return 'shop'\n",
    "test_shop.py": "import shop\n\ndef test_price():\n    assert shop.price(1) == 1\n",
    "pytest.ini": "[pytest]\naddopts = -p pytest_cov -p xdist --cov=shop --cov-report=\n",
    ".gitignore": ".coverage\n__pycache__/\n.pytest_cache/\n",
}


@pytest.fixture(autouse=True)
def tools_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are found first, and pytest loads no plugin that it does not need."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS), os.environ["PATH"]]))


@pytest.fixture
def shop(project: MakeProject) -> MadeProject:
    """A project of which four statements in six are covered, a little more than its floor."""
    return project({**FILES, ".coverage-floor": "66\n"})


def because(events: Events) -> str:
    events.expect("pytest", "passed")
    events.expect("coverage", "broken")
    return events.result("coverage").broken_because or ""


def test_at_the_floor_it_passes_and_the_next_time_it_is_a_hit(shop: MadeProject, engine: RunChecks) -> None:
    events = engine(shop, *PLUGINS)
    events.expect("coverage", "passed")
    events.expect_no_problem()
    assert engine(shop, *PLUGINS).result("coverage").bucket is Bucket.HIT


def test_below_it_fails_with_the_files_that_are_not_covered(
    shop: MadeProject, project: MakeProject, engine: RunChecks
) -> None:
    below = project({".coverage-floor": "66.7%"})
    events = engine(below, *PLUGINS)
    events.expect("coverage", "failed", (".coverage-floor", 1, None, None), ("shop.py", 3, None, None))
    floor, file = events.result("coverage").findings
    assert floor.message == "66.66% is covered, below the floor of 66.7%"
    assert file.message == "2 of 6 statements are not covered (66.6% is): 3, 7"
    assert (floor.severity, file.severity) == (Severity.ERROR, Severity.WARNING)


def test_a_floor_that_moves_needs_no_tests(shop: MadeProject, project: MakeProject, engine: RunChecks) -> None:
    engine(shop, *PLUGINS)
    events = engine(project({".coverage-floor": "70"}), *PLUGINS)
    assert events.result("pytest").bucket is Bucket.HIT
    assert events.result("coverage").outcome == "failed"


def test_the_ratchet_makes_the_floor_raises_it_and_never_lowers_it(project: MakeProject, engine: RunChecks) -> None:
    made = project({**FILES, "ftui.toml": "[checks.coverage]\nfix = true\n"})
    events = engine(made, *PLUGINS)
    assert events.result("coverage").outcome == "passed"
    floor = made.root / ".coverage-floor"
    assert floor.read_text() == "66.66\n"
    more = "import shop\n\ndef test_price():\n    assert shop.price(1) == 1\n    assert shop.price(11) == 10\n"
    assert engine(project({"test_shop.py": more}), *PLUGINS).result("coverage").outcome == "passed"
    assert floor.read_text() == "83.33\n"
    less = project({"test_shop.py": "import shop\n\ndef test_price():\n    assert shop.price(2) == 2\n"})
    assert engine(less, *PLUGINS).result("coverage").outcome == "failed"
    assert floor.read_text() == "83.33\n"


def test_a_floor_that_comes_to_be_needs_no_tests(project: MakeProject, engine: RunChecks) -> None:
    made = project({**FILES, "ftui.toml": "[checks.coverage]\nfix = true\n"})
    engine(made, *PLUGINS)
    assert engine(project({}), *PLUGINS).result("pytest").bucket is Bucket.HIT


def test_a_floor_that_was_raised_is_named_as_it_was_written() -> None:
    answer = left_behind(0, '{"percent": 66.6667, "floor": 66.66, "raised": true}')
    assert [found.message for found in adapter.parse(answer)] == ["the floor is 66.66% from here on"]


# No verdict


def test_without_data_there_is_no_verdict(project: MakeProject, engine: RunChecks) -> None:
    made = project({**FILES, ".coverage-floor": "0", "pytest.ini": "[pytest]\n"})
    assert "pytest has written no coverage data" in because(engine(made, *PLUGINS))


def test_data_of_another_tree_is_none(shop: MadeProject, project: MakeProject, engine: RunChecks) -> None:
    one = (shop.root / "test_shop.py").read_text()
    engine(shop, *PLUGINS)
    engine(project({"test_shop.py": one + "\ndef test_name():\n    assert shop.name() == 'shop'\n"}), *PLUGINS)
    events = engine(project({"test_shop.py": one, ".coverage-floor": "65"}), *PLUGINS)
    assert events.result("pytest").bucket is Bucket.HIT
    assert "is of another tree" in because(events)


def test_data_that_somebody_else_has_written_since_is_none(
    shop: MadeProject, project: MakeProject, engine: RunChecks
) -> None:
    engine(shop, *PLUGINS)
    argv = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run([*argv, "-o", "addopts="], cwd=shop.root, check=True, capture_output=True)
    events = engine(project({".coverage-floor": "65"}), *PLUGINS)
    assert ".coverage was written by another run since" in because(events)


def test_failing_tests_block_it(shop: MadeProject, project: MakeProject, engine: RunChecks) -> None:
    events = engine(project({"test_shop.py": "import shop\n\ndef test_price():\n    assert 0\n"}), *PLUGINS)
    assert events.result("coverage").skipped_because == "blocked by pytest (failed)"


def test_where_the_results_of_pytest_are_not_cached_it_cannot_be_told(
    shop: MadeProject, project: MakeProject, engine: RunChecks
) -> None:
    events = engine(project({"ftui.toml": "[checks.pytest]\ncache = false\n"}), *PLUGINS)
    assert "which tree the data is of cannot be told" in because(events)


# The note of the plugin, and what the program of the floor makes of it


def noted(root: Path, *args: str, ini: str = FILES["pytest.ini"]) -> dict[str, Any]:
    """What is noted of a run of pytest with these arguments."""
    (root / "pytest.ini").write_text(ini)
    ours = {"PYTHONPATH": pytest_adapter.PLUGIN_FOLDER, "PYTEST_PLUGINS": pytest_adapter.COVERING}
    told = {"FTUI_COVERAGE_NOTE": str(root / "note.json"), "FTUI_COVERAGE_KEY": "abc"}
    argv = [sys.executable, "-m", "pytest", "-q", *args]
    subprocess.run(argv, cwd=root, env={**os.environ, **ours, **told}, check=True, capture_output=True)
    found: dict[str, Any] = json.loads((root / "note.json").read_text())
    return found


def answer(root: Path, *args: str, key: str = "abc") -> dict[str, Any]:
    """What the program says, given the note that is there."""
    told = {"FTUI_COVERAGE_NOTE": str(root / "note.json"), "FTUI_COVERAGE_KEY": key}
    argv = [sys.executable, adapter.SCRIPT, *args]
    done = subprocess.run(argv, cwd=root, env={**os.environ, **told}, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (3 if "broken" in found else found["percent"] < found["floor"])
    return found


@pytest.mark.parametrize(
    ("args", "narrowed"),
    [
        ((), ""),
        (("-k", "price"), "-k price"),
        (("-m", "not slow"), "-m not slow"),
        (("test_shop.py::test_price",), "test_shop.py::test_price"),
        (("--deselect", "test_shop.py::test_name"), "--deselect"),
        (("--cov-append",), "--cov-append"),
        (("--lf",), "--lf"),
    ],
)
def test_arguments_that_narrow_the_tests_are_noted(shop: MadeProject, args: tuple[str, ...], narrowed: str) -> None:
    note = noted(shop.root, *args)
    assert (note["narrowed"], note["key"]) == (narrowed, "abc")
    found = answer(shop.root)
    assert (
        found["broken"].startswith(f"the coverage data is of a part of the tests ({narrowed}): ")
        if narrowed
        else ("broken" not in found)
    )


@pytest.mark.parametrize("options", ["-m 'not slow'", "-k price", "--numprocesses=2"])
def test_what_the_projects_own_options_choose_is_the_whole(shop: MadeProject, options: str) -> None:
    ini = FILES["pytest.ini"].replace("addopts =", f"markers = slow\naddopts = {options}")
    assert noted(shop.root, ini=ini)["narrowed"] == ""
    assert answer(shop.root)["percent"] == pytest.approx(200 / 3)


def test_what_cannot_be_judged_says_why(shop: MadeProject) -> None:
    root = shop.root
    assert "pytest has written no coverage data" in answer(root)["broken"]
    noted(root)
    assert "is of another tree" in answer(root, key="xyz")["broken"]
    for key in ("", "{key:pytest}"):
        assert "which tree the data is of cannot be told" in answer(root, key=key)["broken"]
    assert "coverage json (exit code 1): No data to report." in answer(root, "--omit", "shop.py")["broken"]
    for wrong in ("most", "101", "-1", "nan", ""):
        (root / ".coverage-floor").write_text(wrong)
        assert answer(root)["broken"] == ".coverage-floor must hold a percentage from 0 to 100"
    (root / ".coverage-floor").unlink()
    assert "there is no floor" in answer(root)["broken"]
    (root / ".coverage-floor").write_text("10")
    (root / "shop.py").write_text(FILES["shop.py"] + "\n")
    assert "shop.py has changed since it was measured" in answer(root)["broken"]
    (root / "shop.py").unlink()
    assert "shop.py has changed since it was measured" in answer(root)["broken"]
    (root / ".coverage").unlink()
    assert ".coverage was written by another run since" in answer(root)["broken"]


def test_where_there_is_no_statement_there_is_no_verdict(shop: MadeProject) -> None:
    (shop.root / "shop.py").write_text("")
    (shop.root / "test_shop.py").write_text("import shop\n\ndef test_price():\n    pass\n")
    noted(shop.root)
    assert "broken" in answer(shop.root)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("link", [".coverage-floor", ".coverage-floor.new"])
def test_a_higher_floor_is_not_written_through_a_link(
    shop: MadeProject, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "file"
    outside.write_text("1\n")
    (shop.root / link).unlink(missing_ok=True)
    (shop.root / link).symlink_to(outside)
    noted(shop.root)
    assert answer(shop.root, "--raise")["raised"]
    assert outside.read_text() == "1\n"
    assert not (shop.root / ".coverage-floor").is_symlink()
    assert (shop.root / ".coverage-floor").read_text() == "66.66\n"


# What the adapter offers


def test_where_nobody_has_a_floor_it_is_unused(project: MakeProject, offers: object) -> None:
    found = adapter.ftui_checks(project({"a.py": ""}))
    assert [item.because for item in found] == ["no .coverage-floor"]


def test_a_missing_tool_names_the_command_that_installs_it(project: MakeProject) -> None:
    (check,) = adapter.ftui_checks(project({".coverage-floor": "80"}, without=["coverage"]))
    expected = "coverage is used here (.coverage-floor) and is not installed: run `pip install coverage`"
    assert getattr(check, "unavailable", None) == expected


def test_tests_do_not_see_what_notes_their_data(shop: MadeProject, project: MakeProject, engine: RunChecks) -> None:
    code = """import os, sys, shop

def test_a():
    assert not [name for name in os.environ if name.startswith(("FTUI_COV", "PYTEST_PLUGINS"))]
    assert not [path for path in sys.path if "pytest_plugin" in path]
"""
    engine(project({"test_shop.py": code, ".coverage-floor": "0"}), *PLUGINS).expect("coverage", "passed")
