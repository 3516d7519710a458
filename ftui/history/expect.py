"""What a check can be expected to take, from runs of it under the same terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.history.comparable import Terms, command_digest, size_of, sound
from ftui.history.spread import median, quantile
from ftui.model import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftui.history.records import Sample

LEAST = 3
"""Comparable runs that it takes to expect anything."""
MOST = 20
"""Comparable runs that count, the last ones: what a check takes changes as it is worked on."""


def expectation(samples: Iterable[Sample]) -> Expectation | None:
    """What runs let expect of the next one.

    Args:
        samples: comparable ones, see `ftui.history.comparable`, the latest first.

    Returns:
        None where there are too few: nothing is made up.
    """
    last = [each.result for each in samples][:MOST]
    took = [result.duration_s for result in last if result.duration_s is not None]
    if len(took) < LEAST:
        return None
    silences = [result.silence_s for result in last if result.silence_s is not None]
    return Expectation(
        samples=len(took),
        median_s=median(took),
        low_s=quantile(took, 0.1),
        high_s=quantile(took, 0.9),
        silence_s=max(silences, default=None),
    )


class Expectations:
    """What the checks of a tree can be expected to take on the machine as it is now.

    It knows nothing until it is told. It may be told in one thread while another asks.

    Args:
        root: absolute path of the tree.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._machine = ("", 0, False)
        self._samples: dict[Terms, tuple[Sample, ...]] = {}
        self._sizes: dict[tuple[str, str], int | None] = {}

    def set_machine(self, name: str, cores: int, *, on_battery: bool) -> None:
        """Says what checks run on from here on; fields as in `Machine`."""
        self._machine = (name, cores, on_battery)

    def add(self, samples: Sequence[Sample]) -> None:
        """Takes in runs that have been kept; those that are not sound are left out.

        Args:
            samples: the latest first.
        """
        for sample in reversed(samples):
            if sound(sample):
                terms = Terms.of(sample)
                self._samples[terms] = (sample, *self._samples.get(terms, ()))[:MOST]
                self._sizes[terms.check, terms.command] = terms.size

    def of(self, check: str, argv: Sequence[str], changed_inputs: int | None) -> Expectation | None:
        """What a check can be expected to take.

        Args:
            check: its id.
            argv: its command.
            changed_inputs: how many of its inputs have changed, as in `CheckResult`.
        """
        return self._expected(check, command_digest(argv, self._root), size_of(changed_inputs))

    def usual(self, check: str, argv: Sequence[str]) -> Expectation | None:
        """The same for a change of the size of the last one."""
        command = command_digest(argv, self._root)
        return self._expected(check, command, self._sizes.get((check, command)))

    def _expected(self, check: str, command: str, size: int | None) -> Expectation | None:
        name, cores, on_battery = self._machine
        terms = Terms(check=check, command=command, machine=name, cores=cores, on_battery=on_battery, size=size)
        found = self._samples.get(terms)
        return None if found is None else expectation(found)
