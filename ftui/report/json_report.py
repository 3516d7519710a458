"""The JSON report of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ftui.events import SCHEMA_VERSION, RunFinished
from ftui.model import CheckResult, RunSummary, Totals
from ftui.report.encoding import encode

if TYPE_CHECKING:
    from typing import BinaryIO

    from ftui.events import Event
    from ftui.state import State


class ReportedProblem(Struct, frozen=True, kw_only=True):
    """Something that went wrong beside the checks."""

    source: str
    message: str


class Report(Struct, frozen=True, kw_only=True):
    """All that is known of a run; names are as stable as `schema_version` says."""

    schema_version: int
    run: RunSummary
    totals: Totals
    checks: tuple[CheckResult, ...]
    problems: tuple[ReportedProblem, ...]

    @classmethod
    def of(cls, state: State) -> Report:
        """The report of the run that `state` is about."""
        return cls(
            schema_version=SCHEMA_VERSION,
            run=state.summary(),
            totals=state.totals(),
            checks=state.results(),
            problems=tuple(ReportedProblem(source=p.source, message=p.message) for p in state.problems),
        )


class JsonReport:
    """Writes the report of each run when it has finished, and nothing before.

    Args:
        out: where it goes, in UTF-8; it stays open.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, event: Event, state: State) -> None:
        """Writes the report if the event is the end of a run."""
        if isinstance(event, RunFinished):
            self._out.write(msgspec.json.format(encode(Report.of(state)), indent=2) + b"\n")
            self._out.flush()

    def close(self) -> None:
        """Nothing is held back, so nothing is left to do."""
