"""What the two kinds of child process have in common: `child_posix` and `child_windows`."""

from __future__ import annotations

from msgspec import Struct

CHUNK = 64 * 1024
"""Bytes read of one pipe in one turn of the loop, so that a child that floods does not starve the others."""

UNKILLABLE_S = 5.0
"""How long a killed process is waited for: one that hangs in the kernel (a dead network drive) dies when it returns."""


class Ended(Struct, frozen=True, kw_only=True):
    """What is known of a child when all of it is gone."""

    code: int | None
    """None when a signal ended it."""
    signal: int | None
    ended_s: float
    """When its own process ended, by `time.monotonic()`."""
    cpu_s: float | None
    peak_rss_bytes: int | None
