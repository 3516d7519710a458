"""The terminal, as Textual drives it on POSIX systems, with what it does not expect."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class Terminal(LinuxDriver):
    """Outlives a terminal that is taken away and comes back: tmux attached again, an editor's window reloaded.

    Such a terminal has forgotten how it was asked to report the mouse, and sends bytes that are no text
    (https://github.com/Textualize/textual/issues/6668).
    """

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
                super().run_input_thread()
            except UnicodeDecodeError:
                self._enable_mouse_support()
            else:
                return  # asked to, or the terminal is gone for good
