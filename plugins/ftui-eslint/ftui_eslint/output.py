"""What the parsers share: reports in the output of a tool, its words where there is none, and paths of findings."""

from __future__ import annotations

import os
from typing import TypeVar

import msgspec

from ftui.errors import NoVerdict
from ftui.model import ProcessResult

T = TypeVar("T")


def report(result: ProcessResult, tool: str, beginning: str, kind: type[T]) -> T:
    """The report of a tool, which ends its line; what plugins and tests print stands before or after it.

    Args:
        result: what the tool left behind.
        tool: its name.
        beginning: of the report.
        kind: of the report.

    Raises:
        NoVerdict: there is none, or not all of it.
    """
    line = next((line for line in reversed(result.stdout.split("\n")) if beginning in line), "")
    try:
        return msgspec.json.decode(line[line.find(beginning) :], type=kind)
    except msgspec.DecodeError:
        if result.truncated:  # a line says so in the middle, which no JSON has
            raise NoVerdict(f"{tool} printed more than is kept, and not all of its report: let it check less") from None
        raise NoVerdict(": ".join([f"{tool} gave no report", *_first_words(result)])) from None


def _first_words(result: ProcessResult) -> list[str]:
    lines = [line.strip() for line in (result.stderr.strip() or result.stdout)[:4000].splitlines()]
    words = " ".join([line for line in lines if any(map(str.isalpha, line))][:2])
    return [words[:200]] if words else []


def in_tree(path: str, result: ProcessResult, folder: str = "") -> str:
    """A path as a finding has it.

    Args:
        path: as the tool printed it, absolute or relative to the folder that it ran in.
        result: what the tool left behind.
        folder: that folder, relative to the root.
    """
    absolute = os.path.normpath(os.path.join(result.root, folder, path))
    for root in (result.root, os.path.realpath(result.root)):
        if absolute.startswith(os.path.join(root, "")):
            return os.path.relpath(absolute, root).replace(os.sep, "/")
    return absolute.replace(os.sep, "/")
