"""Which durations may be measured by one another: those of the same thing, done under the same conditions."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftui.history.records import Sample

STEP = 8
"""Changes of similar size: none; up to 7 files; 8 to 63; and so on by this factor."""


class Terms(Struct, frozen=True, kw_only=True):
    """What two samples have to agree in."""

    check: str
    command: str
    """As `ResultRecord.command`."""
    machine: str
    cores: int
    on_battery: bool
    size: int | None
    """Of the change that it ran for, in steps; None where there was no result to change from."""

    @classmethod
    def of(cls, sample: Sample) -> Terms:
        """Those of a sample."""
        return cls(
            check=sample.result.check,
            command=sample.result.command,
            machine=sample.run.machine.name,
            cores=sample.run.machine.cores,
            on_battery=bool(sample.run.machine.on_battery),
            size=size_of(sample.result.changed_inputs),
        )


def command_digest(argv: Sequence[str], root: str) -> str:
    """What differs where a command does, and is the same in all clones; the command cannot be told from it.

    Args:
        argv: the command.
        root: absolute path of the tree.
    """
    words = [os.path.basename(word) if os.path.isabs(word) else word for word in argv[:1]]
    words += [word.replace(root, "{root}") for word in argv[1:]]
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def size_of(changed_inputs: int | None) -> int | None:
    """The size of a change in steps: 0 for none, 1 for up to 7 files, 2 for up to 63."""
    if changed_inputs is None:
        return None
    steps = 0
    while changed_inputs > 0:
        steps, changed_inputs = steps + 1, changed_inputs // STEP
    return steps


def sound(sample: Sample) -> bool:
    """Whether its duration is that of its command, and nothing beside it is known to have had a part in it."""
    return sample.result.fresh and not {"clock", "load"}.intersection(sample.run.marks)


def comparable(samples: Iterable[Sample], terms: Terms) -> list[Sample]:
    """Those of the samples that are sound and agree with the terms, in the order given."""
    return [sample for sample in samples if sound(sample) and Terms.of(sample) == terms]
