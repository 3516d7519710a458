"""How a command ends: normally, with an expected error, by an interrupt, or by a bug.

Little is imported here, and only where it is needed: a run that finds all in the cache comes through as well.
"""

from __future__ import annotations

import os
import sys

from ftui import cli

TYPE_CHECKING = False
if TYPE_CHECKING:  # not from typing, see above
    from collections.abc import Sequence

CLOSED_PIPE = 141
"""128 + SIGPIPE, what a shell reports of a command whose reader went away."""


def guarded(arguments: Sequence[str]) -> int:
    """Runs the command that `arguments` name; no traceback leaves it unless they contain `--debug`."""
    _open_closed_streams()
    try:
        return _command(arguments)
    except BaseException as error:
        return _explained(error, debug="--debug" in arguments)


def _command(arguments: Sequence[str]) -> int:
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    finally:
        _let_go_of_stdout()


def _run(arguments: Sequence[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from ftui import __version__

        sys.stdout.write(f"ftui {__version__}\n")
        return cli.PASSED
    if arguments[:1] == ["run"]:
        from ftui.cli.warm import all_hits

        if all_hits(arguments):
            return cli.PASSED
    from ftui.cli.parser import build

    options = build(commands=bool(arguments)).read(arguments)
    options.arguments = tuple(arguments)
    code: int = options.command(options)
    return code


def _explained(error: BaseException, *, debug: bool) -> int:
    """Says in one line what ended a command, where that is not plain, and returns the exit code."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]  # what ends one task ends its group; the first is the cause
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else cli.USAGE
    if isinstance(error, BrokenPipeError):
        return CLOSED_PIPE
    if isinstance(error, KeyboardInterrupt):
        return cli.INTERRUPTED
    from ftui.errors import FtuiError

    if isinstance(error, FtuiError):
        say(str(error))
        return error.exit_code
    if debug:
        raise error
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        say(f"{where}{error.strerror or error}")
        return cli.USAGE
    from ftui.log import bug

    bug.note(error)
    say(f"this is a bug in ftui: {type(error).__name__}: {error}; run it again with --debug for the details")
    return cli.BROKEN


def _open_closed_streams() -> None:
    """Gives a process that was started without standard streams (`>&-`) some that lead nowhere.

    Their descriptors must be taken: the next file to be opened would get them, and with them all that is written there.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - open as long as the process


def _let_go_of_stdout() -> None:
    """Drops what cannot be written: the interpreter would try once more on its way out, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """Writes a message for people to standard error, in one line."""
    from contextlib import suppress

    from ftui.report.safe import one_line

    line = one_line(" ".join(message.splitlines()))
    with suppress(OSError):  # there may be nobody left to tell
        print(f"ftui: {line}", file=sys.stderr)  # noqa: T201
