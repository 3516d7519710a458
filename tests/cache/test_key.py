from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.cache.key import Manifest, key

texts = st.text(st.characters(exclude_categories=()), max_size=6)
values = texts | st.lists(texts, max_size=4).map(tuple)
manifests = st.lists(st.tuples(texts, values), max_size=5).map(lambda parts: Manifest(tuple(parts)))


@given(manifests, manifests)
def test_two_manifests_share_a_key_only_when_they_are_equal(one: Manifest, other: Manifest) -> None:
    assert (key(one) == key(other)) == (one == other)


@given(manifests)
def test_a_manifest_comes_back_from_its_encoding(manifest: Manifest) -> None:
    assert Manifest.decode(manifest.encode()) == manifest


@given(manifests, st.data())
def test_a_part_of_an_encoding_is_no_manifest(manifest: Manifest, data: st.DataObject) -> None:
    encoded = manifest.encode()
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(ValueError, match="manifest"):
        Manifest.decode(encoded[:cut])


@given(st.lists(texts, min_size=2, max_size=5, unique=True).map(tuple))
def test_the_order_of_arguments_is_part_of_the_key(argv: tuple[str, ...]) -> None:
    assert key(Manifest((("argv", argv),))) != key(Manifest((("argv", argv[::-1]),)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a b",), ("a", "b")),
        (("a", ""), ("a",)),
        ("a", ("a",)),
        ("", ()),
        ("\udcc3\udca9", "é"),
    ],
)
def test_values_that_look_alike_have_different_keys(one: str | tuple[str, ...], other: str | tuple[str, ...]) -> None:
    assert key(Manifest((("argv", one),))) != key(Manifest((("argv", other),)))


def test_the_key_of_a_manifest_stays_what_it_was() -> None:
    manifest = Manifest((("schema", "1"), ("argv", ("ruff", "check"))))
    assert key(manifest) == "491319be1717b335a089f3c125ff9d583b352ddaa1d1617316db2d1c004aa383"


def test_bytes_after_a_manifest_are_an_error() -> None:
    with pytest.raises(ValueError, match="after the end"):
        Manifest.decode(Manifest().encode() + b"x")
