"""`ftui list` and `ftui plugins`: what there is, and why."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.cli.workspace import open_workspace
from ftui.config import BUILTIN_PROFILES
from ftui.engine.select import members
from ftui.model import Phase
from ftui.tree import display

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from ftui.engine.workspace import Workspace
    from ftui.model import Check


def list_checks(options: argparse.Namespace) -> int:
    """Prints the checks by phase with the reason for each, what is not active and why not, and the profiles."""
    workspace = open_workspace(options)
    lines = [f"{workspace.root.name}: {len(workspace.checks)} active, {len(workspace.unused)} not"]
    for phase in Phase:
        checks = [check for check in workspace.checks if check.phase is phase]
        if checks:
            lines += ["", str(phase), *_table(row for check in checks for row in _active(check))]
    if workspace.unused:
        lines += ["", "not active", *_table((f"  {unused.id}", unused.because) for unused in workspace.unused)]
    lines += ["", "profiles", *_table(_profiles(workspace))]
    if workspace.config.source:
        lines += ["", f"configured in {workspace.config.source}"]
    show(lines)
    _print_problems(workspace.plugins.problems)
    return PASSED


def _active(check: Check) -> Iterable[tuple[str, str]]:
    """Two lines: why the check is there, and the command that a user would run by hand."""
    because = check.unavailable or check.because
    if check.requires:
        because += f"; requires {', '.join(check.requires)}"
    name = check.id if check.id.partition(":")[0] == check.adapter else f"{check.id} ({check.adapter})"
    yield f"{'!' if check.unavailable else ' '} {name}", because
    yield "", shlex.join(check.command)


def _profiles(workspace: Workspace) -> Iterable[tuple[str, str]]:
    config = workspace.config
    for name in BUILTIN_PROFILES:
        if name not in config.profiles:
            ids = members(workspace.checks, name)
            yield f"{'*' if name == config.profile else ' '} {name}", ", ".join(ids) or "no check"
    for name, listed in config.profiles.items():
        yield f"{'*' if name == config.profile else ' '} {name}", ", ".join(listed)


def list_plugins(options: argparse.Namespace) -> int:
    """Prints each plugin with where it comes from, the hooks it implements, and what failed."""
    workspace = open_workspace(options)
    show(_table((f"  {p.name}", p.origin, p.error or ", ".join(p.hooks)) for p in workspace.plugins.loaded))
    _print_problems(workspace.plugins.problems)
    return PASSED


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows with all columns but the last padded to one width."""
    cells = [[display(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]) - 1)]
    return ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in cells]


def _print_problems(problems: Iterable[tuple[str, str]]) -> None:
    for source, message in problems:
        sys.stderr.write(f"ftui: {display(source)}: {display(message)}\n")
