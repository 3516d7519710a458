"""`ftui schema`: the JSON schemas that others may rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.stdout import show

if TYPE_CHECKING:
    import argparse


def schema(options: argparse.Namespace) -> int:
    """Prints the schema of the configuration, or of what a command says to programs."""
    if options.of == "config":
        from ftui.config import config_schema

        found = config_schema()
    else:
        from ftui.report import schema as schemas

        made = {
            "report": schemas.report_schema,
            "events": schemas.event_schema,
            "history": schemas.history_schema,
            "slo": schemas.slo_schema,
            "flakes": schemas.flakes_schema,
        }
        found = made[options.of]()
    show([json.dumps(found, indent=2)])
    return PASSED
