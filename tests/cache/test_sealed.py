from __future__ import annotations

import pytest

from ftui.cache.sealed import seal, unseal


def test_a_value_comes_back_under_its_kind_alone() -> None:
    blob = seal(b"memo 1", {"a": (1, b"x", None)})
    assert unseal(b"memo 1", blob, {}) == {"a": (1, b"x", None)}
    assert unseal(b"memo 2", blob, {}) == {}
    assert unseal(b"memo", blob, {}) == {}


def test_any_damage_is_seen() -> None:
    blob = seal(b"k", [1, 2, 3])
    for place in range(len(blob)):
        assert unseal(b"k", blob[:place], []) == []
        assert unseal(b"k", blob[:place] + bytes([blob[place] ^ 8]) + blob[place + 1 :], []) == []


def test_only_plain_data_can_be_sealed() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        seal(b"k", object())
