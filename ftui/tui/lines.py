"""The lines of an output of any length, held compactly and found by number.

Lines are kept as UTF-8 in blocks of some 64 KiB, so that a million of them cost little more than their text. A block
is split into strings again when one of its lines is asked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from ftui import ansi
from ftui.tui.block import BESIDE_TEXT, Block
from ftui.tui.look import PLAIN, Look, after, resets

KEPT = 128 * 1024 * 1024
"""Bytes kept of one output. Beyond it the middle goes, and a line in its place says how many lines went."""

LONGEST = 4096
"""Characters of a line, a colour code being one. A longer line goes on in the next, so that no line costs more than a
screen to draw; what is searched for is not found across that cut."""

_BLOCK = 64 * 1024

_NUMBERS = rf"\[[0-9;:]{{0,{ansi.LONGEST_COLOUR}}}"
_CODE = rf"\x1b{_NUMBERS}m"
_STRAY_ESCAPE = re.compile(rf"\x1b(?!{_NUMBERS}(?:m|\Z)|\Z)")
_UNFINISHED = re.compile(rf"\r?\x1b(?:{_NUMBERS})?\Z|\r\Z")
_RETURNS = re.compile(r"\r+(?=[\r\n])")
_PIECE = re.compile(rf"(?:{_CODE}|.){{1,{LONGEST}}}", re.DOTALL)
_TAB_OR_CODE = re.compile(rf"(\t|{_CODE})")


class Lines:
    """What one check printed, line by line, in bounded memory.

    A line keeps its number for good: where lines are left out, no other line changes its number.

    Args:
        kept: bytes kept, up to half of them of the beginning.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._block_size = min(_BLOCK, kept // 8)
        self._size = 0
        self._head = 0
        self._open = ""
        self._held = ""
        # Neighbouring lines are asked for one after the other, so what was found out of a block is of use again.
        self._split: tuple[Block, list[str]] | None = None
        self._looks: tuple[Block, dict[int, Look]] | None = None
        self.blocks: list[Block] = [Block(0, PLAIN)]
        """All the lines, in order. The last block is the one that grows."""
        self.closed = 0
        """The number after that of the last line that is complete."""
        self.left_out = range(0)
        """Numbers of the lines left out. The line that says so has the first of them."""
        self.width = 0
        """Cells of the widest line there was so far."""
        self.revision = 0
        """Counts what was added."""

    @property
    def end(self) -> int:
        """The number after that of the last line, complete or not."""
        return self.blocks[-1].end

    def append(self, text: str) -> None:
        r"""Adds sanitised text, cut anywhere. `\r\n` is one newline; a lone `\r` begins its line anew."""
        if not text:
            return
        self.revision += 1
        text = self._whole(self._held + text)
        if self.end > self.closed:
            self.blocks[-1].drop_last()
        lines = (self._open + text).split("\n")
        if "\r" in text or max(map(len, lines)) > LONGEST:
            lines = [piece for line in lines for piece in _rewritten(line)]
        self._open = lines.pop()
        self._close([_expanded(line) if "\t" in line else line for line in lines])
        if self._open:
            self._add([_expanded(self._open)])

    def _whole(self, text: str) -> str:
        """Holds back what only the text to come can tell the meaning of; drops what means nothing."""
        if "\x1b" in text:
            text = _STRAY_ESCAPE.sub("", text)
        if "\r" in text:
            text = _RETURNS.sub("", text)
        unfinished = _UNFINISHED.search(text, max(0, len(text) - ansi.LONGEST_COLOUR - 3))
        self._held = unfinished[0] if unfinished else ""
        return text[: len(text) - len(self._held)]

    def _close(self, lines: list[str]) -> None:
        start, size = 0, self.blocks[-1].size
        for index, line in enumerate(lines):
            size += len(line) + BESIDE_TEXT
            if size >= self._block_size:
                self._add(lines[start : index + 1])
                self._seal()
                start, size = index + 1, 0
        self._add(lines[start:])
        self.closed = self.end

    def _add(self, lines: list[str]) -> None:
        block = self.blocks[-1]
        known = len(block.widths)
        block.extend(lines)
        self.width = max(self.width, max(block.widths[known:], default=0))

    def _seal(self) -> None:
        """Packs the block that grew and begins another one, leaving out the middle where there is too much."""
        block = self.blocks[-1]
        look = self.look(block.end)
        block.pack()
        self._size += block.size
        if self._size <= self._kept // 2:
            self._head += 1
        self.blocks.append(Block(block.end, look))
        while self._size > self._kept:
            self._leave_out()

    def _leave_out(self) -> None:
        """Puts one line in the place of the first block after the head."""
        at = self._head
        if self.left_out:
            first = self.left_out.start
            gone = self.blocks[at : at + 2]
        else:
            gone = self.blocks[at : at + 1]
            first = gone[0].first
        self.left_out = range(first, gone[-1].end)
        note = Block(first, PLAIN)
        note.extend([f"… {len(self.left_out):,} lines left out …"])
        self.blocks[at : at + len(gone)] = [note]
        self._size += note.size - sum(block.size for block in gone)

    def index(self, number: int) -> int:
        """Where in `blocks` the line is, or the line in its place."""
        return max(0, bisect_right(self.blocks, number, key=lambda block: block.first) - 1)

    def raw(self, number: int) -> str:
        """The line of that number, with its colour codes; tabs are spaces already."""
        block = self.blocks[self.index(number)]
        return self._lines_of(block)[min(number, block.end - 1) - block.first]

    def plain(self, number: int) -> str:
        """The line of that number without colour codes."""
        return ansi.strip(self.raw(number))

    def look(self, number: int) -> Look:
        """How the line begins, unless with a colour code: colours go on over the end of a line."""
        block = self.blocks[self.index(number)]
        if self._looks is None or self._looks[0] is not block:
            self._looks = block, {0: block.look}
        known = self._looks[1]
        lines = self._lines_of(block)
        at = start = min(number, block.end) - block.first
        while start not in known and not resets(lines[start - 1]):
            start -= 1
        look = known[start] if start in known else after(lines[start - 1], PLAIN)
        for passed in range(start, at):
            known[passed] = look
            look = after(lines[passed], look)
        known[at] = look
        return look

    def _lines_of(self, block: Block) -> list[str]:
        if block is self.blocks[-1]:
            return block.lines()
        if self._split is None or self._split[0] is not block:
            self._split = block, block.lines()
        return self._split[1]


def _rewritten(line: str) -> list[str]:
    """The lines that are left of one that began anew at each carriage return, none of them too long."""
    *before, last = [_PIECE.findall(part) or [""] for part in line.split("\r")]
    return [piece for part in before for piece in part[:-1]] + last


def _expanded(line: str) -> str:
    """The line with spaces for tabs, up to the next eighth column."""
    if "\x1b" not in line:
        return line.expandtabs()
    column = 0
    pieces = []
    for piece in _TAB_OR_CODE.split(line):
        if piece == "\t":
            piece = " " * (8 - column % 8)
        if not piece.startswith("\x1b"):
            column += len(piece)
        pieces.append(piece)
    return "".join(pieces)
