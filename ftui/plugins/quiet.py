"""Standard output while foreign code runs: it belongs to the report."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import StringIO
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUTPUT = 1
_captured: ContextVar[StringIO | None] = ContextVar("captured", default=None)
_aside: list[int] = []
"""The descriptor of a file that takes what is written past Python; opened when first needed."""


class Quiet:
    """Whether anything was printed.

    Attributes:
        printed: known when `quiet` is over.
    """

    def __init__(self) -> None:
        self.printed = False


@contextmanager
def quiet(said: Quiet) -> Iterator[None]:
    """Drops what is written to standard output within it, in this thread or task and in what is called from there.

    In the main thread that is true of other programs too, and of whoever writes to the descriptor: while this thread is
    here nobody else has anything to write. Other threads must not take it away from the report.
    """
    if not isinstance(sys.stdout, _Divided):
        sys.stdout = cast("TextIO", _Divided(sys.stdout))
    own = StringIO()
    token = _captured.set(own)
    try:
        if threading.current_thread() is threading.main_thread():
            with _descriptor_aside(said):
                yield
        else:
            yield
    finally:
        _captured.reset(token)
        said.printed = said.printed or own.closed or own.tell() > 0


class _Divided:
    """Standard output that is another for those who run within `quiet`."""

    def __init__(self, real: TextIO) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        own = _captured.get()
        return getattr(self._real if own is None else own, name)


@contextmanager
def _descriptor_aside(said: Quiet) -> Iterator[None]:
    try:
        _flush()
        aside = _file_aside()
        kept = os.dup(_OUTPUT)
    except OSError:  # there is none, or no room for a file
        yield
        return
    os.dup2(aside, _OUTPUT)
    try:
        yield
    finally:
        with suppress(OSError):
            _flush()
        os.dup2(kept, _OUTPUT)
        os.close(kept)
        if os.fstat(aside).st_size:
            said.printed = True
            os.ftruncate(aside, 0)
            os.lseek(aside, 0, os.SEEK_SET)


def _flush() -> None:
    """Writes out what Python still holds, which is somebody else's before the descriptor leads elsewhere."""
    with suppress(ValueError):  # it was closed
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()


def _file_aside() -> int:
    if not _aside:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="ftui-")
        with suppress(OSError):  # Windows lets nobody remove what is open
            os.unlink(path)
        _aside.append(descriptor)
    return _aside[0]
