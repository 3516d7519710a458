"""The terminal, as Textual drives it on POSIX systems, with what it does not expect."""

from __future__ import annotations

import os
import time
from codecs import getincrementaldecoder
from select import select
from threading import Event
from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from typing import Any, Final

READ: Final = 4096
"""Bytes that are read at a time."""


class Ended(Event):
    """An event that can be waited for together with files."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = os.pipe()

    def fileno(self) -> int:
        """A file in which there is something to read while the event is set."""
        return self._reader

    def set(self) -> None:
        """Sets it."""
        if not self.is_set():
            super().set()
            os.write(self._writer, b".")

    def clear(self) -> None:
        """Takes it back."""
        if self.is_set():
            super().clear()
            os.read(self._reader, 1)


class Terminal(LinuxDriver):
    """Outlives a terminal that is taken away and comes back: tmux attached again, an editor's window reloaded.

    Such a terminal has forgotten how it was asked to report the mouse, and sends bytes that are no text
    (https://github.com/Textualize/textual/issues/6668).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event: Ended = Ended()

    def stop_application_mode(self) -> None:
        """Leaves nothing behind: tmux keeps some of the other screen where the window was resized meanwhile."""
        self.write("\x1b[2J")
        super().stop_application_mode()

    def _sigcont_application(self, *arguments: object) -> None:
        """Comes back after ctrl+z, and does nothing where it never went.

        SIGCONT comes with SIGHUP when the terminal is closed: threads would be started a second time, never to end.
        """
        if self._must_signal_resume:
            super()._sigcont_application(*arguments)

    def run_input_thread(self) -> None:
        """Reads until the end; where what comes is no text, drops it and asks for the mouse anew."""
        while not self.exit_event.is_set():
            try:
                self._read()
            except UnicodeDecodeError:
                self._enable_mouse_support()
            else:
                return  # asked to, or the terminal is gone for good

    def _read(self) -> None:
        """Reads until the end, and sleeps while nothing comes: Textual's own wakes ten times a second."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode
        settled = 0.0
        while not self.exit_event.is_set():
            # Only time tells a lone escape from the beginning of a sequence, so the parser is asked again after it.
            longest = ESCAPE_DELAY if time.monotonic() < settled else None
            ready, _, _ = select([self.fileno, self.exit_event], [], [], longest)
            if self.fileno in ready:
                content = os.read(self.fileno, READ)
                if not content:
                    return
                settled = time.monotonic() + 2 * ESCAPE_DELAY
                if text := decode(content):
                    for message in parser.feed(text):
                        self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
