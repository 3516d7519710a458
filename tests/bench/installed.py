"""ftui as a user has it: a wheel in an environment of its own, since the path files of an editable one cost time."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def add_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--ftui`, which `script` reads."""
    parser.add_argument(
        "--ftui", metavar="PATH", help="an installed ftui script [installs this checkout in a temporary environment]"
    )


def script(given: str | None, folder: Path) -> Path:
    """The given ftui script, or that of this checkout, installed below the folder."""
    if given is not None:
        return Path(given).absolute()
    print("installing this checkout in an environment of its own …", flush=True)
    environment = folder / "environment"
    subprocess.run((sys.executable, "-m", "venv", str(environment)), check=True)
    subprocess.run((environment / "bin" / "pip", "install", "-q", str(REPOSITORY)), check=True)
    return environment / "bin" / "ftui"


def interpreter(ftui: Path) -> Path:
    """The Python that an installed ftui script runs in."""
    return ftui.parent / "python"
