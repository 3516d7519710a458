"""A failure of ftui itself, written into the log with its traceback."""

from __future__ import annotations

import os
import time
import traceback

from ftui.likely_secrets import LikelySecrets
from ftui.location import log_folder
from ftui.log.lines import LogLine
from ftui.log.writer import LogFiles, encoded
from ftui.tree import display


def note(error: BaseException) -> None:
    """Writes it down, as far as that can be done: this is no time for a second failure."""
    folder = log_folder()
    if folder is None:
        return
    hide = LikelySecrets(os.environ).hide
    frames = [display(hide(line)) for line in "".join(traceback.format_exception(error)).splitlines()]
    line = LogLine(
        at=time.time(),
        level="error",
        event="bug",
        pid=os.getpid(),
        message=display(hide(f"bug in ftui: {type(error).__name__}: {error}")),
        data={"traceback": "\n".join(frames)},
    )
    try:
        LogFiles(folder).append(encoded(line))
    except OSError:
        return
