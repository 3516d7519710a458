"""Which lines hold what is looked for: all of them, also those that are not on the screen, block by block."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from ftui import ansi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ftui.tui.lines import Lines


class Scan:
    """Finds lines as they come, a block at a step, so that nothing waits long for it.

    Args:
        lines: the lines to look through.
        pattern: what a line holds that is found. A newline comes before each line.
        prepare: makes of lines with colour codes the text to look through, line for line.
        within: finds nothing but what this found too; it must be ahead.
    """

    def __init__(
        self,
        lines: Lines,
        pattern: re.Pattern[str],
        *,
        prepare: Callable[[str], str] = ansi.strip,
        within: Scan | None = None,
    ) -> None:
        self.pattern = pattern
        self.found = array("Q")
        """Numbers of the lines found, in order."""
        self.scanned = 0
        """The number after that of the last line that was looked at and will not change."""
        self._lines = lines
        self._prepare = prepare
        self._within = within
        self._left_out = 0
        self._revision = -1

    @property
    def finished(self) -> bool:
        """Whether it has seen all there is so far."""
        return self._revision == self._lines.revision

    def step(self) -> bool:
        """Looks through one more block.

        Returns:
            Whether there was one.
        """
        if self.finished:
            return False
        lines = self._lines
        self._forget_left_out()
        block = lines.blocks[lines.index(self.scanned)]
        if self.scanned >= block.end and block is not lines.blocks[-1]:
            block = lines.blocks[lines.index(self.scanned) + 1]
        start = max(self.scanned, block.first)
        # The last line may have been incomplete when it was looked at.
        del self.found[bisect_left(self.found, start) :]
        self.found.extend(self._keep(self._matching(block.text(start), start)))
        self.scanned = min(block.end, lines.closed)
        if block is lines.blocks[-1]:
            self._revision = lines.revision
        return True

    def _matching(self, text: str, first: int) -> list[int]:
        """Numbers of the lines of a text that match, where its first line has the number `first`."""
        text = f"\n{self._prepare(text)}\n"
        matching = []
        line, start = first - 1, 0
        while (match := self.pattern.search(text, start)) is not None:
            line += text.count("\n", start, match.end())
            matching.append(line)
            start = text.index("\n", match.end())
        return matching

    def _keep(self, numbers: list[int]) -> Sequence[int]:
        if self._within is None or not numbers:
            return numbers
        found = self._within.found
        others = set(found[bisect_left(found, numbers[0]) : bisect_left(found, numbers[-1] + 1)])
        return [number for number in numbers if number in others]

    def _forget_left_out(self) -> None:
        left_out = self._lines.left_out
        if len(left_out) != self._left_out:
            self._left_out = len(left_out)
            del self.found[bisect_left(self.found, left_out.start) : bisect_left(self.found, left_out.stop)]


def literal(query: str) -> re.Pattern[str]:
    """Matches the words of a query as they stand; upper and lower case are one, unless it has upper case."""
    return re.compile(re.escape(query), re.NOFLAG if any(map(str.isupper, query)) else re.IGNORECASE)


_RED_MARK = "\x01"
_RED = re.compile(r"\x1b\[(?:[01]*;)?(?:[39]1|38;5;[19])(?:;0?1)?m")

# One of few characters comes first, which is looked for five times as fast as a choice of words.
_TROUBLE = re.compile(
    rf"""
    [\n{_RED_MARK}efpt]
    (?: (?<={_RED_MARK})
      | (?<=\n)(?: e\ {{3}} | (?!\d+:)[^\s:]+:\d+:\d+:?\ (?!note|warning|info) | \ *-->\ [^\s:]+:\d+:\d+ )
      | (?<!_.)(?<!\b0\ .)(?<!\bno\ .)(?:rrors?|xceptions?|ail(?:s|ed|ures?)?|atal|anic(?:ked)?|raceback)\b
    )
    """,
    re.VERBOSE,
)


def errors(lines: Lines) -> Scan:
    """Finds lines that look like errors. This is the one place that says which do:

    - something in them is red,
    - they have a word such as error, ValueError, FAILED, failure, exception, fatal, panic or traceback; not as a part
      of a name with underscores, and not where there are none of them ("0 errors"),
    - they start as pytest starts what it says of a failure, with an `E` and three spaces,
    - they start with a place, `path:line:column`, and go on with anything but a note, warning or information, or there
      is just an arrow before it (`--> path:line:column`).
    """
    return Scan(lines, _TROUBLE, prepare=_marked)


def _marked(text: str) -> str:
    return ansi.strip(_RED.sub(_RED_MARK, text)).lower() if "\x1b" in text else text.lower()
