"""What the adapters of other task runners share: which tasks are checks, when they run, and what may be kept of them.

A runner starts tools that ftui mostly finds by itself: `make test` beside pytest would do the work twice. So a task is
a check where the user's configuration asks for it; without a word, only in trees that no other adapter can look after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.adapters import _node, _python
from ftui.model import Check, Unused, no_findings

if TYPE_CHECKING:
    from ftui.hookspecs import Project
    from ftui.model import Finding, ProcessResult

NAMES = (
    *("test", "tests", "check", "checks", "lint", "typecheck", "type-check", "check-types", "types"),
    *("format-check", "check-format", "fmt-check", "check-fmt", "unit", "unit-test", "unit-tests", "test-unit", "vet"),
)
"""Tasks of make and just that are checks by their name; any other may do anything."""

_HARMFUL = re.compile(r"(?:^|[-_.:/])(?:\w*clean|clobber|purge|deploy|publish|release|upload|push)(?:$|[-_.:/])")
"""Tasks that nobody wants to run at every edit."""
UNKNOWN = "a task of unknown name"
"""Stands among the needs of a task that may run any other."""

_LOOKED_AFTER = (
    *("/pyproject.toml", "/setup.py", "/setup.cfg", "/tox.ini", "/noxfile.py", "/requirements*.txt"),
    *("test_*.py", "*_test.py", "/package.json"),
)
_LOCK_FILES = (*_node.LOCK_FILES, "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "Cargo.lock", "go.sum")
_SHOWN = 6

ENVIRONMENT = (
    *(
        "CC",
        "CXX",
        "CPP",
        "LD",
        "AR",
        "CFLAGS",
        "CXXFLAGS",
        "CPPFLAGS",
        "LDFLAGS",
        "PKG_CONFIG_PATH",
        "LD_LIBRARY_PATH",
    ),
    *("CARGO_HOME", "RUSTUP_HOME", "GOPATH", "GOFLAGS", "GOROOT", "JAVA_HOME", "NODE_ENV", *_python.ENVIRONMENT),
    "LANGUAGE=en",  # the runner's own messages are read
)
"""What tasks see beside the usual variables: where compilers and what they build with are."""


class Task(Struct, frozen=True, kw_only=True):
    """A target of make, or a recipe of just."""

    needs: tuple[str, ...] = ()
    """Tasks that run before it, or that it calls."""
    body: bool = False
    """Whether it has commands of its own."""
    alone: bool = True
    """Whether it can run without arguments and answers of a user."""


def offered(
    project: Project,
    adapter: str,
    tasks: Mapping[str, Task],
    where: str,
    check_of: Callable[[str], Check],
    *,
    looked_after: Sequence[str] = (),
) -> Iterator[Check | Unused]:
    """The checks among the tasks of a file, and why there are no others.

    Args:
        project: the project.
        adapter: its name, which is the first part of the ids.
        tasks: by name.
        where: the file that has them.
        check_of: makes the check of a task.
        looked_after: patterns of further files that show that another adapter knows its way in this tree.
    """
    named = [name for name in NAMES if name in tasks]
    harmful = {name: harm for name in named if (harm := _harm(name, tasks)) is not None}
    known = [name for name in named if name not in harmful and _does_something(name, tasks)]
    alone = not project.has(*_LOOKED_AFTER, *looked_after)
    left = []
    for name in known:
        if f"{adapter}:{name}" in project.checks or (alone and _says_more(name, tasks, known)):
            yield check_of(name)
        else:
            left.append(name)
    for name, harm in harmful.items():
        because = f"{name} in {where} runs {harm} too"
        if f"{adapter}:{name}" in project.checks:
            own = f'that is not done at every edit, unless checks."{adapter}:{name}".command says so'
            yield replace(check_of(name), unavailable=f"{because}: {own}")
        else:
            yield Unused(id=f"{adapter}:{name}", adapter=adapter, because=because)
    if left:
        yield on_request(adapter, left, where)
    elif not known and not harmful:
        yield Unused(id=adapter, adapter=adapter, because=f"{where} has none of: {', '.join(NAMES[:5])} and the like")


def on_request(adapter: str, names: Sequence[str], where: str) -> Unused:
    """Says of tasks that they are checks where the configuration names them."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    listed = ", ".join(names[:_SHOWN]) + more
    because = f'on request, as by [checks."{adapter}:{names[0]}"]: {listed} in {where}'
    return Unused(id=adapter, adapter=adapter, because=because)


def is_harmful(name: str) -> bool:
    """Whether a task cleans up or brings something out into the world, by its name."""
    return _HARMFUL.search(name) is not None


def check(
    project: Project,
    adapter: str,
    name: str,
    words: tuple[str, ...],
    where: str,
    *,
    install: str,
    env: tuple[str, ...],
    failed_codes: tuple[int, ...] | None = None,
    parse: Callable[[ProcessResult], Iterable[Finding]] = no_findings,
) -> Check:
    """The check of one task; it reads the whole tree.

    No result of it is ever replayed. What a task comes to depends on what no key of ftui's has: environments that the
    runner makes and fills itself, from an index that changes every day; compilers, libraries, programs and services
    that a recipe names; and it may write what it likes. `cache = true` is for users who know that theirs do not.

    Args:
        project: the project.
        adapter: its name, and that of the program.
        name: of the task.
        words: the arguments that make the program run it.
        where: the file that has it.
        install: the command that installs the program.
        env: as in `Check.env`.
        failed_codes: as in `Check.failed_codes`.
        parse: as in `Check.parse`.
    """
    tool = project.tool(adapter)
    return Check(
        id=f"{adapter}:{name}",
        adapter=adapter,
        argv=(_python.argv0(tool, adapter), *words),
        because=f"{name} in {where}",
        inputs=("**",),
        config_files=(where.rpartition(" ")[2], *_LOCK_FILES),
        timeout=1800.0,
        env=env,
        cache=False,
        failed_codes=failed_codes,
        unavailable=None if tool else f"{adapter} is not installed: run `{install}`",
        parse=parse,
    )


def _harm(name: str, tasks: Mapping[str, Task]) -> str | None:
    """The first task that is or may be harmful and runs along with a task, or None."""
    return next((each for each in _along(name, tasks) if each == UNKNOWN or is_harmful(each)), None)


def _does_something(name: str, tasks: Mapping[str, Task]) -> bool:
    """Whether it can run by itself, and there is any command to run."""
    return tasks[name].alone and any(each in tasks and tasks[each].body for each in _along(name, tasks))


def _says_more(name: str, tasks: Mapping[str, Task], known: Iterable[str]) -> bool:
    """Whether it runs anything that no other of the known tasks does."""
    others = {other for other in known if other != name}
    return any(each in tasks and tasks[each].body for each in _along(name, tasks, but=others))


def _along(name: str, tasks: Mapping[str, Task], but: Iterable[str] = ()) -> Iterator[str]:
    """A task and all that run with it, but for some and what only these bring along."""
    pending, seen = [name], {name, *but}
    while pending:
        each = pending.pop()
        yield each
        further = [need for need in tasks[each].needs if need not in seen] if each in tasks else []
        seen.update(further)
        pending += further
