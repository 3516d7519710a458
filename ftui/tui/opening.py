"""Opens the place of a finding in the user's editor."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from ftui.errors import FtuiError
from ftui.report.safe import one_line
from ftui.tui.editor import argv_for, chosen, inside

if TYPE_CHECKING:
    from textual.app import App

    from ftui.model import Finding
    from ftui.tui.editor import Command


async def open_place(app: App[None], root: str, finding: Finding) -> None:
    """Opens a finding's file at its line and column; an editor in the terminal takes the place of the screen.

    Checks go on meanwhile: only the screen waits for such an editor, and draws what has happened afterwards.

    Raises:
        FtuiError: there is no editor, no such file, or the editor does not start.
    """
    path = inside(root, finding.path or "")
    windows = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    command = argv_for(chosen(os.environ, shutil.which), path, finding.line, finding.column, display=windows)
    try:
        if not command.terminal:
            await asyncio.to_thread(_start, command, root)
            return
        # Events come in meanwhile, and must not be drawn over the editor.
        with app.suspend(), app.batch_update():
            await asyncio.to_thread(subprocess.run, command.argv, cwd=root, check=False)
    except SuspendNotSupported:
        raise FtuiError("an editor cannot take over this terminal; set $VISUAL to one with a window") from None
    except OSError as error:
        raise FtuiError(f"cannot start the editor {one_line(command.argv[0])}: {error.strerror}") from None


def _start(command: Command, root: str) -> None:
    """Starts an editor that has windows of its own and leaves it alone."""
    process = subprocess.Popen(
        command.argv,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # It may stay open for longer than ftui, which must neither wait for it nor leave a zombie.
    Thread(target=process.wait, daemon=True).start()
