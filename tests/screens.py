"""Draws the screen from recordings: `python -m tests.screens` writes the pictures in `screenshots/`.

With `--snapshots` it writes the texts that `tests/tui/test_snapshots.py` compares with instead.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tests.tui.pictures import PICTURES, SIZES, SNAPSHOTS, drawn, snapshot, text_of

FOLDER = Path(__file__).parent.parent / "screenshots"


async def write_pictures() -> None:
    """Writes an SVG of each main state for each of the larger sizes."""
    FOLDER.mkdir(exist_ok=True)
    for columns, lines in SIZES[1:]:
        for picture in PICTURES:
            if picture.main:
                async with drawn(picture, (columns, lines)) as app:
                    svg = app.export_screenshot(title="ftui")
                    (FOLDER / f"{picture.name}-{columns}x{lines}.svg").write_text(svg, encoding="utf-8")


async def write_snapshots() -> None:
    """Writes the text of each state for each size."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for picture in PICTURES:
        for size in picture.sizes:
            async with drawn(picture, size) as app:
                snapshot(picture, size).write_text("\n".join(text_of(app)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshots", action="store_true", help="write the texts instead")
    asyncio.run(write_snapshots() if parser.parse_args().snapshots else write_pictures())
