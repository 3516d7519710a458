"""What the parsers of all adapters share: paths as findings have them, JSON from tools, and signs of a crash."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ftui.errors import NoVerdict
from ftui.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.model import ProcessResult

T = TypeVar("T")

_SEVERITIES = {
    "fatal": Severity.ERROR,
    "error": Severity.ERROR,
    "blocker": Severity.ERROR,
    "critical": Severity.ERROR,
    "major": Severity.ERROR,
    "warning": Severity.WARNING,
    "minor": Severity.WARNING,
}


def severity(word: str) -> Severity:
    """The severity behind a tool's own word for it; a word that nobody knows is information."""
    return _SEVERITIES.get(word, Severity.INFO)


def in_tree(path: str, root: str) -> str:
    """A path as a tool printed it, the way a `Finding` has it.

    Args:
        path: absolute, or relative to the root.
        root: absolute path of the root. Its real path counts too, because many tools print that one.

    Returns:
        A posix path relative to the root; absolute where the file is outside.
    """
    absolute = os.path.normpath(os.path.join(root, path))
    for base in (root, os.path.realpath(root)):
        try:
            relative = os.path.relpath(absolute, base)
        except ValueError:  # another drive
            continue
        if relative != os.pardir and not relative.startswith(os.pardir + os.sep):
            return relative.replace(os.sep, "/")
    return absolute.replace(os.sep, "/")


def json_lines(text: str, kind: type[T]) -> Iterator[T]:
    """The objects of a stream with one JSON object a line.

    Lines that are something else (a warning, a line cut where long output was left out) are passed over.
    """
    decoder = msgspec.json.Decoder(kind)
    for line in text.split("\n"):  # not splitlines: U+2028 may stand inside a JSON string
        if not line.startswith("{"):
            continue
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            continue


def json_document(result: ProcessResult, kind: type[T]) -> T | None:
    """The one JSON document that a tool printed to its standard output.

    Returns:
        The document, or None where its middle was left out: then the exit code alone decides.

    Raises:
        NoVerdict: it printed something else.
    """
    if result.truncated:
        return None
    try:
        return msgspec.json.decode(result.stdout.strip(), type=kind)
    except msgspec.DecodeError:
        raise NoVerdict(f"no report{last_words(result)}") from None


def expect_no_traceback(result: ProcessResult) -> None:
    """For tools written in Python, which exit with 1 when they die as well as when they find something.

    Raises:
        NoVerdict: the output holds the traceback of a crash.
    """
    if "Traceback (most recent call last):" in result.stdout or "Traceback (most recent call last):" in result.stderr:
        raise NoVerdict(f"it crashed{last_words(result)}")


def last_words(result: ProcessResult) -> str:
    """The last line that a tool printed, as the end of a sentence; empty where it printed none."""
    lines = [line.strip() for line in (result.stderr or result.stdout)[-4000:].splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
