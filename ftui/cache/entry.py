"""A stored verdict: what the tool said, and all that is needed to say it again."""

from __future__ import annotations

import marshal

from ftui.cache.key import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal, TypeAlias

    from ftui.cache.portable import Root

    FindingRow: TypeAlias = tuple[str, str | None, int | None, int | None, str, str | None]
    """message, path, line, column, severity, rule: the fields of `ftui.model.Finding`, in its order."""
    Verdict: TypeAlias = Literal["passed", "failed"]

VERDICTS: Final = ("passed", "failed")
"""The only outcomes that are ever stored: a deadline, a signal, a crash and a cancellation say nothing of the tree."""
OUTPUT_KEPT: Final = 16 * 1024 * 1024
"""Bytes kept of an output, half of the beginning and half of the end."""
_MARSHAL: Final = 4


class Entry:
    """One verdict of one check.

    Attributes:
        key: 64 hexadecimal digits.
        check: id of the check.
        outcome: `passed` or `failed`.
        duration_s: seconds that it ran.
        findings: the rows of its findings, in order.
        output: what it printed, colours kept.
        created_at: seconds since 1970.
        flaky: whether the same key has had another outcome as well.
        inputs: name of the listing of its inputs in the store; empty when none was kept.
    """

    __slots__ = (
        "_manifest", "adapter", "check", "cpu_s", "created_at", "duration_s", "exit_code", "findings", "flaky",
        "inputs", "key", "outcome", "output", "peak_rss_bytes",
    )  # fmt: skip

    def __init__(
        self,
        *,
        key: str,
        check: str,
        adapter: str,
        outcome: Verdict,
        exit_code: int | None,
        duration_s: float,
        created_at: float,
        manifest: Manifest | bytes,
        findings: tuple[FindingRow, ...] = (),
        output: bytes = b"",
        cpu_s: float | None = None,
        peak_rss_bytes: int | None = None,
        flaky: bool = False,
        inputs: str = "",
    ) -> None:
        if outcome not in VERDICTS:
            raise ValueError(f"{check}: {outcome!r} is no verdict, so it cannot be stored")
        self.key = key
        self.check = check
        self.adapter = adapter
        self.outcome = outcome
        self.exit_code = exit_code
        self.duration_s = duration_s
        self.created_at = created_at
        self._manifest = manifest
        self.findings = findings
        self.output = output
        self.cpu_s = cpu_s
        self.peak_rss_bytes = peak_rss_bytes
        self.flaky = flaky
        self.inputs = inputs

    @property
    def manifest(self) -> Manifest:
        """What `key` is the sha256 of; decoded when first asked for, since a hit needs none."""
        if isinstance(self._manifest, bytes):
            self._manifest = Manifest.decode(self._manifest)
        return self._manifest


def pack_payload(findings: tuple[FindingRow, ...], output: bytes, root: Root) -> bytes:
    """Findings and output as bytes that serve every clone."""
    rows = [
        (root.take_out_text(row[0]), None if row[1] is None else root.take_out_text(row[1]), *row[2:])
        for row in findings
    ]
    return marshal.dumps((rows, root.take_out(bounded(output))), _MARSHAL)


def unpack_payload(payload: bytes, root: Root) -> tuple[tuple[FindingRow, ...], bytes]:
    """Findings and output, with paths that are right for `root`. The bytes must have been verified before."""
    rows, output = marshal.loads(payload)
    findings = tuple(
        (root.put_in_text(message), None if path is None else root.put_in_text(path), line, column, severity, rule)
        for message, path, line, column, severity, rule in rows
    )
    return findings, root.put_in(output)


def bounded(output: bytes, limit: int = OUTPUT_KEPT) -> bytes:
    """The beginning and the end of an output that is longer than `limit` bytes, with a line in place of the middle."""
    if len(output) <= limit:
        return output
    half = limit // 2
    left_out = len(output) - 2 * half
    return output[:half] + f"\n… {left_out:,} bytes left out …\n".encode() + output[-half:]
