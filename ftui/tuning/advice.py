"""What could be changed, what that saves, and how sure that is. Data only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ftui.events import SCHEMA_VERSION
from ftui.tuning.simulate import Span
from ftui.tuning.whatif import Estimate, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["workers", "xdist", "phase", "split", "inputs", "rerun", "mode", "duplicate"]
Confidence = Literal["high", "medium", "low"]
"""`high`: told from many runs, and far above their noise; `low`: it rests on more than what was measured."""

Value = str | int | bool | tuple[str, ...]


class Change(Struct, frozen=True):
    """One setting of the configuration."""

    keys: tuple[str, ...]
    """That lead to it: `workers`, or `checks`, `mypy`, `phase`."""
    value: Value

    def lines(self, prefix: str = "") -> Iterator[str]:
        """It as a user would write it.

        Args:
            prefix: of the tables, such as `tool.ftui`; empty in a file of ftui's own.
        """
        table = ".".join([*([prefix] if prefix else []), *map(_key, self.keys[:-1])])
        if table:
            yield f"[{table}]"
        yield f"{_key(self.keys[-1])} = {_literal(self.value)}"


class Advice(Struct, frozen=True, kw_only=True):
    """One change, or several that belong together."""

    kind: Kind
    title: str
    """What to do."""
    because: str
    """What the records show."""
    saves: Estimate
    """Seconds of a run in which every check runs, or of an average run where `because` speaks of some of them."""
    confidence: Confidence
    changes: tuple[Change, ...]
    beware: str = ""
    """What else it changes."""


class Lacking(Struct, frozen=True):
    """A check of which too little is known."""

    check: str
    runs: int
    """That there are records of."""
    needed: int


class Trend(Struct, frozen=True, kw_only=True):
    """What a check took, and what it spent that with."""

    check: str
    durations: tuple[float, ...]
    """Seconds, the last one last."""
    budget: float | None
    """Seconds."""
    cpu_share: float | None
    """CPU seconds per second, in the middle; None where it is not known."""


class Point(Struct, frozen=True):
    """The wall at a number of workers."""

    workers: int
    wall: Estimate


class Tuning(Struct, frozen=True, kw_only=True):
    """All that recorded runs say about the settings of a project; every front end shows this."""

    schema_version: int = SCHEMA_VERSION
    profile: str
    setting: Setting
    cores: int
    runs: int
    """Recorded runs that it rests on."""
    under_load: bool
    """Whether all of them ran while other programs took much of the machine."""
    lacking: tuple[Lacking, ...]
    """The checks of which too little is known; there is no forecast and no advice then."""
    trends: tuple[Trend, ...]
    wall: Estimate | None = None
    """Seconds of a run in which every check runs; None where that cannot be told."""
    measured: Estimate | None = None
    """The same as it was measured, where every check ran with this number of workers; None where that never was."""
    fail_fast: Estimate | None = None
    """The same where the first failure ends the run."""
    curve: tuple[Point, ...] = ()
    critical_path: tuple[Span, ...] = ()
    idle: dict[str, float] = {}
    """Slot seconds that nothing uses in a typical run, by the check that is waited for."""
    advice: tuple[Advice, ...] = ()
    """What is worth it, what saves most first; each figure is that of the change alone."""
    untried: tuple[str, ...] = ()
    """What might be worth it, and cannot be told without a try: one sentence each."""


class Flake(Struct, frozen=True):
    """A check that came to two outcomes on the same files."""

    check: str
    first: str
    second: str
    at: float
    """Seconds since 1970."""


class Tuned(Struct, frozen=True):
    """What the screen shows."""

    tuning: Tuning
    flakes: tuple[Flake, ...]
    prefix: str
    """Of the tables of the configuration, see `Change.lines`."""


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(json.dumps(item, ensure_ascii=False) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
