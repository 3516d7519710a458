"""ftui checks that run eslint, prettier, tsc, vitest and jest."""

from __future__ import annotations

from collections.abc import Iterable

from ftui.hookspecs import Project, hookimpl
from ftui.model import Check, Unused
from ftui_eslint import compiler, linters, packages, runners


@hookimpl
def ftui_checks(project: Project) -> Iterable[Check | Unused]:
    """A check for each tool and each package that configures it; see the README for what counts as that."""
    found = packages.Packages(project)
    if len(found.below) > packages.MOST_PACKAGES:
        because = (
            f"there are {len(found.below)} packages: of more than {packages.MOST_PACKAGES} only the root is checked"
        )
        yield packages.unused("eslint:*", because)
    yield from linters.eslint(found)
    yield from linters.prettier(found)
    yield from compiler.tsc(found)
    yield from runners.vitest(found)
    yield from runners.jest(found)
