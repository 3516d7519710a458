"""Small repositories whose checks are a few lines of Python."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeTree

JUDGES = """
import sys
bad = [n for n, line in enumerate(open('src.txt'), 1) if 'bad' in line]
for n in bad: print(f'src.txt:{n}:5: error: line {n} is bad')
print('judged')
sys.exit(bool(bad))
"""
"""Finds the lines of `src.txt` that say bad."""


class Gate:
    """What a check does that waits to be let through, and notes that it has come that far."""

    def __init__(self, folder: Path) -> None:
        self._open = folder / "open"
        self._log = folder / "log"
        self.code = (
            f"import time, pathlib\nopen({str(self._log)!r}, 'a').write('x')\n"
            f"while not pathlib.Path({str(self._open)!r}).exists(): time.sleep(0.02)\n"
        )

    def open(self) -> None:
        """Lets through whoever waits, and whoever comes."""
        self._open.touch()

    def close(self) -> None:
        """Lets nobody through any more."""
        self._open.unlink()

    @property
    def came(self) -> int:
        """How often a check has come."""
        return len(self._log.read_text()) if self._log.exists() else 0


def check(name: str, code: str, **settings: object) -> str:
    """The configuration of a check that runs Python code and whose inputs are `src.txt` where nothing else is said."""
    # Without site-packages there is nothing of the outside that could change under it.
    command = json.dumps([sys.executable, "-I", "-S", "-c", code])
    lines = [f"[checks.{name}]", f"command = {command}"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in {"inputs": ["src.txt"], **settings}.items()]
    return "\n".join(lines) + "\n"


def lint(**settings: object) -> str:
    """The check that most of these projects have."""
    return check("lint", JUDGES, **settings)


def project(tree: MakeTree, config: str, **files: str) -> Path:
    """A repository with something to check."""
    return tree({"ftui.toml": config, "src.txt": "fine\n", ".gitignore": "*.ignored\n", **files}, git=True)
