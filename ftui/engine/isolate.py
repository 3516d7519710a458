"""A check that has databases and files of its own while it runs, and what becomes of them however it ends.

Before its process starts, what dead runs have left behind is cleaned up and what it needs is made; when all its
processes are gone, everything whose name holds its run is dropped. What is done with databases is done by a program of
its own in the project's Python, which has the driver.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.engine import process
from ftui.engine.family import end_all_with
from ftui.engine.patience import to_its_end
from ftui.errors import NoVerdict
from ftui.isolation import databases
from ftui.isolation.ledger import FOLDER_PREFIX, Ledger, Noted, ledger_folder
from ftui.isolation.names import WORKER, NoNameError, new_run, own_value
from ftui.programs import executable
from ftui.project import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from pathlib import Path

    from ftui.isolation.ledger import Entry
    from ftui.isolation.names import Own
    from ftui.model import Check

VARIABLE = "FTUI_ISOLATE"
"""Tells our plugin of pytest what the names were made from, so that it can give each worker its own."""
HELPER_S = 30.0
"""Seconds that it may take to make, or to drop, what there is."""


class _Answer(Struct, frozen=True):
    """What the program for databases says."""

    missing: bool = False
    error: str | None = None
    kept: dict[str, str] = {}


@asynccontextmanager
async def isolated(
    check: Check, environ: Mapping[str, str], root: Path, say: Callable[[str], None]
) -> AsyncIterator[Isolation]:
    """Gives a check its own names for as long as the block lasts; leaving it waits until all is cleaned up.

    Args:
        check: what runs in the block.
        environ: the variables that it would see.
        root: the project's root.
        say: takes a line for the user.

    Raises:
        NoVerdict: there is nothing to give a name to, or what the name stands for could not be made.
    """
    isolation = Isolation(check, environ, root, say)
    try:
        await isolation.begin()
        yield isolation
    finally:
        await to_its_end(isolation.end())


class Isolation:
    """The own names of one run of a check; see `isolated`.

    Attributes:
        environ: the variables that it is to see.
        missing: whether nothing is here that could make the databases.
        cut_short: whether the check has not ended by itself, as far as is known; a later run looks once more then.
    """

    NOT_MADE = (
        "its database was not made: neither psycopg, psycopg2 nor asyncpg is in its Python, nor psql on the PATH; "
        "install one of them, or let the tests make it"
    )

    def __init__(self, check: Check, environ: Mapping[str, str], root: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._root = root
        self._run = new_run()
        self._folder = os.path.join(tempfile.gettempdir(), FOLDER_PREFIX + self._run)
        self._own = _named(check, environ, self._run, self._folder)
        self._servers = {own.server: own.base for own in self._own.values() if own.kind == "postgresql"}
        self._create = {name: _request(own, str(root / check.cwd)) for name, own in self._own.items()}
        self._pythons = tuple(_pythons(check, root))
        self._entry: Entry | None = None
        self._given = environ
        told = {"run": self._run, "worker": WORKER, "helper": databases.__file__, "create": self._create}
        values = {name: own.value for name, own in self._own.items()}
        self.environ = {**environ, **values, VARIABLE: msgspec.json.encode(told).decode()}
        self.missing = False
        self.cut_short = True

    async def begin(self) -> None:
        """Cleans up after the dead, and makes what the check is going to need."""
        try:
            dead = await asyncio.to_thread(self._note)
        except OSError as error:
            dead = []
            self._say(f"what a killed run leaves behind will not be found again: {error}")
        ours = [each for each in dead if self._servers.keys() >= set(each.noted.servers)]
        drop = [{"url": self._servers[name], "run": each.noted.run} for each in ours for name in each.noted.servers]
        kept = {each.noted.run for each in dead}
        try:
            answer = await self._ask({"drop": drop, "create": list(self._create.values())})
            kept -= {each.noted.run for each in ours} - answer.kept.keys()
        finally:
            for each in dead:
                each.close(done=each.noted.run not in kept)
        self.missing = answer.missing
        if answer.error is not None:
            raise NoVerdict(f"what {', '.join(self._own)} stands for could not be made: {answer.error}")

    def _note(self) -> list[Entry]:
        """Notes that this run lives, and ends what is left of dead ones; returns those that may have databases."""
        folder = ledger_folder()
        if folder is None:
            return []
        ledger = Ledger(folder)
        self._entry = ledger.note(Noted(self._run, tuple(self._servers), self._folder))
        dead = []
        for entry in ledger.dead():
            end_all_with(entry.noted.run)
            _remove_folder(entry.noted)
            if entry.noted.servers:
                dead.append(entry)
            else:
                entry.close(done=True)
        return dead

    async def end(self) -> None:
        """Drops and deletes all that has the run in its name."""
        answer = _Answer()
        if self._servers and not self.missing:
            drop = [{"url": url, "run": self._run} for url in self._servers.values()]
            answer = await self._ask({"drop": drop})
            if answer.kept:
                why = answer.kept[self._run]
                self._say(f"databases with {self._run} in their names were not dropped, a later run will: {why}")
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if self._entry is not None:
            # A server goes on making the database that somebody asked for who is dead by now.
            self._entry.close(done=not answer.kept and not (self._servers and self.cut_short))

    async def _ask(self, request: Mapping[str, object]) -> _Answer:
        """Has the program for databases do something, in the first Python that has a driver."""
        if not self._servers:
            return _Answer(**await asyncio.to_thread(databases.answer, request))
        answer = _Answer(missing=True)
        for python in self._pythons:
            answer = await self._ask_in(python, request)
            if not answer.missing:
                break
        return answer

    async def _ask_in(self, python: str, request: Mapping[str, object]) -> _Answer:
        command = process.Command(
            argv=(python, databases.__file__),
            cwd=str(self._root),
            env={**self._given, databases.REQUEST: msgspec.json.encode(request).decode()},
            timeout=HELPER_S,
            split=True,
        )
        end = await process.run(command, lambda stream, text: None)
        try:
            return msgspec.json.decode(end.stdout.strip().rpartition("\n")[2], type=_Answer)
        except msgspec.DecodeError:
            said = end.stderr.strip().rpartition("\n")[2]
            why = f"no answer within {HELPER_S:g} s" if end.timed_out else end.spawn_error or said
            why = why or f"{python} ended without an answer"
            return _Answer(error=why, kept=dict.fromkeys(_runs(request), why))


def _named(check: Check, environ: Mapping[str, str], run: str, folder: str) -> dict[str, Own]:
    found: dict[str, Own] = {}
    where = f"checks.{check.id}.isolate"
    for name in check.isolate:
        value = environ.get(name)
        if not value:
            raise NoVerdict(f"{name} is not set, and {where} names it: set it, or take it out there")
        try:
            own = own_value(value, run, folder)
        except NoNameError as problem:
            raise NoVerdict(f"{name}, which {where} names, {problem}") from None
        if own is not None:
            found[name] = own
    return found


def _request(own: Own, cwd: str) -> dict[str, str]:
    base = os.path.normpath(os.path.join(cwd, own.base)) if own.kind == "file" else own.base
    return {"kind": own.kind, "base": base, "value": own.value, "path": own.path}


def _runs(request: Mapping[str, object]) -> Iterable[str]:
    drop = request.get("drop", ())
    assert isinstance(drop, list)
    return (each["run"] for each in drop)


def _remove_folder(noted: Noted) -> None:
    """Removes the folder of a run, unless what was noted is no such folder."""
    if os.path.basename(noted.folder) == FOLDER_PREFIX + noted.run and not os.path.islink(noted.folder):
        shutil.rmtree(noted.folder, ignore_errors=True)


def _pythons(check: Check, root: Path) -> Iterable[str]:
    """Where a driver may be: the project's environment, that of the tool, and ftui's own."""
    programs = "Scripts" if os.name == "nt" else "bin"
    environment = environment_of(root)
    folders = [os.path.join(environment, programs)] if environment else []
    folders.append(os.path.dirname(check.argv[0]))
    found = [python for folder in folders if os.path.isabs(folder) and (python := executable(folder, "python"))]
    return dict.fromkeys([*found, sys.executable])
