"""The front ends that the options ask for, all fed from one state."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ftui import cli
from ftui.errors import FtuiError
from ftui.model import Outcome
from ftui.state import State

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from ftui.events import Event
    from ftui.report.front_end import FrontEnd
    from ftui.report.live import Live

EXIT_CODES = {
    Outcome.PASSED: cli.PASSED,
    Outcome.FAILED: cli.FAILED,
    Outcome.BROKEN: cli.BROKEN,
    Outcome.CANCELLED: cli.INTERRUPTED,
    # Nothing that any check reads has changed, or none had anything to do; nothing is claimed beyond that.
    Outcome.SKIPPED: cli.PASSED,
}


class FrontEnds:
    """Applies events to the state and hands them to every front end; one that fails is dropped and remembered."""

    def __init__(self, shown: list[FrontEnd]) -> None:
        self.state = State()
        self.failure: Exception | None = None
        """Why the first front end that failed did so."""
        self.on_closed: Callable[[], None] = lambda: None
        """Called when whoever reads the output has gone away."""
        self._shown = shown

    def add(self, front_end: FrontEnd) -> None:
        """Lets one more see what comes from here on, after the others."""
        self._shown.append(front_end)

    def write(self, event: Event) -> None:
        """Takes in the next event of the engine."""
        event = self.state.apply(event)
        for front_end in tuple(self._shown):
            self._guarded(front_end, lambda front_end=front_end: front_end.write(event, self.state))  # type: ignore[misc]

    @property
    def animated(self) -> list[Live]:
        """Those that change while time passes."""
        from ftui.report.live import Live

        return [front_end for front_end in self._shown if isinstance(front_end, Live)]

    def tick(self, now: float) -> None:
        """Lets the animated ones move on.

        Args:
            now: seconds on the clock of the events.
        """
        for front_end in self.animated:
            self._guarded(front_end, lambda front_end=front_end: front_end.tick(self.state, now))  # type: ignore[misc]

    def close(self) -> None:
        """Ends all of them."""
        for front_end in tuple(self._shown):
            self._guarded(front_end, front_end.close)

    def _guarded(self, front_end: FrontEnd, call: Callable[[], None]) -> None:
        try:
            call()
        except BrokenPipeError as error:
            self._shown.remove(front_end)
            self.failure = error
            self.on_closed()
        except OSError as error:
            self._shown.remove(front_end)
            self.failure = self.failure or FtuiError(f"cannot write to standard output: {error.strerror}")
        except FtuiError as error:
            self._shown.remove(front_end)
            self.failure = self.failure or error


@contextmanager
def front_ends(options: argparse.Namespace, *, on_stdout: bool = True, plain: bool = False) -> Iterator[FrontEnds]:
    """The front ends that the options and the surroundings ask for, closed when the block is left.

    Args:
        options: of the command.
        on_stdout: whether any of them writes to standard output.
        plain: whether a terminal gets plain lines, too.

    Raises:
        FtuiError: a file that was asked for cannot be written.
    """
    shown: list[FrontEnd] = []
    if options.record:
        from ftui.report.recording import Recording

        shown.append(Recording(Path(options.record)))
    if options.junit:
        from ftui.report.junit import JUnit

        shown.append(JUnit(Path(options.junit)))
    if on_stdout:
        shown += _on_stdout(options, plain=plain or options.no_ui)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        from ftui.report import github

        if github.in_actions():
            shown.append(github.StepSummary(Path(summary)))
    all_of_them = FrontEnds(shown)
    try:
        yield all_of_them
    finally:
        all_of_them.close()


def _on_stdout(options: argparse.Namespace, *, plain: bool) -> list[FrontEnd]:
    if options.format == "json":
        from ftui.report.json_report import JsonReport

        return [JsonReport(sys.stdout.buffer)]
    if options.format == "ndjson":
        from ftui.report.ndjson import Ndjson

        return [Ndjson(sys.stdout.buffer)]
    from ftui.report import github
    from ftui.report.live import Live
    from ftui.report.stream import Stream, redrawable
    from ftui.report.text import Text

    stream = Stream(sys.stdout)
    if github.in_actions():
        return [github.GitHubText(stream)]
    if redrawable(sys.stdout) and not plain and not os.environ.get("CI"):
        return [Live(stream)]
    return [Text(stream)]


def on_screen(options: argparse.Namespace) -> bool:
    """Whether the options and the surroundings ask for the screen, where a command has one."""
    from ftui.report.stream import redrawable

    terminals = sys.stdin.isatty() and redrawable(sys.stdout) and sys.stderr.isatty()
    return options.format == "text" and not options.no_ui and terminals


def exit_code(shown: FrontEnds) -> int:
    """What the command exits with after all that was shown.

    Raises:
        Exception: whatever kept a front end from showing it.
    """
    if shown.failure is not None:
        raise shown.failure
    return EXIT_CODES[shown.state.summary().outcome]
