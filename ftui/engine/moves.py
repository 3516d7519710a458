"""Checks whose inputs moved while they ran: they run once more, and if it happens again they are let be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_REPEATS: Final = 1
"""How often a check runs again in one pass because its inputs moved while it ran."""


class Moves:
    """Counts for one pass.

    Args:
        say: takes a line for the user, with its source.
    """

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._repeats: Counter[str] = Counter()

    def to_repeat(self, moved: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Those checks that are to run again, with what moved; of the others a line is said.

        Args:
            moved: by id what moved while a check ran.
        """
        self._repeats.update(moved.keys())
        again = {check_id: parts for check_id, parts in moved.items() if self._repeats[check_id] <= MOST_REPEATS}
        for check_id in moved.keys() - again.keys():
            self._say(
                f"check {check_id}",
                f"{moved[check_id][0]} changed each time while it ran, so its result is not kept; "
                f"if it writes that file itself, leave it out of its inputs",
            )
        return again
