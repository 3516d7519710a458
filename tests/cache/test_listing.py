from __future__ import annotations

from pathlib import Path

import pytest

from ftui.cache.index import Snapshot, sweep
from ftui.cache.listing import SHORT, pack_listing, unpack_listing


def test_the_inputs_of_a_result_come_back_by_path(tmp_path: Path) -> None:
    names = ["a", "b\n", "c\udcff"]
    for name in names:
        (tmp_path / name).write_text(name, errors="surrogateescape")
    snapshot = sweep(str(tmp_path), names, Snapshot())
    assert unpack_listing(pack_listing(snapshot, (0, 2))) == {names[i]: snapshot.digest(i)[:SHORT] for i in (0, 2)}
    assert unpack_listing(pack_listing(snapshot, ())) == {}


@pytest.mark.parametrize("blob", [b"", b"junk", pack_listing(Snapshot(), ())[:-3]])
def test_damage_is_an_error_that_can_be_caught(blob: bytes) -> None:
    with pytest.raises(ValueError, match="listing"):
        unpack_listing(blob)
