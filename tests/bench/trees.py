"""Trees of small Python modules; the same count gives the same bytes everywhere."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

PER_FOLDER = 20
FOLDERS_PER_PACKAGE = 20

FUNCTION = '''

def scale_{number}(value: int, times: int = {times}) -> int:
    """Adds {offset} to the value, {times} times over."""
    for _ in range(times):
        value += {offset}
    return value
'''


def make_tree(root: Path, count: int) -> list[str]:
    """Writes modules of half a kilobyte to a kilobyte in which ruff finds nothing, twenty to a folder.

    Returns:
        Their paths, relative to the root and sorted.
    """
    dice = random.Random(count)
    paths = []
    for number in range(count):
        folder = number // PER_FOLDER
        path = f"pkg{folder // FOLDERS_PER_PACKAGE:04}/sub{folder % FOLDERS_PER_PACKAGE:02}/module_{number:06}.py"
        target = root / path
        if number % PER_FOLDER == 0:
            target.parent.mkdir(parents=True, exist_ok=True)
        functions = (
            FUNCTION.format(number=index, times=dice.randrange(2, 99), offset=dice.randrange(1, 9999))
            for index in range(dice.randrange(3, 6))
        )
        target.write_text(f'"""Module {number}."""\n\nNUMBER = {number}\n' + "".join(functions))
        paths.append(path)
    return sorted(paths)


def commit(root: Path) -> None:
    """Makes a repository of a folder and commits all of it, whatever the user's own git configuration says."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    # After thousands of files git packs its objects: it must not still be at that when something is timed.
    settings = ("user.name=bench", "user.email=bench@example.org", "gc.autoDetach=false")
    git = ("git", "-C", str(root), *(word for setting in settings for word in ("-c", setting)))
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "tree")):
        subprocess.run((*git, *words), env=environment, check=True)
