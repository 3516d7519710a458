"""A history in an empty folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ftui.history.store import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """An empty history that has nothing to say."""
    said: list[str] = []
    history = History(str(tmp_path / "data" / "history-1.sqlite"), said.append)
    yield history
    history.close()
    assert not said
