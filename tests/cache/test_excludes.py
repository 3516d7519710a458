"""Where git keeps what it ignores beyond .gitignore files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.cache.excludes import git_excludes
from ftui.cache.memo import Memo
from tests.conftest import commit, git

if TYPE_CHECKING:
    from pathlib import Path


def paths(root: Path, home: Path, **more: str) -> dict[str, str]:
    return dict(git_excludes(str(root), {"HOME": str(home), **more}, Memo({})))


@pytest.mark.parametrize("kind", ["the top", "a folder in it", "a worktree"])
def test_the_excludes_of_the_repository_are_found_from_any_part_of_it(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "file").touch()
    commit(root)
    git(root, "worktree", "add", "-q", str(tmp_path / "worktree"))
    exclude = root / ".git" / "info" / "exclude"
    exclude.write_text("found")
    where = {"the top": root, "a folder in it": root / "inner", "a worktree": tmp_path / "worktree"}[kind]
    with open(paths(where, tmp_path)["git's info/exclude"]) as file:
        assert file.read() == "found"


def test_without_a_repository_only_the_users_own_count(tmp_path: Path) -> None:
    assert paths(tmp_path, tmp_path) == {"the user's git/ignore": str(tmp_path / ".config" / "git" / "ignore")}
    elsewhere = paths(tmp_path, tmp_path, XDG_CONFIG_HOME=str(tmp_path / "xdg"))
    assert elsewhere == {"the user's git/ignore": str(tmp_path / "xdg" / "git" / "ignore")}


@pytest.mark.parametrize(
    "line", ["[core]\n\texcludesFile = ~/mine", '[core] excludesfile="~/mine"', "[core]\nEXCLUDESFILE=mine\n[x]\ny = 1"]
)
def test_the_file_that_the_users_settings_name_counts_however_they_are_written(tmp_path: Path, line: str) -> None:
    (tmp_path / ".gitconfig").write_text(line)
    assert paths(tmp_path, tmp_path)["the user's core.excludesFile"] == str(tmp_path / "mine")
