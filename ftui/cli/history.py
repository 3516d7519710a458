"""`ftui history`: what earlier runs took and came to, as text, JSON, CSV, an HTML report or a trace."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ftui.cli import BROKEN, PASSED
from ftui.cli.stdout import show
from ftui.cli.ways_out import say
from ftui.cli.workspace import root_of
from ftui.errors import FtuiError, nearest
from ftui.history.overview import overview
from ftui.history.store import History
from ftui.report import history as forms
from ftui.report.files import replace_file
from ftui.report.safe import one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ftui.history.overview import Overview
    from ftui.history.records import RunRecord


def history(options: argparse.Namespace) -> int:
    """Shows the history of the repository; broken when it cannot be read.

    Raises:
        FtuiError: it knows no such check or run, or a file cannot be written.
    """
    said: list[str] = []
    root = root_of(options)
    kept = History.open_for(str(root), said.append)
    try:
        runs = _runs(kept, options)
        _verify(options.checks, kept.checks())
        found = overview(kept, runs, options.checks)
    finally:
        kept.close()
    for message in dict.fromkeys(said):
        say(message)
    _tell(found, root, options)
    return BROKEN if said else PASSED


def _runs(kept: History, options: argparse.Namespace) -> Sequence[RunRecord]:
    if options.run is None:
        return kept.runs(options.limit)
    run = kept.run(options.run)
    if run is None:
        raise FtuiError(f"the history has no run, or several, whose id begins with {one_line(options.run)!r}")
    return [run]


def _verify(asked: Sequence[str], known: Sequence[str]) -> None:
    for check in asked:
        if check not in known:
            raise FtuiError(f"the history knows no check {one_line(check)!r}{nearest(check, known)}")


def _tell(found: Overview, root: Path, options: argparse.Namespace) -> None:
    if options.html or options.trace:
        _write(found, root, options)
    elif options.format == "json":
        sys.stdout.buffer.write(forms.json(found) + b"\n")
        sys.stdout.buffer.flush()
    elif options.format == "csv":
        show(forms.csv_lines(found))
    elif found.runs:
        show(forms.text(found, results=bool(options.checks)))
    else:
        show(["no run has been kept here yet: `ftui run` first"])


def _write(found: Overview, root: Path, options: argparse.Namespace) -> None:
    files: dict[str, bytes] = {}
    if options.html:
        from ftui.report.history_html import page

        files[options.html] = page(found, name=root.name, made_at=time.time()).encode()
    if options.trace:
        from ftui.report.trace import trace

        if not found.runs:
            raise FtuiError("there is no run to trace: `ftui run` first")
        files[options.trace] = trace(found.runs[0])
    for path, content in files.items():
        try:
            replace_file(Path(path), content)
        except OSError as error:
            raise FtuiError(f"cannot write {one_line(path)}: {error.strerror}") from None
        show([f"written: {one_line(path)}"])
