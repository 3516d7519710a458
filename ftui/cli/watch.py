"""`ftui` without a command: watches the tree and shows what each edit comes to, until it is ended."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from ftui.cli.front_ends import on_screen
from ftui.errors import FtuiError

if TYPE_CHECKING:
    import argparse


def watch(options: argparse.Namespace) -> int:
    """Watches, on the screen or without one; the exit code is that of the signal that ended it.

    Raises:
        FtuiError: the options or the configuration cannot be used.
    """
    if options.format == "json":
        raise FtuiError("--format json is a report of one run: `ftui run --format json`; a watch can give ndjson")
    # Each of the two has a lot to import that the other has no use for.
    if on_screen(options):
        gc.disable()  # a tenth of the imports would go into looking for garbage in them; the screen enables it again
        from ftui.cli import screen

        return screen.watch(options)
    from ftui.cli import live

    return live.watch(options)
