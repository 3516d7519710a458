"""The whole plugin API.

A plugin is a module (or object) that implements some of these hooks, each marked with `hookimpl`, and is named in the
entry-point group `ftui`. The built-in adapters register through the very same hooks. What the hooks hand over is
defined in `ftui.model` and `ftui.events`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pluggy
from msgspec import Struct

from ftui.events import Event
from ftui.model import Check, CheckConfig, Unused

hookspec = pluggy.HookspecMarker("ftui")
hookimpl = pluggy.HookimplMarker("ftui")


class Tool(Struct, frozen=True):
    """An executable that was found as a person would find it."""

    path: str
    """Absolute path, not resolved: the link inside a virtual environment is what selects the environment."""
    origin: str
    """Where it was found, in words: `.venv`, `node_modules`, `PATH`."""
    version: str | None = None
    """As its package says where it is installed; None when that cannot be told without running it."""


class Project(Protocol):
    """The tree as an adapter sees it. Paths are posix and relative to the root."""

    @property
    def root(self) -> Path:
        """Absolute path of the root."""

    @property
    def files(self) -> Sequence[str]:
        """Every file that belongs to the project (not ignored by git), sorted."""

    @property
    def checks(self) -> Mapping[str, CheckConfig]:
        """What the user's configuration says, by check id."""

    def options(self, check_id: str) -> CheckConfig:
        """What the user's configuration says of one check; defaults where it says nothing."""

    def has(self, *patterns: str) -> bool:
        """Whether any file of the project matches one of the patterns (as in .gitignore)."""

    def matching(self, *patterns: str) -> Sequence[str]:
        """The files of the project that match one of the patterns, sorted."""

    def text(self, path: str) -> str | None:
        """The content of a file (at most 1 MiB, inside the root), or None when it cannot be read."""

    def toml(self, path: str) -> Mapping[str, object]:
        """A TOML file, parsed; empty when it is missing or not valid."""

    def json(self, path: str) -> Mapping[str, object]:
        """A JSON object file, parsed; empty when it is missing or not valid."""

    def ini(self, path: str) -> Mapping[str, Mapping[str, str]]:
        """An INI file such as setup.cfg, by section, without interpolation; empty when missing or not valid."""

    def kept(self, adapter: str, name: str) -> str | None:
        """The text (at most 1 MiB) that a check of this adapter has left as `{kept}/NAME`; None where there is none."""

    def tool(self, name: str) -> Tool | None:
        """The executable `name`: from the project's environment, node_modules/.bin, PATH, or ftui's own folder."""


@hookspec
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """The checks to run in this project.

    An adapter whose tool is not used here returns nothing, or better an `Unused` that says what it looked for. A tool
    that is used and not installed is a `Check` with `unavailable` set.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def ftui_affected(check: Check, changed: frozenset[str]) -> frozenset[str] | None:
    """Which of the changed paths can change the verdict of `check`.

    The first plugin that does not answer None decides; the host matches `check.inputs` and `check.config_files` last.
    """


@hookspec
def ftui_fingerprint(check: Check) -> Iterable[str]:
    """Further parts of the cache key of `check`: whatever its verdict depends on beside files, tool and environment."""
    raise NotImplementedError


@hookspec
def ftui_event(event: Event) -> None:
    """Called for every event of a run, in order, in the engine's event loop: it must return at once."""
