"""Runs a part of the tests ahead of all of them: what failed last time, and what an edit may have to do with.

Says in words what was chosen, or why nothing was, and which tests are newly broken and which are mended.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .record import NEW, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from .impact import Impact

NOTHING_RAN = 5
"""What pytest exits with where no test ran."""
WORTH = 0.5
"""Of the time of all tests: where a part takes more, it tells nothing much sooner."""
OBSERVED = 0.2
"""Of the time of all tests: what a run of all observes of those of which nothing is known."""
_NAMED = 3


class Parts:
    """What is kept and chosen in one run of pytest.

    Args:
        folder: where the record lies.
        ahead: whether only a part is to run.
        varying: names of variables that are others in each run and decide nothing.
    """

    def __init__(self, folder: str, *, ahead: bool, varying: Sequence[str]) -> None:
        self.record = Record(folder)
        self.tell: Callable[[dict[str, object]], None] = lambda line: None
        self._ahead = ahead
        self._varying = varying
        self._alone = True
        self._impact: Impact | None = None
        self._collected: set[str] = set()
        self._bad: set[str] = set()
        self._seconds: dict[str, float] = {}
        self._done: set[str] = set()
        self._mean: float | None = None

    def begin(self, early_config: pytest.Config) -> None:
        """Before any file of the tree is imported."""
        options = early_config.known_args_namespace
        # Tests in other processes cannot be observed from here.
        self._alone = not getattr(options, "numprocesses", None) and getattr(options, "dist", "no") == "no"
        if self._alone and (self._ahead or self.record.long):
            from .impact import Impact

            arguments = _deciding(map(str, early_config.invocation_params.args))
            folder = str(early_config.invocation_params.dir)
            self._impact = Impact(self.record, os.path.realpath(folder), arguments, self._varying)
            early_config.pluginmanager.register(self._impact, "ftui-impact")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        if self._ahead and not self._alone:
            self._nothing("the tests run in processes of their own")
            pytest.exit("there is nothing to run ahead", NOTHING_RAN)
        if self._ahead and not self.record.failed and (self._impact is None or not self.record.uses):
            self._nothing("what the tests use is not known yet")
            pytest.exit("there is nothing to run ahead", NOTHING_RAN)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        tests = [item.nodeid for item in items]
        self._collected = set(tests)
        affected: Mapping[str, str] = dict.fromkeys(tests, NEW)
        if self._impact is not None:
            self._impact.collected()
            affected = self.record.affected(self._impact.tree, tests, self._impact.surroundings)
            self._impact.wants(config, items, affected if self._ahead else self._affordable(tests, affected))
        if self._ahead:
            chosen = self._choose(tests, affected)
            config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
            places = {test: place for place, test in enumerate(chosen)}
            items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = report.nodeid
        self._seconds[test] = self._seconds.get(test, 0.0) + report.duration
        if report.failed:
            self._bad.add(test)
        if report.when == "teardown":
            self._done.add(test)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        whole = not self._ahead and bool(self._done) and self._done >= self._collected
        record, before = self.record, self.record.broken
        if before is not None and (note := changes(before, self._done, self._bad)):
            self.tell({"kind": "note", "message": note})
        if self._impact is not None:
            self._impact.learn(whole=whole)
        record.failed = (record.failed - self._done) | self._bad
        record.seconds.update((test, round(self._seconds[test], 4)) for test in self._done)
        if whole:
            record.broken = set(self._bad)
            record.failed &= self._done
            record.seconds = {test: took for test, took in record.seconds.items() if test in self._done}
            record.uses = {test: used for test, used in record.uses.items() if test in self._done}
        if self._done:
            record.save()

    # What to run

    def _choose(self, tests: Sequence[str], affected: Mapping[str, str]) -> list[str]:
        """The tests to run, in their order; tells why."""
        failed = [test for test in tests if test in self.record.failed]
        others = [test for test in tests if test in affected and test not in self.record.failed]
        too_many = self._seconds_of(others) > WORTH * self._seconds_of(tests)
        if too_many and failed:
            others = []
        elif too_many:
            reason = _because([affected[test] for test in others])
            self._nothing(f"{_count(len(others))} of {_count(len(tests))} tests {reason}: that is no part of them")
            return []
        if not failed and not others:
            self._nothing(f"none of {_count(len(tests))} tests has to do with what has changed")
            return []
        parts = [f"{_count(len(failed))} failed last time"] if failed else []
        parts += [f"{_count(len(others))} {_because([affected[test] for test in others])}"] if others else []
        message = f"{_count(len(failed) + len(others))} of {_count(len(tests))} tests: {', '.join(parts)}"
        self.tell({"kind": "note", "message": message})
        return failed + others

    def _affordable(self, tests: Sequence[str], affected: Mapping[str, str]) -> list[str]:
        """Those of the affected tests that are observed in a run of all, the quick ones first, and at least one.

        Being observed may make a test take some times as long, and no verdict is to wait for that.
        """
        left = OBSERVED * self._seconds_of(tests)
        found: list[str] = []
        for test in sorted(affected, key=lambda test: self._seconds_of([test])):
            left -= self._seconds_of([test])
            if left < 0 and found:
                break
            found.append(test)
        return found

    def _seconds_of(self, tests: Collection[str]) -> float:
        """What tests took, a mean where that is not known."""
        known = self.record.seconds
        if self._mean is None:
            self._mean = sum(known.values()) / len(known) if known else 1.0
        return sum(known.get(test, self._mean) for test in tests)

    def _nothing(self, message: str) -> None:
        self.tell({"kind": "nothing", "message": message})


def _deciding(arguments: Iterable[str]) -> list[str]:
    """Those that may decide how a test ends: not how many processes run them, nor what is measured."""
    found: list[str] = []
    number_follows = False
    for word in arguments:
        passing = (
            number_follows or word == "--no-cov" or word.startswith(("-n", "--numprocesses", "--dist=", "--durations"))
        )
        number_follows = word in ("-n", "--numprocesses", "--dist")
        if not passing and not number_follows:
            found.append(word)
    return found


def changes(before: Collection[str], ran: Collection[str], bad: Collection[str]) -> str:
    """Which tests are broken that were not when all ran last, and which are mended, in words."""
    broken = sorted(test for test in bad if test not in before)
    mended = sorted(test for test in before if test in ran and test not in bad)
    parts = [f"{word}: {_named(tests)}" for word, tests in (("newly broken", broken), ("fixed", mended)) if tests]
    return "; ".join(parts)


def _because(causes: Sequence[str]) -> str:
    """Why tests were chosen, in words: `affected by src/app.py and 2 other files`."""
    paths = sorted({cause for cause in causes if cause != NEW and not cause.startswith("it ")}, key=causes.count)
    words = [f"affected by {_named(paths[::-1])}"] if paths else []
    if any(cause.startswith("it ") for cause in causes):
        words.append("that may use anything")
    if NEW in causes:
        words.append("not known yet")
    return " or ".join(words)


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {_count(more)} more" if more > 0 else "")


def _count(number: int) -> str:
    return f"{number:,}"
