"""What an isolated variable holds in place of the user's value."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.isolation.names import NoNameError, new_run, own_name, own_value

RUN = "abcdefgh2345"
PASSWORD = "p%40ss:w"


def made(value: str) -> str:
    own = own_value(value, RUN, "/own")
    assert own is not None
    return own.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("postgresql://ann:pw@db:5432/app", "postgresql://ann:pw@db:5432/app_{}"),
        ("postgresql+asyncpg://db/app?ssl=require", "postgresql+asyncpg://db/app_{}?ssl=require"),
        (f"postgres://ann:{PASSWORD}@[::1]:5432/my%20app", f"postgres://ann:{PASSWORD}@[::1]:5432/my%20app_{{}}"),
        ("postgresql:///app?host=/var/run/postgresql", "postgresql:///app_{}?host=/var/run/postgresql"),
        ("mysql+pymysql://ann:pw@db/app?charset=utf8", "mysql+pymysql://ann:pw@db/app_{}?charset=utf8"),
        ("mongodb://a,b,c/app", "mongodb://a,b,c/app_{}"),
        ("sqlite:///test.db", "sqlite:////own/test_{}.db"),
        ("sqlite:////var/lib/test.db?timeout=5", "sqlite:////own/test_{}.db?timeout=5"),
        ("sqlite+aiosqlite:///data/test.sqlite3", "sqlite+aiosqlite:////own/test_{}.sqlite3"),
        ("sqlite://db.sqlite3", "sqlite:///own/db_{}.sqlite3"),
        ("file:./dev.db", "file:/own/dev_{}.db"),
        ("data/test.db", "/own/test_{}.db"),
        ("test.sqlite", "/own/test_{}.sqlite"),
        ("/srv/uploads/", "/own/uploads_{}"),
        ("app", "app_{}"),
        ("my-app.dev", "my-app.dev_{}"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths are those of POSIX")
def test_only_the_name_in_a_value_becomes_another(value: str, expected: str) -> None:
    assert made(value) == expected.format(f"{RUN}_main")


@pytest.mark.parametrize(
    "value", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://", "file::memory:?cache=shared"]
)
def test_a_database_in_memory_is_its_own_already(value: str) -> None:
    assert own_value(value, RUN, "/own") is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("postgresql://ann:pw@db", "names no database"),
        ("https://example.com/", "names no database"),
        ("redis://localhost:6379/0", "a number"),
        ("host=db dbname=app", "neither a URL"),
        ("two words", "neither a URL"),
    ],
)
def test_what_has_no_name_is_refused_and_not_shown(value: str, why: str) -> None:
    with pytest.raises(NoNameError, match=why) as refused:
        own_value(value, RUN, "/own")
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("postgresql://ann:pw@DB:5432/app", "db:5432"),
        ("postgresql:///app?host=/run/pg&port=5433", "/run/pg 5433"),
        ("postgresql:///app", ""),
    ],
)
def test_a_server_is_named_without_user_and_password(value: str, server: str) -> None:
    own = own_value(value, RUN, "/own")
    assert own is not None
    assert own.server == server


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_fit_leave_room_and_differ_as_their_bases_do(one: str, other: str) -> None:
    first, second = own_name(one, RUN), own_name(other, RUN)
    assert f"test_{first}_gw12".encode() == f"test_{first}_gw12".encode()[:63]
    assert first.endswith(f"_{RUN}_main")
    assert (first == second) == (one == other)


@given(st.text("abc", min_size=31, max_size=80), st.text("abc", min_size=31, max_size=80))
def test_long_bases_that_begin_alike_are_told_apart(one: str, other: str) -> None:
    assert (own_name(one, RUN) == own_name(other, RUN)) == (one == other)


def test_no_two_runs_are_called_the_same() -> None:
    runs = {new_run() for _ in range(10_000)}
    assert len(runs) == 10_000
    assert all(re.fullmatch("[a-z2-7]{12}", run) for run in runs)
