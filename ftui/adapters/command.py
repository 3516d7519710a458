"""Any command that the configuration names."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Unused


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """One check for each `[checks.…]` with a `command`; its exit code is its verdict."""
    for check_id, settings in project.checks.items():
        if not settings.command:
            continue
        program, *rest = settings.command
        # A path is the user's own word, relative to the root; a bare name is looked up as a person would.
        is_path = "/" in program or "\\" in program
        tool = None if is_path else project.tool(program)
        path = str(project.root / program) if is_path else program
        found = tool is not None or (is_path and os.path.isfile(path))
        yield Check(
            id=check_id,
            adapter="command",
            argv=(path if tool is None else tool.path, *rest),
            because=f"checks.{check_id}.command in the configuration",
            unavailable=None if found else f"{program} was not found: install it, or correct checks.{check_id}.command",
        )
