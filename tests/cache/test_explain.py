from __future__ import annotations

import pytest
from hypothesis import given

from ftui.cache.explain import difference, printable, sentence
from ftui.cache.key import Manifest
from tests.cache.test_key import manifests

Value = str | tuple[str, ...]


def texts(old: dict[str, Value], new: dict[str, Value]) -> list[str]:
    return [change.text for change in difference(Manifest(tuple(old.items())), Manifest(tuple(new.items())))]


@pytest.mark.parametrize(
    ("part", "old", "new", "text"),
    [
        ("argv", ("x", "a", "b"), ("x", "a", "c"), "argument 2 changed: b → c"),
        ("argv", ("x",), ("y",), "the command changed: x → y"),
        ("argv", ("x", "a"), ("x", "a", "--fix"), "its arguments changed: added --fix"),
        ("argv", ("x", "a", "a"), ("x", "a"), "its arguments changed: another number of the same"),
        ("tool", ("ruff", "0.17.4", "d1"), ("ruff", "0.17.5", "d2"), "ruff 0.17.4 → 0.17.5"),
        ("tool", ("ruff", "1", "d1"), ("ruff", "1", "d2"), "ruff itself changed, though its version did not"),
        ("interpreter", ("python3.11",), ("python3.12",), "the tool's Python or Node changed"),
        (
            "packages",
            ("a 1 x", "b 1 y"),
            ("a 2 z", "c 1 w"),
            "installed packages changed: a 1 → 2, b 1 removed, c 1 installed",
        ),
        ("packages", ("a 1 x",), ("a 1 y",), "installed packages changed: a 1 reinstalled"),
        ("environment", ("a 1 x",), ("a 2 y",), "installed packages changed: a 1 → 2"),
        ("imports:lib", "d1", "d2", "the code in lib, which it imports, changed"),
        ("config:ruff.toml", "d1", "d2", "configuration ruff.toml changed"),
        ("config:ruff.toml", "missing", "d2", "configuration ruff.toml added"),
        ("lock:uv.lock", "d1", "missing", "lock file uv.lock deleted"),
        ("env:TOKEN", "d1", "d2", "environment variable TOKEN changed"),
        ("requires:ruff", "k1", "k2", "ruff has a new result"),
        ("cwd", ".", "web", "it runs in web instead of ."),
        ("inputs", "d1", "d2", "the files that it reads changed"),
        ("platform", ("linux",), ("darwin",), "the platform changed"),
        ("unheard of", "1", "2", "unheard of changed"),
    ],
)
def test_each_part_has_its_sentence(part: str, old: Value, new: Value, text: str) -> None:
    assert texts({part: old}, {part: new}) == [text]


def test_variables_that_come_and_go_are_named() -> None:
    assert texts({"env:A": "d"}, {"env:B": "d"}) == ["environment variable B set", "environment variable A removed"]


def test_inputs_come_first_and_name_their_paths() -> None:
    old = Manifest((("argv", ("x",)), ("inputs", "1")))
    new = Manifest((("argv", ("y",)), ("inputs", "2")))
    before = {"src/app.py": b"1", "gone.py": b"1", "same.py": b"1"}
    after = {"src/app.py": b"2", "same.py": b"1", "n1": b"", "n2": b"", "n3": b"", "n4": b""}
    changes = difference(old, new, (before, after))
    assert [change.text for change in changes] == [
        "src/app.py changed",
        "4 files added: n1, n2, n3 and 1 more",
        "gone.py deleted",
        "the command changed: x → y",
    ]
    assert changes[1].paths == ("n1", "n2", "n3", "n4")
    assert sentence(changes) == "src/app.py changed; 4 files added: n1, n2, n3 and 1 more; gone.py deleted; and 1 more"


def test_a_file_that_is_input_and_configuration_is_named_once() -> None:
    old, new = (
        Manifest((("config:a.toml", n), ("config:b.toml", n), ("lock:uv.lock", n), ("inputs", n))) for n in ("1", "2")
    )
    changes = difference(old, new, ({"a.toml": b"1", "uv.lock": b"1"}, {"a.toml": b"2", "uv.lock": b"2"}))
    assert sentence(changes) == "2 files changed: a.toml, uv.lock; configuration b.toml changed"


def test_what_a_name_holds_cannot_reach_the_terminal() -> None:
    assert printable("a\x1b[31m\n\udcff") == "a\\x1b[31m\\n\\udcff"


@given(manifests, manifests)
def test_there_is_a_change_exactly_where_manifests_differ(old: Manifest, new: Manifest) -> None:
    changes = difference(old, new)
    assert bool(changes) == (old != new)
    assert all(change.text.isprintable() for change in changes)


def test_as_many_paths_and_packages_are_named_as_were_asked_for() -> None:
    files = {f"f{number}": b"" for number in range(9)}
    packages = tuple(f"p{number} 1 d" for number in range(9))
    old, new = Manifest((("packages", ()), ("inputs", "1"))), Manifest((("packages", packages), ("inputs", "2")))
    added, installed = (change.text for change in difference(old, new, ({}, files), named=9))
    assert added == f"9 files added: {', '.join(files)}"
    assert installed.count("installed") == 10
    assert "more" not in installed
