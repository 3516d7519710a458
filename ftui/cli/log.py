"""`ftui log`: what ftui did, from its structured log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.cli.workspace import root_of
from ftui.errors import FtuiError
from ftui.location import log_folder
from ftui.log.reader import Reader, Wanted
from ftui.log.writer import LogFiles, encoded
from ftui.report.safe import one_line
from ftui.tree import display

if TYPE_CHECKING:
    import argparse

    from ftui.log.lines import LogLine


def log(options: argparse.Namespace) -> int:
    """Prints the last lines of the log, and where that is asked for, what is added to it until it is interrupted.

    Raises:
        FtuiError: there is no home directory.
    """
    folder = log_folder()
    if folder is None:
        raise FtuiError("there is no log without a home directory: set HOME or XDG_STATE_HOME")
    root = None if options.all else display(str(root_of(options)))
    wanted = Wanted(root=root, run=options.run, check=options.check, level=options.level)
    reader = Reader(LogFiles(folder), wanted)
    show([_shown(line, options) for line in reader.last(options.limit)])
    if options.follow:
        for line in reader.follow():
            show([_shown(line, options)])
    return PASSED


def _shown(line: LogLine, options: argparse.Namespace) -> str:
    if options.format == "json":
        return encoded(line).decode().rstrip("\n")
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.at))
    place = f"{line.root}  " if options.all else ""
    return one_line(f"{at}  {line.level:<7}  {line.run_id:<18}  {place}{line.message}")
