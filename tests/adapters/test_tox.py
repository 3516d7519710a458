"""Environments of tox, with the real tox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import tox
from ftui.model import Check, CheckConfig, Outcome
from tests.adapters.kit import check_of, checks_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

TOX_INI = """\
[tox]
envlist =
    lint, py3{11,12}-{a,b}  # the usual
    docs
[testenv]
commands = pytest
[testenv:types]
commands = mypy
[testenv:release]
commands = twine upload dist/*
"""
NAMES = ["lint", "py311-a", "py311-b", "py312-a", "py312-b", "docs", "types"]


def listed(root: Path) -> str:
    return unused_because(tox, project_at(root), "tox")


def asked_for(root: Path, name: str) -> Check:
    return check_of(tox, project_at(root, {f"tox:{name}": CheckConfig()}), f"tox:{name}")


def test_an_environment_is_a_check_on_request(tmp_path: Path) -> None:
    write(tmp_path, {"tox.ini": TOX_INI})
    assert set(checks_of(tox, project_at(tmp_path))) == {"tox"}
    shown = "lint, py311-a, py311-b, py312-a, py312-b, docs and 1 more"
    assert listed(tmp_path) == f'on request, as by [checks."tox:lint"]: {shown} in tox.ini'
    check = asked_for(tmp_path, "py312-b")
    assert (check.argv[1:], check.inputs, check.cache) == (("-e", "py312-b"), ("**",), False)
    assert {"tox.ini", "uv.lock", "poetry.lock"} <= set(check.config_files)


def test_one_that_releases_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"tox.ini": TOX_INI})
    assert "tox:release" not in checks_of(tox, project_at(tmp_path, {"tox:release": CheckConfig()}))


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"setup.cfg": "[tox:tox]\nenvlist = a,b\n"}, "setup.cfg"),
        ({"tox.toml": 'env_list = ["a", "b", 3]\n'}, "tox.toml"),
        ({"tox.toml": 'env_list = ["a"]\n[env.b]\ncommands = []\n'}, "tox.toml"),
        ({"pyproject.toml": '[tool.tox]\nenv_list = ["a", "b"]\n'}, "[tool.tox] of pyproject.toml"),
        (
            {"pyproject.toml": '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenv_list = a\n[testenv:b]\n"""\n'},
            "[tool.tox] of pyproject.toml",
        ),
        ({"tox.ini": "[tox]\nenvlist = a, b, {posargs}, c d:, " + "{x,y}" * 40 + "\n"}, "tox.ini"),
    ],
)
def test_wherever_tox_is_configured_its_environments_are_found(
    tmp_path: Path, files: dict[str, str], where: str
) -> None:
    write(tmp_path, files)
    assert listed(tmp_path).startswith('on request, as by [checks."tox:a"]: a, b')
    assert listed(tmp_path).endswith(f" in {where}")


@pytest.mark.parametrize("files", [{}, {"tox.ini": "[flake8]\nmax-line-length = 1\n"}, {"tox.ini": "not ini"}])
def test_where_tox_is_not_configured_it_is_unused(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    assert listed(tmp_path) == "none of: tox.ini, tox.toml, [tool.tox], [tox:tox] in setup.cfg"


def test_a_missing_tox_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"tox.ini": TOX_INI})
    project = project_at(tmp_path, {"tox:lint": CheckConfig()}, without=["tox"])
    assert check_of(tox, project, "tox:lint").unavailable == "tox is not installed: run `pip install tox`"


@pytest.mark.parametrize(
    ("settings", "outcome", "because"),
    [
        ("commands = python -c 1", Outcome.PASSED, ""),
        ("commands = python -c 'raise SystemExit(3)'", Outcome.FAILED, ""),
        ("commands = python -c 1\n  python -c 'raise SystemExit(2)'", Outcome.FAILED, ""),
        ("ignore_outcome = true\ncommands = python -c 'raise SystemExit(3)'", Outcome.PASSED, ""),  # as tox has it
        ("description = nothing", Outcome.BROKEN, "no command of the environment was run"),
        ("commands = no-such-command-anywhere", Outcome.BROKEN, "Exception running subprocess"),
        ("commands = git --version", Outcome.BROKEN, "no command of the environment was run"),  # it is not allowed
        ("base_python = python3.4\ncommands = python -c 1", Outcome.BROKEN, "skipped because could not find python"),
        ("[broken", Outcome.BROKEN, "tox came to no verdict"),
    ],
)
def test_the_verdict_is_that_of_the_commands(tmp_path: Path, settings: str, outcome: Outcome, because: str) -> None:
    write(tmp_path, {"tox.ini": "[tox]\nskipsdist = true\nskip_missing_interpreters = true\n[testenv:one]\n"})
    check = asked_for(tmp_path, "one")
    with (tmp_path / "tox.ini").open("a") as file:
        file.write(settings + "\n")
    verdict = run(check, tmp_path)
    assert verdict.outcome is outcome, verdict
    assert because in verdict.because


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "  a: commands succeeded\n  congratulations :)\n", "broken"),  # of tox 3
        (254, "ROOT: HandledError| provided environments not found in configuration file:\na\n", "broken"),
        (247, "  a: FAIL code -9 (0.16=setup[0.14]+cmd[0.02] seconds)\n", "broken"),
        (5, "  a: FAIL code 5 (0.16=setup[0.14]+cmd[0.02,1.00] seconds)\n", "failed"),
        (0, "  a: OK (1.16=setup[1.14]+cmd[0.02] seconds)\n", "passed"),
        (1, "a: exit 1 (1.87 seconds) /t> pip install x pid=1\n  a: FAIL code 1 (2.04 seconds)\n", "broken"),
    ],
)
def test_what_tox_says_at_its_end_decides(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {"tox.ini": TOX_INI})
    assert judge(asked_for(tmp_path, "lint"), left_behind(code, output)).outcome == outcome
