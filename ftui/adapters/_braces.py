"""Braces as shells and tox expand them: `py3{11,12}-{a,b}` stands for four words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_GROUP = re.compile(r"\{([^{}]*)\}")


def expanded(text: str) -> Iterator[str]:
    """The words that a word with braces stands for, in order; braces within braces are left as they are."""
    parts = _GROUP.split(text)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    return ("".join(word) for word in product(*choices))
