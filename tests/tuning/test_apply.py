"""Advice in the user's configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ftui.errors import FtuiError
from ftui.tuning.advice import Advice, Change
from ftui.tuning.apply import apply, told, where
from ftui.tuning.whatif import Estimate

ADVICE = Advice(
    kind="workers",
    title="4 workers instead of 2",
    because="they wait",
    saves=Estimate(1.0, 0.9, 1.1),
    confidence="high",
    changes=(Change(("workers",), 4), Change(("checks", "mypy", "args"), ("src",))),
)


def test_it_goes_where_the_configuration_is_or_would_be_made(tmp_path: Path) -> None:
    assert where(tmp_path, None) == (tmp_path / "ftui.toml", "")
    (tmp_path / "pyproject.toml").write_text("")
    assert where(tmp_path, None) == (tmp_path / "pyproject.toml", "tool.ftui")
    assert where(tmp_path, "ftui.toml") == (tmp_path / "ftui.toml", "")
    assert where(tmp_path, str(tmp_path / "other.toml")) == (tmp_path / "other.toml", "")


def test_what_was_there_is_told_and_what_is_new_is_named(tmp_path: Path) -> None:
    (tmp_path / "ftui.toml").write_text("workers = 2\n")
    applied = apply(ADVICE, tmp_path, "ftui.toml")
    assert (tmp_path / "ftui.toml").read_text().splitlines() == ["workers = 4", "", "[checks.mypy]", 'args = ["src"]']
    assert applied.undo == (Change(("workers",), 2),)
    assert list(told(applied)) == [
        "wrote to ftui.toml:",
        "    workers = 4",
        "    [checks.mypy]",
        '    args = ["src"]',
        "to take it back, put this in its place:",
        "    workers = 2",
        "to take the rest back, remove checks.mypy.args again",
    ]


def test_a_shared_file_keeps_everything_else(tmp_path: Path) -> None:
    text = '[project]\nname = "shop"  # ours\n\n[tool.ftui]\nworkers = 2\n\n[tool.ruff]\nline-length = 100\n'
    (tmp_path / "pyproject.toml").write_text(text)
    apply(ADVICE, tmp_path, "pyproject.toml")
    made = (tmp_path / "pyproject.toml").read_text()
    assert made.startswith('[project]\nname = "shop"  # ours\n\n[tool.ftui]\nworkers = 4\n')
    assert "[tool.ruff]\nline-length = 100\n" in made
    assert '[tool.ftui.checks.mypy]\nargs = ["src"]\n' in made


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a privilege there")
def test_a_link_out_of_the_project_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("workers = 2\n")
    root = tmp_path / "root"
    root.mkdir()
    os.symlink(outside, root / "ftui.toml")
    with pytest.raises(FtuiError, match="outside the project; nothing was changed"):
        apply(ADVICE, root, "ftui.toml")
    assert outside.read_text() == "workers = 2\n"


def test_a_file_that_is_not_text_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ftui.toml").write_bytes(b"workers = 2 # \xff\n")
    with pytest.raises(FtuiError, match="is not UTF-8"):
        apply(ADVICE, tmp_path, "ftui.toml")
    assert (tmp_path / "ftui.toml").read_bytes() == b"workers = 2 # \xff\n"
