"""What the screen looks like, state by state: `python -m tests.screens --snapshots` writes anew what is compared."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.pictures import PICTURES, SIZES, drawn, snapshot, text_of


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_state_looks_as_it_did(size: tuple[int, int]) -> None:
    pictures = [picture for picture in PICTURES if size in picture.sizes]

    async def texts() -> dict[str, list[str]]:
        found = {}
        for picture in pictures:
            async with drawn(picture, size) as app:
                found[picture.name] = text_of(app)
        return found

    wanted = {picture.name: snapshot(picture, size).read_text("utf-8").splitlines() for picture in pictures}
    assert asyncio.run(texts()) == wanted
