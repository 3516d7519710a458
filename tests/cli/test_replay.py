"""`ftui replay`: a recorded run once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"


@pytest.mark.parametrize(("code", "exit_code"), [(PASS, 0), (FAIL, 1)])
def test_it_shows_what_the_run_showed_and_ends_as_it_did(
    ftui: Ftui, project: Project, code: str, exit_code: int
) -> None:
    root = project(python_check("one", code))
    run = ftui("run", "--record", "run.ndjson", cwd=root)
    again = ftui("replay", "run.ndjson", cwd=root)
    assert (run.code, again.code) == (exit_code, exit_code)
    assert again.out == run.out


def test_a_recording_becomes_any_other_report(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS))
    run = ftui("run", "--format", "ndjson", "--force", cwd=root)
    (root / "run.ndjson").write_bytes(run.raw)
    answer = ftui("replay", "run.ndjson", "--format", "json", "--junit", "junit.xml", cwd=root)
    assert answer.outcomes() == {"one": "passed"}
    assert 'name="one"' in (root / "junit.xml").read_text()
    assert ftui("replay", "run.ndjson", "--format", "ndjson", cwd=root).raw == run.raw


def test_a_recording_that_was_cut_short_is_no_pass(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS))
    ftui("run", "--record", "run.ndjson", cwd=root)
    whole = (root / "run.ndjson").read_bytes()
    (root / "part.ndjson").write_bytes(whole[: len(whole) // 2])
    assert ftui("replay", "part.ndjson", cwd=root).code not in (0, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the recording run.ndjson: No such file or directory"),
        ("", "run.ndjson: an empty file is no recording"),
        ("# no recording\n", "run.ndjson:1: not an event of ftui"),
        ('{"type":"nonsense"}\n', "run.ndjson:1: not an event of ftui"),
    ],
)
def test_what_is_no_recording_is_said_in_one_line(
    ftui: Ftui, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "run.ndjson").write_text(content)
    answer = ftui("replay", "run.ndjson", cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1
