"""What the parser of a check makes of its output, verified and made safe to show."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from ftui.ansi import strip
from ftui.model import Check, Finding, ProcessResult, Severity
from ftui.tree import display

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_FINDINGS = 10_000
"""Findings kept of one check; one more says how many were left out."""


def parsed(check: Check, output: ProcessResult, hide: Callable[[str], str] = str) -> tuple[Finding, ...]:
    """The findings of a check, made safe to show: no escapes, no unprintable paths, at most `MOST_FINDINGS`.

    Args:
        check: whose parser is asked.
        output: what its process left behind.
        hide: takes secrets out of a text; a parser may have found them in a file.
    """
    found = iter(check.parse(output))
    findings = [
        Finding(
            message=hide(strip(finding.message)),
            path=None if finding.path is None else display(finding.path),
            line=finding.line,
            column=finding.column,
            severity=finding.severity,
            rule=None if finding.rule is None else hide(display(finding.rule)),
        )
        for finding in map(_verified, islice(found, MOST_FINDINGS))
    ]
    left_out = sum(1 for _ in found)
    if left_out:
        findings.append(Finding(message=f"{left_out:,} further findings were left out", severity=Severity.INFO))
    return tuple(findings)


def _verified(finding: object) -> Finding:
    """A finding whose fields are what they ought to be; msgspec does not look when one is made."""
    if not isinstance(finding, Finding):
        raise TypeError(f"parse gave {type(finding).__name__!r}, which is no Finding")
    data = {name: getattr(finding, name) for name in Finding.__struct_fields__}
    try:
        return msgspec.convert(data, Finding)
    except msgspec.ValidationError as error:
        raise TypeError(f"parse gave a wrong Finding: {error}") from None
