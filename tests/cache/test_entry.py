from __future__ import annotations

import pytest

from ftui.cache.entry import bounded
from ftui.cache.key import key
from tests.cache.entries import entry


def test_a_manifest_is_decoded_only_when_asked_for() -> None:
    stored = entry()
    again = type(stored)(
        key=stored.key, check="ruff", adapter="ruff", outcome="passed", exit_code=0, duration_s=1.0, created_at=0.0,
        manifest=stored.manifest.encode(),
    )  # fmt: skip
    assert again.manifest == stored.manifest
    assert key(again.manifest) == stored.key


@pytest.mark.parametrize("size", [0, 9, 10])
def test_what_fits_is_kept_whole(size: int) -> None:
    assert bounded(b"x" * size, limit=10) == b"x" * size


def test_the_middle_of_what_does_not_fit_is_left_out() -> None:
    assert bounded(b"a" * 500 + b"b" * 1000 + b"c" * 500, limit=1000).decode() == (
        "a" * 500 + "\n… 1,000 bytes left out …\n" + "c" * 500
    )
