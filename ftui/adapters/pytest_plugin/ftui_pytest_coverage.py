"""Loaded by pytest, in the interpreter of the tests: notes which run has written the coverage data of pytest-cov.

It stands alone: Python 3.8 and pytest 6 are enough, and nothing of ftui is imported. Two variables tell it what to do,
and are taken out again on import, so that tests and their children do not see them:

    FTUI_COVERAGE_NOTE    the file to write: {"key", "data", "sha256", "narrowed", "sources": {PATH: sha256}}
    FTUI_COVERAGE_KEY     the key of this run

Whoever reads the note compares the digests with what is there then.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

NOTE = os.environ.pop("FTUI_COVERAGE_NOTE", None)
KEY = os.environ.pop("FTUI_COVERAGE_KEY", "")
_plugins = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name != __name__]
if any(_plugins):
    os.environ["PYTEST_PLUGINS"] = ",".join(_plugins)
else:
    os.environ.pop("PYTEST_PLUGINS", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Writes the note, when pytest-cov has saved what it measured."""
    measured = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    coverage = getattr(measured, "cov", None)
    if not NOTE or coverage is None:
        return
    try:
        data = coverage.get_data()
        found = {path: digest_of(path) for path in data.measured_files()}
        path = os.path.abspath(coverage.config.data_file)
        note = {"key": KEY, "data": path, "sha256": digest_of(path), "narrowed": narrowed(config), "sources": found}
        with open(NOTE + ".new", "w", encoding="utf-8") as stream:
            json.dump(note, stream)
        os.replace(NOTE + ".new", NOTE)
    except OSError:  # without the note the data counts for nothing, and the tests for all that they are
        return


def narrowed(config: pytest.Config) -> str:
    """What makes this run one of a part of the tests, or adds to it what is not of it; empty where nothing does."""
    own = [str(word) for word in (*config.getini("addopts"), *config.getini("testpaths"))]
    for name, flag in (("keyword", "-k"), ("markexpr", "-m")):
        expression = getattr(config.option, name, "")
        if expression and not {expression, flag + expression, f"{flag}={expression}"}.intersection(own):
            return f"{flag} {expression}"
    for name in ("lf", "stepwise", "deselect", "cov_append"):
        if getattr(config.option, name, None):
            return f"--{name.replace('_', '-')}"
    return next((word for word in config.args if ("::" in word or word.endswith(".py")) and word not in own), "")


def digest_of(path: str) -> str:
    """The sha256 of a file; empty where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return ""
