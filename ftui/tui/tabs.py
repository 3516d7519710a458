"""The sides from which a check can be looked at in detail."""

from __future__ import annotations

from typing import Final

OUTPUT: Final = "output"
FINDINGS: Final = "findings"
WHY: Final = "why"
TIMELINE: Final = "timeline"
TABS: Final = {OUTPUT: "Output", FINDINGS: "Findings", WHY: "Why", TIMELINE: "Timeline"}
