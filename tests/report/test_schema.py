"""The published schemas describe what is really written."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ftui.report.json_report import JsonReport
from ftui.report.ndjson import Ndjson
from ftui.report.schema import event_schema, report_schema
from tests.report.stream_of_events import EVERY_OUTCOME, feed

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def violations(value: Any, schema: dict[str, Any], whole: dict[str, Any], where: str = "$") -> list[str]:
    """Where a value breaks a schema, in the part of JSON schema that is generated from structs.

    https://json-schema.org/draft/2020-12: $ref, anyOf, type, enum, const, required, properties, items.
    """
    if "$ref" in schema:
        return violations(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, where)
    if "anyOf" in schema:
        tried = [violations(value, option, whole, where) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{where}: {value!r} fits no option"]
    found: list[str] = []
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return [f"{where}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if isinstance(value, dict):
        found += [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                found += violations(value[name], inner, whole, f"{where}.{name}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            found += violations(item, schema["items"], whole, f"{where}[{number}]")
    return found


def report() -> Any:
    out = io.BytesIO()
    feed(JsonReport(out), EVERY_OUTCOME)
    return json.loads(out.getvalue())


def test_a_report_with_every_outcome_fits_its_schema() -> None:
    assert violations(report(), report_schema(), report_schema()) == []


def test_every_event_fits_its_schema() -> None:
    out = io.BytesIO()
    feed(Ndjson(out), EVERY_OUTCOME)
    schema = event_schema()
    for line in out.getvalue().splitlines():
        assert violations(json.loads(line), schema, schema) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [(("run", "wall_s"), "fast"), (("checks", 0, "outcome"), "green"), (("totals", "hit"), None), (("run",), [])],
)
def test_a_report_with_a_wrong_value_does_not_fit(path: tuple[str | int, ...], value: object) -> None:
    wrong = report()
    inner = wrong
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert violations(wrong, report_schema(), report_schema()) != []


def test_the_names_of_the_events_are_published() -> None:
    published = json.dumps(event_schema())
    for name in ("run_started", "check_queued", "check_output", "check_finished", "tree_changed", "run_finished"):
        assert f'"{name}"' in published
