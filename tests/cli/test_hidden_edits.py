"""Edits of the tree that git, a tool or its cache does not show: each makes a check fail that has passed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_cache import PATH, check
from tests.cli.test_surroundings import assert_seen, only, write
from tests.conftest import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ftui

SEARCH = '[checks.one]\ncommand = ["grep", "-rq", "gold", "a/"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a check that passes for as long as the folder `a` holds gold."""
    root = tmp_path / "root"
    write(root / "ftui.toml", SEARCH)
    write(root / ".gitignore", "hidden/\n")
    commit(root)
    return root


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_is_told_not_to_look_at_is_looked_at(ftui: Ftui, root: Path, flag: str) -> None:
    write(root / "a" / "file", "gold")
    commit(root)
    git(root, "update-index", flag, "a/file")
    assert_seen(ftui, root, lambda: write(root / "a" / "file", "lead"))


@pytest.mark.parametrize("how", ["repository", "submodule"])
def test_a_repository_in_the_tree_counts(ftui: Ftui, root: Path, how: str) -> None:
    inner = root / "a" if how == "repository" else root.parent / "inner"
    write(inner / "file", "gold")
    commit(inner)
    commit(root)
    if how == "submodule":
        git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "a")
    assert_seen(ftui, root, lambda: write(root / "a" / "file", "lead"))


def test_a_file_that_becomes_a_folder_and_a_file_again_is_read_each_time(ftui: Ftui, root: Path) -> None:
    place = root / "a" / "place"
    write(place, "gold")
    commit(root)

    def change() -> None:
        place.unlink()
        write(place / "file", "lead")

    assert_seen(ftui, root, change)
    for text, outcome in (("gold", "passed"), ("lead", "failed")):
        shutil.rmtree(place, ignore_errors=True)
        write(place, text)
        assert check(ftui, root)["outcome"] == outcome


@pytest.mark.parametrize("ignore_case", ["true", "false"])
def test_a_file_renamed_in_nothing_but_case_counts(ftui: Ftui, root: Path, ignore_case: str) -> None:
    """As in a repository that was made on a file system which ignores case."""
    write(root / "a" / "file", "gold")
    commit(root)
    git(root, "config", "core.ignoreCase", ignore_case)
    (root / "a" / "file").rename(root / "a" / "File")
    assert_seen(ftui, root, lambda: write(root / "a" / "File", "lead"))


def test_a_name_that_is_no_text_counts(ftui: Ftui, root: Path) -> None:
    file = root / "a" / "\udcff\n"
    write(file, "gold")
    commit(root)
    assert_seen(ftui, root, lambda: write(file, "lead"))


def test_an_edit_through_another_name_of_the_file_counts(ftui: Ftui, root: Path) -> None:
    """With its mtime put back."""
    file, other = root / "a" / "file", root.parent / "other"
    write(file, "gold")
    os.link(file, other)
    moment = file.stat().st_mtime_ns

    def change() -> None:
        write(other, "lead")
        os.utime(other, ns=(moment, moment))

    assert_seen(ftui, root, change)


def test_an_edit_of_a_file_from_the_future_counts(ftui: Ftui, root: Path) -> None:
    file = root / "a" / "file"

    def put(text: str) -> None:
        write(file, text)
        os.utime(file, (4e9, 4e9))

    put("gold")
    assert_seen(ftui, root, lambda: put("lead"))


def test_an_ignored_folder_behind_a_link_that_is_not_ignored_counts(ftui: Ftui, root: Path) -> None:
    write(root / "hidden" / "file", "gold")
    (root / "a").symlink_to("hidden")
    commit(root)
    assert_seen(ftui, root, lambda: write(root / "hidden" / "file", "lead"))


def test_an_ignored_file_that_a_command_names_counts(ftui: Ftui, root: Path) -> None:
    write(root / "ftui.toml", '[checks.one]\ncommand = ["grep", "-q", "gold", "hidden/file"]\n')
    write(root / "hidden" / "file", "gold")
    assert_seen(ftui, root, lambda: write(root / "hidden" / "file", "lead"))


@pytest.fixture
def linted(root: Path, ftui: Ftui) -> Callable[..., Path]:
    """A project of one file that ruff looks at, with the rules that it is given."""
    ftui.environ |= PATH

    def make(rules: str, source: str) -> Path:
        write(root / "ftui.toml", only("ruff"))
        write(root / "ruff.toml", f'lint.select = ["{rules}"]\n')
        write(root / "package" / "__init__.py", "")
        write(root / "package" / "it.py", source)
        return root

    return make


@pytest.mark.parametrize("there", ["a module", "a package", "an empty folder"])
def test_what_makes_an_import_first_party_counts(ftui: Ftui, linted: Callable[..., Path], there: str) -> None:
    """Without its being the file that ruff finds fault with, nor in ruff's own cache."""
    root = linted("I", "import abc\n\nimport attr\nimport third\n")

    def change() -> None:
        if there == "an empty folder":
            (root / "attr").mkdir()
        else:
            write(root / ("attr.py" if there == "a module" else "attr/__init__.py"), "")

    assert_seen(ftui, root, change)


def test_a_package_that_is_none_any_more_counts(ftui: Ftui, linted: Callable[..., Path]) -> None:
    root = linted("INP", "X = 1\n")
    assert_seen(ftui, root, (root / "package" / "__init__.py").unlink)


def test_a_file_that_others_may_execute_counts(ftui: Ftui, linted: Callable[..., Path]) -> None:
    root = linted("EXE", "X = 1\n")
    assert_seen(ftui, root, lambda: (root / "package" / "it.py").chmod(0o654))


@pytest.mark.parametrize(
    "where", [".git/info/exclude", ".ignore", "above the root", "of the user", "named by the user"]
)
def test_a_tracked_file_that_is_ignored_no_more_counts(ftui: Ftui, linted: Callable[..., Path], where: str) -> None:
    root, home = linted("F", "import os\n"), Path(ftui.environ["HOME"])
    if where == "above the root":
        shutil.rmtree(root / ".git")
    commit(root.parent if where == "above the root" else root)
    file = {
        "above the root": root.parent / ".gitignore",
        "of the user": home / ".config" / "git" / "ignore",
        "named by the user": home / "own-ignores",
    }.get(where, root / where)
    write(home / ".gitconfig", "[core]\n\texcludesFile = ~/own-ignores\n" if where == "named by the user" else "")
    write(file, "it.py\n")
    assert_seen(ftui, root, lambda: file.write_text(""))


def test_a_tracked_file_that_mypy_was_told_to_ignore_as_git_does_counts(ftui: Ftui, root: Path) -> None:
    ftui.environ |= PATH
    write(root / "ftui.toml", only("mypy"))
    write(root / "mypy.ini", "[mypy]\nexclude_gitignore = True\n")
    write(root / "good.py", "X: int = 1\n")
    write(root / "bad.py", "X: int = ''\n")
    commit(root)
    write(root / ".gitignore", "bad.py\n")
    assert_seen(ftui, root, lambda: write(root / ".gitignore", ""))


def test_a_run_of_the_tests_that_failed_last_is_a_run_of_all(ftui: Ftui, root: Path) -> None:
    ftui.environ |= PATH
    write(root / "ftui.toml", only("pytest"))
    write(root / "pytest.ini", "[pytest]\naddopts = -q --lf\n")
    write(root / "test_one.py", "from it import ONE\n\n\ndef test():\n    assert ONE == 1\n")
    write(root / "test_two.py", "from it import TWO\n\n\ndef test():\n    assert TWO == 2\n")
    for text in ("ONE, TWO = 0, 2\n", "ONE, TWO = 1, 0\n"):
        write(root / "it.py", text)
        assert check(ftui, root)["outcome"] == "failed"
