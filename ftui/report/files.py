"""Files that a user asked for."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Puts a file in place at once: a reader finds the old content or the new one.

    Raises:
        OSError: the file cannot be written; what it held is still there.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a device or a pipe is written to: replacing /dev/null would be a bad surprise
        return
    temporary = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        os.replace(temporary, target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
