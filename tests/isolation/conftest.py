"""The server that the tests of isolation share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.isolation.server import Server, binaries, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL that has only its own databases."""
    programs = binaries()
    if programs is None:
        if sys.platform == "linux":
            pytest.fail("there is no PostgreSQL: install the package `postgresql`")
        pytest.skip("there is no PostgreSQL here")
    with running(programs) as server:
        yield server


@pytest.fixture
def postgres(server: Server) -> Iterator[Server]:
    """The server with an empty database `app`; a test may leave no other behind."""
    server.run("CREATE DATABASE app")
    try:
        yield server
        assert server.databases() == {"app"}
    finally:
        for name in server.databases():
            server.run(f'DROP DATABASE "{name}" WITH (FORCE)')
