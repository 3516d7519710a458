"""The table of keys."""

from __future__ import annotations

from collections import Counter

from ftui.tui import keys

PLACES = ("app", "screen", "checks")


def test_every_key_does_one_thing_and_every_id_stands_once() -> None:
    names = [name for on in PLACES for binding in keys.bindings(on) for name in binding.key.split(",")]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    everything = [binding.id for on in PLACES for binding in keys.bindings(on)]
    assert sorted(filter(None, everything)) == sorted(keys.ids())
    assert len(set(everything)) == len(everything)


def test_the_keys_that_the_interface_promises_are_there() -> None:
    names = {name for on in PLACES for binding in keys.bindings(on) for name in binding.key.split(",")}
    promised = "up down j k g G enter escape r f a R x p e n N y slash o w t b z question_mark ctrl+p q plus minus"
    assert names.issuperset([*promised.split(), *map(str, range(1, 10))])


def test_keys_are_shown_as_people_read_them_and_as_the_user_has_set_them() -> None:
    table = {key.id: key for key in keys.TABLE}
    assert keys.shown(table["cursor-up"], {}) == "↑ k"
    assert keys.shown(table["cursor-up"], {}, first=True) == "↑"
    assert keys.shown(table["search"], {}) == "/"
    assert keys.shown(table["rerun"], {"rerun": "ctrl+r, f5"}) == "ctrl+r f5"
    assert keys.shown(table["profile"], {}) == "1-9"
