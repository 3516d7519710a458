"""Why a check's result is what it is, in lines. Pure: no screen, no clock."""

from __future__ import annotations

import shlex
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Final

from ftui.cache.policy import ago
from ftui.model import Bucket
from ftui.report import figures
from ftui.report.looks import OUTCOMES, Look, look_of
from ftui.report.safe import one_line, shortened
from ftui.report.stream import Stream
from ftui.report.why import SHORT, text_of
from ftui.report.width import pad, width
from ftui.tui.paint import fitted, wrapped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ftui.model import CheckResult
    from ftui.report.why import Why
    from ftui.state import Row, State
    from ftui.tui.paint import Line

MOST_PATHS: Final = 20
"""Paths that are named of each kind."""
LONGEST: Final = 2000
"""Characters of one sentence that are shown."""
INDENT: Final = "  "


def why_lines(row: Row, state: State, now: float, columns: int) -> list[Line]:
    """All that is known of a check's verdict without asking the cache.

    Args:
        row: the check.
        state: with the other checks.
        now: seconds since 1970.
        columns: that there are.
    """
    lines: list[Line] = [_verdict(row)]
    for sentence, style in _sentences(row, now):
        lines += _paragraph(sentence, columns, style)
    if row.changed:
        lines += [(), *_paths("changed since its verdict", row.changed, columns)]
    facts = [*_facts(row, now), *_required(row, state)]
    names = max((width(name) for name, _, _ in facts), default=0)
    if facts:
        lines.append(())
    for name, text, style in facts:
        first, *more = wrapped(one_line(text), max(1, columns - names - 4))
        lines.append(((f"{INDENT}{pad(name, names)}{INDENT}", "faint"), (first, style)))
        lines += [((" " * (names + 4), ""), (part, style)) for part in more]
    return lines


def uncovered_lines(state: State, columns: int) -> list[Line]:
    """The files that were edited while the tree was watched and that no check reads; nothing where there are none."""
    return (
        [(), *_paths("edited while it was watched, and read by no check", state.uncovered, columns)]
        if state.uncovered
        else []
    )


def explained_lines(why: Why | str, columns: int) -> list[Line]:
    """What would happen now, and the parts of the key.

    Args:
        why: what the cache says; or a sentence in place of it.
        columns: that there are.
    """
    lines: list[Line] = [(), (("if it were asked for now", "title"),)]
    texts = [why] if isinstance(why, str) else text_of(why, _Page(columns - len(INDENT)))
    for text in texts:
        lines += _paragraph(text, columns, "faint" if isinstance(why, str) else "")
    return lines


class _Page(Stream):
    """A stream as wide as the pane, that nothing is written to."""

    def __init__(self, columns: int) -> None:
        super().__init__(StringIO(), {})
        self._columns = max(1, columns)

    def size(self) -> tuple[int, int]:
        return self._columns, 1


def _verdict(row: Row) -> Line:
    look = look_of(row)
    head = (f"{look.glyph} {one_line(row.id)} {look.word}", look.word)
    bucket = _bucket(row)
    return (head, (f"  {bucket.value}", "strong")) if bucket is not None else (head,)


def _bucket(row: Row) -> Bucket | None:
    if row.status != "done":
        return row.recalled.bucket if row.recalled is not None else None
    if row.result is None:
        return None
    return Bucket.STALE if row.stale else row.result.bucket


def _sentences(row: Row, now: float) -> Iterator[tuple[str, str]]:
    """What there is to say of it, and in which style."""
    if row.paused is not None:
        yield f"paused: {row.paused}", "warning"
    recalled, result = row.recalled, row.result
    if row.status != "done":
        if recalled is not None:
            yield f"last result: {_state(OUTCOMES[recalled.outcome])} {_when(recalled.recorded_at, now)}", ""
            yield recalled.reason, ""
        elif result is not None:
            yield f"result before: {_state(OUTCOMES[result.outcome])}", ""
    elif result is not None:
        if result.broken_because:
            yield f"no verdict: {result.broken_because}", "broken"
        if result.skipped_because:
            yield f"skipped: {result.skipped_because}", ""
        if result.note:
            yield result.note, ""
        if result.reason:
            was = f"it was a {result.bucket.value}: " if row.stale and result.bucket is not None else ""
            yield f"{was}{result.reason}", ""


def _facts(row: Row, now: float) -> Iterator[tuple[str, str, str]]:
    """Names, what there is to say, and in which style."""
    result = row.result
    if result is None:
        return
    if result.recorded_at is not None:
        yield "replayed", f"found {_when(result.recorded_at, now)}", ""
    yield from _costs(result)
    if result.exit_code is not None:
        yield "exit code", str(result.exit_code), ""
    if result.tree is not None:
        yield "tree", f"{result.tree[:SHORT]}{', not as it is now' if row.changed else ''}", ""
    if result.key is not None:
        yield "key", result.key[:SHORT], ""
    if result.argv:
        yield "command", shortened(shlex.join(result.argv), LONGEST), ""


def _costs(result: CheckResult) -> Iterator[tuple[str, str, str]]:
    if result.duration_s is not None:
        parts = [figures.duration(result.duration_s)]
        parts += [figures.counted(result.attempts, "attempt")] if result.attempts > 1 else []
        parts += [f"{figures.duration(result.cpu_s)} of CPU"] if result.cpu_s is not None else []
        parts += [figures.size(result.peak_rss_bytes)] if result.peak_rss_bytes is not None else []
        yield "took", " · ".join(parts), ""


def _required(row: Row, state: State) -> Iterator[tuple[str, str, str]]:
    for number, check_id in enumerate(row.requires):
        other = state.rows.get(check_id)
        look = look_of(other) if other is not None else None
        text = f"{one_line(check_id)} {_state(look) if look is not None else 'not in this profile'}"
        yield "" if number else "requires", text, look.word if look is not None else ""


def _state(look: Look) -> str:
    return f"{look.glyph} {look.word}"


def _when(moment: float, now: float) -> str:
    try:
        at = f" ({datetime.fromtimestamp(moment):%Y-%m-%d %H:%M})"
    except (OverflowError, OSError, ValueError):  # a recording may say anything
        at = ""
    return f"{ago(now - moment)}{at}"


def _paths(title: str, paths: Collection[str], columns: int) -> Iterable[Line]:
    yield ((title, "title"),)
    for path, _ in zip(paths, range(MOST_PATHS), strict=False):
        yield fitted(((f"{INDENT}{one_line(path)}", "path"),), columns)
    if len(paths) > MOST_PATHS:
        yield ((f"{INDENT}and {figures.counted(len(paths) - MOST_PATHS, 'more file')}", "faint"),)


def _paragraph(text: str, columns: int, style: str) -> list[Line]:
    parts = wrapped(one_line(shortened(text, LONGEST)), max(1, columns - len(INDENT)))
    return [((f"{INDENT}{part}", style),) for part in parts]
