"""Plugins that do wrong, installed, in the real command: each costs itself and one line, and all others go on."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Answer, Ftui, python_check
from tests.cli.rude_plugins import CHANGING, LOADING, OFFERING, RUNNING, Rude, install
from tests.cli.test_watch import Watch, is_a
from tests.conftest import commit, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import MakeTerminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no alarms that would end a hook")

IMPATIENT = """\
import sys
from ftui.plugins import bound
bound.LONGEST_S = 1.0
from ftui.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The command, which waits for a plugin no longer than a second."""


class Rudely:
    """Runs the command where plugins are installed.

    Args:
        ftui: has an empty home.
        root: the project.
        site: where the plugins are.
    """

    def __init__(self, ftui: Ftui, root: Path, site: Path) -> None:
        self.root = root
        self._environ = {**ftui.environ, "PYTHONPATH": str(site)}

    def popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts it."""
        return subprocess.Popen(
            [sys.executable, "-c", IMPATIENT, *arguments],
            cwd=self.root,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *arguments: str) -> Answer:
        """Runs it to its end."""
        with self.popen(*arguments) as process:
            out, err = process.communicate(timeout=120)
        answer = Answer(process.returncode, out, err)
        assert "Traceback" not in answer.out + answer.err, answer.out + answer.err
        return answer


@pytest.fixture
def rudely(ftui: Ftui, tmp_path: Path) -> Rudely:
    """The command in a project with a check of its own, and all the rude plugins at once."""
    root = tmp_path / "root"
    write(root, {"ftui.toml": NO_RUFF + python_check("own", "print('fine')", inputs=["*.txt"]), "a.txt": "a\n"})
    commit(root)
    return Rudely(ftui, root, install(tmp_path / "site", {**LOADING, **OFFERING, **RUNNING, **CHANGING}))


def expect_a_line_each(told: list[tuple[str, str]], *groups: dict[str, Rude]) -> None:
    """Fails unless each plugin of the groups, and nobody else, is named once with what it did.

    Args:
        told: source and message of each problem.
        groups: of plugins.
    """
    expected = {name: rude.said for group in groups for name, rude in group.items()}
    assert sorted(source.split(" ")[1] for source, _ in told) == sorted(expected)
    for source, message in told:
        assert message.startswith(expected[source.split(" ")[1]])


def lines(text: str) -> list[tuple[str, str]]:
    """The problems that a command wrote to standard error."""
    parts = [line.removeprefix("ftui: ").partition(": ") for line in text.splitlines()]
    return [(source, message) for source, _, message in parts]


def test_the_list_has_a_line_for_each_and_the_checks_of_all_others(rudely: Rudely) -> None:
    answer = rudely("list")
    assert answer.code == 0
    assert answer.out.startswith("root: ")
    assert re.search(r"^  own \(command\) +checks\.own\.command in the configuration$", answer.out, re.MULTILINE)
    assert re.search(r"^  good +always$", answer.out, re.MULTILINE)
    expect_a_line_each(lines(answer.err), LOADING, OFFERING)


def test_those_that_could_not_be_loaded_are_listed_with_what_is_wrong(rudely: Rudely) -> None:
    answer = rudely("plugins")
    listed = {line.split()[0]: line for line in answer.out.splitlines()}
    assert all(LOADING[name].said in listed[name] for name in LOADING)
    assert listed["good"].endswith("ftui_checks")


def test_a_run_goes_on_and_its_report_is_whole(rudely: Rudely) -> None:
    answer = rudely("run", "--format", "json")
    problems = [(problem["source"], problem["message"]) for problem in answer.report["problems"]]
    expect_a_line_each(problems, LOADING, OFFERING, RUNNING)
    parsing = {name for name in RUNNING if name.startswith("parse-")}
    broken = {name for name in parsing if "prints" not in name}
    assert answer.outcomes() == {
        **dict.fromkeys(("own", "good", *(parsing - broken)), "passed"),
        **dict.fromkeys(broken, "broken"),
    }
    assert answer.code == 3
    assert answer.err == ""


def test_what_has_changed_is_told_without_those_who_cannot_say(rudely: Rudely) -> None:
    write(rudely.root, {"a.txt": "b\n"})
    answer = rudely("run", "--changed", "--format", "json", "own", "good")
    assert answer.outcomes() == {"own": "passed", "good": "passed"}
    problems = [(problem["source"], problem["message"]) for problem in answer.report["problems"]]
    of_others = {name: rude for name, rude in RUNNING.items() if not name.startswith("parse-")}
    expect_a_line_each(problems, LOADING, OFFERING, of_others, CHANGING)


def test_a_watch_goes_on_and_says_it_once(rudely: Rudely) -> None:
    finished = is_a("check_finished", id="good", outcome="passed")
    with Watch(rudely.popen("--no-ui", "--format", "ndjson")) as watch:
        watch.until(is_a("run_finished"))
        write(rudely.root, {"a.txt": "b\n"})
        watch.until(finished)
        watch.until(is_a("run_finished"))
        told = [(event["source"], event["message"]) for event in watch.events if event["type"] == "problem"]
        of_good = [event for event in watch.events if finished(event)]
    assert len(of_good) == 2
    for group in (LOADING, OFFERING, CHANGING):
        for name, rude in group.items():
            of_it = [message for source, message in told if source == f"plugin {name}"]
            assert len(of_it) == 1, (name, of_it)
            assert of_it[0].startswith(rude.said)


@pytest.mark.parametrize(
    "files",
    [
        {"entry_points.txt": b"[ftui]\nodd = not a module!\n", "METADATA": b"Name: odd\nVersion: 1\n"},
        {"entry_points.txt": b"[ftui]\nodd = not_there\n"},
        {"entry_points.txt": b"[ftui]\nodd = not_there\n", "METADATA": b"\xff\xfe\x00"},
        {"entry_points.txt": b"[ftui]\nodd = \xff\xfe\n", "METADATA": b"Name: odd\nVersion: 1\n"},
        {"entry_points.txt": b"[ftui\nodd\n", "METADATA": b"Name: odd\nVersion: 1\n"},
    ],
)
def test_a_distribution_that_cannot_be_read_keeps_no_other_plugin_away(
    ftui: Ftui, tmp_path: Path, files: dict[str, bytes]
) -> None:
    site = install(tmp_path / "site", {})
    write(site, {f"odd-1.dist-info/{name}": content for name, content in files.items()})
    root = tmp_path / "root"
    write(root, {"a.txt": ""})
    answer = Rudely(ftui, root, site)("list")
    assert answer.code == 0
    assert "\n  good  always\n" in answer.out
    assert answer.err.count("\n") <= 1


def test_what_the_configuration_names_of_a_failed_plugin_has_no_verdict_and_all_others_have(
    ftui: Ftui, tmp_path: Path
) -> None:
    site = install(tmp_path / "site", {"raising": OFFERING["raising"]})
    root = tmp_path / "root"
    needs = python_check("needs", "pass", requires=["raising"])
    write(root, {"ftui.toml": f"[checks.raising]\ntimeout = 5\n{needs}", "a.txt": ""})
    answer = Rudely(ftui, root, site)("run", "--format", "json")
    assert answer.code == 3
    assert answer.outcomes() == {"raising": "broken", "needs": "skipped", "good": "passed"}
    because = {check["id"]: check["broken_because"] for check in answer.report["checks"]}["raising"]
    assert because.endswith("perhaps because of this: plugin raising: ftui_checks raised ValueError: boom")


def test_a_plugin_that_is_asked_for_by_name_and_cannot_be_loaded_ends_the_command_with_its_reason(
    ftui: Ftui, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    write(root, {"ftui.toml": '[checks.x]\nadapter = "importing"\n', "a.txt": ""})
    answer = Rudely(ftui, root, install(tmp_path / "site", LOADING))("run")
    assert answer.code == 2
    assert answer.err.endswith("plugin importing: cannot be loaded: RuntimeError: no licence\n")


def test_the_screen_stays_whole(ftui: Ftui, terminal: MakeTerminal, tmp_path: Path) -> None:
    chosen = ("raising", "original", "starting", "event-prints", "event-raises", "parse-prints", "parse-prints-apart")
    rude = {name: each for name, each in {**OFFERING, **RUNNING}.items() if name in chosen}
    root = tmp_path / "root"
    write(root, {"ftui.toml": NO_RUFF, "a.txt": "a\n"})
    commit(root)
    screen = terminal(root, columns=120, lines=40, env={"PYTHONPATH": str(install(tmp_path / "site", rude))})
    screen.start()
    for name in ("good", "parse-prints", "parse-prints-apart"):
        screen.line(f" {name} ", "passed", "miss")
    write(root, {"a.txt": "b\n"})
    screen.line("run 2")
    screen.line(" good ", "passed", "miss")
    assert "{" not in screen.text()
    screen.keys("q")
    assert "3 checks: 3 passed" in screen.ended(0)
