"""The files that a command names: a script, `--config-file=x.ini`, or a word of a line for a shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def named_files(argv: Sequence[str], cwd: str, root: Path) -> Iterator[str]:
    """Those that are there. Those that the check's inputs match are among them: git may ignore them.

    Args:
        argv: the command.
        cwd: where it runs, relative to the root, as what is given is.
        root: the project's root.
    """
    return (path.replace(os.sep, "/") for path in _paths(argv, cwd) if os.path.isfile(root / path))


def named_in_vain(argv: Sequence[str], cwd: str, root: Path) -> Iterator[str]:
    """Absolute paths of those that are not there, and would be part of the key as soon as they are.

    Args:
        argv: the command.
        cwd: where it runs, relative to the root.
        root: the project's root.
    """
    paths = (os.path.join(root, path) for path in _paths(argv, cwd) if "\0" not in path)
    return (path for path in paths if not os.path.exists(path))


def _paths(argv: Sequence[str], cwd: str) -> Iterator[str]:
    words = [part for word in argv[1:] for part in (word, *word.split())]
    for word in dict.fromkeys(words):
        yield os.path.normpath(os.path.join(cwd, word.partition("=")[2] if word.startswith("-") else word))
