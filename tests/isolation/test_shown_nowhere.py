"""A password in the environment is in nothing that ftui prints or writes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Ftui
from tests.conftest import commit, write

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cr3tw0rd"
SUITE = """
import os, sys
URL = os.environ["URL"]
print(URL)

def test_tells():
    print(URL, file=sys.stderr)
    assert {}, URL

def test_of_its_name(request):
    assert URL.startswith("mysql://ann:"), URL
"""


@pytest.fixture
def ftui(tmp_path_factory: pytest.TempPathFactory) -> Ftui:
    """The `ftui` command with an empty home."""
    return Ftui(tmp_path_factory.mktemp("home"))


def written(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in folders, with its content."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and ".git" not in path.parts:
                yield str(path), path.read_bytes()


@pytest.mark.parametrize(("where", "passes"), [("in the environment", False), ("in the configuration", True)])
def test_wherever_it_comes_from_and_whether_the_tests_pass(
    ftui: Ftui, tmp_path: Path, where: str, passes: bool
) -> None:
    url = f"mysql://ann:{PASSWORD}@localhost/app"
    in_config = f'env = ["URL={url}"]\n' if where == "in the configuration" else ""
    config = f'{NO_RUFF}[checks.pytest]\nisolate = ["URL"]\nargs = ["-rA", "-v"]\n{in_config}'
    project = tmp_path / "project"
    ignored = "__pycache__\n.pytest_cache\n"
    write(project, {"ftui.toml": config, "test_a.py": SUITE.format(passes), ".gitignore": ignored})
    commit(project)
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    env = {"PATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **({} if in_config else {"URL": url})}
    out = tmp_path / "out"
    out.mkdir()
    reports = ["--record", str(out / "run.ndjson"), "--junit", str(out / "run.xml")]
    answers = [
        ftui("run", "--format", "json", *reports, cwd=project, env=env),
        ftui("run", cwd=project, env=env),
        ftui("why", "pytest", cwd=project, env=env),
        ftui("list", cwd=project, env=env),
    ]
    assert answers[0].outcomes() == {"pytest": "passed" if passes else "failed"}
    for number, answer in enumerate(answers):
        (out / f"answer-{number}").write_bytes(answer.raw + answer.err.encode())
    assert b"mysql://ann:***@localhost/app" in (out / "run.ndjson").read_bytes()
    found = dict(written(out, Path(ftui.environ["HOME"])))
    assert len(found) > 5
    assert [name for name, content in found.items() if PASSWORD.encode() in content] == []
