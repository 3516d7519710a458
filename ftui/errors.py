"""Errors that are meant for people: each message says what happened, to what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class FtuiError(Exception):
    """An expected failure of ftui itself, shown to the user as one line.

    Attributes:
        exit_code: what the `ftui` command exits with when this ends it.
    """

    exit_code = 2


class ConfigError(FtuiError):
    """The configuration cannot be used.

    Attributes:
        file: the configuration file as shown to the user, or the command-line option.
        key: the dotted key the message is about, such as `checks.mypy.timeout`; empty for the whole file.
    """

    def __init__(self, message: str, *, file: str, key: str = "") -> None:
        super().__init__(f"{file}: {key}: {message}" if key else f"{file}: {message}")
        self.file = file
        self.key = key


class NothingToCheckError(FtuiError):
    """There is no check to run here, so there is no verdict: never an exit code of 0."""

    exit_code = 3


class NoVerdict(Exception):
    """Raised by a `Check.parse` when the tool's exit code does not stand for a verdict.

    A tool that ran no test, or found no file, says nothing about the tree however it exited. The message becomes
    the reason of a `broken` result.
    """


class NothingToDo(Exception):
    """Raised by a `Check.parse` where there was nothing for the check to do, and the tree loses nothing by that.

    The message becomes the reason of a `skipped` result.
    """


def nearest(name: str, valid: Iterable[str]) -> str:
    """The sentence part that proposes the valid name nearest to `name`.

    Args:
        name: what the user wrote.
        valid: the names that would have been right.

    Returns:
        `" (did you mean 'x'?)"`, or the list of valid names when none is near, or `""` when there are none.
    """
    from difflib import get_close_matches

    names = sorted(valid)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (one of: {', '.join(names)})" if names else ""
