"""The quick end of `ftui run`: where everything is a hit, nothing that could run a check is even imported.

What decides is the same as everywhere: the plan says which checks there are, the session looks the tree and the results
up. Where anything at all is not as it was, the command goes on the ordinary way.
"""

from __future__ import annotations

import os
import sys

from ftui.cache.location import cache_folder
from ftui.cache.plan import Plans, digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftui.cache.entry import Entry
    from ftui.cache.plan import Plan

WIDEST_NAME = 30


def all_hits(arguments: Sequence[str]) -> bool:
    """Shows the results of a `run` command if every one of its checks is a hit.

    Args:
        arguments: of the command, exactly as they were given the last time.

    Returns:
        Whether that was so. If not, the ordinary way has to show them.
    """
    folder = cache_folder()
    if folder is None:
        return False
    try:
        plan = Plans(folder, os.getcwd()).get(arguments, os.environ)
        hits = None if plan is None else _hits(plan, folder)
        if not hits:
            return False
        text = "".join(f"{line}\n" for line in _lines(hits))
        text.encode(sys.stdout.encoding)
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, UnicodeEncodeError, LookupError):  # the ordinary way meets the same trouble, and deals with it
        return False
    return True


def _hits(plan: Plan, folder: str) -> list[tuple[str, str, Entry]] | None:
    """For each check its id, the reason, and what is replayed; None where any of them is no hit."""
    from ftui.programs import tracked_and_untracked

    paths = tracked_and_untracked(plan.root)
    if paths is None or digest_of(paths) != plan.files:
        return None
    from ftui.cache.session import Session
    from ftui.cache.store import Store

    messages: list[str] = []
    store = Store(folder, messages.append)
    session = Session(plan.root, {recipe.id: recipe for recipe in plan.recipes}, store, os.environ)
    try:
        session.look(paths)
        found = []
        for recipe in plan.recipes:
            decision = session.look_up(recipe.id).decision
            if decision is None or decision.bucket != "hit" or decision.shown is None or messages:
                return None
            found.append((recipe.id, decision.reason, decision.shown))
        return found
    finally:
        session.close()
        store.close()


class _AllHits:
    """The figures of a run in which nothing ran, as `State` would come to them."""

    def __init__(self, hits: list[tuple[str, str, Entry]]) -> None:
        self.checks = self.passed = self.hit = len(hits)
        self.policy_rerun = self.miss = self.failed = self.broken = self.cancelled = self.skipped = 0
        self.structural_efficiency = 1.0
        self.time_saved_s = sum((entry.duration_s for _, _, entry in hits), 0.0)
        self.wall_s = self.busy_s = 0.0
        self.parallelization_factor = None
        self.peak_concurrency = 0


def _lines(hits: list[tuple[str, str, Entry]]) -> list[str]:
    from ftui.report import line
    from ftui.report.figures import counted, duration

    glyph, _, word, colour = line.PASSED
    state = f"{glyph} {word}"
    names = min(WIDEST_NAME, max(len(check) for check, _, _ in hits))
    shown = []
    for check, reason, entry in hits:
        note = f"hit  {reason}"
        if entry.findings:
            note += f"; {counted(len(entry.findings), 'finding')}"
        text = line.check_line(state.ljust(line.WORD_COLUMNS + 2), check.ljust(names), duration(entry.duration_s), note)
        shown.append(_painted(text, state, colour))
    figures = _AllHits(hits)
    first, *rest = line.summary(state, figures, figures)  # type: ignore[arg-type]  # it has the fields of both
    return [*shown, "", _painted(first, state, colour), *rest]


def _painted(text: str, state: str, colour: str) -> str:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("", "dumb") or not sys.stdout.isatty():
        return text
    return f"\x1b[{colour}m{state}\x1b[0m{text[len(state) :]}"
