"""Sessions of nox, with the real nox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.adapters import nox
from ftui.model import Check, CheckConfig, Outcome
from tests.adapters.kit import check_of, checks_of, judge, left_behind, project_at, run, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path

NOXFILE = """
import nox
from nox import session as s, session
raise RuntimeError("imported")

@nox.session
def lint(session): "\\d"

@nox.session(python=["3.11", "3.12"], tags=["x"])
@nox.parametrize("a", [1, 2])
def tests(session, a): ...

@session(name="type-check")
def types(session): ...

@nox.session(name="x" + "y")
def worked_out(session): ...

@nox.session(name="with space")
def spaced(session): ...

@nox.session
def release(session): ...

@other
def no_session(session): ...

def helper(): ...
"""


def asked_for(root: Path, name: str) -> Check:
    return check_of(nox, project_at(root, {f"nox:{name}": CheckConfig()}), f"nox:{name}")


def test_a_session_is_a_check_on_request_and_the_noxfile_is_not_imported(tmp_path: Path) -> None:
    write(tmp_path, {"noxfile.py": NOXFILE})
    assert set(checks_of(nox, project_at(tmp_path))) == {"nox"}
    because = unused_because(nox, project_at(tmp_path), "nox")
    assert because == 'on request, as by [checks."nox:lint"]: lint, tests, type-check in noxfile.py'
    check = asked_for(tmp_path, "type-check")
    assert (check.argv[1:], check.inputs, check.cache) == (("-s", "type-check"), ("**",), False)


def test_one_that_releases_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"noxfile.py": NOXFILE})
    assert "nox:release" not in checks_of(nox, project_at(tmp_path, {"nox:release": CheckConfig()}))


def test_without_a_noxfile_it_is_unused(tmp_path: Path) -> None:
    assert unused_because(nox, project_at(tmp_path), "nox") == "no noxfile.py"


@pytest.mark.parametrize("text", ["", "def (", "\0", "x = " + "(" * 5000, "x = " + "-" * 20_000 + "1"])
def test_a_noxfile_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"noxfile.py": text})
    assert unused_because(nox, project_at(tmp_path), "nox") == "no session can be read from noxfile.py"


@pytest.mark.parametrize(
    ("body", "outcome", "because"),
    [
        ("session.run('python', '-c', '1', external=True)", Outcome.PASSED, ""),
        ("session.run('python', '-c', 'raise SystemExit(3)', external=True)", Outcome.FAILED, ""),
        ("session.skip('not today')", Outcome.BROKEN, "every session was skipped: not today"),
        ("session.run('no-such-command-anywhere')", Outcome.BROKEN, "nox came to no verdict"),
        ("session.error('no good')", Outcome.BROKEN, "aborted: no good"),
        ("1 / 0", Outcome.BROKEN, "nox came to no verdict"),
    ],
)
def test_the_verdict_is_that_of_the_commands(tmp_path: Path, body: str, outcome: Outcome, because: str) -> None:
    text = f"import nox\n@nox.session(venv_backend='none')\ndef one(session):\n    {body}\n"
    write(tmp_path, {"noxfile.py": text})
    verdict = run(asked_for(tmp_path, "one"), tmp_path)
    assert verdict.outcome is outcome, verdict
    assert because in verdict.because


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "nox > * a-3.6: skipped (Python interpreter 3.6 not found)\nnox > * a-3.11: success\n", "passed"),
        (0, "nox > Session a-3.6 skipped: Python interpreter 3.6 not found.\n", "broken"),
        (0, "", "broken"),
        (1, "nox > Command python -m pip install x failed with exit code 1:\n", "broken"),
        (1, "nox > Command uv pip install x failed with exit code 1:\n", "broken"),
        (1, "nox > Command /e/bin/python -m pytest failed with exit code 1\n", "failed"),
        (1, "nox > Command pytest failed with exit code -9\n", "broken"),
        (3, "nox > Error while collecting sessions.\n", "broken"),
    ],
)
def test_what_nox_says_decides(tmp_path: Path, code: int, output: str, outcome: str) -> None:
    write(tmp_path, {"noxfile.py": NOXFILE})
    assert judge(asked_for(tmp_path, "lint"), left_behind(code, output)).outcome == outcome
