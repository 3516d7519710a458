"""The file that holds the configuration, read to be changed and written at once."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from ftui.errors import FtuiError

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> str:
    """The text of a file.

    Raises:
        FtuiError: it is not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise FtuiError(f"{path.name} is not UTF-8, so nothing was added to it") from None


def write(target: Path, text: str) -> None:
    """Puts the text in place at once, keeping the file's mode."""
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
        os.chmod(temporary, target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        os.replace(temporary, target)
    except OSError:
        os.unlink(temporary)
        raise
