"""`ftui replay`: a recorded event stream once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftui.cli.front_ends import exit_code, front_ends, on_screen
from ftui.report import recording

if TYPE_CHECKING:
    import argparse


def replay(options: argparse.Namespace) -> int:
    """Plays a recording: on the screen at the pace at which it was made, and until the user quits; elsewhere as the run
    itself was shown, without its pauses, and the exit code is that of its last run.
    """
    if on_screen(options):
        from ftui.cli import screen

        return screen.replay(recording.replay(Path(options.file)))
    with front_ends(options) as shown:
        for event in recording.replay(Path(options.file)):
            shown.write(event)
            if shown.failure is not None:
                break
    return exit_code(shown)
