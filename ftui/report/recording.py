"""Recordings: an event stream in a file, and the file as an event stream again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ftui.errors import FtuiError
from ftui.events import SCHEMA_VERSION, CheckOutput, Event, Problem, RunFinished, RunStarted
from ftui.report.encoding import encode
from ftui.report.safe import coloured, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from ftui.state import State

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one event: the findings of a check at their most numerous stay far below."""


class Recording:
    """Writes every event to a file as it happens, in the format of `--format ndjson`.

    Args:
        path: the file; what it held is gone.

    Raises:
        FtuiError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._out = path.open("wb")
        except OSError as error:
            raise self._failure(error) from None

    def write(self, event: Event, state: State) -> None:
        """Adds an event; what a killed process has recorded up to then can be replayed.

        Raises:
            FtuiError: the disk is full, or gone.
        """
        try:
            self._out.write(encode(event) + b"\n")
            self._out.flush()
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Closes the file.

        Raises:
            FtuiError: the disk is full, or gone.
        """
        try:
            self._out.close()
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> FtuiError:
        return FtuiError(f"cannot record to {one_line(str(self._path))}: {error.strerror}; the run is not recorded")


def replay(path: Path) -> Iterator[Event]:
    """The events of a recording, one at a time.

    Outputs are sanitised again, since anybody may have written the file; other words are cleaned where they are shown.
    A recording whose writer was killed ends with a problem that says so where a line is cut short, and its last run
    ends as an interrupted one.

    Raises:
        FtuiError: the file cannot be read, or a line is not an event that this version knows; names file and line.
    """
    name = one_line(str(path))
    try:
        with path.open("rb") as file:
            yield from _finished(_events(file, name))
    except OSError as error:
        raise FtuiError(f"cannot read the recording {name}: {error.strerror}") from None


def _events(file: BinaryIO, name: str) -> Iterator[Event]:
    decoder = msgspec.json.Decoder(Event)
    run_id, time_s, number = "", 0.0, 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        where = f"{name}:{number}"
        ended = line.endswith(b"\n")
        if not ended and len(line) == LONGEST_LINE:
            raise FtuiError(f"{where}: a line of more than {LONGEST_LINE:,} bytes is no event of ftui")
        if not line.strip():
            continue
        try:
            event: Event = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if not ended:
                message = f"line {number} is cut short, so its event is lost"
                yield Problem(run_id=run_id, time_s=time_s, source=f"recording {name}", message=message)
                return
            raise FtuiError(f"{where}: not an event of ftui: {one_line(str(error))}{_newer(line)}") from None
        if isinstance(event, RunStarted) and event.schema_version > SCHEMA_VERSION:
            raise FtuiError(f"{where}: not an event of this version{_newer(line)}")
        if isinstance(event, CheckOutput):
            event = msgspec.structs.replace(event, text=coloured(event.text))
        run_id, time_s = event.run_id, event.time_s
        yield event
    if not number:
        raise FtuiError(f"{name}: an empty file is no recording; `ftui run --record FILE` writes one")


def _finished(events: Iterator[Event]) -> Iterator[Event]:
    """The events with an end for a last run that has none."""
    running: str | None = None
    time_s = 0.0
    for event in events:
        if isinstance(event, RunStarted):
            running = event.run_id
        elif isinstance(event, RunFinished):
            running = None
        time_s = event.time_s
        yield event
    if running is not None:
        yield RunFinished(run_id=running, time_s=time_s, interrupted=True)


class _Version(msgspec.Struct):
    schema_version: int = SCHEMA_VERSION


def _newer(line: bytes) -> str:
    """What to do about a line of a later version, or nothing where it is none."""
    try:
        version = msgspec.json.decode(line, type=_Version).schema_version
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if version <= SCHEMA_VERSION:
        return ""
    return f": it was written with schema {version}, this ftui knows up to {SCHEMA_VERSION}; upgrade ftui"
