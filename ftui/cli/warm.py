"""The quick end of `ftui run`: where everything is a hit, nothing that could run a check is even imported.

What decides is the same as everywhere: the plan says which checks there are, the session looks the tree and the results
up. Where anything at all is not as it was, the command goes on the ordinary way.
"""

from __future__ import annotations

import os
import sys
import time

from ftui.cache.folder import DATABASE, QUICK_RUNS, TreeFiles
from ftui.cache.plan import Plans, digest_of
from ftui.cache.sealed import seal, unseal
from ftui.location import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ftui.cache.plan import Plan
    from ftui.cache.recipe import Recipe
    from ftui.cache.session import Session

    Noted = tuple[str, float, float, int]
    """key, when it was found, how long that took, how many findings."""

WIDEST_NAME = 30
NOTED = b"hits 1"
DAY_S = 86_400.0
MOST_QUICK = 16 * 1024
"""Bytes of the notes on quick runs: over a thousand of them, between two runs in which anything ran."""


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
        environ = dict(os.environ)  # which decodes each variable whenever it is asked
        plan = Plans(folder, os.getcwd()).get(arguments, environ)
        hits = None if plan is None else _hits(plan, folder, environ)
        if plan is None or not hits:
            return False
        text = "".join(f"{line}\n" for line in _lines(hits))
        text.encode(sys.stdout.encoding)
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, UnicodeEncodeError, LookupError):  # the ordinary way meets the same trouble, and deals with it
        return False
    # For the history, which counts it with the next run that it keeps: to open it takes longer than all of this.
    took = [result.duration_s for result in hits if isinstance(result, Hit)]
    TreeFiles(folder, plan.root).append(QUICK_RUNS, b"%d %.3f\n" % (len(took), sum(took)), MOST_QUICK)
    return True


class Hit:
    """A result that is replayed.

    Attributes:
        check: id of the check.
        reason: the sentence behind the hit.
        duration_s: seconds that the run took which it replays.
        findings: how many that run had.
    """

    __slots__ = ("check", "duration_s", "findings", "reason")

    def __init__(self, check: str, reason: str, duration_s: float, findings: int) -> None:
        self.check = check
        self.reason = reason
        self.duration_s = duration_s
        self.findings = findings


class NotRun:
    """A check that tells a part of another one sooner, whose result stands.

    Attributes:
        check: its id.
        whole: id of the other one.
    """

    __slots__ = ("check", "whole")

    def __init__(self, check: str, whole: str) -> None:
        self.check = check
        self.whole = whole


def _hits(plan: Plan, folder: str, environ: Mapping[str, str]) -> list[Hit | NotRun] | None:
    """The results of the plan's checks; None where any of them that has to run is no hit."""
    from ftui.programs import GitListing

    listing = GitListing(plan.root)
    from ftui.cache.session import Session, Unopened

    recipes = {recipe.id: recipe for recipe in plan.recipes}
    session = Session(plan.root, recipes, Unopened(folder), environ)  # type: ignore[arg-type]  # nothing is looked up
    session.look_ahead()
    paths = listing.paths()
    if paths is None or digest_of(paths) != plan.files:
        return None
    session.look(paths)
    wholes = [recipe for recipe in plan.recipes if recipe.ahead_of not in recipes]
    hits = _hits_of_last_time(wholes, session, folder) or _hits_of_store(wholes, session, folder)
    if hits is None:
        return None
    by_id = {hit.check: hit for hit in hits}
    return [by_id.get(recipe.id) or NotRun(recipe.id, recipe.ahead_of) for recipe in plan.recipes]


def _hits_of_last_time(recipes: Sequence[Recipe], session: Session, folder: str) -> list[Hit] | None:
    """The hits that the last quick run noted, where neither a key nor the store has changed since.

    The store need not be opened then. Once a day it is all the same, so that it knows what is in use.
    """
    from ftui.cache.policy import hit_reason

    nothing: tuple[object, float, dict[str, Noted]] = (None, 0.0, {})
    store, noted_at, noted = unseal(NOTED, session.files.load("hits"), nothing)
    now = time.time()
    if store is None or store != _state_of_store(folder) or not 0 <= now - noted_at < DAY_S:
        return None
    hits = []
    for recipe in recipes:
        key, created_at, duration_s, findings = noted.get(recipe.id, ("", 0.0, 0.0, 0))
        if not key or recipe.ttl is not None or session.identify(recipe.id).key != key:
            return None
        hits.append(Hit(recipe.id, hit_reason(now - created_at), duration_s, findings))
    session.close()
    return hits


def _hits_of_store(recipes: Sequence[Recipe], session: Session, folder: str) -> list[Hit] | None:
    from ftui.cache.store import Store

    messages: list[str] = []
    session.store = store = Store(folder, messages.append)
    hits: list[Hit] = []
    noted: dict[str, Noted] = {}
    try:
        for recipe in recipes:
            found = session.look_up(recipe.id)
            if messages or found.decision is None or found.decision.bucket != "hit" or found.decision.shown is None:
                return None
            entry = found.decision.shown
            hits.append(Hit(recipe.id, found.decision.reason, entry.duration_s, len(entry.findings)))
            noted[recipe.id] = (found.key, entry.created_at, entry.duration_s, len(entry.findings))
    finally:
        session.close()
        store.close()
    session.files.save("hits", seal(NOTED, (_state_of_store(folder), time.time(), noted)))
    return hits


def _state_of_store(folder: str) -> tuple[tuple[int, int, int] | None, ...]:
    """What differs as soon as anybody has written to the database."""
    state: list[tuple[int, int, int] | None] = []
    for suffix in ("", "-wal"):
        try:
            st = os.stat(os.path.join(folder, DATABASE + suffix))
        except FileNotFoundError:
            state.append(None)
        else:
            state.append((st.st_size, st.st_mtime_ns, st.st_ino))
    return tuple(state)


class _AllHits:
    """The figures of a run in which nothing ran, as `State` would come to them."""

    def __init__(self, hits: list[Hit], skipped: int) -> None:
        self.passed = self.hit = len(hits)
        self.skipped = skipped
        self.checks = self.hit + self.skipped
        self.policy_rerun = self.miss = self.failed = self.broken = self.cancelled = 0
        self.structural_efficiency = 1.0
        self.time_saved_s = sum((hit.duration_s for hit in hits), 0.0)
        self.wall_s = self.busy_s = 0.0
        self.parallelization_factor = None
        self.peak_concurrency = 0


def _lines(results: list[Hit | NotRun]) -> list[str]:
    from ftui.report import line
    from ftui.report.figures import counted, duration

    glyph, _, word, colour = line.PASSED
    state = f"{glyph} {word}"
    names = min(WIDEST_NAME, max(len(each.check) for each in results))
    hits, shown = [], []
    for hit in results:
        if isinstance(hit, NotRun):
            shown.append(_skipped_line(hit, names))
            continue
        hits.append(hit)
        note = f"hit  {hit.reason}"
        if hit.findings:
            note += f"; {counted(hit.findings, 'finding')}"
        name, took = hit.check.ljust(names), duration(hit.duration_s)
        shown.append(_painted(line.check_line(state.ljust(line.WORD_COLUMNS + 2), name, took, note), state, colour))
    figures = _AllHits(hits, len(results) - len(hits))
    first, *rest = line.summary(state, figures, figures)  # type: ignore[arg-type]  # it has the fields of both
    return [*shown, "", _painted(first, state, colour), *rest]


def _skipped_line(check: NotRun, names: int) -> str:
    from ftui.cache.policy import need_not_run
    from ftui.report import line

    glyph, _, word, colour = line.SKIPPED
    state = f"{glyph} {word}"
    padded = state.ljust(line.WORD_COLUMNS + 2)
    return _painted(line.check_line(padded, check.check.ljust(names), "", need_not_run(check.whole)), state, colour)


def _painted(text: str, state: str, colour: str) -> str:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("", "dumb") or not sys.stdout.isatty():
        return text
    return f"\x1b[{colour}m{state}\x1b[0m{text[len(state) :]}"
