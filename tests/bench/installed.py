"""ftui as a user has it: a wheel in an environment of its own, since the path files of an editable one cost time."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

INSTALLER = """\
from importlib.metadata import PackageNotFoundError, distribution, version
name = (distribution("ftui").read_text("INSTALLER") or "an unknown installer").strip()
try:
    print(name, version(name))
except PackageNotFoundError:
    print(name)
"""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--ftui`, which `script` reads."""
    parser.add_argument(
        "--ftui", metavar="PATH", help="an installed ftui script [installs this checkout in a temporary environment]"
    )


def script(given: str | None, folder: Path) -> Path:
    """The given ftui script, or that of this checkout, installed below the folder; prints what wrote it."""
    ftui = _install(folder / "environment") if given is None else Path(given).absolute()
    # Older versions of pip write scripts that import `re`, which takes as long as all that a warm run imports of ftui.
    imported = [line.split()[1] for line in ftui.read_text().splitlines() if line.startswith("import ")]
    asked = subprocess.run((interpreter(ftui), "-c", INSTALLER), check=True, capture_output=True, text=True)
    print(f"start script by {asked.stdout.strip()}; beside ftui it imports {', '.join(imported)}", flush=True)
    return ftui


def _install(environment: Path) -> Path:
    print("installing this checkout in an environment of its own …", flush=True)
    pip = environment / "bin" / "pip"
    subprocess.run((sys.executable, "-m", "venv", str(environment)), check=True)
    # The pip that comes with Python is as old as that, and writes other scripts than a current one.
    subprocess.run((pip, "install", "-q", "--upgrade", "pip"), check=True)
    subprocess.run((pip, "install", "-q", str(REPOSITORY)), check=True)
    return environment / "bin" / "ftui"


def interpreter(ftui: Path) -> Path:
    """The Python that an installed ftui script runs in."""
    return ftui.parent / "python"
