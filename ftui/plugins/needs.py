"""Which ftui a plugin needs, as the distribution says that brings it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FTUI = re.compile(r"ftui\s*(?:\[[^\]]*\])?\s*(?:$|\(?\s*(?P<clauses>[<>=!~][^;)]*))", re.IGNORECASE)
_AT_LEAST = re.compile(r"(?:>=|>|~=|===?)\s*(\d+(?:\.\d+)*)")


def newer_needed(requirements: Iterable[str], version: str) -> str | None:
    """The lowest version of ftui that the requirements allow, where it is newer than `version`; otherwise None.

    An installer sees to that, but not where a plugin is installed without its dependencies, or ftui goes back.

    Args:
        requirements: of a distribution, in the form of PEP 508.
        version: of ftui.
    """
    here = _release(version)
    for requirement in requirements:
        needs = _FTUI.match(requirement.strip())
        if needs and not re.search(r";.*\bextra\b", requirement):
            for lowest in _AT_LEAST.findall(needs["clauses"] or ""):
                if _release(lowest) > here:
                    return str(lowest)
    return None


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at their end: 1.0 is 1."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
