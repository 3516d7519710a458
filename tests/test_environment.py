from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.environment import BASE, COLOURS_ON, WINDOWS, child_environment

COLOURS = {"NO_COLOR", *COLOURS_ON}


def test_words_in_braces_become_what_they_stand_for() -> None:
    more = {"{key}": "abc", "{key:one}": "", "{kept:mine}": "/kept"}
    allow = ("A={key}-{key:one}", "B={kept:mine}/x {kept} {key:two}")
    environment = child_environment({}, allow, scratch=None, more=more, colour=True)
    assert (environment["A"], environment["B"]) == ("abc-", "/kept/x {kept} {key:two}")


def test_only_the_base_gets_through_undeclared() -> None:
    base = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "AWS_SECRET_ACCESS_KEY": "s",
        "PYTHONPATH": "x",
        "COLUMNS": "213",
        "PWD": "/",
    }
    assert set(child_environment(base, (), scratch=None, colour=True)) == {"PATH", "LC_ALL", *COLOURS_ON}


@given(st.dictionaries(st.text("ABCXDGLP_", min_size=1, max_size=6), st.text(max_size=3), max_size=8))
def test_every_variable_is_in_the_base_or_comes_from_ftui(base: dict[str, str]) -> None:
    for name, value in child_environment(base, (), scratch=None, colour=True).items():
        known = {*BASE, *WINDOWS} if sys.platform == "win32" else set(BASE)
        allowed = any(name == entry or (entry.endswith("*") and name.startswith(entry[:-1])) for entry in known)
        assert (allowed and base[name] == value) or name in COLOURS


def test_a_check_declares_what_else_it_sees() -> None:
    base = {"DJANGO_A": "1", "DJANGO_B": "2", "DATABASE_URL": "db", "OTHER": "x"}
    environment = child_environment(base, ("DATABASE_URL", "DJANGO_*", "ABSENT"), scratch=None, colour=True)
    assert environment.keys() - COLOURS == {"DJANGO_A", "DJANGO_B", "DATABASE_URL"}


def test_a_check_sets_variables_and_later_entries_win() -> None:
    allow = ("A=1", "B={scratch}/cov", "A=2=3", "EMPTY=")
    environment = child_environment({"A": "0"}, allow, scratch="/tmp/x", colour=True)
    assert (environment["A"], environment["B"], environment["EMPTY"]) == ("2=3", "/tmp/x/cov", "")


def test_without_a_scratch_folder_its_placeholder_stays() -> None:
    assert child_environment({}, ("B={scratch}/cov",), scratch=None, colour=True)["B"] == "{scratch}/cov"


def test_colours_are_asked_for() -> None:
    environment = child_environment({}, (), scratch=None, colour=True)
    assert {name: environment[name] for name in COLOURS_ON} == dict.fromkeys(COLOURS_ON, "1")
    assert "NO_COLOR" not in environment


@pytest.mark.parametrize(
    ("base", "allow", "colour"),
    [({"NO_COLOR": "1"}, (), True), ({}, (), False), ({}, ("NO_COLOR=1",), True)],
)
def test_no_color_wins_and_stands_alone(base: dict[str, str], allow: tuple[str, ...], colour: bool) -> None:
    environment = child_environment(base, allow, scratch=None, colour=colour)
    assert environment.keys() & COLOURS == {"NO_COLOR"}


def test_an_empty_no_color_means_nothing() -> None:
    assert "FORCE_COLOR" in child_environment({"NO_COLOR": ""}, (), scratch=None, colour=True)


def test_a_check_may_set_its_own_colours() -> None:
    assert child_environment({}, ("FORCE_COLOR=3",), scratch=None, colour=True)["FORCE_COLOR"] == "3"


@pytest.mark.skipif(sys.platform != "win32", reason="names differ in case only on Windows")
def test_on_windows_the_case_of_a_name_does_not_matter() -> None:
    assert child_environment({"SystemRoot": "C:"}, (), scratch=None, colour=True)["SystemRoot"] == "C:"
