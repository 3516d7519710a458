"""Why a check would run now, or would not: for programs as JSON, for people as text."""

from __future__ import annotations

import shlex
import time
from textwrap import wrap
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.cache.digest import sha256_hex
from ftui.cache.fingerprint import MISSING
from ftui.cache.policy import ago
from ftui.events import SCHEMA_VERSION
from ftui.model import Bucket, Outcome
from ftui.report import figures
from ftui.report.looks import OUTCOMES
from ftui.report.safe import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ftui.cache.key import Manifest, Value
    from ftui.report.stream import Stream

SHORT = 12
"""Digits shown of a digest."""
MOST_PATHS = 20
"""Edited files that are named in the text."""
ABSENT = "not there"
WIDEST = 100
"""Columns of the text on a terminal that is wider."""


class Part(Struct, frozen=True):
    """One thing that the key is made of."""

    name: str
    value: str
    """For people: digests are shortened, and of a variable only its name is told."""


class Changed(Struct, frozen=True):
    """One difference between the key of the last result and that of now."""

    part: str
    text: str
    paths: tuple[str, ...]
    """The inputs concerned; empty where it is not about inputs."""


class Last(Struct, frozen=True):
    """The result that the check had last in this tree."""

    outcome: Outcome
    recorded_at: float
    """Seconds since 1970."""
    duration_s: float


class Required(Struct, frozen=True):
    """A check that has to have passed before, and what would become of it."""

    check: str
    would_run: bool
    bucket: Bucket | None
    reason: str


class Why(Struct, frozen=True, kw_only=True):
    """Whether a check would run now, and why; names are as stable as `schema_version` says."""

    schema_version: int = SCHEMA_VERSION
    check: str
    would_run: bool
    bucket: Bucket | None
    """None where it is blocked by a check that it requires."""
    reason: str
    key: str | None
    """None where its results are not cached; `reason` says why."""
    parts: tuple[Part, ...]
    changes: tuple[Changed, ...]
    """Since the last result; empty where that stands."""
    last: Last | None
    requires: tuple[Required, ...]
    """All that it requires, what is required first."""
    uncovered: tuple[str, ...] | None
    """Files edited since the last commit that no check reads; None where git does not say what was edited."""


def parts_of(manifest: Manifest, files: int) -> tuple[Part, ...]:
    """The parts of a key as they may be shown.

    Args:
        manifest: of the key.
        files: how many inputs there are.
    """
    return tuple(Part(name, _value(name, value, files)) for name, value in manifest)


def _value(name: str, value: Value, files: int) -> str:
    kind = name.partition(":")[0]
    if kind == "env":
        return "set"
    if kind == "argv":
        return shlex.join([value] if isinstance(value, str) else value)
    if kind in ("packages", "environment"):
        return f"{len(value)} installed, {sha256_hex(repr(value).encode())[:SHORT]}" if value else ""
    if kind == "inputs":
        return f"{figures.counted(files, 'file')}, {_short(str(value))}"
    if value == MISSING:
        return ABSENT
    return " ".join(_short(text) for text in ([value] if isinstance(value, str) else value) if text)


def _short(text: str) -> str:
    """A digest by its beginning; anything else as it is."""
    is_digest = len(text) >= 32 and all(digit in "0123456789abcdef" for digit in text)
    return text[:SHORT] if is_digest else text


def text_of(why: Why, stream: Stream) -> list[str]:
    """The same as lines for people, wrapped to the columns of the stream."""
    page = _Page(stream)
    bucket = f" ({why.bucket.value})" if why.bucket is not None else ""
    verdict = f"{why.check} {'would run' if why.would_run else 'would not run'} now{bucket}"
    if why.changes:
        page.add(f"{verdict}; since its last result:")
        page.each("  ", [change.text for change in why.changes])
    else:
        page.add(f"{verdict}: {why.reason}")
    if why.last is not None:
        look = OUTCOMES[why.last.outcome]
        age = ago(time.time() - why.last.recorded_at)
        page.add(f"last result: {stream.glyph(look)} {look.word} {age}, in {figures.duration(why.last.duration_s)}")
    if why.requires:
        page.title("requires")
        page.table([(each.check, _state(each)) for each in why.requires])
    if why.key is not None:
        page.title(f"key {_short(why.key)}")
        page.table(_grouped(why.parts))
    _uncovered(why.uncovered, page)
    return page.lines


def _state(required: Required) -> str:
    words = "would run" if required.would_run else "would not run"
    return f"{words} ({required.bucket.value}): {required.reason}" if required.bucket else f"{words}: {required.reason}"


def _grouped(parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """One row for each kind of part: those with a subject, such as `config:mypy.ini`, are listed in one."""
    kinds: dict[str, list[str]] = {}
    absent: dict[str, int] = {}
    for part in parts:
        kind, _, subject = part.name.partition(":")
        row = kinds.setdefault(kind, [])
        if part.value == ABSENT:
            absent[kind] = absent.get(kind, 0) + 1
        elif kind == "env":
            row.append(subject)
        elif part.value:
            row.append(f"{subject} {_short(part.value)}" if subject else part.value)
    for kind, row in kinds.items():
        if kind in absent:
            row.append(f"{absent[kind]} more that would count are not there")
        if row:
            yield kind, ", ".join(row)


def _uncovered(paths: tuple[str, ...] | None, page: _Page) -> None:
    if paths is None:
        page.title("git does not say what was edited here, so files that no check reads are not known")
    elif paths:
        page.title("edited since the last commit, and read by no check")
        page.each("  ", paths[:MOST_PATHS])
        if len(paths) > MOST_PATHS:
            page.add(f"  and {len(paths) - MOST_PATHS} more")


class _Page:
    """Lines that fit the stream."""

    def __init__(self, stream: Stream) -> None:
        self.lines: list[str] = []
        self._columns = min(stream.size()[0], WIDEST)

    def add(self, text: str, *, start: str = "", indent: str = "  ") -> None:
        """Adds a paragraph; `start` stands before its first line, `indent` before the others."""
        self.lines += wrap(
            one_line(text),
            self._columns,
            initial_indent=start,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )

    def title(self, text: str) -> None:
        """Begins a section."""
        self.lines.append("")
        self.add(text)

    def each(self, start: str, texts: Iterable[str]) -> None:
        """Adds paragraphs that stand a little to the right."""
        for text in texts:
            self.add(text, start=start, indent=f"{start}  ")

    def table(self, rows: Iterable[tuple[str, str]]) -> None:
        """Adds names with what there is to say of each beside them."""
        cells = [(one_line(name), text) for name, text in rows]
        columns = max((len(name) for name, _ in cells), default=0)
        for name, text in cells:
            self.add(text, start=f"  {name.ljust(columns)}  ", indent=" " * (columns + 4))
