"""The findings of checks in order, and as lines grouped by file. Pure: no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ftui.model import Outcome
from ftui.report import figures
from ftui.report.lines import LONGEST_LINE
from ftui.report.looks import FIXED, NEW, SEVERITIES, look_of
from ftui.report.safe import one_line, plain, shortened
from ftui.report.width import pad, width
from ftui.tui.paint import wrapped
from ftui.tui.snippet import AROUND, Snippet, displayed, source_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from ftui.model import Finding
    from ftui.state import Row
    from ftui.tui.finding_history import Compared
    from ftui.tui.paint import Line

WORDS: Final = 50
"""Columns from which on a severity is a word beside its glyph."""
NO_FILE: Final = "no file"
MOST_MESSAGE_LINES: Final = 200
"""Lines of a message that are shown below the source."""


class Located(NamedTuple):
    """A finding and whose it is."""

    check_id: str
    number: int
    """Its place in the result, from 0; a tool may say the same thing twice."""
    finding: Finding


def located(rows: Iterable[Row]) -> list[Located]:
    """All findings of checks, check by check, each by path and line; those without a path come last."""
    return [
        Located(row.id, number, finding)
        for row in rows
        if row.result is not None
        for number, finding in sorted(enumerate(row.result.findings), key=lambda each: _place(each[1]))
    ]


def _place(finding: Finding) -> tuple[bool, str, int, int]:
    return finding.path is None, finding.path or "", finding.line or 0, finding.column or 0


def following(rows: Collection[Row], here: Located | None, by: int) -> Located | None:
    """The next finding, or the one before, across checks; after the last one it begins again.

    Args:
        rows: the checks, in order.
        here: where the user is, if anywhere; it may have moved or gone since.
        by: 1 for the next one, -1 for the one before.

    Returns:
        None where there are no findings.
    """
    ranks = {row.id: rank for rank, row in enumerate(rows)}
    findings = located(rows)
    if not findings:
        return None
    if here is None:
        return findings[0 if by > 0 else -1]
    again = same(findings, here)
    if again is not None:
        return findings[(findings.index(again) + by) % len(findings)]
    # It is gone: on to what stands next to where it was.
    place = (ranks.get(here.check_id, -1), _place(here.finding))
    before = sum((ranks[each.check_id], _place(each.finding)) < place for each in findings)
    return findings[(before if by > 0 else before - 1) % len(findings)]


def same(findings: Iterable[Located], here: Located) -> Located | None:
    """What a finding of an earlier result is now: the nearest one that says the same of the same file; None if gone."""
    path, rule, message = here.finding.path, here.finding.rule, here.finding.message
    line = here.finding.line or 0
    return min(
        (
            each
            for each in findings
            if (each.check_id, each.finding.path) == (here.check_id, path)
            and (each.finding.rule, each.finding.message) == (rule, message)
        ),
        key=lambda each: (abs((each.finding.line or 0) - line), each.number != here.number),
        default=None,
    )


# As lines


class CheckItem(NamedTuple):
    """The heading of a check."""

    row: Row
    change: Compared


class PathItem(NamedTuple):
    """The heading of a file's findings."""

    path: str | None
    findings: int


class FixedItem(NamedTuple):
    """A finding that is no more."""

    finding: Finding


class Note(NamedTuple):
    """A sentence where there are no findings."""

    text: str


class FindingItem(NamedTuple):
    """A finding that is."""

    located: Located
    new: bool


Item: TypeAlias = "CheckItem | PathItem | FindingItem | FixedItem | Note"


def items_of(rows: Iterable[Row], of: Callable[[str], Compared], *, alone: bool) -> list[Item]:
    """What is listed: for each check its heading, and its findings below those of their files.

    Args:
        rows: the checks.
        of: what is new and fixed in a check's last verdict.
        alone: whether it is one check, which is listed even where it has found nothing.
    """
    items: list[Item] = []
    for row in rows:
        change = of(row.id)
        found = list(_findings_of(row, change))
        if found or alone:
            items += [CheckItem(row, change), *found]
        if alone and not found:
            items.append(Note(_nothing(row)))
    return items or [Note("no findings")]


def _findings_of(row: Row, change: Compared) -> Iterator[Item]:
    groups: dict[str | None, list[FindingItem | FixedItem]] = {}
    for number, finding in enumerate(row.result.findings if row.result is not None else ()):
        item = FindingItem(Located(row.id, number, finding), number in change.new)
        groups.setdefault(finding.path, []).append(item)
    for finding in change.fixed:
        groups.setdefault(finding.path, []).append(FixedItem(finding))
    for path in sorted(groups, key=lambda path: (path is None, path or "")):
        group = groups[path]
        yield PathItem(path, sum(isinstance(item, FindingItem) for item in group))
        yield from sorted(group, key=lambda item: _place(_finding(item)))


def _finding(item: FindingItem | FixedItem) -> Finding:
    return item.finding if isinstance(item, FixedItem) else item.located.finding


def _nothing(row: Row) -> str:
    if row.result is None:
        return "it has no result yet"
    if row.result.outcome is Outcome.FAILED:
        return "it names no findings: see its output"
    return "no findings"


def line_of(item: Item, columns: int) -> Line:
    """The line of an item.

    Args:
        item: what it is about.
        columns: that there are.
    """
    match item:
        case CheckItem(row, change):
            return _heading(row, change)
        case PathItem(path, findings):
            name = NO_FILE if path is None else one_line(path)
            return ((f" {name}", "path"), (f"  {findings}" if findings else "", "faint"))
        case FindingItem(each, new):
            return _finding_line(each.finding, new=new, columns=columns)
        case FixedItem(finding):
            words = (_where(finding), one_line(finding.rule or ""), _first_line(finding))
            state = (f" {FIXED.glyph} {FIXED.word} ", FIXED.word)
            return (state, (" ".join(filter(None, words)), "faint"))
        case Note(text):
            return ((f" {text}", "faint"),)


def _heading(row: Row, change: Compared) -> Line:
    look = look_of(row)
    found = row.result.findings if row.result is not None else ()
    parts = [figures.counted(len(found), "finding")] if found else []
    parts += [f"{len(change.new)} {NEW.word}"] if change.new else []
    parts += [f"{len(change.fixed)} {FIXED.word}"] if change.fixed else []
    parts += ["stale"] if row.result is not None and row.stale else []
    return (
        (f"{look.glyph} {one_line(row.id)} {look.word}", look.word),
        (f"  {' · '.join(parts)}", "strong"),
    )


def _finding_line(finding: Finding, *, new: bool, columns: int) -> Line:
    look = SEVERITIES[finding.severity]
    word = f"{look.glyph} {pad(look.word, max(width(each.word) for each in SEVERITIES.values()))}"
    return (
        (f" {NEW.glyph}{NEW.word} " if new else "      ", NEW.word),
        (f"{_where(finding):>6} ", "faint"),
        (f"{word if columns >= WORDS else look.glyph} ", look.word),
        (f"{one_line(finding.rule)} " if finding.rule else "", "strong"),
        (_first_line(finding), ""),
    )


def _where(finding: Finding) -> str:
    return ":".join(str(number) for number in (finding.line, finding.column) if number is not None)


def _first_line(finding: Finding) -> str:
    return one_line(finding.message.strip().partition("\n")[0])


def detail_lines(finding: Finding, source: Snippet | str, columns: int, height: int) -> list[Line]:
    """A finding in full: where it is, the source around it, its message.

    Args:
        finding: what to show.
        source: the lines around it, or why there are none.
        columns: that there are.
        height: lines that are seen at once: where they are few, the place itself is among them.
    """
    look = SEVERITIES[finding.severity]
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)
    head: Line = (
        (f"{look.glyph} {look.word} ", look.word),
        (f"{one_line(finding.rule)} " if finding.rule else "", "strong"),
        (one_line(place), "path"),
    )
    lines: list[Line] = [head]
    if isinstance(source, Snippet):
        lines += source_lines(source, columns, around=max(0, min(AROUND, (height - 3) // 2)))
    elif source:
        lines.append(((source, "faint"),))
    for text in plain(finding.message).strip("\n").split("\n")[:MOST_MESSAGE_LINES]:
        lines += [((part, ""),) for part in wrapped(displayed(shortened(text, LONGEST_LINE)), max(1, columns))]
    return lines
