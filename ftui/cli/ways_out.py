"""How a command ends: normally, with an expected error, by an interrupt, or by a bug."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from ftui import cli
from ftui.ansi import strip
from ftui.cli.parser import build
from ftui.errors import FtuiError

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSED_PIPE = 141
"""128 + SIGPIPE, what a shell reports of a command whose reader went away."""


def guarded(arguments: Sequence[str]) -> int:
    """Runs the command that `arguments` name; no traceback leaves it unless they contain `--debug`."""
    debug = "--debug" in arguments
    try:
        try:
            return _command(arguments)
        except BaseExceptionGroup as group:
            # What ends one task ends its group; the first is the cause.
            raise group.exceptions[0] from group
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else cli.USAGE
    except BrokenPipeError:
        return CLOSED_PIPE
    except KeyboardInterrupt:
        return cli.INTERRUPTED
    except FtuiError as error:
        say(str(error))
        return error.exit_code
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        say(f"{where}{error.strerror or error}")
        return cli.USAGE
    except Exception as error:
        if debug:
            raise
        say(f"this is a bug in ftui: {type(error).__name__}: {error}; run it again with --debug for the details")
        return cli.BROKEN


def _command(arguments: Sequence[str]) -> int:
    try:
        options = build().read(arguments)
        options.arguments = tuple(arguments)
        code: int = options.command(options)
        sys.stdout.flush()
        return code
    finally:
        _let_go_of_stdout()


def _let_go_of_stdout() -> None:
    """Drops what cannot be written: the interpreter would try once more on its way out, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """Writes a message for people to standard error, in one line."""
    line = " ".join(strip(message).splitlines())
    with suppress(OSError):  # there may be nobody left to tell
        print(f"ftui: {line}", file=sys.stderr)  # noqa: T201
