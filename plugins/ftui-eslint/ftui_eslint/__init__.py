"""ftui checks that run eslint, prettier, tsc, vitest and jest."""

from __future__ import annotations

from collections.abc import Iterable

from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Unused
from ftui_eslint import compiler, linters, runners
from ftui_eslint.packages import Packages


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """A check for each tool and each package that configures it; see the README for what counts as that."""
    found = Packages(project)
    yield from linters.eslint(found)
    yield from linters.prettier(found)
    yield from compiler.tsc(found)
    yield from runners.vitest(found)
    yield from runners.jest(found)
