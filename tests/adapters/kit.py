"""What the adapter tests share: the checks by way of the real hooks, and one run with the engine's own process code."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

import ftui.hookspecs
from ftui import testing
from ftui.ansi import strip
from ftui.config import Config
from ftui.engine import process
from ftui.environment import child_environment
from ftui.model import Check, ProcessResult, Unused
from ftui.project import TreeProject
from ftui.tree import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import ModuleType

    from ftui.hookspecs import Project
    from ftui.model import CheckConfig

TOOLS = Path(sys.executable).parent
"""Where the tools of the `dev` extra are."""


class Verdict(testing.Verdict, frozen=True):
    """What one run of a check came to."""

    output: str = ""


class InMemory(TreeProject):
    """A project of texts.

    Args:
        files: by path.
        checks: the user's configuration by check id.
    """

    def __init__(self, files: Mapping[str, str], checks: Mapping[str, CheckConfig] | None = None) -> None:
        super().__init__(Path("/nowhere"), Config(checks=dict(checks or {})), Listing(tuple(sorted(files)), "walk"))
        self._files = files

    def text(self, path: str) -> str | None:
        """The content of a file."""
        return self._files.get(path)


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes files below the root, with their folders."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def install(root: Path, environment: str, *programs: str) -> None:
    """Puts programs that do nothing into an environment of the project: `.venv` or `node_modules`."""
    node = environment == "node_modules"
    folder = root / environment / (".bin" if node else TOOLS.name)
    folder.mkdir(parents=True, exist_ok=True)
    for program in programs:
        path = folder / program
        path.touch(mode=0o755)
    if not node:
        (root / environment / "pyvenv.cfg").touch()


def project_at(
    root: Path, checks: Mapping[str, CheckConfig] | None = None, *, without: Collection[str] = ()
) -> TreeProject:
    """The project in a folder, as the host shows it to adapters.

    Args:
        root: absolute path.
        checks: the user's configuration by check id.
        without: names of tools that are not to be found.
    """
    return testing.MadeProject(root, Config(checks=dict(checks or {})), without)


def checks_of(adapter: ModuleType, project: Project) -> dict[str, Check | Unused]:
    """What the adapter answers to the host, by id."""
    manager = pluggy.PluginManager("ftui")
    manager.add_hookspecs(ftui.hookspecs)
    manager.register(adapter)
    manager.check_pending()
    return {item.id: item for answer in manager.hook.ftui_checks(project=project) for item in answer}


def check_of(adapter: ModuleType, project: Project, check_id: str) -> Check:
    """The check of this id, which the adapter has to offer."""
    found = checks_of(adapter, project)[check_id]
    assert isinstance(found, Check), found
    return found


def unused_because(adapter: ModuleType, project: Project, check_id: str) -> str:
    """Why the adapter does not offer the check of this id."""
    found = checks_of(adapter, project)[check_id]
    assert isinstance(found, Unused), found
    return found.because


def run(check: Check, root: Path, *more: str, environ: Mapping[str, str] = os.environ) -> Verdict:
    """Runs the command of the check, with `more` arguments, the way `Check` says, and judges it."""
    assert check.unavailable is None, check.unavailable
    with tempfile.TemporaryDirectory() as scratch:
        command = process.Command(
            argv=(*check.command, *more),
            cwd=str(root / check.cwd),
            env=child_environment(environ, check.env, scratch=scratch, colour=True),
            timeout=120.0,
            split=check.split_output,
        )
        end = asyncio.run(process.run(command, lambda stream, text: None))
        assert end.spawn_error is None, end.spawn_error
        result = ProcessResult(
            argv=command.argv,
            exit_code=end.code,
            stdout=strip(end.stdout),
            stderr=strip(end.stderr),
            truncated=end.truncated,
            root=str(root),
            scratch=scratch,
        )
        return judge(check, result)


def judge(check: Check, result: ProcessResult) -> Verdict:
    """The verdict of the engine on what a process left behind."""
    found = testing.judged(check, result)
    return Verdict(found.outcome, found.findings, found.because, result.stdout + result.stderr)


def left_behind(
    exit_code: int, stdout: str = "", stderr: str = "", *, root: str = "/project", truncated: bool = False
) -> ProcessResult:
    """What a process would leave behind, for the exit codes that no test can bring about."""
    return ProcessResult(
        argv=("tool",),
        exit_code=exit_code,
        stdout=stdout,
        stderr=stderr,
        truncated=truncated,
        root=root,
        scratch="",
    )
