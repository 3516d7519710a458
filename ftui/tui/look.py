"""Colour codes of sanitised text, decoded: which characters of a line look how."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

Tint = int | tuple[int, int, int]
"""A colour: its place in the palette of 256, or its red, green and blue."""


class Look(NamedTuple):
    """How characters look. `None` is the colour of the pane.

    Blinking and hidden text are left out on purpose: no tool may hide what it says, or flash.
    """

    foreground: Tint | None = None
    background: Tint | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = Look()

_CODE = re.compile(r"\x1b\[([0-9;:]*)m")
_RESET = re.compile(r"\x1b\[0*m")
_CHANGES: dict[int, dict[str, bool | int | None]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
    39: {"foreground": None},
    49: {"background": None},
    **{30 + tint: {"foreground": tint} for tint in range(8)},
    **{40 + tint: {"background": tint} for tint in range(8)},
    **{90 + tint: {"foreground": 8 + tint} for tint in range(8)},
    **{100 + tint: {"background": 8 + tint} for tint in range(8)},
}


def runs(line: str, look: Look) -> list[tuple[str, Look]]:
    """The pieces of a line that look alike, in order, where it begins in the given look; none of them is empty."""
    pieces = []
    end = 0
    for code in _CODE.finditer(line):
        if code.start() > end:
            pieces.append((line[end : code.start()], look))
        look = _changed(look, code[1])
        end = code.end()
    if end < len(line):
        pieces.append((line[end:], look))
    return pieces


def after(line: str, look: Look) -> Look:
    """The look that the next line begins in."""
    for parameters in _CODE.findall(line):
        look = _changed(look, parameters)
    return look


def resets(line: str) -> bool:
    """Whether the next line begins in the same look, whatever look this one began in."""
    return "\x1b" in line and _RESET.search(line) is not None


@lru_cache(4096)
def _changed(look: Look, parameters: str) -> Look:
    waiting = parameters.split(";")
    while waiting:
        parameter, *details = waiting.pop(0).split(":")
        code = int(parameter or 0)
        if code == 0:
            look = PLAIN
        elif code in (38, 48):
            tint = _tint(details[:1] + details[-3:] if details[:1] == ["2"] else details or _take(waiting))
            if tint is not None:
                look = look._replace(foreground=tint) if code == 38 else look._replace(background=tint)
        elif code == 4 and details == ["0"]:
            look = look._replace(underline=False)
        elif code in _CHANGES:
            look = look._replace(**_CHANGES[code])  # type: ignore[arg-type]
    return look


def _take(waiting: list[str]) -> list[str]:
    """Takes from the parameters those that name a colour in the form with semicolons."""
    count = {"5": 2, "2": 4}.get(waiting[0], 1) if waiting else 0
    taken = waiting[:count]
    del waiting[:count]
    return taken


def _tint(details: list[str]) -> Tint | None:
    numbers = [int(detail or 0) if detail.isdigit() or not detail else 256 for detail in details]
    match numbers:
        case [5, tint] if tint < 256:
            return tint
        case [2, red, green, blue] if max(red, green, blue) < 256:
            return red, green, blue
    return None
