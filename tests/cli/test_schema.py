"""`ftui schema`: what is printed is what a real report, event stream and configuration keep to."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import python_check
from tests.report.test_schema import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"

README = Path(__file__).parents[2] / "README.md"


def schema(ftui: Ftui, cwd: Path, *option: str) -> Any:
    answer = ftui("schema", *option, cwd=cwd)
    assert answer.code == 0
    assert answer.report["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    return answer.report


def test_a_real_report_keeps_to_it(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS) + python_check("two", FAIL) + '[checks.three]\ncommand="no-such"\n')
    report = ftui("run", "--format", "json", cwd=root).report
    assert len(report["checks"]) == 3
    published = schema(ftui, root)
    assert violations(report, published, published) == []


def test_real_events_keep_to_it(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS) + python_check("two", FAIL, requires=["one"]))
    published = schema(ftui, root, "--events")
    events = [json.loads(line) for line in ftui("run", "--format", "ndjson", cwd=root).out.splitlines()]
    expected = {"run_started", "check_queued", "check_started", "check_finished", "run_finished"}
    assert expected <= {event["type"] for event in events}
    assert [wrong for event in events for wrong in violations(event, published, published)] == []


@pytest.mark.parametrize("key", ["workers", "checks"])
def test_the_readmes_configuration_names_only_keys_of_the_schema(ftui: Ftui, tmp_path: Path, key: str) -> None:
    published = schema(ftui, tmp_path, "--config")
    example = re.search(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    assert example is not None
    config = tomllib.loads(example[1])
    assert key in config
    assert config.keys() <= published["properties"].keys()
    of_a_check = published["properties"]["checks"]["additionalProperties"]["properties"].keys()
    for settings in config["checks"].values():
        assert settings.keys() <= of_a_check
