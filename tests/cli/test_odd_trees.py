"""Trees that are not as tidy as ours: a clear line, the right verdict, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Answer, Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Project = Callable[[str], Path]

COUNT = "import glob; print(len(glob.glob('**/*.py', recursive=True)))"
CONFIG = python_check("look", COUNT, inputs=["*.py"]) + NO_RUFF


def git(root: Path, *args: str) -> None:
    settings = ["user.name=t", "user.email=t@example.org", "protocol.file.allow=always", "commit.gpgsign=false"]
    flags = [word for setting in settings for word in ("-c", setting)]
    subprocess.run(["git", "-C", str(root), *flags, *args], check=True, capture_output=True)


def committed(root: Path) -> Path:
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    return root


@pytest.fixture
def plain(project: Project) -> Path:
    root = project(CONFIG)
    (root / "a.py").write_text("x = 1\n")
    return root


def passed(answer: Answer) -> bool:
    return (answer.code, answer.outcomes()) == (0, {"look": "passed"})


def run(ftui: Ftui, root: Path, **more: object) -> Answer:
    return ftui("run", "--format", "json", cwd=root, **more)  # type: ignore[arg-type]


def test_no_git_repository(ftui: Ftui, plain: Path) -> None:
    assert passed(run(ftui, plain))


def test_no_git_command(ftui: Ftui, plain: Path) -> None:
    committed(plain)
    assert passed(run(ftui, plain, env={"PATH": "/nonexistent"}))
    answer = ftui("run", "--changed", cwd=plain, env={"PATH": "/nonexistent"})
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1


def test_a_repository_without_commits(ftui: Ftui, plain: Path) -> None:
    git(plain, "init", "-q")
    assert passed(run(ftui, plain))
    assert passed(ftui("run", "--changed", "--format", "json", cwd=plain))


def test_a_detached_head(ftui: Ftui, plain: Path) -> None:
    git(committed(plain), "checkout", "-q", "--detach")
    assert passed(run(ftui, plain))


def test_a_worktree_of_a_bare_repository(ftui: Ftui, plain: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("bare")
    git(elsewhere, "clone", "-q", "--bare", str(committed(plain)), "repo.git")
    git(elsewhere / "repo.git", "worktree", "add", "-q", str(elsewhere / "tree"), "main")
    assert passed(run(ftui, elsewhere / "tree"))
    assert passed(ftui("run", "--changed=main", "look", "--format", "json", cwd=elsewhere / "tree")) is False
    assert ftui("run", cwd=elsewhere / "repo.git").code == 3


def test_the_files_of_a_submodule_belong_to_the_tree(
    ftui: Ftui, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inner = tmp_path_factory.mktemp("inner")
    (inner / "only.py").write_text("")
    root = committed(project(CONFIG))
    git(root, "submodule", "add", "-q", str(committed(inner)), "lib")
    assert passed(run(ftui, root))


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_names_with_spaces_newlines_and_bytes_that_are_no_utf8(ftui: Ftui, plain: Path) -> None:
    committed(plain)
    for name in (b"with space.py", b"with\nnewline.py", b"latin-\xe9.py", b"-dash.py", b"quote'\".py", "☃.py".encode()):
        with open(os.path.join(os.fsencode(plain), name), "wb") as file:
            file.write(b"import os\n")
    assert passed(run(ftui, plain))
    finding = "import sys; [print(f'{p}:1:1: E1 found') for p in sys.argv[1:]]; sys.exit(1)"
    (plain / "ftui.toml").write_text(python_check("look", finding) + NO_RUFF)
    for output in ("text", "json", "ndjson"):
        assert ftui("run", "--format", output, "--junit", "out.xml", cwd=plain).code == 1
    answer = ftui("run", "--changed", cwd=plain)
    assert answer.code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_a_read_only_tree_and_home(ftui: Ftui, plain: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("closed")
    with read_only(plain, home) as prefix:
        env = {"HOME": str(home)}
        answer = run(ftui, plain, env=env, prefix=prefix)
        assert passed(answer), answer.err
        assert answer.err == ""
        answer = ftui("run", "--junit", "out.xml", cwd=plain, env=env, prefix=prefix)
        assert "passed" in answer.out
        assert "out.xml" in answer.err
        assert answer.code == 2
        assert ftui("init", cwd=plain, env=env, prefix=prefix).code == 2


@contextmanager
def read_only(*folders: Path) -> Iterator[list[str]]:
    """Makes folders read-only; yields what a command has to begin with. Root may write anywhere but on such a mount."""
    if os.getuid() == 0:
        mount = 'for d in "$1" "$2"; do mount --bind "$d" "$d" && mount -o remount,bind,ro "$d" || exit 99; done'
        yield ["unshare", "-m", "sh", "-c", f'{mount}; cd "$1"; shift 2; exec "$@"', "sh", *map(str, folders)]
        return
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield []
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("output", ["text", "json", "ndjson"])
def test_a_full_disk_under_the_output(ftui: Ftui, plain: Path, output: str) -> None:
    with open("/dev/full", "wb") as full:
        answer = ftui("run", "--format", output, cwd=plain, stdout=full)
    assert answer.code == 2
    assert "No space left on device" in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_disk_that_takes_no_more_bytes(ftui: Ftui, plain: Path) -> None:
    """A limit of zero bytes for every file stands for a disk that fills up: each write fails, in every place."""
    import resource

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    for extra in ([], ["--junit", "out.xml"], ["--record", "out.ndjson"]):
        answer = ftui("run", *extra, cwd=plain, preexec_fn=no_room)
        assert "look" in answer.out
        assert answer.code == (2 if extra else 0), answer.err
        assert len(answer.err.splitlines()) == len(extra) // 2


def test_a_root_that_is_a_file_or_is_not_there(ftui: Ftui, plain: Path) -> None:
    for root in ("a.py", "missing"):
        answer = ftui("run", "--root", root, cwd=plain)
        assert answer.code == 2
        assert "is not a folder" in answer.err


PLUGIN = """
from ftui.hookspecs import hookimpl

@hookimpl
def {hook}({arguments}):
    raise ValueError("boom from {hook}")
"""


@pytest.mark.parametrize(
    ("hook", "arguments"),
    [
        ("ftui_checks", "project"),
        ("ftui_affected", "check, changed"),
        ("ftui_fingerprint", "check"),
        ("ftui_event", "event"),
    ],
)
def test_a_plugin_that_raises_costs_itself_and_one_line(
    ftui: Ftui, plain: Path, tmp_path_factory: pytest.TempPathFactory, hook: str, arguments: str
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "rude.py").write_text(PLUGIN.format(hook=hook, arguments=arguments))
    info = site / "rude-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rude\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ftui]\nrude = rude\n")
    committed(plain)
    (plain / "a.py").write_text("x = 2\n")
    answer = ftui("run", "--changed", "--format", "json", cwd=plain, env={"PYTHONPATH": str(site)})
    assert passed(answer)
    problems = [problem for problem in answer.report["problems"] if "rude" in problem["source"]]
    if hook != "ftui_fingerprint":  # called once there is a cache
        assert len(problems) == 1
        assert "boom" in problems[0]["message"]
    listed = ftui("plugins", cwd=plain, env={"PYTHONPATH": str(site)})
    assert listed.code == 0
    assert "rude" in listed.out
