"""JSON schemas of what ftui writes for programs, generated from the structs that it writes."""

from __future__ import annotations

from typing import Any

import msgspec

from ftui.events import Event
from ftui.report.flakes import FlakeReport
from ftui.report.history import HistoryReport
from ftui.report.json_report import Report
from ftui.report.slo import SloReport

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """The JSON schema of what `--format json` prints."""
    return {"$schema": DIALECT, "title": "ftui report", **msgspec.json.schema(Report)}


def history_schema() -> dict[str, Any]:
    """The JSON schema of what `ftui history --format json` prints."""
    return {"$schema": DIALECT, "title": "ftui history", **msgspec.json.schema(HistoryReport)}


def slo_schema() -> dict[str, Any]:
    """The JSON schema of what `ftui slo --format json` prints."""
    return {"$schema": DIALECT, "title": "ftui slo", **msgspec.json.schema(SloReport)}


def flakes_schema() -> dict[str, Any]:
    """The JSON schema of what `ftui flakes --format json` prints."""
    return {"$schema": DIALECT, "title": "ftui flakes", **msgspec.json.schema(FlakeReport)}


def event_schema() -> dict[str, Any]:
    """The JSON schema of one line of what `--format ndjson` prints and `--record` writes."""
    return {"$schema": DIALECT, "title": "ftui event", **msgspec.json.schema(Event)}
