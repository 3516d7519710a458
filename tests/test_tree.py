from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec, PathSpec

from ftui.programs import on_path
from ftui.tree import Globs, Listing, display, is_pattern, list_files, read_regular
from tests.conftest import MakeTree, commit, git, write

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX file system")


# What git says


def test_lists_tracked_and_untracked_files_sorted_and_leaves_out_ignored_and_deleted_ones(tree: MakeTree) -> None:
    root = tree({"b.py": "", "a/x.py": "", "gone.py": "", ".gitignore": "*.log\n"}, git=True)
    write(root, {"new.py": "", "noise.log": "", "a/y.py": ""})
    (root / "gone.py").unlink()
    assert list_files(root) == Listing((".gitignore", "a/x.py", "a/y.py", "b.py", "new.py"), "git")


def test_a_subfolder_of_a_repository_lists_its_own_files_relative_to_itself(tree: MakeTree) -> None:
    root = tree({"top.py": "", "packages/a/x.py": ""}, git=True)
    assert list_files(root / "packages") == Listing(("a/x.py",), "git")


def test_an_unmerged_file_is_listed_once(tree: MakeTree) -> None:
    root = tree({"a.py": "one\n"}, git=True)
    git(root, "checkout", "-qb", "other")
    write(root, {"a.py": "two\n"})
    commit(root)
    git(root, "checkout", "-q", "main")
    write(root, {"a.py": "three\n"})
    commit(root)
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "other")
    assert git(root, "ls-files").split() == ["a.py"] * 3
    assert list_files(root).files == ("a.py",)


def test_a_submodule_is_listed_with_its_own_files_and_only_where_it_is_checked_out(tree: MakeTree) -> None:
    library = tree({"lib.py": ""}, git=True, name="library")
    root = tree({"a.py": ""}, git=True)
    git(root, "submodule", "--quiet", "add", str(library), "vendor/lib")
    write(root, {"vendor/lib/new.py": ""})
    commit(root)
    assert list_files(root).files == (".gitmodules", "a.py", "vendor/lib/lib.py", "vendor/lib/new.py")
    git(root, "clone", "-q", ".", str(root.parent / "clone"))
    assert list_files(root.parent / "clone").files == (".gitmodules", "a.py")


def test_a_repository_inside_the_tree_is_listed_with_its_own_files(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    write(root, {"inner/b.py": "", "inner/c.log": "", "inner/.gitignore": "*.log"})
    commit(root / "inner")
    assert list_files(root).files == ("a.py", "inner/.gitignore", "inner/b.py")


def test_a_repository_without_commits_and_a_detached_head_are_repositories(tree: MakeTree) -> None:
    root = tree({"a.py": "", "b.log": "", ".gitignore": "*.log"})
    git(root, "init", "-q")
    assert list_files(root) == Listing((".gitignore", "a.py"), "git")
    commit(root)
    git(root, "checkout", "-q", "--detach")
    assert list_files(root) == Listing((".gitignore", "a.py"), "git")


def test_a_repository_whose_files_are_all_ignored_has_no_files(tree: MakeTree) -> None:
    root = tree({"a.py": ""})
    git(root, "init", "-q")
    write(root, {".git/info/exclude": "*\n"})
    assert list_files(root) == Listing((), "git")


def test_a_worktree_of_a_bare_repository_is_a_repository_and_the_bare_one_has_no_files(tree: MakeTree) -> None:
    origin = tree({"a.py": ""}, git=True, name="origin")
    git(origin.parent, "clone", "-q", "--bare", "origin", "bare")
    git(origin.parent / "bare", "worktree", "add", "-q", "../checkout", "main")
    assert list_files(origin.parent / "checkout") == Listing(("a.py",), "git")
    assert list_files(origin.parent / "bare") == Listing((), "walk")


def test_a_root_inside_an_ignored_folder_is_walked(tree: MakeTree) -> None:
    outer = tree({".gitignore": "build/\n", "build/a.py": "", "build/b.log": "", "build/.gitignore": "*.log"}, git=True)
    assert list_files(outer / "build") == Listing((".gitignore", "a.py"), "walk")


def test_without_git_or_with_a_git_that_fails_the_tree_is_walked(
    tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a.py": ""}, git=True)
    (root / ".git" / "HEAD").write_text("nonsense")
    assert list_files(root) == Listing(("a.py",), "walk")
    monkeypatch.setenv("PATH", "")
    assert list_files(root) == Listing(("a.py",), "walk")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a repository away")
def test_a_repository_of_another_owner_is_walked(tree: MakeTree) -> None:
    root = tree({"a.py": "", "b.log": "", ".gitignore": "*.log"}, git=True)
    for path in (root, root / ".git"):
        os.chown(path, 65534, 65534)
    assert list_files(root) == Listing((".gitignore", "a.py"), "walk")


def test_a_hook_may_point_git_at_another_index_and_repository(tree: MakeTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree({"a.py": ""}, git=True)
    other = tree({"b.py": ""}, git=True, name="other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "no-such-index"))
    assert list_files(root) == Listing(("a.py",), "git")


@posix_only
def test_the_configuration_of_a_repository_runs_nothing(tree: MakeTree) -> None:
    root = tree({"a.py": ""}, git=True)
    trap = root.parent / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {root.parent}/sprung\n")
    trap.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(trap))
    assert list_files(root).source == "git"
    assert not (root.parent / "sprung").exists()
    subprocess.run(["git", "ls-files", "-o"], cwd=root, check=True, capture_output=True)
    assert (root.parent / "sprung").exists(), "the trap would not have sprung without protection either"


@posix_only
def test_links_are_listed_and_never_followed(tree: MakeTree) -> None:
    outside = tree({"secret.py": "", "a.py": ""}, name="outside")
    root = tree({"pkg/a.py": "", "b.py": ""}, git=True)
    (root / "pkg" / "a.py").unlink()
    (root / "pkg").rmdir()
    (root / "pkg").symlink_to(outside)
    (root / "dangling").symlink_to("nowhere")
    assert list_files(root).files == ("b.py", "dangling", "pkg")


def test_a_forged_index_leads_nowhere_outside(tree: MakeTree) -> None:
    tree({"secret.py": ""}, name="outside")
    root = tree({"zz/outside/secret.py": "", "b.py": ""}, git=True)
    index = root / ".git" / "index"
    forged = index.read_bytes()[:-20].replace(b"zz/outside", b"../outside")
    from hashlib import sha1

    index.write_bytes(forged + sha1(forged, usedforsecurity=False).digest())
    assert "../outside/secret.py" in git(root, "ls-files").split()
    assert list_files(root).files == ("b.py", "zz/outside/secret.py")


@posix_only
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system takes UTF-8 only")
@pytest.mark.parametrize("repository", [True, False])
def test_odd_names_are_kept_as_they_are(tree: MakeTree, repository: bool) -> None:
    names = ["a b.py", "line\nbreak.py", "\ttab.py", 'quo"te.py', os.fsdecode(b"caf\xe9.py"), "café.py"]
    root = tree(dict.fromkeys(names, ""), git=repository)
    assert list_files(root).files == tuple(sorted(names))


@posix_only
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="nothing is unreadable for root")
def test_tracked_files_of_a_folder_that_cannot_be_listed_are_still_files(tree: MakeTree) -> None:
    root = tree({"closed/a.py": "", "b.py": ""}, git=True)
    (root / "closed").chmod(0o311)
    try:
        assert list_files(root).files == ("b.py", "closed/a.py")
    finally:
        (root / "closed").chmod(0o755)


# Without git


def test_a_walk_follows_nested_ignore_files_as_git_does(tree: MakeTree) -> None:
    files = {
        ".gitignore": "*.log\n/build\nsub/*\n!sub/keep/\n# comment\n\ngenerated/*\n!generated/kept.py\r\n",
        "a.log": "",
        "build/x.py": "",
        "deep/build/x.py": "",
        "deep/.gitignore": "!important.log\n/only-here.py\n",
        "deep/important.log": "",
        "deep/other.log": "",
        "deep/only-here.py": "",
        "deep/er/only-here.py": "",
        "sub/gone.py": "",
        "sub/keep/a.py": "",
        "sub/keep/a.log": "",
        "generated/gone.py": "",
        "generated/kept.py": "",
    }
    walked = list_files(tree(files, name="walked"))
    asked = list_files(tree(files, git=True, name="asked"))
    assert (walked.source, asked.source) == ("walk", "git")
    assert walked.files == asked.files


def test_a_walk_leaves_out_environments_caches_and_the_insides_of_repositories(tree: MakeTree) -> None:
    root = tree(
        {
            "a.py": "",
            "node_modules/x/index.js": "",
            ".venv/lib.py": "",
            "sub/__pycache__/a.pyc": "",
            "myenv/pyvenv.cfg": "",
            "myenv/lib/a.py": "",
            "bare.git/HEAD": "",
            "bare.git/objects/x": "",
            "bare.git/refs/x": "",
        }
    )
    assert list_files(root) == Listing(("a.py",), "walk")


@posix_only
def test_a_walk_lists_links_without_following_them_and_no_pipes(tree: MakeTree) -> None:
    root = tree({"a/b.py": ""})
    (root / "loop").symlink_to(root)
    (root / "link.py").symlink_to("a/b.py")
    os.mkfifo(root / "pipe")
    assert list_files(root).files == ("a/b.py", "link.py", "loop")


def test_a_missing_root_has_no_files(tmp_path: Path) -> None:
    assert list_files(tmp_path / "nowhere").files == ()


# Patterns


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["*.py"], ["a.py", "src/b.py", "src/deep/c.py"]),
        (["src/*.py"], ["src/b.py"]),
        (["/top.txt"], ["top.txt"]),
        (["docs/**"], ["docs/index.md", "docs/top.txt"]),
        (["docs"], ["docs/index.md", "docs/top.txt"]),
        (["**"], ["a.py", "docs/index.md", "docs/top.txt", "src/b.py", "src/deep/c.py", "top.txt"]),
        (["*.py", "!src/"], ["a.py"]),
        (["*.py", "!src/", "src/deep/*"], ["a.py", "src/deep/c.py"]),
        (["!*.py"], []),
        ([], []),
        (["# comment", ""], []),
    ],
)
def test_patterns_choose_as_in_gitignore_and_the_last_one_wins(patterns: list[str], chosen: list[str]) -> None:
    paths = ["a.py", "docs/index.md", "docs/top.txt", "src/b.py", "src/deep/c.py", "top.txt"]
    globs = Globs(patterns)
    assert list(globs.filter(paths)) == chosen
    assert [path for path in paths if globs.matches(path)] == chosen


def test_patterns_match_names_with_line_breaks_and_lone_surrogates() -> None:
    assert Globs(["*.py"]).filter(["a\nb/c\nd.py", "a.py\n", "\udce9.py"]) == ("a\nb/c\nd.py", "\udce9.py")


def test_a_pattern_that_can_match_nothing_is_told_apart() -> None:
    assert [text for text in ("*.py", "!a", "", "  ", "# a", "/", "!", "[z-a]") if is_pattern(text)] == [
        "*.py",
        "!a",
    ]
    assert not Globs(["!", "/", "[z-a]"]).matches("a")


segments = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)
patterns = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "", "/", "!", "!/"]),
    st.lists(st.one_of(segments, st.sampled_from(["*", "**", "?", "[ab]", "a*", "*.b"])), min_size=1, max_size=3),
    st.sampled_from(["", "", "/", "/**"]),
)


@given(st.lists(patterns, max_size=5), st.lists(paths, min_size=1, max_size=8))
def test_patterns_agree_with_pathspec_where_the_last_one_wins(chosen: list[str], candidates: list[str]) -> None:
    oracle = PathSpec([pattern for line in chosen for pattern in GitIgnoreSpec.from_lines([line]).patterns])
    assert list(Globs(chosen).filter(candidates)) == [path for path in candidates if oracle.match_file(path)]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check-ignore")
    git(folder, "init", "-q")
    return folder


# pathspec takes `a/**/` for `a/**`, where git means the folders in `a` alone.
like_git = patterns.filter(lambda pattern: "!" not in pattern and not pattern.endswith("**/"))


@settings(max_examples=30, deadline=None)
@given(
    chosen=st.lists(like_git, min_size=1, max_size=4),
    candidates=st.sets(paths, min_size=1, max_size=8),
)
def test_patterns_without_exceptions_agree_with_git(repository: Path, chosen: list[str], candidates: set[str]) -> None:
    write(repository, {".git/info/exclude": "\n".join(chosen)})
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=repository,
        input="\0".join(candidates),
        capture_output=True,
        text=True,
    )
    assert asked.returncode in (0, 1), asked.stderr
    assert set(Globs(chosen).filter(candidates)) == set(asked.stdout.split("\0")) - {""}


# Names and files


@given(st.text(st.characters(codec=None, categories=["L", "N", "P", "C", "Z"])))
def test_what_is_displayed_is_one_line_that_can_be_encoded(path: str) -> None:
    shown = display(path)
    assert shown.isprintable()
    shown.encode()  # raises for a lone surrogate


def test_what_prints_is_displayed_as_it_is() -> None:
    assert display("src/naïve file ✓.py") == "src/naïve file ✓.py"
    assert display("a\nb\x1b[31m\udce9") == r"a\nb\x1b[31m\udce9"
    assert display(string.printable).startswith(string.printable.rstrip())


def test_reading_is_bounded_and_does_not_wait_for_a_pipe(tree: MakeTree) -> None:
    root = tree({"small": b"1234"})
    assert read_regular(root / "small", limit=4) == b"1234"
    with pytest.raises(OSError, match="is larger than 3 bytes"):
        read_regular(root / "small", limit=3)
    with pytest.raises(OSError, match=r"regular file|denied|directory"):
        read_regular(root)
    if os.name != "nt":
        os.mkfifo(root / "pipe")
        with pytest.raises(OSError, match="regular file"):
            read_regular(root / "pipe")


def test_a_program_is_never_taken_from_a_relative_entry_of_path(
    tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "git.exe" if os.name == "nt" else "git"
    root = tree({name: "", f"bin/{name}": ""})
    (root / name).chmod(0o755)
    (root / "bin" / name).chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "bin"]))
    assert on_path("git") is None
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(root / "bin")]))
    assert on_path("git") == str(root / "bin" / name)
