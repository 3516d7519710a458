"""What was worked out from files that have not moved since: the content of a tool, the packages of an environment."""

from __future__ import annotations

import os
import time

from ftui.cache.sealed import seal, unseal
from ftui.cache.signature import WIDTH, pack, settled, signer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final, TypeAlias, TypeVar

    T = TypeVar("T")
    Entry: TypeAlias = tuple[tuple[str, ...], bytes, bool, Any]

_KIND: Final = b"memo 2"


class Memo:
    """Remembers values together with the signatures of the paths that they were worked out from.

    Attributes:
        entries: by name: the paths watched, their signatures, whether they had settled, the value.
        dirty: whether `entries` has changed since.
    """

    __slots__ = ("_checked", "dirty", "entries")

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = entries
        self.dirty = False
        self._checked: set[str] = set()

    def renew(self) -> None:
        """From here on the disk is asked again."""
        self._checked.clear()

    def dump(self) -> bytes:
        """All that is remembered, for the store."""
        return seal(_KIND, self.entries)

    @classmethod
    def load(cls, blob: bytes | None) -> Memo:
        """The memo that was dumped; an empty one when there is none or the bytes are damaged."""
        return cls(unseal(_KIND, blob, {}))

    def peek(self, name: str) -> Any | None:
        """The value called `name` where it is known and still holds, else None."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        watched, signatures, was_settled, known = entry
        return known if was_settled and _look(watched, 0)[0] == signatures else None

    def get(self, name: str, work: Callable[[], tuple[Iterable[str], T]]) -> T:
        """The value called `name`; asks the disk once for each name and object.

        Args:
            name: what is wanted, such as `content:/usr/bin/node`.
            work: gives the absolute paths that decide whether the value still holds (links are followed, missing ones
                count as missing), and the value: texts and tuples of them.
        """
        entry = self.entries.get(name)
        if entry is not None:
            watched, signatures, was_settled, known = entry
            if name in self._checked or (was_settled and _look(watched, 0)[0] == signatures):
                self._checked.add(name)
                value: T = known
                return value
        now = time.time_ns()
        paths, value = work()
        watched = tuple(paths)
        # Settled before the work began, and equal after it: nothing can have moved meanwhile.
        signatures, all_settled = _look(watched, now)
        self.entries[name] = (watched, signatures, all_settled, value)
        self._checked.add(name)
        self.dirty = True
        return value


def _look(paths: tuple[str, ...], now_ns: int) -> tuple[bytes, bool]:
    sign, stat = signer("full"), os.stat
    column, all_settled = [], True
    for path in paths:
        try:
            fields = sign(stat(path))
        except OSError:
            column.append(bytes(WIDTH))
            continue
        column.append(pack(fields))
        all_settled = all_settled and settled(fields, now_ns)
    return b"".join(column), all_settled
