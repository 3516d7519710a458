"""Entries to keep in stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.cache.entry import Entry
from ftui.cache.key import Manifest, key

if TYPE_CHECKING:
    from ftui.cache.entry import FindingRow, Verdict


def entry(
    name: str = "x",
    *,
    check: str = "ruff",
    outcome: Verdict = "passed",
    output: bytes = b"all good\n",
    findings: tuple[FindingRow, ...] = (),
    created_at: float = 1_000.0,
    inputs: str = "",
) -> Entry:
    """An entry whose key depends on `name` alone."""
    manifest = Manifest((("schema", "1"), ("argv", (name,))))
    return Entry(
        key=key(manifest), check=check, adapter="ruff", outcome=outcome, exit_code=int(outcome == "failed"),
        duration_s=1.5, created_at=created_at, manifest=manifest, findings=findings, output=output, cpu_s=0.5,
        peak_rss_bytes=1_000_000, inputs=inputs,
    )  # fmt: skip
