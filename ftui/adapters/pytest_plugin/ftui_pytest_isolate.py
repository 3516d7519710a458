"""Loaded by pytest, in the interpreter of the tests: gives each worker of pytest-xdist databases and files of its own.

It stands alone: Python 3.8 and pytest 6 are enough, and nothing of ftui is imported. Tests that run without workers
have theirs already, in the variables that pytest was started with. What to do is in a variable, which is taken out
again on import, so that tests and their children do not see it:

    FTUI_ISOLATE    {"run", "worker", "helper", "create": {NAME: {"kind", "base", "value", "path"}}}

The names of the workers are made from those of the run, and the program `helper` makes what they stand for.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import execnet

TIMEOUT_S = 60

_told = json.loads(os.environ.pop("FTUI_ISOLATE", "null"))
_plugins = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name != __name__]
if any(_plugins):
    os.environ["PYTEST_PLUGINS"] = ",".join(_plugins)
else:
    os.environ.pop("PYTEST_PLUGINS", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[execnet.XSpec]) -> None:
    """Sets the variables of each worker before anything is imported in it."""
    if not _told or not _told["create"]:
        return
    create = []
    for spec in specs:
        named = {name: _renamed(each, str(spec.id)) for name, each in _told["create"].items()}
        spec.env.update({name: each["value"] for name, each in named.items()})
        create += list(named.values())
    error = _made(create)
    if error:
        raise pytest.UsageError(f"what {', '.join(_told['create'])} stands for could not be made: {error}")


def _renamed(each: Mapping[str, str], worker: str) -> dict[str, str]:
    """A database or file as it is for a worker."""
    run, worker = _told["run"], re.sub(r"\W", "_", worker)[:16]
    own = f"_{run}_{_told['worker']}"
    return {key: value if key == "base" else value.replace(own, f"_{run}_{worker}") for key, value in each.items()}


def _made(create: Sequence[Mapping[str, str]]) -> Any:
    """Has them made; returns what went wrong, None where nothing did."""
    environ = dict(os.environ, FTUI_ISOLATE_REQUEST=json.dumps({"create": create}))
    argv = [sys.executable, _told["helper"]]
    try:
        done = subprocess.run(
            argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        return json.loads(done.stdout.strip().rpartition("\n")[2])["error"]
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as problem:
        return f"{type(problem).__name__} in {_told['helper']}"
