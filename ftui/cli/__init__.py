"""The `ftui` command: reads the arguments, runs one command, and turns every way out into an exit code."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # not from typing: a run that finds all in the cache has no use for that
    from collections.abc import Sequence

PASSED, FAILED, USAGE, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code: 0 passed, 1 failed, 2 usage, 3 broken, 130 interrupted.

    There are three ways out beside the normal one: an expected error is one line, an interrupt is silent, and a bug is
    one line that asks for `--debug`, which alone shows a traceback.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    from ftui.cli.ways_out import guarded

    code = guarded(arguments)
    if argv is None and "ftui.cli.parser" not in sys.modules:
        # The quick way: all is written and closed, and to take the interpreter apart would be a tenth of the whole.
        os._exit(code)
    return code
