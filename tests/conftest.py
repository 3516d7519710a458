"""Fixtures that many test files share."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is says nothing of what is tested.
settings.register_profile("ftui", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ftui")

pytest_plugins = ["ftui.testing"]


class MakeTree(Protocol):
    """What the fixture `tree` hands out."""

    def __call__(self, files: Mapping[str, str | bytes], *, git: bool = False, name: str = "project") -> Path:
        """Makes the folder `name` with these files, committed to a new repository where `git` is set."""


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> Iterator[None]:
    """Neither the developer's git configuration, nor a hook's repository, nor an active environment reaches a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_") or name in ("VIRTUAL_ENV", "CONDA_PREFIX")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "A Tester")
            patch.setenv(f"GIT_{role}_EMAIL", "tester@example.com")
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # So a shell starts what runs in the background; the commands under test would ignore it as well.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes files, each with the folders above it."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder and returns what it prints."""
    command = ("git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments)
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def tree(tmp_path: Path) -> MakeTree:
    """Makes project folders."""

    def make(files: Mapping[str, str | bytes], *, git: bool = False, name: str = "project") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write(folder, files)
        if git:
            commit(folder)
        return folder

    return make


def commit(folder: Path) -> None:
    """Commits all that is in a folder, to a new repository where there is none."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "a commit", "--allow-empty")
