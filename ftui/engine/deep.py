"""Where the time of a check goes: one more run of it, apart. It certifies nothing, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ftui.engine import process
from ftui.engine.emitter import Emitter
from ftui.engine.execute import Executor
from ftui.engine.memory import Folders
from ftui.engine.select import mutating
from ftui.environment import child_environment
from ftui.errors import FtuiError
from ftui.model import Bucket, Spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ftui.events import Event
    from ftui.model import Check, DeepLook

MOST = 30
"""Parts that are told of, those that take longest."""
MOST_READ = 100_000
"""Parts that are taken in."""

READER = """
import json, os, pstats, sys
stats = pstats.Stats(sys.argv[1]).stats.items()
for (file, line, name), (_, calls, own, total, _) in sorted(stats, key=lambda item: -item[1][3])[:60]:
    where = name if file == "~" else f"{os.path.relpath(file)}:{line} {name}"
    print(json.dumps([f"{where}, {calls:,} calls, {own:.3f} s of it its own", total]))
"""
"""Reads what cProfile wrote with the Python that wrote it: the format differs, and is not to be trusted."""


class Looked(Struct, frozen=True):
    """What a deep look has found."""

    check: str
    way: str
    """How it was found out."""
    seconds: float
    """That the run took which was looked at: longer than any other."""
    spent: tuple[Spent, ...]
    """What takes longest first. Parts may contain one another."""


async def deep_look(check: Check, root: Path, environ: Mapping[str, str]) -> Looked:
    """Runs a check once more, with an empty cache of its tool, and finds out where its time goes.

    Args:
        check: what to run.
        root: the project's root.
        environ: what the environment of the check is made from.

    Raises:
        FtuiError: nothing can tell where its time goes, or the run came to nothing.
    """
    if check.unavailable is not None:
        raise FtuiError(check.unavailable)
    if mutating(check):
        raise FtuiError(f"{check.id} writes files of the tree, which only a run of its own may do")
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="ftui-")
    try:
        if check.deep_look is not None:
            more = tuple(arg.replace("{scratch}", folder) for arg in check.deep_look.args)
            looked, way = replace(check, args=(*check.args, *more)), f"{check.adapter} itself says"
        else:
            looked, way = _profiled(check, folder), "cProfile, of the first process and its first thread"
        looked = replace(looked, retries=0, cache=False)
        done = await Executor(root, Emitter(_unheard), environ).execute(
            looked, bucket=Bucket.MISS, reason="", queued_s=0.0, folders=Folders()
        )
        if check.deep_look is not None:
            spent = await asyncio.to_thread(_told, check, check.deep_look, done.output, folder)
        else:
            spent = await _read_profile(looked, folder, root, environ)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if not spent:
        because = done.result.broken_because or f"it {done.result.outcome}"
        raise FtuiError(f"nothing was told of where the time of {check.id} goes: {because}")
    return Looked(check.id, way, done.result.duration_s or 0.0, spent)


def _told(check: Check, look: DeepLook, output: str, folder: str) -> tuple[Spent, ...]:
    try:
        return _read(look.read(output, folder))
    except Exception as error:  # an adapter is foreign code
        message = f"{type(error).__name__}: {error}"
        raise FtuiError(
            f"adapter {check.adapter} could not read where the time of {check.id} goes: {message}"
        ) from None


def _read(parts: Iterable[Spent]) -> tuple[Spent, ...]:
    return tuple(sorted(islice(parts, MOST_READ), key=lambda part: -part.seconds)[:MOST])


def _profiled(check: Check, folder: str) -> Check:
    """The check under cProfile, where it is a Python program."""
    program, *rest = check.argv
    python = _interpreter(program)
    profile = ("-m", "cProfile", "-o", os.path.join(folder, "profile"))
    if python is not None:
        return replace(check, argv=(python, *profile, program, *rest))
    words = [*rest, *check.args]
    if os.path.basename(program).startswith("python") and words and (words[0] == "-m" or not words[0].startswith("-")):
        return replace(check, argv=(program, *profile, *rest))
    raise FtuiError(
        f"nothing can tell where the time of {check.id} goes: {os.path.basename(program)} is no Python program, and "
        f"the adapter {check.adapter} knows no way to ask it"
    )


def _interpreter(program: str) -> str | None:
    """The Python that a script is for; None where it is none."""
    path = shutil.which(program)
    try:
        with open(path or program, "rb") as file:
            first = file.readline(1024)
    except OSError:
        return None
    words = first[2:].decode(errors="replace").split()
    if not first.startswith(b"#!") or not words or not os.path.basename(words[-1]).startswith("python"):
        return None
    return shutil.which(words[-1]) if os.path.basename(words[0]) == "env" else words[0]


async def _read_profile(check: Check, folder: str, root: Path, environ: Mapping[str, str]) -> tuple[Spent, ...]:
    file = os.path.join(folder, "profile")
    if not await asyncio.to_thread(os.path.exists, file):
        return ()
    reading = process.Command(
        argv=(check.argv[0], "-I", "-c", READER, file),
        cwd=str(root),
        env=child_environment(environ, (), scratch=folder, colour=False),
        timeout=60.0,
        split=True,
    )
    end = await process.run(reading, lambda stream, text: None)
    try:
        found = [json.loads(line) for line in end.stdout.splitlines() if line.startswith("[")]
        return _read(Spent(str(what), float(seconds)) for what, seconds in found)
    except (ValueError, TypeError):
        return ()  # what was profiled has had its hands on the file


def _unheard(event: Event) -> None:
    """Nobody is told what runs only to be looked at."""
