"""`ftui replay`: a recorded event stream once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftui.cli.front_ends import exit_code, front_ends
from ftui.report import recording

if TYPE_CHECKING:
    import argparse


def replay(options: argparse.Namespace) -> int:
    """Shows a recording as the run itself was shown, without its pauses; returns the exit code of its last run."""
    with front_ends(options) as shown:
        for event in recording.replay(Path(options.file)):
            shown.write(event)
            if shown.failure is not None:
                break
    return exit_code(shown)
