"""Contradictions of the ledger, as text and JSON."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ftui.cache.ledger import MEMORY_S, Contradiction
from ftui.cache.policy import ago, duration
from ftui.report.figures import counted
from ftui.report.safe import coloured, one_line, plain
from ftui.report.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ftui.report.stream import Stream

SCHEMA_VERSION = 1
"""Of the JSON form; goes up when a field changes its meaning or goes away."""
KEY_SHOWN = 12
"""Characters of a key that are shown to people."""


class Side(Struct, frozen=True, kw_only=True):
    """One of the two runs."""

    outcome: str
    output: str
    """The end of what it printed, with colour codes; long ones begin in the middle."""


class Flake(Struct, frozen=True, kw_only=True):
    """One key with two outcomes."""

    check: str
    key: str
    at: float
    """When the second run contradicted the first, seconds since 1970."""
    kind: Literal["flake", "audit"]
    """Whether a run on the same inputs showed it, or the audit of a hit."""
    first: Side
    second: Side


class FlakeReport(Struct, frozen=True, kw_only=True):
    """What `ftui flakes --format json` prints."""

    schema_version: int
    tree: str
    """Absolute path of the root that it was seen in."""
    flakes: tuple[Flake, ...]
    """The latest first."""


def report(tree: str, seen: Iterable[Contradiction]) -> FlakeReport:
    """The contradictions of a tree as data."""
    flakes = (
        Flake(
            check=each.check,
            key=each.key,
            at=each.at,
            kind=each.kind,
            first=_side(*each.first),
            second=_side(*each.second),
        )
        for each in seen
    )
    return FlakeReport(schema_version=SCHEMA_VERSION, tree=tree, flakes=tuple(flakes))


def _side(outcome: str, output: bytes) -> Side:
    return Side(outcome=outcome, output=coloured(output.decode(errors="replace")))


def listed(flakes: Sequence[Flake], now: float | None = None) -> Iterator[str]:
    """A line for each of them, and what follows from them.

    Args:
        flakes: the latest first; at least one.
        now: seconds since 1970; None for this moment.
    """
    now = time.time() if now is None else now
    rows = [(one_line(flake.check), _sentence(flake), ago(now - flake.at)) for flake in flakes]
    columns = [max(width(row[place]) for row in rows) for place in range(3)]
    for flake, row in zip(flakes, rows, strict=True):
        cells = "  ".join(pad(cell, size) for cell, size in zip(row, columns, strict=True))
        yield f"{cells}  key {flake.key[:KEY_SHOWN]}{'  by an audit' if flake.kind == 'audit' else ''}"
    suspect = list(dict.fromkeys(flake.check for flake in flakes if 0 <= now - flake.at < MEMORY_S))
    yield ""
    if suspect:
        names = ", ".join(map(one_line, suspect))
        yield f"their passes are policy reruns for {duration(MEMORY_S)} after that: {names}"
    yield "`ftui flakes CHECK` shows both outputs; `ftui flakes --clear CHECK` when it is mended"


def both_outputs(flakes: Sequence[Flake], stream: Stream, now: float | None = None) -> Iterator[str]:
    """The two outputs of the latest contradiction of a check, one after the other.

    Args:
        flakes: those of the check, the latest first; at least one.
        stream: where the lines go.
        now: seconds since 1970; None for this moment.
    """
    now = time.time() if now is None else now
    flake = flakes[0]
    yield f"{one_line(flake.check)}: {_sentence(flake)} on the same inputs, {ago(now - flake.at)}"
    yield f"key {flake.key}"
    for title, side in (("first", flake.first), ("then", flake.second)):
        yield ""
        yield f"{title}: {one_line(side.outcome)}"
        output = side.output if stream.colour else plain(side.output)
        lines = output.rstrip("\n").split("\n") if output.strip() else ["(no output)"]
        off = "\x1b[0m" if "\x1b" in output else ""
        yield from (f"  {line}{off}" for line in lines)
    if len(flakes) > 1:
        yield ""
        yield f"{counted(len(flakes) - 1, 'earlier contradiction')} with --format json"


def _sentence(flake: Flake) -> str:
    return f"{one_line(flake.first.outcome)}, then {one_line(flake.second.outcome)}"
