"""The command itself, run as users run it: another process, with an empty home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NO_RUFF = "[checks.ruff]\nenabled = false\n"
"""Keeps the one tool out that finds itself used in every folder with Python files."""

KEPT = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the differential test, for long runs by hand."""
    parser.addoption("--edits", type=int, default=100, help="random edits after each of which verdicts are compared")
    parser.addoption("--seed", type=int, default=1, help="decides which edits")


class Answer:
    """How one `ftui` command ended."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.raw = out
        self.out = out.decode(errors="replace")
        self.err = err.decode(errors="replace")

    @property
    def report(self) -> Any:
        """Standard output as a JSON report."""
        return json.loads(self.raw)

    def outcomes(self) -> dict[str, str]:
        """The outcome of each check in the JSON report."""
        return {check["id"]: check["outcome"] for check in self.report["checks"]}


class Ftui:
    """Runs `ftui` commands; every one of them is held to show no traceback."""

    def __init__(self, home: Path) -> None:
        self.environ = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environ |= {"HOME": str(home), "GIT_CEILING_DIRECTORIES": str(home.parent)}

    def popen(
        self, *args: str, cwd: Path, env: Mapping[str, str] | None = None, prefix: Sequence[str] = (), **more: Any
    ) -> subprocess.Popen[bytes]:
        """Starts a command, behind the words of another one where a prefix is given."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        argv = [*prefix, sys.executable, "-m", "ftui", *args]
        return subprocess.Popen(argv, cwd=cwd, env=self.environ | dict(env or {}), **{**pipes, **more})

    def __call__(self, *args: str, cwd: Path, env: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Runs a command to its end, at most two minutes."""
        with self.popen(*args, cwd=cwd, env=env, **more) as process:
            out, err = process.communicate(timeout=120)
        answer = Answer(process.returncode, out or b"", err or b"")
        assert "Traceback" not in answer.out + answer.err, answer.out + answer.err
        return answer


@pytest.fixture
def ftui(tmp_path_factory: pytest.TempPathFactory) -> Ftui:
    """The `ftui` command with an empty home."""
    return Ftui(tmp_path_factory.mktemp("home"))


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder with one file to check and an `ftui.toml` of the given text."""

    def make(config: str) -> Path:
        (tmp_path / "ftui.toml").write_text(config)
        (tmp_path / "a.txt").write_text("a\n")
        return tmp_path

    return make


def python_check(name: str, code: str, **settings: object) -> str:
    """The configuration of a check that runs a Python program."""
    lines = [f"[checks.{name}]", f"command = {json.dumps([sys.executable, '-c', code])}"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    return "\n".join(lines) + "\n"


class MakeTerminal(Protocol):
    """What the fixture `terminal` hands out."""

    def __call__(
        self, cwd: Path, *, columns: int = 80, lines: int = 24, env: Mapping[str, str] | None = None
    ) -> Terminal:
        """Opens a terminal with a shell in a folder, which may have more in its environment."""


@pytest.fixture
def terminal(ftui: Ftui, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeTerminal]:
    """Opens terminals whose shells have the empty home of `ftui`."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux here")
    opened: list[Terminal] = []

    def make(cwd: Path, *, columns: int = 80, lines: int = 24, env: Mapping[str, str] | None = None) -> Terminal:
        environ = {"LC_ALL": "C.UTF-8", **ftui.environ, **(env or {})}
        opened.append(Terminal(tmp_path_factory.mktemp("terminal"), cwd, environ, columns=columns, lines=lines))
        return opened[-1]

    yield make
    for each in opened:
        each.close()
