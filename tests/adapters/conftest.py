"""The tools that adapter tests run are those beside the interpreter of the tests, whatever else PATH has."""

from __future__ import annotations

import os

import pytest

from tests.adapters.kit import TOOLS


@pytest.fixture(autouse=True)
def _own_tools_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)]))
