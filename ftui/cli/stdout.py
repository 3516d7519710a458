"""Standard output of the commands that say something once; a run has front ends of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ftui.errors import FtuiError
from ftui.report.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable


def show(lines: Iterable[str]) -> None:
    """Writes lines of printable text and sees them off.

    Raises:
        BrokenPipeError: whoever read them has gone away.
        FtuiError: they cannot be written.
    """
    try:
        Stream(sys.stdout).lines(lines)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FtuiError(f"cannot write to standard output: {error.strerror}") from None
