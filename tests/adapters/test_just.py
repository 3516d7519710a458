"""Recipes of a justfile, with the real just."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import just
from ftui.model import Check, CheckConfig, Outcome
from tests.adapters.kit import check_of, checks_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JUSTFILE = """\
set dotenv-load
version := "1: 2"
alias t := test

# runs them
test *args: build && report
    ./app --test {{args}}

build:
    cc a.c
report:
    @echo done
@lint flags="-q: x":
    clang-tidy
vet level="2":
    vet {{level}}
check: lint vet
unit name:
    ./app --test {{name}}
[confirm]
fmt-check:
    indent a.c
types:
    # nothing yet
"""


CALLED = [
    f"what := {value}\ntest:\n    just -q {{{{ what }}}}\n"
    for value in ("'clean'", '"all clean"', "other\nother := 'clean'")
]
"""Recipes that a variable names."""


BUILD = "build what='all':\n    just {{ what }}\n"
"""Runs the recipe that it is told of."""
GIVEN = [
    BUILD + 'test: (build "clean")\n',
    BUILD + "test: lint && (build 'clean')\nlint:\n    l\n",
    BUILD + "mode := 'clean'\ntest: (build mode)\n",
    BUILD + "test how='clean': (build how)\n",
    BUILD + "test: (all 'clean')\nall which: (build which)\n",
    BUILD + "test: (build if os() == 'linux' { 'clean' } else { 'all' })\n",
    BUILD + "test:\n    just build clean\n",
    BUILD + "mode := 'clean'\ntest:\n    just -f {{justfile()}} build {{mode}}\n",
    "test: build\nbuild what='all clean':\n    just \"{{what}}\"\n",
    "test: (build 'clean')\nbuild $what:\n    just $what\n",
    "set positional-arguments\ntest: (build 'clean')\nbuild what:\n    just \"$1\"\n",
    "test: (build 'clean')\nbuild +what:\n    just all-{{what}}\n",
    "test: (again 'clean')\nagain what: (build what)\n" + BUILD,
    "test:\n    just lint clean\nlint:\n    l\nclean:\n    rm x\n",
    "alias c := clean\ntest:\n    just c\nclean:\n    rm x\n",
]
"""Recipes that are given to another as an argument, or follow it."""
UNREAD = ["env('WHAT')", "`cat what`", "imported"]
"""What tells a name only when it runs."""


def offered(root: Path, checks: Mapping[str, CheckConfig] | None = None) -> list[str]:
    found = checks_of(just, project_at(root, checks))
    return [check_id for check_id, item in found.items() if isinstance(item, Check)]


def test_in_a_tree_that_nothing_else_looks_after_recipes_that_ask_for_nothing_are_checks(tmp_path: Path) -> None:
    write(tmp_path, {"justfile": JUSTFILE})
    assert offered(tmp_path) == ["just:test", "just:lint", "just:vet"]
    assert unused_because(just, project_at(tmp_path), "just").endswith(": check in justfile")
    check = check_of(just, project_at(tmp_path), "just:test")
    assert (check.argv[1:], check.because, check.inputs) == (("test",), "test in justfile", ("**",))
    assert check.cache is False


@pytest.mark.parametrize("beside", ["pyproject.toml", "package.json", "Makefile"])
def test_beside_tools_that_are_found_a_recipe_is_a_check_on_request(tmp_path: Path, beside: str) -> None:
    write(tmp_path, {".justfile": JUSTFILE, beside: ""})
    assert offered(tmp_path) == []
    because = unused_because(just, project_at(tmp_path), "just")
    assert because == 'on request, as by [checks."just:test"]: test, check, lint, vet in .justfile'
    assert offered(tmp_path, {"just:vet": CheckConfig()}) == ["just:vet"]


@pytest.mark.parametrize(
    "text",
    [
        "test: clean\n    ./t\nclean:\n    rm x\n",
        "test:\n    ./t\n    just clean\n",
        "test: (publish 'x')\n  x\n",
        *CALLED,
        *GIVEN,
    ],
)
def test_what_cleans_or_publishes_along_the_way_is_never_run(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"Justfile": text})
    assert "too" in unused_because(just, project_at(tmp_path), "just:test")


@pytest.mark.parametrize("what", UNREAD)
def test_a_recipe_that_may_run_any_other_is_never_run(tmp_path: Path, what: str) -> None:
    write(tmp_path, {"Justfile": BUILD + f"test: (build {what})\n"})
    because = unused_because(just, project_at(tmp_path), "just:test")
    assert because == "test in Justfile runs a task of unknown name too"


@pytest.mark.parametrize(
    "text",
    [
        "test: (build 'release')\nbuild mode:\n    cc -O {{mode}} a.c\n",
        BUILD + "test: (build 'all')\nall:\n    cc a.c\n",
        "test: (build `date`)\nbuild when:\n    cc -D{{when}} a.c\n",
        "test:\n    just style --clean\nstyle *args:\n    l {{args}}\n",
        "test:\n    for t in a b; do just $t; done\n",
        "test:\n    just --list --justfile {{justfile()}}\n",
        f"test:\n    just -f {'{{x}}' * 60}\n",
        "test release='no': (build release)\nbuild what:\n    just {{what}}\n",
    ],
)
def test_an_argument_that_names_no_recipe_keeps_none_from_running(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"Justfile": text})
    assert offered(tmp_path) == ["just:test"]


def test_without_a_justfile_it_is_unused(tmp_path: Path) -> None:
    assert unused_because(just, project_at(tmp_path), "just") == "no justfile"


@pytest.mark.parametrize(
    ("text", "outcome", "because"),
    [
        ("test:\n    @echo fine\n", Outcome.PASSED, ""),
        ("test: one\n    @echo fine\none:\n    exit 3\n", Outcome.FAILED, ""),
        ("test:\n    #!/bin/sh\n    exit 4\n", Outcome.FAILED, ""),
        ("[no-exit-message]\ntest:\n    exit 4\n", Outcome.FAILED, ""),
        ("test:\n    no-such-command-anywhere\n", Outcome.BROKEN, "could not be found (exit code 127)"),
        ("test: not-there\n    true\n", Outcome.BROKEN, "just came to no verdict: "),
        ("test:\n    {{not_there}}\n", Outcome.BROKEN, "just came to no verdict: "),
        ("test:\n    kill -9 $$\n", Outcome.BROKEN, ""),
    ],
)
def test_the_verdict_is_that_of_the_commands(tmp_path: Path, text: str, outcome: Outcome, because: str) -> None:
    write(tmp_path, {"justfile": text})
    verdict = run(check_of(just, project_at(tmp_path), "just:test"), tmp_path)
    assert verdict.outcome is outcome, verdict
    assert because in verdict.because


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        ("error: Recipe `test` failed on line 2 with exit code 1\n", "failed"),
        ("error: Recipe `test` failed with exit code 1\n", "failed"),
        ("error: Justfile does not contain recipe `test`.\n", "broken"),
        (
            "error: test failed, to rerun pass `--lib`\nerror: Recipe `test` failed on line 2 with exit code 1\n",
            "failed",
        ),
    ],
)
def test_the_words_of_older_versions_are_known(tmp_path: Path, output: str, outcome: str) -> None:
    write(tmp_path, {"justfile": JUSTFILE})
    check = check_of(just, project_at(tmp_path), "just:test")
    assert judge(check, left_behind(1, output)).outcome == outcome
