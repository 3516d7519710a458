"""`ftui flakes`: what checks that contradict themselves printed each time, and that it can be forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Ftui, python_check
from tests.report.test_schema import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

WORLD = """
import os, sys
bad = os.path.exists(os.environ['WORLD'])
print('\\x1b[31mthe world is bad\\x1b[0m' if bad else 'all is well')
sys.exit(bad)
"""
"""Depends on a file that is none of its inputs."""


class Flaky:
    """A project with two checks, one of which the outside decides on."""

    def __init__(self, ftui: Ftui, root: Path, world: Path) -> None:
        self.ftui = ftui
        self.root = root
        self._world = world

    def set(self, *, bad: bool) -> None:
        """Makes the world bad, or good."""
        if bad:
            self._world.touch()
        else:
            self._world.unlink(missing_ok=True)

    def turn(self, *, bad: bool) -> None:
        """Runs everything in a world that is bad, or is not."""
        self.set(bad=bad)
        assert self.ftui("run", "--force", cwd=self.root).code == bad

    def buckets(self) -> dict[str, str]:
        report = self.ftui("run", "--format", "json", cwd=self.root).report
        return {check["id"]: check["bucket"] for check in report["checks"]}


@pytest.fixture
def flaky(ftui: Ftui, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Flaky:
    """Has contradicted itself once: it passed, then failed, and passes now."""
    world = tmp_path_factory.mktemp("outside") / "world"
    config = python_check("shaky", WORLD, env=[f"WORLD={world}"], inputs=["a.txt"])
    made = Flaky(ftui, project(config + python_check("steady", "pass", inputs=["a.txt"])), world)
    made.turn(bad=False)
    made.turn(bad=True)
    return made


def test_a_check_with_two_outcomes_is_listed_with_key_and_age(flaky: Flaky) -> None:
    answer = flaky.ftui("flakes", cwd=flaky.root)
    assert (answer.code, answer.err) == (0, "")
    first, _, suspect, _ = answer.out.splitlines()
    assert first.startswith("shaky  passed, then failed  ")
    (flake,) = flaky.ftui("flakes", "--format", "json", cwd=flaky.root).report["flakes"]
    assert first.endswith(f"  key {flake['key'][:12]}")
    assert suspect == "their passes are policy reruns for 14 days after that: shaky"


def test_both_outputs_of_a_check_are_shown_without_colours_in_a_pipe(flaky: Flaky) -> None:
    answer = flaky.ftui("flakes", "shaky", cwd=flaky.root)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("shaky: passed, then failed on the same inputs, ")
    shown = answer.out.splitlines()[3:]
    assert shown == ["first: passed", "  all is well", "", "then: failed", "  the world is bad"]


def test_of_several_contradictions_the_latest_is_shown_and_the_others_are_counted(flaky: Flaky) -> None:
    flaky.turn(bad=False)
    answer = flaky.ftui("flakes", "shaky", cwd=flaky.root)
    assert answer.out.startswith("shaky: failed, then passed on the same inputs, ")
    assert answer.out.endswith("1 earlier contradiction with --format json\n")
    flakes = flaky.ftui("flakes", "shaky", "--format", "json", cwd=flaky.root).report["flakes"]
    sides = [(flake["first"]["outcome"], flake["second"]["outcome"]) for flake in flakes]
    assert sides == [("failed", "passed"), ("passed", "failed")]


def test_json_keeps_to_the_schema_and_has_both_outputs(flaky: Flaky) -> None:
    report = flaky.ftui("flakes", "--format", "json", cwd=flaky.root).report
    published = flaky.ftui("schema", "--flakes", cwd=flaky.root).report
    assert violations(report, published, published) == []
    assert (report["schema_version"], report["tree"]) == (1, str(flaky.root))
    (flake,) = report["flakes"]
    assert flake["first"]["output"] == "all is well\n"
    assert "the world is bad" in flake["second"]["output"]


def test_a_pass_of_a_flaky_check_is_a_hit_again_when_that_is_forgotten(flaky: Flaky) -> None:
    flaky.turn(bad=False)
    assert flaky.buckets() == {"shaky": "policy-rerun", "steady": "hit"}
    answer = flaky.ftui("flakes", "--clear", "shaky", cwd=flaky.root)
    assert (answer.code, answer.out) == (0, "forgotten: 2 contradictions\n")
    assert flaky.buckets() == {"shaky": "hit", "steady": "hit"}
    assert flaky.ftui("flakes", cwd=flaky.root).out == "no check has come to two outcomes on the same inputs\n"


def test_forgetting_one_check_leaves_the_others(flaky: Flaky) -> None:
    assert flaky.ftui("flakes", "--clear", "steady", cwd=flaky.root).out == "forgotten: 0 contradictions\n"
    assert flaky.ftui("flakes", cwd=flaky.root).out.startswith("shaky  passed, then failed")
    assert flaky.ftui("flakes", "--clear", cwd=flaky.root).out == "forgotten: 1 contradiction\n"


def test_a_hit_that_an_audit_found_wrong_is_listed_as_such(flaky: Flaky) -> None:
    flaky.turn(bad=False)
    flaky.ftui("flakes", "--clear", cwd=flaky.root)
    flaky.set(bad=True)
    assert flaky.ftui("cache", "verify", "--audit", cwd=flaky.root).code == 1
    first = flaky.ftui("flakes", cwd=flaky.root).out.splitlines()[0]
    assert first.startswith("shaky  passed, then failed  ")
    assert first.endswith("  by an audit")


def test_a_steady_check_and_a_project_without_results_have_none(ftui: Ftui, flaky: Flaky, tmp_path: Path) -> None:
    assert ftui("flakes", "steady", cwd=flaky.root).out == "steady has not come to two outcomes on the same inputs\n"
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "ftui.toml").write_text("")
    answer = ftui("flakes", cwd=empty, env={"XDG_CACHE_HOME": str(empty / "none")})
    assert (answer.code, answer.err) == (0, "")
    assert not (empty / "none").exists()


def test_a_check_that_is_configured_no_more_is_still_shown(flaky: Flaky) -> None:
    (flaky.root / "ftui.toml").write_text(python_check("steady", "pass"))
    assert flaky.ftui("flakes", "shaky", cwd=flaky.root).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shakey"], "no check is called 'shakey' here (did you mean 'shaky'?)"),
        (["--claer"], "unknown option --claer (did you mean '--clear'?)"),
        (["--clear", "shakey"], "no check is called 'shakey' here (did you mean 'shaky'?)"),
    ],
)
def test_a_usage_error_is_one_line(flaky: Flaky, arguments: list[str], message: str) -> None:
    answer = flaky.ftui("flakes", *arguments, cwd=flaky.root)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_damaged_store_is_broken_and_one_line(flaky: Flaky) -> None:
    (database,) = (Path(flaky.ftui.environ["HOME"]) / ".cache" / "ftui").glob("results-*.sqlite")
    database.write_bytes(b"no database " * 1000)
    answer = flaky.ftui("flakes", cwd=flaky.root)
    assert answer.code == 3
    assert "the result store is damaged" in answer.err
    assert len(answer.err.splitlines()) == 1
