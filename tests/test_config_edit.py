"""Settings put into a user's file, of which all else stays."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.config.edit import Edited, edited
from ftui.errors import FtuiError

if TYPE_CHECKING:
    from ftui.config.edit import Settings

OWN = """\
# what I think of workers
workers = 2        # two

[checks.mypy]      # types
args = [
    "src",         # ours
]

[checks]
black = { enabled = true }
"""
SHARED = """\
[project]
name = "shop"

[tool.ruff]
line-length = 100
"""


def put(text: str, settings: Settings, prefix: tuple[str, ...] = ()) -> Edited:
    return edited(text, settings, name="ftui.toml", prefix=prefix)


def test_a_value_is_put_in_the_place_of_another_one_and_its_comment_stays() -> None:
    made = put(OWN, {("workers",): 4})
    assert made.text == OWN.replace("workers = 2 ", "workers = 4 ")
    assert made.before == {("workers",): 2}


def test_a_new_setting_goes_to_the_table_of_its_check() -> None:
    made = put(OWN, {("checks", "mypy", "phase"): "fast", ("checks", "black", "enabled"): False})
    assert tomllib.loads(made.text)["checks"] == {
        "mypy": {"args": ["src"], "phase": "fast"},
        "black": {"enabled": False},
    }
    assert made.before == {("checks", "black", "enabled"): True}
    assert all(line in made.text.splitlines() for line in OWN.splitlines() if "#" in line)


def test_a_new_key_of_the_top_comes_before_the_tables() -> None:
    made = put("[checks.a]\nargs = []\n", {("workers",): "auto"})
    assert tomllib.loads(made.text) == {"workers": "auto", "checks": {"a": {"args": []}}}


def test_tables_that_are_not_there_are_made_each_with_one_line() -> None:
    made = put(SHARED, {("checks", "npm:lint", "enabled"): False}, ("tool", "ftui"))
    assert made.text.startswith(SHARED)
    assert made.text.removeprefix(SHARED).split() == ['[tool.ftui.checks."npm:lint"]', "enabled", "=", "false"]


def test_an_empty_file_gets_what_it_needs() -> None:
    assert put("", {("workers",): 3}).text == "workers = 3\n"


def test_line_ends_stay_what_they_are() -> None:
    made = put(OWN.replace("\n", "\r\n"), {("workers",): 4})
    assert made.text == OWN.replace("workers = 2 ", "workers = 4 ").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "settings", "said"),
    [
        ("workers = ", {("workers",): 3}, "cannot be changed"),
        ("checks = 3", {("checks", "a", "phase"): "fast"}, "cannot be changed: checks is no table"),
        ("", {("workers",): 0}, "ftui.toml: workers must be"),
        ("[[checks]]\na = 1\n", {("checks", "a", "phase"): "fast"}, "cannot be changed"),
    ],
)
def test_what_cannot_be_put_in_is_an_error_of_one_line(text: str, settings: Settings, said: str) -> None:
    with pytest.raises(FtuiError, match=said) as raised:
        put(text, settings)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith("nothing was written")


names = st.text("ab-:é", min_size=1, max_size=4)
values = st.one_of(st.integers(1, 99), st.booleans(), st.text(max_size=5), st.lists(st.text(max_size=4), max_size=3))


@given(
    table=st.dictionaries(names, st.dictionaries(st.sampled_from(["args", "inputs"]), st.just(["x"]))),
    check=names,
    value=st.lists(st.text("ab/*.", max_size=5), max_size=3),
)
def test_whatever_is_there_is_there_afterwards_beside_the_new_setting(
    table: dict[str, dict[str, list[str]]], check: str, value: list[str]
) -> None:
    import tomlkit

    text = tomlkit.dumps({"fail_fast": True, "checks": table})
    made = put(text, {("checks", check, "args"): tuple(value)})
    wanted = {name: dict(settings) for name, settings in table.items()}
    wanted.setdefault(check, {})["args"] = value
    assert tomllib.loads(made.text) == {"fail_fast": True, "checks": wanted}
