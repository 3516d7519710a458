"""Targets of a Makefile, with the real make."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ftui.adapters import make
from ftui.model import Check, CheckConfig, Outcome
from tests.adapters.kit import check_of, checks_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAKEFILE = """\
CFLAGS ?= -O2
.PHONY: all test check lint

all: app ## builds it

define HELP
lint: not a rule
endef

test: app unit ; ./app --test
app: a.c | build
\tcc -o app a.c
unit:
\t@echo unit
check: lint test
lint: CFLAGS = -Wall
lint:
\tclang-tidy a.c \\
\t\tb.c
deploy: test
\tscp app host:
"""

real = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def offered(root: Path, checks: Mapping[str, CheckConfig] | None = None) -> list[str]:
    found = checks_of(make, project_at(root, checks))
    return [check_id for check_id, item in found.items() if isinstance(item, Check)]


def test_in_a_tree_that_nothing_else_looks_after_its_targets_are_checks(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": MAKEFILE, "a.c": ""})
    assert offered(tmp_path) == ["make:test", "make:lint", "make:unit"]
    check = check_of(make, project_at(tmp_path), "make:test")
    assert check.argv[1:] == ("test",)
    assert (check.because, check.inputs) == ("test in Makefile", ("**",))
    assert {"Makefile", "package-lock.json", "uv.lock"} <= set(check.config_files)
    because = unused_because(make, project_at(tmp_path), "make")
    assert because == 'on request, as by [checks."make:check"]: check in Makefile'


@pytest.mark.parametrize(
    ("makefile", "ids"),
    [
        ("test: lint more\nlint:\n\tx\nmore:\n\ty\n", ["make:test", "make:lint"]),
        ("test: all\nall: lint unit\nlint unit:\n\tx\n", ["make:lint", "make:unit"]),
        ("ALL = lint unit\ntest: $(ALL)\nlint unit:\n\tx\n", ["make:lint", "make:unit"]),
        ("test: lint\nlint: app\n\tx\napp:\n\tcc a.c\n", ["make:lint"]),
    ],
)
def test_a_target_is_left_out_only_where_it_runs_nothing_but_checks(
    tmp_path: Path, makefile: str, ids: list[str]
) -> None:
    write(tmp_path, {"Makefile": makefile})
    assert offered(tmp_path) == ids


@pytest.mark.parametrize("beside", ["pyproject.toml", "tests/test_a.py", "package.json", "requirements-dev.txt"])
def test_beside_tools_that_are_found_a_target_is_a_check_on_request(tmp_path: Path, beside: str) -> None:
    write(tmp_path, {"Makefile": MAKEFILE, beside: ""})
    assert offered(tmp_path) == []
    because = unused_because(make, project_at(tmp_path), "make")
    assert because == 'on request, as by [checks."make:test"]: test, check, lint, unit in Makefile'
    assert offered(tmp_path, {"make:check": CheckConfig()}) == ["make:check"]


def test_no_result_is_kept_because_a_target_may_depend_on_anything(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": MAKEFILE})
    assert check_of(make, project_at(tmp_path), "make:test").cache is False


@pytest.mark.parametrize(
    ("makefile", "harm"),
    [
        ("test: clean\n\t./t\nclean:\n\trm -r build\n", "clean"),
        ("test: all\n\t./t\nall: distclean\n", "distclean"),
        ("test:\n\t./t\n\t$(MAKE) -s clean\n", "clean"),
        ("test: ; ./t && make -C . deploy-docs\n", None),
        ("test:\n\t./t && make deploy-docs\n", "deploy-docs"),
        ("test: t.o push\n\t./t\n", "push"),
        ("test: ; $(MAKE) clean\n", "clean"),
        ("FIRST := clean all\ntest: $(FIRST)\n\t./t\n", "clean"),
        ("export A ?= x\nA += ${B}\nB = purge\ntest: $A\n\t./t\n", "purge"),
        ("A = $(A)\ntest: $(A) $(B)\n\t./t\n", None),
        ("HOW = clean\ntest:\n\tmake $(HOW)\n", "clean"),
    ],
)
def test_what_cleans_or_deploys_along_the_way_is_never_run(tmp_path: Path, makefile: str, harm: str | None) -> None:
    write(tmp_path, {"Makefile": makefile})
    if harm is None:
        assert offered(tmp_path) == ["make:test"]
        return
    because = f"test in Makefile runs {harm} too"
    assert unused_because(make, project_at(tmp_path), "make:test") == because
    asked = check_of(make, project_at(tmp_path, {"make:test": CheckConfig()}), "make:test")
    assert str(asked.unavailable).startswith(f"{because}: ")


@pytest.mark.parametrize(
    "makefile",
    [
        "",
        "build:\n\tcc a.c\nrelease:\n\tscp a\nformat:\n\tindent a.c\n",
        "test := yes\ntest ::= no\ntest = a : b\nx = test: a\n",
        "test:\n",
        "test: other\n",
        "# test:\n\tx\n",
        "\ttest:\n",
    ],
)
def test_what_is_no_check_is_not_offered(tmp_path: Path, makefile: str) -> None:
    write(tmp_path, {"Makefile": makefile})
    assert unused_because(make, project_at(tmp_path), "make") == (
        "Makefile has none of: test, tests, check, checks, lint and the like"
    )


def test_the_file_is_the_one_that_make_takes(tmp_path: Path) -> None:
    write(tmp_path, {"GNUmakefile": "lint:\n\ttrue\n", "Makefile": "test:\n\ttrue\n", "sub/Makefile": MAKEFILE})
    assert offered(tmp_path) == ["make:lint"]


def test_without_a_makefile_it_is_unused(tmp_path: Path) -> None:
    write(tmp_path, {"sub/Makefile": MAKEFILE})
    assert unused_because(make, project_at(tmp_path), "make") == "no Makefile"


def test_a_missing_make_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": MAKEFILE})
    check = check_of(make, project_at(tmp_path, without=["make"]), "make:test")
    assert check.unavailable == "make is not installed: run `apt-get install make, or the like`"


@real
@pytest.mark.parametrize(
    ("makefile", "outcome", "because"),
    [
        ("test:\n\t@echo fine\n", Outcome.PASSED, ""),
        ("test:\n\t-false\n", Outcome.PASSED, ""),  # as make has it
        ("test: one\n\t@echo fine\none:\n\t@exit 3\n", Outcome.FAILED, ""),
        ("test:\n\t$(MAKE) -C sub one\n", Outcome.FAILED, ""),
        ("test:\n\tno-such-command-anywhere\n", Outcome.BROKEN, "could not be run (exit code 127)"),
        ("test:\n\t$(MAKE) -C sub none\n", Outcome.BROKEN, "could not be run (exit code 127)"),
        ("test: not-there\n\ttrue\n", Outcome.BROKEN, "No rule to make target 'not-there'"),
        ("test:\n\ttrue\n\nif\n", Outcome.BROKEN, "make came to no verdict: "),
        ("test:\n\tkill -9 $$$$\n", Outcome.BROKEN, "make came to no verdict: "),
        ("test: a.txt\na.txt:\n\ttouch a.txt\n", Outcome.BROKEN, "make found nothing to do"),
    ],
)
def test_the_verdict_is_that_of_the_commands(tmp_path: Path, makefile: str, outcome: Outcome, because: str) -> None:
    sub = "one:\n\t@exit 1\nnone:\n\tno-such-command-anywhere\n"
    write(tmp_path, {"Makefile": makefile, "sub/Makefile": sub, "a.txt": ""})
    verdict = run(check_of(make, project_at(tmp_path), "make:test"), tmp_path)
    assert verdict.outcome is outcome, verdict
    assert because in verdict.because


@real
def test_a_target_that_is_a_file_has_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "test:\n\tfalse\n", "test": ""})
    assert run(check_of(make, project_at(tmp_path), "make:test"), tmp_path).outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (1, "*** Error code 1\n\nStop.\n", "failed"),  # of BSD make
        (1, "*** [test] Error code 2\n", "failed"),
        (1, "make: don't know how to make x. Stop\n", "broken"),
        (0, "`test' is up to date.\n", "broken"),
        (2, "gmake[1]: *** [Makefile:2: test] Error 4\ngmake: *** [all] Error 2\n", "failed"),
        (2, "make: *** [Makefile:2: test] Fehler 4\n", "failed"),  # the command's own language may be another
        (2, "make: *** [Makefile:2: test] Error 126\n", "broken"),
        (0, "make[1]: Nothing to be done for 'x'.\n", "passed"),
    ],
)
def test_the_words_of_every_make_are_known(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {"Makefile": MAKEFILE})
    check = check_of(make, project_at(tmp_path), "make:test")
    assert judge(check, left_behind(code, output)).outcome == outcome


def test_a_makefile_of_one_endless_line_is_read_in_no_time(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "a" + " " * 500_000 + "\ntest:" + " make" * 100_000 + "\n\ttrue\n"})
    assert offered(tmp_path) == ["make:test"]
