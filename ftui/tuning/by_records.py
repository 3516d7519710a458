"""Advice on work that need not be done: results that are never found again, reruns in vain, the same thing twice."""

from __future__ import annotations

import re
import shlex
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from ftui.model import Bucket, Outcome
from ftui.tuning.advice import Advice, Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ftui.history.records import Sample
    from ftui.model import Check
    from ftui.tuning.situation import Situation

NEVER_FOUND = 10
"""Misses in a row for the same file or variable, from which on it counts as one that changes with every run."""
COMMITS = 3
"""Commits that those misses have to be spread over: whoever works on one file changes it every time as well."""
IN_VAIN = 5
"""Reruns in a row that failed again, from which on another one is not expected to pass."""
ALIKE = 5
"""Runs of both in which two checks that do the same came to the same, and never to another."""

_FILE = re.compile(r"^(?P<one>\S+) changed$|^\d+ files changed: (?P<several>.+?)(?: and \d+ more)?$")
_VARIABLE = re.compile(r"^environment variable (?P<name>\w+) changed$")

TWINS = (("black", "ruff-format"), ("basedpyright", "pyright"))
"""Adapters that may judge the same thing of the same files: which one can go, and which one stays."""


def inputs(now: Situation) -> Iterator[Advice]:
    """A file or a variable that changes with every run, so that no result is ever found again."""
    for check in now.checks.values():
        last = [each for each in now.evidence.samples.get(check.id, ()) if each.result.bucket is not None]
        last = last[:NEVER_FOUND]
        if len(last) < NEVER_FOUND or any(each.result.bucket is not Bucket.MISS for each in last):
            continue
        clauses = [each.result.reason.split("; ") for each in last]
        moving = set.intersection(*(set(_moved(each)) for each in clauses))
        for name in sorted(moving):
            change = _without(name, check, now, last)
            alone = sum(set(_moved(each)) == {name} and len(each) == 1 for each in clauses)
            saves = now.saves(now.what_if.without(check.id), share=alone / len(last))
            if change is not None and now.worth(saves):
                yield Advice(
                    kind="inputs",
                    title=f"{check.id} without {name.removeprefix('$')} among what it depends on",
                    because=f"it changed before each of the last {len(last)} runs, {alone} times alone: none was a hit",
                    saves=saves,
                    confidence="medium",
                    changes=(change,),
                    beware=f"only where the verdict of {check.id} does not depend on it",
                )


def _moved(clauses: Sequence[str]) -> Iterator[str]:
    """The files that a reason names, and the variables with a `$` before them."""
    for clause in clauses:
        if found := _VARIABLE.match(clause):
            yield f"${found['name']}"
        elif found := _FILE.match(clause):
            yield from [found["one"]] if found["one"] else found["several"].split(", ")


def _without(name: str, check: Check, now: Situation, last: Sequence[Sample]) -> Change | None:
    """The setting that takes a file or a variable out of the key; None where there is none."""
    if name.startswith("$"):
        env = now.evidence.env.get(check.id, ())
        kept = tuple(each for each in env if each != name[1:])
        return Change(("checks", check.id, "env"), kept) if kept != env else None
    commits = {each.run.commit for each in last}
    if name not in now.evidence.paths or len(commits) < COMMITS:
        return None
    return Change(("checks", check.id, "inputs"), (*check.inputs, f"!/{name}"))


def reruns(now: Situation) -> Iterator[Advice]:
    """A failure that is run again and again although nothing has changed, and fails each time."""
    for check in now.checks.values():
        samples = [each.result for each in now.evidence.samples.get(check.id, ()) if each.result.bucket is not None]
        again = [each for each in samples if each.bucket is Bucket.POLICY_RERUN and each.reason.startswith("it failed")]
        tried = [each for each in again if each.attempts]
        in_vain = len(tried) >= IN_VAIN and all(each.outcome is Outcome.FAILED for each in tried)
        if not in_vain or check.on_failure == "never":
            continue
        saves = now.saves(now.what_if.without(check.id), share=len(tried) / len(samples))
        if now.worth(saves):
            yield Advice(
                kind="rerun",
                title=f"{check.id} is not run again after a failure before something changes",
                because=f"of {len(samples)} runs {len(tried)} were on unchanged files, and none of them turned green",
                saves=saves,
                confidence=now.confidence(saves),
                changes=(Change(("checks", check.id, "on_failure"), "never"),),
                beware="a failure that came from elsewhere stays until something changes, or `r` is pressed",
            )


def duplicates(now: Situation) -> Iterator[Advice]:
    """Two checks that do the same."""
    checks = list(now.checks.values())
    for place, check in enumerate(checks):
        for other in checks[place + 1 :]:
            twin = _twin(check, other, now) or _twin(other, check, now)
            if twin is None:
                continue
            goes, stays, because = twin
            runs = _alike(goes, stays, now)
            saves = now.saves(now.what_if.without(goes.id))
            if runs >= ALIKE and now.worth(saves):
                yield Advice(
                    kind="duplicate",
                    title=f"{stays.id} alone, without {goes.id}",
                    because=f"{because}; they came to the same in all {runs} runs",
                    saves=saves,
                    confidence=now.confidence(saves),
                    changes=(Change(("checks", goes.id, "enabled"), False),),
                    beware=f"what {goes.id} alone would find is not found any more",
                )


def _twin(goes: Check, stays: Check, now: Situation) -> tuple[Check, Check, str] | None:
    """Whether one check does what another one does as well, and why that is thought."""
    if any(goes.id in check.requires for check in now.checks.values()):
        return None
    if (goes.adapter, stays.adapter) in TWINS:
        return goes, stays, f"{goes.adapter} and {stays.adapter} judge the same of the same files"
    if goes.command == stays.command and goes.cwd == stays.cwd and goes.id > stays.id:
        return goes, stays, f"both run `{shlex.join(goes.command)}`"
    program = _program(now.evidence.scripts.get(goes.id, ""))
    if program and program in (stays.adapter, PureWindowsPath(stays.argv[0]).stem) and goes.adapter != stays.adapter:
        return goes, stays, f"{goes.id} runs {program}, and so does {stays.id}"
    return None


def _program(script: str) -> str:
    """The program that a script runs, where it runs one alone."""
    try:
        words = shlex.split(script)
    except ValueError:
        return ""
    if any(word in ("&&", "||", ";", "|", "&") for word in words):
        return ""
    while words and (words[0] in ("npx", "pnpm", "yarn", "bunx", "exec", "run") or "=" in words[0]):
        words.pop(0)
    return words[0] if words else ""


def _alike(one: Check, other: Check, now: Situation) -> int:
    """In how many runs both really ran and came to the same; 0 where they ever came to another."""
    outcomes = {each.run.id: each.result.outcome for each in now.evidence.samples.get(one.id, ()) if each.result.fresh}
    pairs = [
        (outcomes[each.run.id], each.result.outcome)
        for each in now.evidence.samples.get(other.id, ())
        if each.result.fresh and each.run.id in outcomes
    ]
    return len(pairs) if all(mine is theirs for mine, theirs in pairs) else 0
