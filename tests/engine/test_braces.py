"""What the words in braces become in the environment of a check that runs, by the real engine."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from ftui.events import CheckOutput
from ftui.hookspecs import hookimpl
from ftui.model import Check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftui.testing import MakeProject, RunChecks

TELL = "import json, os; print(json.dumps({name: os.environ[name] for name in ('OWN', 'THEIRS', 'KEPT')}))"


class Two:
    """Two checks, the second of which asks for what is the first one's."""

    def __init__(self, *, cached: bool = True) -> None:
        self.cached = cached

    @hookimpl
    def ftui_checks(self) -> Iterable[Check]:
        argv = (sys.executable, "-c", TELL)
        own = ("OWN={key}", "THEIRS={key:none}", "KEPT={kept}/x")
        yield Check(id="one", adapter="first", argv=argv, env=own, cache=self.cached)
        theirs = ("OWN={key}", "THEIRS={key:one}", "KEPT={kept:first}/x")
        yield Check(id="two", adapter="second", argv=argv, env=theirs, requires=("one",))


def test_a_key_is_the_results_own_and_what_is_kept_is_shared_with_who_asks(
    project: MakeProject, engine: RunChecks
) -> None:
    events = engine(project({"a.txt": ""}), Two())
    said = {event.check_id: json.loads(event.text) for event in events.of(CheckOutput)}
    keys = {name: events.result(name).key for name in ("one", "two")}
    assert (said["one"]["OWN"], said["one"]["THEIRS"]) == (keys["one"], "{key:none}")
    assert (said["two"]["OWN"], said["two"]["THEIRS"]) == (keys["two"], keys["one"])
    assert said["one"]["KEPT"] == said["two"]["KEPT"]
    assert os.path.isdir(os.path.dirname(said["one"]["KEPT"]))


def test_where_nothing_is_cached_there_is_no_key(project: MakeProject, engine: RunChecks) -> None:
    events = engine(project({"a.txt": ""}), Two(cached=False))
    said = {event.check_id: json.loads(event.text) for event in events.of(CheckOutput)}
    assert (said["one"]["OWN"], said["two"]["OWN"], said["two"]["THEIRS"]) == ("", "", "{key:one}")
